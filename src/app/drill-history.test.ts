import { expect, test } from 'vitest'
import { leafOf } from '../ledger/leaf.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { drillsOf } from './drill-history.ts'
import type { Source } from './drill-history.ts'

const point: RecoveryPointRow = {
  id: 'point_1',
  engine: 'logical',
  grade: 'V1',
  place: 'disk',
  bytes: 1,
  takenAt: 1,
  verifiedAt: 2,
  covers: [],
  manifest: '',
  detail: { source: 'shop', drill: { at: 100, passed: true, rtoMs: 5, rpoMs: 7 } },
}
const entry = (kind: 'drilled' | 'halted', at: number, passed = true): Uint8Array =>
  leafOf({
    kind,
    at,
    subject: 'point_1',
    principal: null,
    body: { passed, rtoMs: 3, rpoMs: 4, wrong: passed ? [] : ['a row is missing'] },
  })

function rowsOf(leaves: readonly Uint8Array[], before = 0): Source {
  const quiet = entry('halted', 1)
  const leaf = (index: number): Uint8Array => leaves[index - before] ?? quiet
  const log = {
    size: async () => await Promise.resolve(before + leaves.length),
    leaves: async (from: number, to: number) =>
      await Promise.resolve(Array.from({ length: to - from }, (_, nth) => leaf(from + nth))),
  }
  return { find: async () => await Promise.resolve([point]), log }
}

test('every drill of the ledger stands there, the newest first, with what was wrong', async () => {
  const told = await drillsOf(rowsOf([entry('drilled', 101), entry('drilled', 200, false)]))
  expect(told.isWhole).toBe(true)
  expect(told.drills.map(({ at, of, passed, wrong }) => [at, of, passed, wrong])).toEqual([
    [200, 'shop', false, 'a row is missing'],
    [101, 'shop', true, null],
  ])
})

test('where the ledger is too long, the last of each point is there all the same, and that it is not all is said', async () => {
  const told = await drillsOf(rowsOf([], 140_000))
  expect(told.isWhole).toBe(false)
  expect(told.drills.map(({ at, point: of, rtoMs }) => [at, of, rtoMs])).toEqual([
    [100, 'point_1', 5],
  ])
})
