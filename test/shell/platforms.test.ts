/** Commands of platforms, each beside a harmless twin: the one is held, the other goes silently. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const rows = readFileSync(join(import.meta.dirname, 'platforms.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'))

test.each(rows.map(([verdict = '', text = '']) => [verdict, text] as const))(
  '%s: %s',
  (verdict, text) => {
    expect(told(text) === 'ok').toBe(verdict === 'ok')
  },
)

test('every command of the table has its twin', () => {
  const held = rows.filter(([verdict]) => verdict === 'hold').length
  expect(rows.length - held).toBe(held)
  expect(held).toBeGreaterThan(110)
})
