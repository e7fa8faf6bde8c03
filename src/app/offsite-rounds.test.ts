/** Which locks in the bucket are made longer: of the points that the law of pruning keeps, those whose time is half over. */
import { expect, test } from 'vitest'
import type { JsonObject } from '../base/json.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { toExtend } from './offsite-rounds.ts'

const dayMs = 24 * 60 * 60_000
const now = 100 * dayMs

function row(
  id: string,
  takenAt: number,
  more: Partial<RecoveryPointRow> & { readonly of?: string; readonly until?: number } = {},
): RecoveryPointRow {
  const { of = 'shop', until = now + dayMs, detail = {}, ...rest } = more
  return {
    id,
    covers: [{ target: of, type: 'database', id: of }],
    engine: 'logical',
    place: 'vault',
    takenAt,
    verifiedAt: takenAt,
    grade: 'V1',
    bytes: 1,
    manifest: '',
    ...rest,
    detail: { source: of, ...detail, offsite: { place: 'there', until } },
  }
}

const passed: JsonObject = { drill: { passed: true, at: 60 * dayMs } }

test.each<[string, readonly RecoveryPointRow[], readonly string[]]>([
  [
    'the newest verified one',
    [row('point_a', 60 * dayMs), row('point_b', 70 * dayMs)],
    ['point_b'],
  ],
  [
    'the newest one whose drill passed beside it',
    [row('point_a', 60 * dayMs, { detail: passed }), row('point_b', 70 * dayMs)],
    ['point_a', 'point_b'],
  ],
  [
    'of each engine: a base backup is not in place of a copy',
    [row('point_a', 60 * dayMs), row('base_b', 70 * dayMs, { engine: 'physical' })],
    ['point_a', 'base_b'],
  ],
  [
    'no image of an act in place of a copy',
    [row('point_a', 60 * dayMs), row('point_b', 70 * dayMs, { engine: 'table' })],
    ['point_a'],
  ],
  [
    'no mark in place of its base backup',
    [
      row('base_a', 60 * dayMs, { engine: 'physical' }),
      row('mark_b', 70 * dayMs, { engine: 'physical', detail: { base: 'base_a' } }),
    ],
    ['base_a'],
  ],
  [
    'one that is dated later than now is not the newest',
    [row('point_a', 60 * dayMs), row('point_b', 700 * dayMs, { verifiedAt: 50 * dayMs })],
    ['point_a'],
  ],
  ['none whose time is young', [row('point_a', 60 * dayMs, { until: now + 20 * dayMs })], []],
])('%s', (_, rows, ids) => {
  const keeping = { now, keepMs: 30 * dayMs, leased: new Map() }
  expect(toExtend(rows, keeping).map(({ id }) => id)).toEqual(ids)
})

test('what an act leans on is kept, whatever it is, and what has lapsed is told', () => {
  const rows = [
    row('point_a', 60 * dayMs, { engine: 'table', until: now - 1 }),
    row('point_b', 70 * dayMs),
  ]
  const leased = new Map([['point_a', now + dayMs]])
  expect(toExtend(rows, { now, keepMs: 30 * dayMs, leased })).toEqual([
    { id: 'point_a', lapsed: true },
    { id: 'point_b', lapsed: false },
  ])
})
