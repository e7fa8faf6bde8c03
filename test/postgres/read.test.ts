/** What the reader of SQL holds and what it lets pass, without a catalog. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
import type { SqlStatement } from '../../src/classify/sql/statement.ts'
import { textOf } from '../../src/base/json.ts'
import { busyMs } from '../busy.ts'
import { families } from './statements.ts'

beforeAll(loadSql)

const bare = { catalog: null } as const

/** As the default policy has it: an outage alone passes with a finding. */
function isHeld({ operation: { effect, kinds } }: SqlStatement): boolean {
  return (
    effect === 'unread' ||
    effect === 'expose' ||
    (effect === 'destroy' && kinds.some((kind) => kind !== 'outage'))
  )
}

const holds = (text: string): boolean => readSql(text, bare).some(isHeld)

describe.each(families)('$name', ({ held, passes }) => {
  test.each(held)('held: %s', (text) => expect(holds(text)).toBe(true))
  test.each(passes)('passes: %s', (text) =>
    expect(
      readSql(text, bare)
        .filter(isHeld)
        .flatMap(({ operation }) => operation.findings),
    ).toEqual([]),
  )
})

const all = families.flatMap(({ held }) => held)

test('there are enough of them', () => {
  expect(all.length).toBeGreaterThan(200)
  expect(families.flatMap(({ passes }) => passes).length).toBeGreaterThan(150)
})

test('case, comments and white space do not change a verdict', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...families.flatMap((each) => [...each.held, ...each.passes])),
      fc.infiniteStream(fc.nat(5)),
      (text, chance) => {
        const draw = (): number => chance.next().value
        expect(holds(disguised(text, draw))).toBe(holds(text))
      },
    ),
    { numRuns: 400 },
  )
})

/** Words outside quotes get another case, gaps another filling. */
function disguised(text: string, draw: () => number): string {
  const fillings = [' ', '\n', '/* ; */', ' -- x\n', '\t/*/**/*/', '  ']
  return text.replaceAll(
    /--[^\n]*|\/\*.*?\*\/|"[^"]*"|[eEuU]?&?'(?:[^'\\]|\\.|'')*'|\$\$[\s\S]*?\$\$|\s+|[A-Za-z_]+/g,
    (token) => {
      if (/^\s+$/.test(token)) return fillings[draw()] ?? ' '
      if (!/^[A-Za-z_]+$/.test(token)) return token
      return draw() > 2 ? token.toUpperCase() : token.toLowerCase()
    },
  )
}

test('a quoted or escaped name is the same name', () => {
  for (const text of [
    'DELETE FROM "t"',
    'DELETE FROM U&"\\0074"',
    'SELECT U&"lo\\005Funlink"(1)',
    'SELECT "lo_unlink"(1)',
    'SELECT "pg_catalog"."lo_unlink"(1)',
    "SELECT set_config(U&'standard\\005Fconforming_strings', 'off', false)",
    "SELECT set_config(E'standard\\x5fconforming_strings', 'off', false)",
    'SET "standard_conforming_strings" = off',
    "DELETE FROM t WHERE E'1' = '1'",
  ])
    expect(holds(text), text).toBe(true)
})

test('what cannot be read is one unread statement', () => {
  for (const text of [
    'DROP',
    'SELECT (',
    "SELECT 'x",
    'SELECT 1\0; DROP TABLE t',
    '\uD800',
    'SELECT 1; gibberish',
  ])
    expect(
      readSql(text, bare).map(({ operation }) => operation.effect),
      text,
    ).toEqual(['unread'])
  expect(readSql(' ; -- nothing', bare)).toEqual([])
})

test('no text of any kind makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom(...all),
          fc.string(),
          fc.constantFrom("'", '"', '$$', '/*', '--', ';', '(', "E'", '\\'),
        ),
      ),
      (parts) => {
        expect(Array.isArray(readSql(parts.join(''), bare))).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test.each([
  ['parentheses', `SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)}`],
  [
    'nested queries',
    `DELETE FROM t WHERE id IN ${'(SELECT id FROM t WHERE id IN '.repeat(2000)}(1)${')'.repeat(2000)}`,
  ],
  ['a long AND', `DELETE FROM t WHERE ${'a > 1 AND '.repeat(60_000)}true`],
  [
    'CTEs that name each other twice',
    `WITH ${Array.from({ length: 60 }, (_, n) => `c${n} AS (SELECT a.id FROM ${n === 0 ? 't' : `c${n - 1}`} a, ${n === 0 ? 't' : `c${n - 1}`} b)`).join(', ')} DELETE FROM t USING c59 WHERE t.id = c59.id`,
  ],
  ['comments', `SELECT 1 ${'/**/'.repeat(250_000)}`],
  ['few comments in a long text', `SELECT '${'x'.repeat(1_000_000)}'${'/**/'.repeat(100)}`],
  ['comments in a body', `DO $$ BEGIN ${'/**/'.repeat(5000)} NULL; END $$`],
  ['nested comments', `SELECT 1 ${'/*'.repeat(10_000)}${'*/'.repeat(10_000)}`],
  ['statements', 'SELECT 1;'.repeat(110_000)],
  ['unions', `SELECT 1${' UNION SELECT 1'.repeat(60_000)}`],
  ['a long text', `SELECT '${'x'.repeat(1_100_000)}'`],
])('%s end in time, and are held', (_, text) => {
  const began = busyMs()
  expect(holds(text)).toBe(true)
  expect(busyMs() - began).toBeLessThan(5000)
})

test.each([
  [
    'rows',
    `INSERT INTO t VALUES ${Array.from({ length: 20_000 }, (_, n) => `(${n}, 'some text that is long', now())`).join(', ')}`,
  ],
  [
    'new names',
    Array.from({ length: 20_000 }, (_, n) => `ALTER TABLE a${n} RENAME TO b${n};`).join(' '),
  ],
])('a long text of %s is read in time', (_, text) => {
  const began = busyMs()
  expect(holds(text)).toBe(false)
  expect(busyMs() - began).toBeLessThan(5000)
})

test('a verdict that hangs on a bound value is judged again with it', () => {
  const judged = (text: string, values?: readonly (string | null)[]) =>
    readSql(text, values === undefined ? bare : { ...bare, values }).map((each) => [
      each.operation.effect,
      each.hangsOnValues,
    ])
  const either = 'DELETE FROM t WHERE i = $1 OR $2'
  expect(judged(either)).toEqual([['destroy', true]])
  expect(judged(either, ['5', 'true'])).toEqual([['destroy', true]])
  expect(judged(either, ['5', 'f'])).toEqual([['write', true]])
  expect(judged('DELETE FROM t WHERE $1::int IS NULL OR id = $1', [null])).toEqual([
    ['destroy', true],
  ])
  expect(judged('DELETE FROM t WHERE $1::int IS NULL OR id = $1', ['5'])).toEqual([['write', true]])
  expect(judged('DELETE FROM t WHERE id = $1')).toEqual([['write', false]])
})

test('kinds, names and counts', () => {
  const of = (text: string) =>
    readSql(text, bare).map(({ kind, operation }) => [
      kind,
      operation.name,
      operation.names.map(({ id }) => id),
    ])
  expect(
    of('BEGIN; SET x.y = 1; DELETE FROM a.t WHERE id = 1; DROP TABLE b, "C"."d"; COMMIT'),
  ).toEqual([
    ['tx', 'BEGIN', []],
    ['set', 'SET', []],
    ['bounded', 'DELETE', ['a.t']],
    ['plain', 'DROP TABLE', ['b', 'C.d']],
    ['tx', 'COMMIT', []],
  ])
})

test('secrets are masked in what is shown; conditions are not where somebody must judge them', () => {
  const shown = (text: string): readonly string[] =>
    readSql(text, bare).map(({ operation }) => textOf(operation.shown['text']))
  expect(shown("SELECT 'ü'; CREATE ROLE x PASSWORD 'geheim'")).toEqual([
    "SELECT '…'",
    "CREATE ROLE x PASSWORD '…'",
  ])
  expect(shown("UPDATE t SET p = E'ge\\'heim', q = $q$geheim$q$ WHERE mail = 'ü@b.c'")).toEqual([
    "UPDATE t SET p = '…', q = '…' WHERE mail = '…'",
  ])
  expect(shown("UPDATE t SET p = 'geheim' WHERE mail <> 'ü@b.c'")).toEqual([
    "UPDATE t SET p = '…' WHERE mail <> 'ü@b.c'",
  ])
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), (secret) => {
      fc.pre(
        !secret.includes('\0') &&
          secret.isWellFormed() &&
          !"CREATE ROLE x PASSWORD '…'".includes(secret.trim()) &&
          secret.trim() !== '',
      )
      for (const quoted of [
        `'${secret.replaceAll("'", "''")}'`,
        `E'${secret.replaceAll(/['\\]/g, '\\$&')}'`,
      ])
        expect(shown(`ALTER ROLE x PASSWORD ${quoted}`).join('')).not.toContain(secret)
    }),
  )
})

test('a verdict of one number serves another only where no number was looked at', () => {
  const texts = families.flatMap((each) => [...each.held, ...each.passes])
  const read = sqlReader()
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.constantFrom('0', '1', '5', '7', '100000', '99999999'),
      (text, number) => {
        read(text, bare)
        const other = text.replace(/(?<![\w.$"])\d+/, number)
        expect(read(other, bare)).toEqual(readSql(other, bare))
      },
    ),
    { numRuns: 1500 },
  )
  expect(read('DELETE FROM t WHERE 1 = 0', bare)[0]?.operation.effect).toBe('write')
  expect(read('DELETE FROM t WHERE 1 = 1', bare)[0]?.operation.effect).toBe('destroy')
  expect(read('DELETE FROM t WHERE id = 1;', bare)[0]?.operation.parameters).toEqual({
    text: 'DELETE FROM t WHERE id = 1',
  })
  expect(read('DELETE FROM t WHERE id = 22; ', bare)[0]?.operation.parameters).toEqual({
    text: 'DELETE FROM t WHERE id = 22',
  })
})

test('the digest of a remembered verdict binds what is bound now', () => {
  const read = sqlReader()
  for (const values of [['1'], ['2'], undefined]) {
    const about = values === undefined ? bare : { ...bare, values }
    const text = 'DELETE FROM t WHERE id = $1'
    expect(read(text, about)).toEqual(readSql(text, about))
  }
})

test('a reader that remembers answers as one that does not, and not what hangs on values or the session', () => {
  const read = sqlReader()
  for (const text of families.flatMap((each) => [...each.held, ...each.passes])) {
    const plain = readSql(text, bare)
    expect(read(text, bare)).toEqual(plain)
    expect(read(text, bare)).toEqual(plain)
  }
  const either = 'DELETE FROM t WHERE i = 1 OR $1'
  expect(read(either, { ...bare, values: ['f'] })[0]?.operation.effect).toBe('write')
  expect(read(either, { ...bare, values: ['t'] })[0]?.operation.effect).toBe('destroy')
  const temporary = new Set(['x'])
  const session = { prepared: () => null, functions: new Set<string>(), temporary }
  expect(read('DROP TABLE x', { ...bare, session })[0]?.operation.effect).toBe('write')
  temporary.clear()
  expect(read('DROP TABLE x', { ...bare, session })[0]?.operation.effect).toBe('destroy')
})
