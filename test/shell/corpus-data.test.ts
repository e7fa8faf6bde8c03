/** Databases, migrators, stores, backups and disks: each command that destroys beside one of near words that does not. Nothing of it is run. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { busyMs } from '../busy.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const lines = (name: string): readonly string[] =>
  readFileSync(new URL(name, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

const rows = lines('corpus-data.tsv').map((line) => line.split('\t'))

test.each(rows)('%s: %s (%s)', (verdict, command = '') => expect(told(command)).toBe(verdict))

test('the table has twins: no less than a third of each', () => {
  const held = rows.filter(([verdict]) => verdict === 'hold').length
  expect(rows.length).toBeGreaterThan(220)
  expect(held / rows.length).toBeGreaterThan(1 / 3)
  expect(held / rows.length).toBeLessThan(2 / 3)
})

test.each(lines('everyday.txt'))('no work of every day is asked about: %s', (command) =>
  expect(told(command)).not.toBe('hold'),
)

test.each(lines('ways-around.txt'))('another way to say it is held as well: %s', (command) =>
  expect(told(command)).toBe('hold'),
)

// A hook that answers too late lets the call run.
test.each([
  ['mysql -e', 'DELETE a, '],
  ['mysql -e', '\n'],
  ['sqlite3 a.db', ' go\n '],
  ['mongosh --eval', 'db.a.remove('],
  ['python3 -c', 'execute("'],
  ['python3 -c', 'DB::table('],
  ['node -e', '"https://x" '],
  ['node -e', '.sync({'],
  ['redis-cli eval', 'redis.call('],
])('a long text that means ill is read in time: %s %j', (program, piece) => {
  const from = busyMs()
  told(`${program} '${piece.repeat(60_000 / piece.length)}'`)
  expect(busyMs() - from).toBeLessThan(2_000)
})
