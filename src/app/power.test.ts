import { expect, test } from 'vitest'
import { powerChanges, powerDigest } from './power.ts'

test('power-widens-with-a-person: every changed place is named with both values', () => {
  const before = { mode: 'enforce', limits: { hold: 1 }, targets: { a: { url: 'x' } } }
  const after = {
    mode: 'shadow',
    limits: { hold: 1 },
    targets: { a: { url: 'x' }, b: { url: 'y' } },
  }
  expect(powerChanges(before, after)).toEqual([
    'mode: "enforce" → "shadow"',
    'targets.b.url: nothing → "y"',
  ])
  expect(powerChanges(before, before)).toEqual([])
  expect(powerDigest(before)).not.toBe(powerDigest(after))
})
