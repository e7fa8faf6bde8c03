import { expect, test } from 'vitest'
import { openGrace } from './grace.ts'

test('E2: no grace is over at once, also where the clock goes on while it is read', () => {
  let steady = 0
  const grace = openGrace({ now: () => 1000, steady: () => (steady += 0.001) })
  const hold = { id: 'hold_1', executesAt: 1000, graceMs: 0 }
  expect(grace.isOver(hold)).toBe(true)
  expect(grace.isOver({ ...hold, id: 'hold_2', executesAt: 1001 })).toBe(false)
  expect(grace.isOver({ ...hold, id: 'hold_3', executesAt: null })).toBe(false)
})
