import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Clearance } from './clearance.ts'
import { allow, deny, hold } from './verdict.ts'

const finding = { rule: 'r', message: 'm' }

test('destroy-needs-clearance: no approval clears another action', () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), (mine, theirs) => {
      expect(Clearance.clear(mine, hold(finding), theirs) !== null).toBe(mine === theirs)
    }),
  ))

test('a denied action is never cleared, approved or not', () => {
  expect(Clearance.clear('a', deny(finding), 'a')).toBeNull()
  expect(Clearance.clear('a', deny(finding), null)).toBeNull()
})

test('a clearance runs one action, once', () => {
  const clearance = Clearance.clear('a', allow, null)
  expect(clearance?.spend('b')).toBe(false)
  expect(clearance?.spend('a')).toBe(true)
  expect(clearance?.spend('a')).toBe(false)
})
