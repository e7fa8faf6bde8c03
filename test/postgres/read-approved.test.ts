/** What the reader names can be approved: a dropped function, type, view or schema is imaged, goes, and comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN zip AS text CHECK (VALUE ~ '^[0-9]+$');
CREATE TABLE person (id int PRIMARY KEY, feels mood, zip zip); INSERT INTO person VALUES (1, 'ok', '123');
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
CREATE VIEW people AS SELECT id, twice(id) FROM person;
CREATE SCHEMA old; CREATE TABLE old.kept (id int); INSERT INTO old.kept VALUES (7); CREATE FUNCTION old.f() RETURNS int LANGUAGE sql AS 'SELECT 1';`,
  })
}, 60_000)
afterAll(() => gate.close())

const look = async (): Promise<string> =>
  await gate.direct(`SELECT 'p', * FROM person; SELECT 'v', * FROM people; SELECT 'k', * FROM old.kept; SELECT old.f();
SELECT '8'::zip, 'sad'::mood`)

test.each([
  'DROP FUNCTION twice(int) CASCADE',
  'DROP VIEW people',
  'DROP TYPE mood CASCADE',
  'DROP DOMAIN zip CASCADE',
  'DROP SCHEMA old CASCADE',
])('%s', async (sql) => {
  const before = await look()
  const grant = await gate.people.mint(`agent:${sql.length}`, everything)
  const said = await gate.psql(grant, `${sql};`)
  const id = /firebreak approve (hold_\w+)/.exec(said)?.[1] ?? said
  expect(await gate.approve(id)).toMatchObject({ state: 'executed' })
  expect(await look()).not.toBe(before)
  await gate.people.callAs('hold-undo', { id })
  expect(await look()).toBe(before)
})
