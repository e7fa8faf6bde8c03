/** What one session has made and committed, and the numbers that sequences have given, every later verdict is by. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEnforced } from './enforce-house.ts'
import type { Enforced } from './enforce-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
  it.cluster.sql(`CREATE TABLE car (id int PRIMARY KEY); CREATE SEQUENCE numbers;
CREATE FUNCTION build() RETURNS void LANGUAGE sql AS $$ CREATE TABLE made (id int) $$;
CREATE FUNCTION forward() RETURNS bigint LANGUAGE sql AS $$ SELECT setval('numbers', 500) $$;`)
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  it.cluster.sql('DROP TABLE IF EXISTS made; ALTER SEQUENCE numbers RESTART')
  await it.look()
  await it.afresh()
})

const catalogAsked = (): number =>
  it.asked.filter((sql) => sql.includes('FROM pg_event_trigger')).length
const numbersAsked = (): number =>
  it.asked.filter((sql) => sql.includes('FROM pg_sequence s')).length

test.each([
  ['CREATE TABLE AS', 'CREATE TABLE made AS SELECT 1 AS id'],
  ['SELECT INTO', 'SELECT 1 AS id INTO made'],
  ['one that is explained', 'EXPLAIN ANALYZE CREATE TABLE made AS SELECT 1 AS id'],
  ['one in a transaction', 'BEGIN; SELECT 1 AS id INTO made; SELECT 2; COMMIT'],
  ['a function that makes one', 'SELECT build()'],
])('the table of %s is known to whoever comes next', async (_, text) => {
  await it.psql(`${text};`)
  const asked = catalogAsked()
  const out = await it.psql('DROP TABLE IF EXISTS made;')
  expect(out).toMatch(/Firebreak holds DROP TABLE/)
  expect(catalogAsked()).toBe(asked + 1)
})

test('what only reads asks for no catalog, also behind one that made a table', async () => {
  await it.psql('SELECT 1 AS id INTO made; SELECT 1;')
  const asked = catalogAsked()
  await it.psql('SELECT 1; SELECT * FROM car; BEGIN; SELECT 2; COMMIT; SELECT 3;')
  expect(catalogAsked()).toBe(asked)
})

test('a sequence is judged by the number that it gave last, also where a function sets it', async () => {
  it.cluster.sql("SELECT setval('numbers', 900)")
  const out = await it.psql('SELECT forward();')
  expect(out).toMatch(/Firebreak holds SELECT/)
  expect(it.cluster.sql('SELECT last_value FROM numbers').trim()).toBe('900')
})

test('also one that was prepared, each time that it runs', async () => {
  const out = await it.psql(`PREPARE p AS SELECT setval('numbers', 700);
EXECUTE p;
SELECT setval('numbers', 900);
EXECUTE p;`)
  expect(out).toMatch(/^700\n900\n[\s\S]*Firebreak refuses EXECUTE: it runs/)
})

test('numbers are asked for where one is set, not for what comes behind it', async () => {
  const asked = numbersAsked()
  await it.psql("SELECT setval('numbers', 600); SELECT 'restart'; SELECT 1; SELECT 2;")
  expect(numbersAsked()).toBe(asked + 1)
})
