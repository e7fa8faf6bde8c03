import { expect, test } from 'vitest'
import { openNeighbours } from './neighbours.ts'
import type { Neighbour } from './neighbours.ts'

const ready = { kind: 'ready', status: 'I' } as const
const named = (name: string, text = '') => [{ operation: { name }, text }]

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
  await expect(again).resolves.toBe('free')
})

test('code is not replaced while another has something under way; it goes on at once where nobody has', async () => {
  const { all, late } = two()
  const [one, other] = all
  const replaces = named('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION f() …')
  expect(one.builds(replaces)).toBe(null)
  one.heard(ready, true)
  one.sends(true)
  expect(one.builds(replaces)).toBe(null)
  one.heard(ready, true)
  other.sends(true)
  expect(one.builds(named('CREATE TABLE', 'CREATE TABLE t (id int DEFAULT 1)'))).toBe(null)
  expect(one.builds(named('CREATE FUNCTION', 'CREATE FUNCTION g() …'))).toBe(null)
  const first = one.builds(replaces)
  await new Promise(setImmediate)
  late()
  await expect(first).resolves.toBe('busy')
  const second = one.builds(replaces)
  other.heard(ready, true)
  await expect(second).resolves.toBe('free')
  other.sends(true)
  other.sends(true)
  other.heard(ready, true)
  const third = one.builds(replaces)
  other.closed()
  await expect(third).resolves.toBe('free')
})
