import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import type { Relation, SqlCatalog } from '../../src/platforms/postgres/catalog.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'

let shop: Shop
let catalog: SqlCatalog

beforeAll(async () => {
  shop = await openShop()
  const database = shop.fresh()
  const user =
    "CREATE FUNCTION shop.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2'"
  shop.cluster.sql(
    `${user}; CREATE OPERATOR shop.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = shop.same);
     CREATE FUNCTION shop.fits(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
     CREATE DOMAIN shop.fitting AS text CHECK (shop.fits(VALUE)); ANALYZE`,
    database,
  )
  // A user with no right to anything but to connect.
  const session = await shop.open(database, 'shop_reader')
  catalog = await readCatalog(session.ask)
  await session.close()
}, 60_000)
afterAll(() => shop.stop())

function named(name: string): Relation {
  const found = catalog.relationNames.get(`shop.${name}`)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

test('the snapshot tells tables with keys, defaults, triggers, rows and size to a user without rights', () => {
  const bookings = named('bookings')
  expect(catalog.version).toBeGreaterThan(150_000)
  expect(catalog.searchPath).toEqual(['public'])
  expect(bookings).toMatchObject({
    kind: 'table',
    estimatedRows: 1000,
    rowSecurity: true,
    parent: null,
  })
  expect(bookings.bytes).toBeGreaterThan(100_000)
  expect(bookings.uniqueKeys).toEqual([['id']])
  expect(bookings.columns.find(({ name }) => name === 'state')).toEqual({
    name: 'state',
    type: 'shop.state',
    notNull: true,
    default: "'asked'::shop.state",
    sequence: null,
  })
  expect(bookings.columns.map(({ name }) => name)).not.toContain('dropped')
  expect(named('vehicles').triggers).toEqual([
    { name: 'noted', events: ['delete', 'update'], runs: expect.any(Number), enabled: true },
    { name: 'quiet', events: ['insert'], runs: expect.any(Number), enabled: false },
  ])
  const [noted] = named('vehicles').triggers
  expect(catalog.functions.get(noted?.runs ?? 0)).toMatchObject({
    name: 'note',
    language: 'plpgsql',
    volatility: 'volatile',
    definition: expect.stringContaining('INSERT INTO shop.audit'),
  })
})

test('the snapshot tells who points at a table and what happens to those rows', () => {
  const [points] = named('customers').pointedAtBy
  expect(points).toEqual({
    name: 'bookings_customer_fkey',
    from: named('bookings').oid,
    onDelete: 'cascade',
    onUpdate: 'cascade',
  })
  expect(named('vehicles').pointedAtBy[0]).toMatchObject({ onDelete: 'set null' })
})

test('the snapshot tells partitions, indexes, views and rules', () => {
  const payments = named('payments')
  expect(payments.kind).toBe('partitioned')
  expect(payments.children.map((oid) => catalog.relations.get(oid)?.name)).toEqual([
    'payments_2025',
    'payments_2026',
    'payments_rest',
  ])
  expect(named('payments_2025').parent).toBe(payments.oid)
  expect(named('vehicles_kind')).toMatchObject({
    kind: 'index',
    isUnique: false,
    parent: named('vehicles').oid,
  })
  expect(named('dear_bookings').definition).toContain('open_bookings')
  expect(named('audit').rules).toMatchObject([{ name: 'no_audit_change', event: 'update' }])
})

test('the snapshot tells what operators and types of the user run', () => {
  const runs = (oids: readonly number[] | undefined) =>
    oids?.map((oid) => catalog.functions.get(oid)?.name)
  expect(runs(catalog.operators.get('==='))).toEqual(['same'])
  expect(runs(catalog.types.get('fitting'))).toEqual(['fits'])
  expect(catalog.operators.has('=')).toBe(false)
})

test('a database of a thousand tables is read within the time of a statement or two', async () => {
  const database = shop.fresh()
  shop.cluster.sql(
    `DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format(
      'CREATE TABLE t%s (id bigserial PRIMARY KEY, a text NOT NULL DEFAULT ''x'', b integer UNIQUE, c jsonb)', i); END LOOP; END $$`,
    database,
  )
  const session = await shop.open(database)
  const start = performance.now()
  const big = await readCatalog(session.ask)
  const took = performance.now() - start
  await session.close()
  expect([...big.relationNames.keys()].filter((name) => /^public\.t\d+$/.test(name))).toHaveLength(
    1000,
  )
  // Measured 0.3 s; ten times as much would be another way of asking.
  expect(took).toBeLessThan(3000)
  process.stdout.write(`snapshot of 1000 tables: ${Math.round(took)} ms\n`)
}, 60_000)
