import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBudgets } from './budget.ts'

const hour = 3_600_000

test('what was changed counts for an hour, for its principal alone', () => {
  let now = 0
  const budgets = openBudgets({ steady: () => now })
  budgets.spend('agent:a', 60)
  now = hour / 2
  budgets.spend('agent:a', 30)
  expect([budgets.left('agent:a', 100), budgets.left('agent:b', 100)]).toEqual([10, 100])
  now = hour
  expect(budgets.left('agent:a', 100)).toBe(10)
  now = hour + 1001
  expect(budgets.left('agent:a', 100)).toBe(70)
  now = 3 * hour
  expect(budgets.left('agent:a', 100)).toBe(100)
})

test('nothing is left below nothing, and nothing can be given back', () => {
  const budgets = openBudgets({ steady: () => 0 })
  budgets.spend('agent:a', 500)
  budgets.spend('agent:a', -400)
  budgets.spend('agent:a', Number.NaN)
  expect(budgets.left('agent:a', 100)).toBe(0)
})

test('in no hour is more than the budget left, however the writes fall', () => {
  const writes = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: hour / 4 }),
      rows: fc.integer({ min: 1, max: 50 }),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(writes, (all) => {
      let now = 0
      const budgets = openBudgets({ steady: () => now })
      const kept: { readonly at: number; readonly rows: number }[] = []
      for (const { wait, rows } of all) {
        now += wait
        if (rows > budgets.left('a', 100)) continue
        budgets.spend('a', rows)
        kept.push({ at: now, rows })
        const within = kept.filter(({ at }) => at > now - hour)
        expect(within.reduce((sum, one) => sum + one.rows, 0)).toBeLessThanOrEqual(100)
      }
    }),
  )
})
