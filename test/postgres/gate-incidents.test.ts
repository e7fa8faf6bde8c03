/** INCIDENTS R07–R10 at the wire: what frameworks reset with, a table by a wrong name, a shared database, evasions; and what only looks like it. */
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, openGate, owner } from './gate.ts'
import type { Gate } from './gate.ts'
import type { Place } from './clients.ts'
import { drizzlePush, resetSetup, resets } from './resets.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate({
    sql: resetSetup,
    databases: { kit: owner },
    sharing: 'staging: { id: stage }',
  })
}, 60_000)
afterAll(() => gate.close())

let principals = 0
/** Each act its own principal: a burst of what destroys halts who sends it. */
const mint = async (more = {}): Promise<string> =>
  await gate.people.mint(`agent:r${(principals += 1)}`, { ...everything, ...more })
const through = async (): Promise<Place> => ({
  port: gate.port(),
  user: owner,
  password: await mint(),
  database: 'shop',
})
const counts = async (): Promise<string> =>
  (await gate.direct('SELECT (SELECT count(*) FROM authors), (SELECT count(*) FROM posts)')).trim()

test.each(Object.keys(resets))(
  'R07: %s is held, and no row goes',
  async (name) => {
    await expect(resets[name]?.(await through())).rejects.toThrow(/Firebreak (?:holds|refuses) /)
    expect(await counts()).toBe('30|200')
  },
  30_000,
)

test('R07: drizzle-kit push --force adds what is new, and what it would drop is held', async () => {
  const place = { ...(await through()), database: 'kit' }
  for (const schema of ['first', 'more'])
    expect(await drizzlePush(place, schema), schema).toContain('Changes applied')
  const there = (): string =>
    gate.cluster.sql(
      `SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attnum > 0 AND attrelid IN ('books'::regclass, 'writers'::regclass)`,
      'kit',
    )
  const before = there()
  expect(before).toContain('pages')
  expect(await drizzlePush(place, 'less')).toMatch(/Firebreak holds DROP TABLE/)
  expect(there()).toBe(before)
}, 60_000)

test('R08: a table that is called staging is held with its 1,508 rows, and comes back by undo', async () => {
  await gate.direct('CREATE TABLE poc_staging AS SELECT g AS id FROM generate_series(1, 1508) g')
  const out = await gate.psql(await mint(), 'DROP TABLE poc_staging', ['-v', 'VERBOSITY=verbose'])
  expect(out).toMatch(/ERROR: {2}42501: Firebreak holds DROP TABLE/)
  expect(out).toMatch(/would go: table public\.poc_staging .*1508 rows/)
  expect(out).toMatch(/in: production, staging/)
  const id = /hold_\w+/.exec(out)?.[0] ?? ''
  expect(await gate.approve(id)).toMatchObject({ state: 'executed' })
  expect(await gate.direct(`SELECT to_regclass('poc_staging')`)).toBe('\n')
  await gate.people.callAs('hold-undo', { id, by: 'ada' })
  expect(await gate.direct('SELECT count(*) FROM poc_staging')).toBe('1508\n')
}, 30_000)

test.each([
  'DROP TABLE posts',
  'ALTER TABLE posts ADD COLUMN more text',
  'INSERT INTO posts (title) VALUES (1)',
])(
  'R09: a grant for staging changes nothing in a database that production lives in: %s',
  async (sql) => {
    expect(await gate.psql(await mint({ environments: ['staging'] }), sql)).toMatch(
      /Firebreak refuses .* reaches production; the grant is for staging/,
    )
    expect(await counts()).toBe('30|200')
  },
)

const evasions = [
  `SELECT '--'; DROP TABLE posts`,
  'WITH d AS (DELETE FROM posts RETURNING 1) SELECT 1',
  'UPDATE posts SET title = (SELECT title FROM posts WHERE id = 1)',
  'EXPLAIN ANALYZE DELETE FROM posts',
  `DO $$BEGIN EXECUTE 'DROP TABLE posts'; END$$`,
  'DELETE FROM posts WHERE 1=1',
  'DELETE FROM posts WHERE true OR id = 1',
  'DELETE FROM posts WHERE id = id',
  'ALTER TABLE posts DROP COLUMN title',
  'dElEtE/**/fRoM/*;*/"posts"',
  'DELETE FROM U&"p\\006fsts"',
  `SELECT query_to_xml('DELETE FROM posts', true, false, '')`,
  'MERGE INTO posts USING authors ON true WHEN MATCHED THEN DELETE',
  `COPY (SELECT 1) TO PROGRAM 'rm -rf /'`,
  'COPY (DELETE FROM posts RETURNING id) TO STDOUT',
  'PREPARE p AS DELETE FROM posts; EXECUTE p',
  'CREATE FUNCTION gone() RETURNS void LANGUAGE sql AS $$ DELETE FROM posts $$; SELECT gone()',
  'BEGIN; DELETE FROM posts; COMMIT',
]

test.each(evasions)('R10: %s', async (sql) => {
  const out = await gate.psql(await mint(), '', ['-c', sql])
  expect(out).toMatch(/Firebreak (?:holds|refuses) /)
  expect(await counts()).toBe('30|200')
  const { port, user, password, database } = await through()
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database })
  await client.connect()
  // By the extended protocol, where several statements are one text that the server refuses by itself.
  const error: unknown = await client.query({ name: 'evasion', text: sql }).catch(String)
  await client.end()
  expect(error).toMatch(/Firebreak (?:holds|refuses) |cannot insert multiple commands/)
  expect(await counts()).toBe('30|200')
})

test.each([
  `SELECT 'DROP TABLE posts'`,
  'SELECT 1 -- DELETE FROM posts',
  'EXPLAIN DELETE FROM posts',
  `SELECT id AS "delete", title AS "truncate" FROM posts WHERE title LIKE '%; DROP TABLE %'`,
  'DELETE FROM posts WHERE false',
  'UPDATE posts SET title = title WHERE id = 5 AND 1=1',
  `INSERT INTO posts (id, title) VALUES (9000, 'DELETE FROM posts') RETURNING id`,
  'DELETE FROM posts WHERE id = 9000',
  'BEGIN; DELETE FROM posts WHERE id = 1; ROLLBACK',
  `SELECT setval('posts_id_seq', (SELECT max(id) FROM posts))`,
  'CREATE TEMP TABLE scratch AS SELECT * FROM posts; DROP TABLE scratch',
])('R24: what only looks like it passes: %s', async (sql) => {
  const out = await gate.psql(await mint(), '', ['-c', sql, '-v', 'ON_ERROR_STOP=1'])
  expect(out).not.toMatch(/ERROR|Firebreak/)
  expect(await counts()).toBe(sql.startsWith('INSERT') ? '30|201' : '30|200')
})
