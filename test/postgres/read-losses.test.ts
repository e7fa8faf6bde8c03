/** What the reader says that goes is what the server takes: losses, measured and compared with the act itself, which is taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import type { SqlCatalog } from '../../src/platforms/postgres/catalog.ts'
import { radiusOf } from '../../src/platforms/postgres/radius.ts'
import type { SqlLoss } from '../../src/platforms/postgres/radius-rows.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'
import type { OpenSession } from './session.ts'

let shop: Shop
let act: OpenSession
let eye: OpenSession
let catalog: SqlCatalog

beforeAll(async () => {
  await loadSql()
  shop = await openShop()
  const database = shop.fresh()
  act = await shop.open(database)
  await act.ask('SET search_path = shop')
  await act.ask(
    'CREATE TABLE shop.kinds (name text, extra int); CREATE VIEW shop.cars AS SELECT * FROM vehicles',
  )
  await act.ask(`INSERT INTO shop.kinds SELECT 'car', i FROM generate_series(1, 3) i`)
  await act.ask(
    'CREATE TABLE shop.vans (doors int) INHERITS (shop.kinds); INSERT INTO shop.vans VALUES (1)',
  )
  // Who counts has another search path: names must be whole.
  eye = await shop.open(database)
  await eye.ask('SET search_path = pg_catalog')
  catalog = { ...(await readCatalog(act.ask)), searchPath: ['shop'] }
}, 60_000)
afterAll(async () => {
  await act.close()
  await eye.close()
  await shop.stop()
})

const losses = (text: string, values: readonly (string | null)[] = []): readonly SqlLoss[] | null =>
  readSql(text, { catalog, values })[0]?.losses ?? null

async function radius(loss: SqlLoss): Promise<BlastRadius> {
  const environments = ['production']
  return await radiusOf(loss, { target: 'db', environments, catalog, ask: eye.ask, countMs: 5000 })
}

/** How many rows the act itself touches in the table that it names. */
async function touched(text: string, values: readonly (string | null)[]): Promise<number> {
  await act.ask('BEGIN')
  try {
    return (await act.ask(`${text} RETURNING 1`, values)).length
  } finally {
    await act.ask('ROLLBACK')
  }
}

test.each<[string, (string | null)[]]>([
  ['DELETE FROM bookings', []],
  ['DELETE FROM bookings WHERE cents > 3000', []],
  ['DELETE FROM bookings b WHERE b.cents BETWEEN 100 AND 4000 AND NOT (b.id = 1005)', []],
  ['DELETE FROM shop.bookings WHERE shop.bookings.cents NOT BETWEEN SYMMETRIC 4000 AND 100', []],
  ["DELETE FROM bookings WHERE state <> 'cancelled' AND more ->> 'n' LIKE '1%'", []],
  ["DELETE FROM bookings WHERE state = ANY ('{asked,booked}') OR id > 5000", []],
  ['DELETE FROM bookings WHERE cents > $1 AND state::text <> $2 AND cents > $1', ['700', 'asked']],
  ['DELETE FROM bookings WHERE $1::int IS NULL OR cents > $1', [null]],
  ['DELETE FROM bookings WHERE vehicle IN (SELECT id FROM vehicles WHERE NOT sold)', []],
  [
    'DELETE FROM bookings WHERE EXISTS (SELECT 1 FROM vehicles v WHERE v.id = bookings.vehicle AND v.sold)',
    [],
  ],
  ['DELETE FROM bookings USING vehicles v, kinds k WHERE v.id = vehicle AND v.kind = k.name', []],
  [
    'DELETE FROM bookings b USING vehicles v JOIN kinds k ON k.name = v.kind WHERE v.id = b.vehicle',
    [],
  ],
  [
    'DELETE FROM bookings WHERE id > (SELECT id FROM bookings ORDER BY id DESC NULLS LAST LIMIT 1 OFFSET 7 FOR UPDATE)',
    [],
  ],
  [
    'DELETE FROM bookings WHERE id NOT IN (SELECT min(id) FROM bookings GROUP BY vehicle HAVING count(*) > 1)',
    [],
  ],
  ["DELETE FROM bookings WHERE coalesce(tags[1], 'x') IS DISTINCT FROM 't1'", []],
  [
    "DELETE FROM bookings WHERE CASE WHEN cents > 10 THEN true ELSE false END AND 't1' = ALL (tags)",
    [],
  ],
  ["DELETE FROM customers WHERE since < '2025-03-05'::timestamptz AND length(email) > 3", []],
  [
    "DELETE FROM customers WHERE email ILIKE 'C1%' OR email SIMILAR TO 'c2%' OR \"Full Name\" ~ 'x'",
    [],
  ],
  [
    "DELETE FROM customers WHERE since < now() - interval '1 day' AND (lives IS NOT NULL) IS TRUE",
    [],
  ],
  ["DELETE FROM customers WHERE notes IS NULL OR notes = E'\\\\N' OR notes = '\\N'", []],
  ["DELETE FROM customers WHERE extract(hour FROM since AT TIME ZONE 'UTC') > 3", []],
  ['DELETE FROM customers WHERE (id, email) IN ((110, $1), (120, $2)) OR id <> 5', ['a', 'b']],
  ['UPDATE bookings SET cents = 0, state = DEFAULT WHERE cents > 500', []],
  ["UPDATE bookings b SET cents = 0 FROM vehicles v WHERE v.id = b.vehicle AND v.kind > 'a'", []],
  [
    'UPDATE customers SET notes = NULL WHERE id IN (SELECT customer FROM bookings UNION SELECT 5)',
    [],
  ],
  ['DELETE FROM ONLY kinds', []],
  ['DELETE FROM kinds', []],
])('counted as the server does: %s', async (text, values) => {
  const [loss, ...more] = losses(text, values) ?? []
  if (loss === undefined) throw new Error('no loss was told')
  expect(more).toEqual([])
  expect(loss.rows).not.toBe('unclear')
  const told = await radius(loss)
  expect(told.unknown.filter((why) => !why.startsWith('trigger'))).toEqual([])
  const first = /\((\d+) rows/.exec(told.resources[0]?.name ?? '')?.[1]
  expect(Number(first)).toBe(await touched(text, values))
})

test.each([
  'DELETE FROM bookings WHERE random() < 2',
  'DELETE FROM bookings WHERE price_with_tax(cents) > 100',
  'DELETE FROM bookings WHERE id > $1',
  "DELETE FROM bookings WHERE nextval('booking_number') > 0",
  'WITH v AS (SELECT id FROM vehicles) DELETE FROM bookings WHERE vehicle IN (SELECT id FROM v)',
  'DELETE FROM bookings WHERE id > (SELECT number FROM open_bookings LIMIT 1)',
  "DELETE FROM bookings WHERE current_user <> 'x'",
  'DELETE FROM cars',
  'MERGE INTO bookings b USING vehicles v ON b.vehicle = v.id WHEN MATCHED THEN DELETE',
])('rows that cannot be counted elsewhere are not guessed: %s', (text) => {
  expect(losses(text)).toMatchObject([{ rows: 'unclear' }])
})

const oid = (name: string): number => catalog.relationNames.get(`shop.${name}`)?.oid ?? 0

test.each<[string, string, readonly string[], Partial<SqlLoss>]>([
  ['TRUNCATE customers, kinds CASCADE', 'truncate', ['customers', 'kinds'], { cascade: true }],
  ['TRUNCATE kinds', 'truncate', ['kinds'], { cascade: false }],
  ['DROP TABLE bookings CASCADE', 'drop', ['bookings'], { cascade: true }],
  ['DROP VIEW shop.open_bookings, dear_bookings', 'drop', ['open_bookings', 'dear_bookings'], {}],
  ['DROP MATERIALIZED VIEW income', 'drop', ['income'], {}],
  ['DROP SEQUENCE booking_number', 'drop', ['booking_number'], {}],
  [
    'ALTER TABLE customers DROP email, DROP IF EXISTS notes CASCADE',
    'drop column',
    ['customers'],
    { columns: ['email'] },
  ],
  ['ALTER TABLE vehicles ALTER km TYPE int', 'update', ['vehicles'], { columns: ['km'] }],
  ['UPDATE cars SET kind = $$x$$, km = 5', 'update', ['vehicles'], { columns: ['kind', 'km'] }],
  ['DO $$ BEGIN TRUNCATE kinds; END $$', 'truncate', ['kinds'], {}],
  ['EXPLAIN ANALYZE DELETE FROM kinds', 'delete', ['kinds'], {}],
])('%s is told by relations', (text, how, names, more) => {
  expect(losses(text)?.[0]).toMatchObject({ how, relations: names.map(oid), ...more })
})

test('a schema is all that is in it', async () => {
  const [loss] = losses('DROP SCHEMA shop CASCADE') ?? []
  if (loss === undefined) throw new Error('no loss was told')
  const told = await radius(loss)
  expect(told.rows).toBeGreaterThan(2000)
  const tables = told.resources.filter(({ type }) => type === 'table').map(({ id }) => id)
  expect(tables).toEqual(expect.arrayContaining(['shop.customers', 'shop.audit', 'shop.payments']))
  const others = told.resources.map(({ type, id }) => `${type} ${id}`)
  expect(others).toEqual(
    expect.arrayContaining([
      'schema shop',
      'function shop.price_with_tax(bigint)',
      'type shop.state',
      'type shop.plate',
    ]),
  )
})

test.each<[string, readonly string[]]>([
  ['DROP FUNCTION note CASCADE', ['function shop.note()', 'trigger noted on shop.vehicles']],
  ['DROP ROUTINE shop.never()', ['function shop.never()', 'trigger late on shop.bookings']],
  ['DROP TYPE state CASCADE', ['tableColumn shop.bookings.state', 'type shop.state']],
  ['DROP TYPE shop.place CASCADE', ['tableColumn shop.customers.lives', 'type shop.place']],
  ['DROP DOMAIN plate CASCADE', ['tableColumn shop.vehicles.plate', 'type shop.plate']],
])('%s is told with what goes with it', async (text, wanted) => {
  const [loss] = losses(text) ?? []
  if (loss === undefined) throw new Error('no loss was told')
  const told = await radius(loss)
  expect(told).toMatchObject({ known: true, rows: null })
  const all = told.resources.map(({ type, id }) => `${type} ${id}`)
  expect(all).toEqual(expect.arrayContaining([...wanted]))
})

test('both changes of one statement are told', () => {
  const text = 'WITH d AS (DELETE FROM kinds) DELETE FROM bookings WHERE id = 1000'
  expect(losses(text)?.map(({ relations }) => relations)).toEqual(
    expect.arrayContaining([[oid('kinds')], [oid('bookings')]]),
  )
})

test.each([
  'DROP DATABASE x',
  'DROP ROLE x',
  'SELECT lo_unlink(1)',
  "DO $$ BEGIN EXECUTE 'DROP TABLE bookings'; END $$",
  'DROP TABLE bookings, no_such',
  'DELETE FROM no_such',
  'SELECT no_such_function()',
  'not SQL',
  'DROP TYPE no_such CASCADE',
  'DROP FUNCTION no_such()',
  'WITH d AS (DELETE FROM kinds) SELECT lo_unlink(1)',
])('no relation tells what goes: %s', (text) => {
  expect(losses(text)).toBe(null)
})

test.each([
  'SELECT 1',
  'DELETE FROM kinds WHERE extra = 1',
  'ALTER TABLE kinds DISABLE TRIGGER ALL',
  'DROP INDEX vehicles_kind',
])('no row goes: %s', (text) => {
  expect(losses(text)?.filter(({ how }) => how !== 'drop')).toEqual([])
})

test('without a catalog nothing is told', () => {
  expect(readSql('DROP TABLE t', { catalog: null })[0]?.losses).toBe(null)
})

test('a reader that remembers tells the losses of what is bound now', () => {
  const read = sqlReader()
  for (const values of [['1'], ['2'], undefined]) {
    const about = values === undefined ? { catalog } : { catalog, values }
    const text = 'DELETE FROM bookings WHERE cents > $1'
    expect(read(text, about)).toEqual(readSql(text, about))
  }
})
