import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import type { SqlCatalog } from '../../src/platforms/postgres/catalog.ts'
import { radiusOf } from '../../src/platforms/postgres/radius.ts'
import { holdersOf, reachedBy } from '../../src/platforms/postgres/radius-rows.ts'
import type { CountedRows, SqlLoss } from '../../src/platforms/postgres/radius-rows.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'
import type { OpenSession } from './session.ts'

let shop: Shop
let session: OpenSession
let database: string
let catalog: SqlCatalog

beforeAll(async () => {
  shop = await openShop()
}, 60_000)
beforeEach(async () => {
  database = shop.fresh()
  shop.cluster.sql('ANALYZE', database)
  session = await shop.open(database)
  catalog = await readCatalog(session.ask)
})
afterEach(() => session.close())
afterAll(() => shop.stop())

function loss(
  how: SqlLoss['how'],
  tables: readonly string[],
  more: Partial<SqlLoss> = {},
): SqlLoss {
  const relations = tables.map((name) => catalog.relationNames.get(`shop.${name}`)?.oid ?? 0)
  return { how, relations, columns: [], cascade: false, rows: 'all', ...more }
}

function where(table: string, text: string, values: readonly string[] = []): CountedRows {
  return { from: `"shop"."${table}" AS a`, alias: 'a', where: text, values }
}

async function radius(of: SqlLoss, countMs = 5000): Promise<BlastRadius> {
  return await radiusOf(of, {
    target: 'db',
    environments: ['production', 'staging'],
    catalog,
    ask: session.ask,
    countMs,
  })
}

const names = ({ resources }: BlastRadius) => resources.map(({ name }) => name)
const ids = ({ resources }: BlastRadius, type: string) =>
  resources.filter((it) => it.type === type).map(({ id }) => id)

/** What the server itself says went, by running it and taking it back. */
async function reallyGone(act: string): Promise<number> {
  const tables = ['customers', 'vehicles', 'bookings', 'payments', 'audit']
  const count = async (): Promise<number> => {
    const sums = tables.map((name) => `(SELECT count(*) FROM shop.${name})`).join(' + ')
    return Number((await session.ask(`SELECT ${sums} AS n`))[0]?.['n'])
  }
  const before = await count()
  await session.ask('BEGIN')
  await session.ask(act)
  const gone = before - (await count())
  await session.ask('ROLLBACK')
  return gone
}

test('a DELETE is counted with all that cascades from it, exactly', async () => {
  const told = await radius(
    loss('delete', ['customers'], { rows: where('customers', 'a.id < $1', ['300']) }),
  )
  expect(told.known).toBe(true)
  expect(names(told)).toEqual([
    'shop.customers (20 rows go)',
    'shop.bookings (100 rows go)',
    'shop.payments (100 rows go)',
  ])
  expect(told.rows).toBe(await reallyGone('DELETE FROM shop.customers WHERE id < 300'))
  expect(told.environments).toEqual(['production', 'staging'])
})

test('a DELETE without a bound counts whole tables, and rows that only change are told as such', async () => {
  const told = await radius(loss('delete', ['vehicles']))
  expect(names(told)).toEqual(['shop.vehicles (50 rows go)', 'shop.bookings (1000 rows change)'])
  expect(told.unknown).toEqual([
    'trigger `noted` of `shop.vehicles` runs code that may change more rows than are counted',
  ])
  expect(told.known).toBe(false)
})

test('TRUNCATE … CASCADE takes every table that points at it, whatever the keys say', async () => {
  const cascade = await radius(loss('truncate', ['vehicles'], { cascade: true }))
  expect(cascade.rows).toBe(await reallyGone('TRUNCATE shop.vehicles CASCADE'))
  expect(ids(cascade, 'table')).toEqual(['shop.vehicles', 'shop.bookings', 'shop.payments'])
})

test('a partition is within its table, and goes by the keys of that', async () => {
  const told = await radius(loss('truncate', ['payments', 'payments_2025']))
  expect(names(told)).toEqual(['shop.payments (1000 rows go)'])
  const holders = holdersOf(reachedBy(loss('delete', ['bookings']), catalog), catalog)
  expect(holders.map((oid) => catalog.relations.get(oid)?.name)).toEqual([
    'bookings',
    'payments_2025',
    'payments_2026',
    'payments_rest',
  ])
})

test('DROP TABLE … CASCADE tells views, keys of others, sequences, indexes, triggers and policies that go', async () => {
  const told = await radius(loss('drop', ['bookings'], { cascade: true }))
  expect(told.known).toBe(true)
  expect(told.rows).toBe(1000)
  expect(ids(told, 'view')).toEqual(['shop.dear_bookings', 'shop.open_bookings'])
  expect(ids(told, 'tableConstraint')).toContain('payments_booking_fkey on shop.payments')
  expect(ids(told, 'sequence')).toEqual(['shop.booking_number'])
  expect(ids(told, 'index')).toEqual([
    'shop.bookings_customer',
    'shop.bookings_more',
    'shop.bookings_pkey',
  ])
  expect(ids(told, 'trigger')).toEqual(['instead on shop.open_bookings', 'late on shop.bookings'])
  expect(ids(told, 'policy')).toEqual(['clerks on shop.bookings', 'not_cancelled on shop.bookings'])
  const table = told.resources.find(({ id }) => id === 'shop.bookings')
  const [size] = await session.ask(`SELECT pg_total_relation_size('shop.bookings') AS n`)
  expect(table?.bytes).toBe(Number(size?.['n']))
})

test('all that DROP … CASCADE is said to take is what the server says in its notices', async () => {
  const before = await relations()
  const told = await radius(loss('drop', ['customers', 'vehicles'], { cascade: true }))
  await session.ask('DROP TABLE shop.customers, shop.vehicles CASCADE')
  const after = await relations()
  const gone = before.filter((name) => !after.includes(name))
  const types = ['table', 'view', 'materializedView', 'index', 'sequence']
  expect(types.flatMap((type) => ids(told, type)).toSorted()).toEqual(gone.toSorted())
})

test('DROP COLUMN takes what hangs on the column only', async () => {
  const told = await radius(
    loss('drop column', ['customers'], { columns: ['email'], cascade: true }),
  )
  expect(ids(told, 'tableColumn')).toEqual(['shop.customers.email'])
  expect(ids(told, 'view')).toEqual(['shop.dear_bookings', 'shop.open_bookings'])
  expect(ids(told, 'tableConstraint')).toEqual([
    'customers_email_key on shop.customers',
    'email_form on shop.customers',
  ])
  expect(names(told)[0]).toBe('shop.customers (200 rows change)')
})

test('a count that takes too long is an estimate, said to be one, and leaves nothing open', async () => {
  const slow = where('bookings', 'pg_sleep(1) IS NOT NULL')
  const told = await radius(loss('delete', ['bookings'], { rows: slow }), 50)
  expect(told).toMatchObject({ known: false, rows: 2000 })
  expect(told.unknown[0]).toBe(
    'rows are an estimate of whole tables: canceling statement due to statement timeout',
  )
  expect(await session.ask('SELECT now() = statement_timestamp() AS alone')).toEqual([
    { alone: 't' },
  ])
})

test('a count cannot write, whatever is put in its place', async () => {
  const evil = where('bookings', 'nextval($1) > 0', ['shop.booking_number'])
  const told = await radius(loss('delete', ['bookings'], { rows: evil }))
  expect(told.unknown[0]).toMatch(/cannot execute nextval\(\) in a read-only transaction/)
})

test('keys in a circle, a relation that is gone and rows that nobody can tell make no exact count', async () => {
  await session.ask(
    'CREATE TABLE shop.tree (id int PRIMARY KEY, up int REFERENCES shop.tree ON DELETE CASCADE)',
  )
  await session.ask('INSERT INTO shop.tree VALUES (1, NULL), (2, 1), (3, 2)')
  catalog = await readCatalog(session.ask)
  const circle = await radius(loss('delete', ['tree'], { rows: where('tree', 'a.id = 1') }))
  expect(circle.unknown[0]).toMatch(/circle/)
  expect((await radius(loss('delete', ['tree']))).rows).toBe(3)
  expect(await radius(loss('drop', ['no_such']))).toMatchObject({ known: false })
  expect(await radius(loss('delete', ['audit'], { rows: 'unclear' }))).toMatchObject({
    known: false,
  })
})

async function relations(): Promise<readonly string[]> {
  const rows = await session.ask(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = 'shop' AND relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'S')`,
  )
  return rows.map((row) => row['name'] ?? '')
}
