/** Commands of platforms, each beside a harmless twin: the one is held, and as what; the other goes silently. */
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { rowsOf } from './rows.ts'
import { told, worst } from './told.ts'

beforeAll(loadSql)

const rows = rowsOf('platforms.tsv')

test.each(rows.map(({ verdict, text, about }) => [verdict, text, about] as const))(
  '%s: %s (%s)',
  (verdict, text, about) => {
    expect(told(text) === 'ok').toBe(verdict === 'ok')
    expect(worst(text)).toBe(about)
  },
)

test('every command of the table has its twin', () => {
  const held = rows.filter(({ verdict }) => verdict === 'hold').length
  expect(rows.length - held).toBe(held)
  expect(held).toBeGreaterThan(110)
})
