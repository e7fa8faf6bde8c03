import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdStates, next, settled } from './hold.ts'
import type { HoldEvent, HoldState } from './hold.ts'

const events: readonly HoldEvent[] = [
  'approve',
  'schedule',
  'execute',
  'succeed',
  'fail',
  'reject',
  'refuse',
  'expire',
  'undo',
]

/** Walks from `open` along those events that may happen, and gives every state on the way. */
function walk(steps: readonly HoldEvent[]): readonly HoldState[] {
  const states: HoldState[] = ['open']
  for (const step of steps) {
    const state = next(states.at(-1) ?? 'open', step)
    if (state !== null) states.push(state)
  }
  return states
}

test('E1: nothing executes that was not approved', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events)), (steps) => {
      const states = walk(steps)
      const way = states.slice(0, 3).join(' ')
      return !states.includes('executing') || way === 'open approved scheduled'
    }),
  ))

test('E3, E4: after undo, and after it ran, nothing follows', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events)), (steps) => {
      const states = walk(steps)
      const ended = states.findIndex(settled)
      const runs = states.filter((state) => state === 'executing').length
      return runs < 2 && (ended === -1 || ended === states.length - 1)
    }),
  ))

test('what executes can no longer be undone, denied or expire', () => {
  for (const event of ['undo', 'reject', 'expire', 'refuse', 'execute'] as const)
    expect(next('executing', event)).toBeNull()
})

test('every settled state stays as it is', () => {
  for (const state of holdStates.filter(settled))
    for (const event of events) expect(next(state, event)).toBeNull()
})
