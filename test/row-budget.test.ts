/** Row budgets: what may be changed is set aside before it is, and no crash gives any of it back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqlite } from '../src/store/sqlite.ts'
import { openBudgets } from '../src/guard/budget.ts'
import type { State } from '../src/guard/ports.ts'

const hour = 3_600_000

interface Time {
  now: number
}

const clockOf = (time: Time) => ({ now: () => 1e12 + time.now, steady: () => time.now })
const open = (time: Time, state: State = openSqlite(':memory:')) =>
  openBudgets({ state, clock: clockOf(time) })

test('what was changed counts for an hour, for its principal alone', async () => {
  const time = { now: 0 }
  const budgets = await open(time)
  await budgets.reserve('agent:a', 60, 100)
  time.now = hour / 2
  await budgets.reserve('agent:a', 30, 100)
  expect([budgets.left('agent:a', 100), budgets.left('agent:b', 100)]).toEqual([10, 100])
  time.now = hour
  expect(budgets.left('agent:a', 100)).toBe(10)
  time.now = hour + 1001
  expect(budgets.left('agent:a', 100)).toBe(70)
  time.now = 3 * hour
  expect(budgets.left('agent:a', 100)).toBe(100)
})

test('two at the same moment do not both get the last rows', async () => {
  const budgets = await open({ now: 0 })
  const both = await Promise.all([
    budgets.reserve('agent:a', 60, 100),
    budgets.reserve('agent:a', 60, 100),
  ])
  expect(both.map((one) => one !== null)).toEqual([true, false])
  expect(budgets.left('agent:a', 100)).toBe(40)
})

test('what was set aside and not changed is left again, once', async () => {
  const budgets = await open({ now: 0 })
  await budgets.reserve('agent:a', 30, 100)
  const reserved = await budgets.reserve('agent:a', 60, 100)
  reserved?.free()
  reserved?.free()
  expect(budgets.left('agent:a', 100)).toBe(70)
})

test.each([Number.NaN, Infinity])('no budget is so large that %s fits', async (rows) => {
  const budgets = await open({ now: 0 })
  expect(await budgets.reserve('agent:a', rows, 100)).toBeNull()
  expect(budgets.left('agent:a', 100)).toBe(100)
})

test('a crash gives nothing back: what was set aside is spent in the next process too', async () => {
  const state = openSqlite(':memory:')
  const before = await open({ now: 500_000 }, state)
  await before.reserve('agent:a', 99, 100)
  const time = { now: 0 }
  const budgets = await openBudgets({
    state,
    // Ten minutes later, on a steady clock that has begun anew.
    clock: { now: () => 1e12 + 1_100_000 + time.now, steady: () => time.now },
  })
  expect(budgets.left('agent:a', 100)).toBeLessThanOrEqual(1)
  time.now = hour - 600_000
  expect(budgets.left('agent:a', 100)).toBeLessThanOrEqual(1)
  time.now = hour
  expect(budgets.left('agent:a', 100)).toBe(100)
})

test('what cannot be written down is not set aside, and is asked for again', async () => {
  const state = openSqlite(':memory:')
  let full = true
  const budgets = await open(
    { now: 0 },
    {
      ...state,
      transact: async (work) => {
        if (full) throw new Error('the disk is full')
        return await state.transact(work)
      },
    },
  )
  await expect(budgets.reserve('agent:a', 60, 100)).rejects.toThrow('full')
  expect(budgets.left('agent:a', 100)).toBe(100)
  full = false
  expect(await budgets.reserve('agent:a', 60, 100)).not.toBeNull()
})

test('a large budget is not written down row by row', async () => {
  const state = openSqlite(':memory:')
  let written = 0
  const counting: State = {
    ...state,
    transact: (work) => {
      written += 1
      return state.transact(work)
    },
  }
  const time = { now: 0 }
  const budgets = await open(time, counting)
  for (let each = 0; each < 1000; each += 1) await budgets.reserve('agent:a', 1, 1_000_000)
  expect(written).toBe(1)
  time.now = 61_000
  await budgets.reserve('agent:a', 1, 1_000_000)
  expect(written).toBe(2)
})

test('in no hour is more than the budget left, however the writes fall and whenever it crashes', async () => {
  const writes = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: hour / 4 }),
      rows: fc.integer({ min: 1, max: 50 }),
      free: fc.boolean(),
      crash: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  await fc.assert(
    fc.asyncProperty(writes, fc.constantFrom(100, 1000), async (all, most) => {
      const state = openSqlite(':memory:')
      const time = { now: 0 }
      let budgets = await open(time, state)
      const kept: { readonly at: number; readonly rows: number }[] = []
      for (const { wait, rows, free, crash } of all) {
        time.now += wait
        if (crash) budgets = await open(time, state)
        const reserved = await budgets.reserve('a', rows, most)
        if (free) reserved?.free()
        if (reserved === null || free) continue
        kept.push({ at: time.now, rows })
        const within = kept.filter(({ at }) => at > time.now - hour)
        expect(within.reduce((sum, one) => sum + one.rows, 0)).toBeLessThanOrEqual(most)
      }
      state.close()
    }),
  )
})
