/** The catalog in memory is as new as what was done, and is read again only where something is other. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCatalogs } from '../../src/inventory/postgres/catalogs.ts'
import type { Ask } from '../../src/platforms/postgres/questions.ts'
import type { OpenSession } from './session.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'

let shop: Shop
let database: string
let session: OpenSession
let asked: string[]
let ask: Ask

beforeAll(async () => {
  shop = await openShop()
  database = shop.fresh()
  session = await shop.open(database)
  ask = async (sql, values) => {
    asked.push(sql)
    return await session.ask(sql, values)
  }
}, 60_000)
afterAll(async () => {
  await session.close()
  await shop.stop()
})

/** Every kind of thing that a verdict can hang on. */
const made = [
  ['a table', 'CREATE TABLE fresh (id int)'],
  ['a column', 'ALTER TABLE fresh ADD COLUMN more text'],
  ['a default', 'ALTER TABLE fresh ALTER more SET DEFAULT now()::text'],
  ['a key', 'ALTER TABLE fresh ADD PRIMARY KEY (id)'],
  ['a view', 'CREATE VIEW looked AS SELECT * FROM fresh'],
  [
    'another view in its place',
    'CREATE OR REPLACE VIEW looked AS SELECT id, more FROM fresh WHERE id > 0',
  ],
  ['a function', `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`],
  [
    'its new body',
    `CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
  ],
  ['a trigger', 'CREATE TRIGGER t BEFORE UPDATE ON fresh FOR EACH ROW EXECUTE FUNCTION f()'],
  ['a trigger that is off', 'ALTER TABLE fresh DISABLE TRIGGER t'],
  ['a rule', 'CREATE RULE r AS ON UPDATE TO looked DO INSTEAD NOTHING'],
  ['a partition', 'CREATE TABLE part () INHERITS (fresh)'],
  ['an index', 'CREATE UNIQUE INDEX ON fresh (more)'],
  ['a domain', 'CREATE DOMAIN dom AS int CHECK (VALUE > 0)'],
  ['an operator', 'CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)'],
  ['a cast', 'CREATE CAST (int AS point) WITH INOUT'],
  ['an extension', 'CREATE EXTENSION pgcrypto'],
  ['a name', 'ALTER TABLE fresh RENAME TO older'],
  ['what goes', 'DROP TABLE older CASCADE'],
] as const

test('whatever is changed past it is seen by a look, and read again; what is the same is not', async () => {
  asked = []
  const catalogs = openCatalogs(ask)
  expect(catalogs.current()).toBeNull()
  await catalogs.settled()
  expect(catalogs.settled()).toBeNull()
  for (const [what, sql] of made) {
    const before = catalogs.current()
    await catalogs.look()
    expect(catalogs.current(), `before ${what}`).toBe(before)
    shop.cluster.sql(sql, database)
    await catalogs.look()
    expect(catalogs.current(), what).not.toBe(before)
  }
  const before = catalogs.current()
  shop.cluster.sql(
    `CREATE TEMP TABLE own (id serial PRIMARY KEY, b text DEFAULT 'x' CHECK (b <> '')); DELETE FROM shop.bookings WHERE false; ANALYZE shop.bookings`,
    database,
  )
  await catalogs.look()
  expect(catalogs.current()).toBe(before)
})

test('who asks while a reading is under way gets one that began after the change', async () => {
  asked = []
  const catalogs = openCatalogs(ask)
  const first = catalogs.settled()
  shop.cluster.sql('CREATE TABLE late (id int)', database)
  catalogs.changed()
  await Promise.all([first, catalogs.settled()])
  expect(catalogs.current()?.relationNames.has('public.late')).toBe(true)
  expect(catalogs.settled()).toBeNull()
})

test('a server that fails is told, and is asked again the next time', async () => {
  asked = []
  let broken = true
  const catalogs = openCatalogs(async (sql, values) => {
    if (broken) throw new Error('gone')
    return await ask(sql, values)
  })
  await expect(catalogs.settled()).rejects.toThrow('gone')
  expect(catalogs.current()).toBeNull()
  broken = false
  await catalogs.settled()
  expect(catalogs.current()).not.toBeNull()
})
