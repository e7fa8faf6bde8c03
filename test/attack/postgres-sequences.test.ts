/** Ways to set a sequence back that look like ways to set it forth, before a real server. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  await it.direct(`SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE car (id serial PRIMARY KEY, grade int); INSERT INTO car (grade) SELECT 1 FROM generate_series(1, 100);
CREATE TABLE few (id serial PRIMARY KEY); INSERT INTO few DEFAULT VALUES;
CREATE TABLE bill (id int GENERATED ALWAYS AS IDENTITY, no int); INSERT INTO bill (no) SELECT 1 FROM generate_series(1, 50);
CREATE SEQUENCE free; SELECT setval('free', 70);`)
  await it.look()
  await it.afresh()
})

const numbers = 'SELECT last_value FROM pg_sequences ORDER BY sequencename'

test.each([
  "SELECT setval('car_id_seq', (SELECT max(id) FROM few));",
  "SELECT setval('car_id_seq', (SELECT max(grade) FROM car));",
  "SELECT setval('car_id_seq', (SELECT max(id) FROM car WHERE id < 3));",
  "SELECT setval('car_id_seq', (SELECT count(*) FROM few));",
  "SELECT setval('car_id_seq', (SELECT count(*) + 1 FROM few));",
  "SELECT setval('car_id_seq', coalesce(1, max(id))) FROM car;",
  "SELECT setval('car_id_seq', CASE WHEN true THEN 1 ELSE max(id) END) FROM car;",
  "SELECT setval('car_id_seq', max(id) + -90) FROM car;",
  "SELECT setval('car_id_seq', max(id) FILTER (WHERE id < 3)) FROM car;",
  "SELECT setval('car_id_seq', nextval('few_id_seq'));",
  "SELECT setval('car_id_seq', (SELECT last_value FROM few_id_seq));",
  "SELECT setval('free', (SELECT max(id) FROM car WHERE grade = 5));",
  'ALTER SEQUENCE bill_id_seq RENAME TO was; CREATE SEQUENCE bill_id_seq; ALTER TABLE bill ALTER id RESTART WITH 5;',
  'BEGIN; ALTER SEQUENCE free RENAME TO was; ALTER SEQUENCE few_id_seq RENAME TO free; ALTER SEQUENCE was RENAME TO few_id_seq; ALTER SEQUENCE few_id_seq RESTART WITH 5; COMMIT;',
  "BEGIN; ALTER SEQUENCE free RENAME TO was; ALTER SEQUENCE few_id_seq RENAME TO free; ALTER SEQUENCE was RENAME TO few_id_seq; SELECT setval('few_id_seq', 5); COMMIT;",
  'ALTER SEQUENCE free RENAME TO was; ALTER SEQUENCE few_id_seq RENAME TO free; ALTER SEQUENCE was RENAME TO few_id_seq; ALTER SEQUENCE few_id_seq RESTART WITH 5;',
])('it is set no number that it has given: %s', async (sql) => {
  const before = (await it.direct(numbers)).split('\n').toSorted()
  const heard = await it.psql(sql)
  expect(heard).toMatch(/Firebreak (?:holds|refuses)/)
  const after = (await it.direct(numbers)).split('\n').toSorted()
  expect(after).toEqual(expect.arrayContaining(before))
})

test.each([
  "SELECT setval('car_id_seq', (SELECT max(id) FROM car));",
  "SELECT pg_catalog.setval('public.car_id_seq'::regclass, (SELECT coalesce(max(id), 0) + 1 FROM public.car c), false);",
  `SELECT setval(pg_get_serial_sequence('"car"','id'), coalesce(max("id"), 1), max("id") IS NOT null) FROM "car";`,
  "SELECT setval(pg_get_serial_sequence('bill', 'id'), (SELECT greatest(max(id), 1) FROM bill));",
  "SELECT setval('free', nextval('free')); SELECT setval('free', (SELECT last_value FROM free));",
  'ALTER SEQUENCE bill_id_seq RENAME TO was; ALTER TABLE bill ALTER id RESTART WITH 900;',
])('quiet-on-safe: the highest number of what it serves: %s', async (sql) => {
  expect(await it.psql(sql)).not.toMatch(/Firebreak|ERROR/)
})
