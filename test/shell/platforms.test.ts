/** Commands of platforms, each beside a harmless twin: the one is held, the other goes silently. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readShell } from '../../src/classify/shell/read.ts'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { asItStands } from '../../src/classify/sql/statement.ts'

beforeAll(loadSql)

const rows = readFileSync(join(import.meta.dirname, 'platforms.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'))

const about = {
  cwd: null,
  readers: {
    sql: (text: string) => readSql(text, { catalog: null }).map(asItStands),
    graphql: () => [],
    file: () => null,
  },
}

/** As the default policies have it: what only ends availability goes with a finding. */
const isHeld = (text: string): boolean =>
  readShell(text, about).some(({ effect }) => !['read', 'write'].includes(effect))

test.each(rows.map(([verdict = '', text = '']) => [verdict, text] as const))(
  '%s: %s',
  (verdict, text) => {
    expect(isHeld(text)).toBe(verdict === 'hold')
  },
)

test('every command of the table has its twin', () => {
  const held = rows.filter(([verdict]) => verdict === 'hold').length
  expect(rows.length - held).toBe(held)
  expect(held).toBeGreaterThan(110)
})
