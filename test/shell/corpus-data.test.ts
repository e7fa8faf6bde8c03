/** Databases, migrators, stores, backups and disks: each command that destroys beside one of near words that does not. Nothing of it is run. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const rows = readFileSync(new URL('corpus-data.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'))

test.each(rows)('%s: %s (%s)', (verdict, command = '') => expect(told(command)).toBe(verdict))

test('the table has twins: no less than a third of each', () => {
  const held = rows.filter(([verdict]) => verdict === 'hold').length
  expect(rows.length).toBeGreaterThan(220)
  expect(held / rows.length).toBeGreaterThan(1 / 3)
  expect(held / rows.length).toBeLessThan(2 / 3)
})
