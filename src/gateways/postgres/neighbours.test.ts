import { expect, test } from 'vitest'
import { openNeighbours } from './neighbours.ts'
import type { Neighbour } from './neighbours.ts'

const ready = { kind: 'ready', status: 'I' } as const
const named = (name: string) => [{ operation: { name } }]

function two(): { readonly all: readonly [Neighbour, Neighbour]; readonly late: () => void } {
  let late = (): void => undefined
  const neighbours = openNeighbours((_, task) => {
    late = task
    return () => undefined
  })
  return { all: [neighbours.enter(), neighbours.enter()], late: () => late() }
}

test('what one builds makes the others blind until it is kept, and what was read before it for good', () => {
  const [one, other] = two().all
  other.reads()
  expect(other.isBlind).toBe(false)
  expect(one.builds(named('ALTER TABLE'))).toBe(null)
  expect([one, other].map(({ isBlind }) => isBlind)).toEqual([true, true])
  one.reads()
  other.reads()
  expect([one, other].map(({ isBlind }) => isBlind)).toEqual([false, true])
  one.heard(ready, true)
  expect(other.isBlind).toBe(true)
  other.reads()
  expect(other.isBlind).toBe(false)
})

test('what builds waits for the writes that went before it, but not for ever', async () => {
  const { all, late } = two()
  const [one, other] = all
  other.goes()
  expect(one.builds(named('VACUUM'))).toBe(null)
  const waited = one.builds(named('ALTER TABLE'))
  let isOver = false
  const over = waited?.then(() => (isOver = true))
  await Promise.resolve()
  expect(isOver).toBe(false)
  other.heard({ kind: 'complete', tag: 'DELETE 1' }, true)
  await over
  expect(isOver).toBe(true)
  other.goes()
  const again = one.builds(named('ALTER TABLE'))
  late()
  await expect(again).resolves.toBe(undefined)
})
