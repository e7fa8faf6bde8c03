import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBox } from '../../src/vault/box.ts'
import { restoreImage, takeImage } from '../../src/vault/engine-table.ts'
import type { Wanted } from '../../src/vault/engine-table.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import type { VaultParts } from '../../src/vault/take.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'
import type { OpenSession } from './session.ts'

let shop: Shop
let folder: string
const sessions: OpenSession[] = []

beforeAll(async () => {
  shop = await openShop()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-image-'))
}, 60_000)
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
})
afterAll(async () => {
  await shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

const chance = (count: number): Uint8Array => new Uint8Array(randomBytes(count))

async function vaultParts(): Promise<VaultParts> {
  const store = await openDiskStore(mkdtempSync(join(folder, 'vault-')), chance, Date.now())
  return {
    box: openBox(store, chance(32), chance),
    storeOn: [],
    minimum: 'V1',
    state: null,
    note: async () => undefined,
    clock: { now: () => Date.now(), steady: () => performance.now() },
    chance,
    progress: () => undefined,
    sources: [],
    links: [],
  }
}

async function open(database: string, user?: string): Promise<OpenSession> {
  const session = await shop.open(database, user)
  sessions.push(session)
  return session
}

const leaves = ['payments_2025', 'payments_2026', 'payments_rest'].map((name) => `shop.${name}`)
const all = ['customers', 'vehicles', 'bookings', 'audit'].map((name) => `shop.${name}`)

function wanted(tables: readonly string[], takes: Wanted['takes']): Wanted {
  const covers = tables.map((id) => ({ target: 'db', type: 'table', id }))
  return { tables, takes, covers, source: 'db' }
}

/** Takes an image, runs the act, commits; the id of the point, or why there is none. */
async function actUnder(
  session: OpenSession,
  want: Wanted,
  act: string,
  parts: VaultParts,
): Promise<{ readonly id: string } | { readonly why: string; readonly when: 'before' | 'after' }> {
  await session.ask('BEGIN')
  const image = await takeImage(session, want, parts)
  if (image.kind === 'missing') {
    await session.ask('ROLLBACK')
    return { why: image.why.join('\n'), when: 'before' }
  }
  for (const statement of act.split(';')) await session.ask(statement)
  const settled = await image.settle()
  await session.ask(settled.kind === 'covered' ? 'COMMIT' : 'ROLLBACK')
  return settled.kind === 'covered'
    ? { id: settled.point.id }
    : { why: settled.why.join('\n'), when: 'after' }
}

const acts: readonly (readonly [string, readonly string[], Wanted['takes']])[] = [
  ['DELETE FROM shop.bookings WHERE id < 1500', ['shop.bookings', ...leaves], 'rows'],
  ['DELETE FROM shop.customers', ['shop.customers', 'shop.bookings', ...leaves], 'rows'],
  ["UPDATE shop.vehicles SET kind = 'lost', sold = true", ['shop.vehicles', 'shop.audit'], 'rows'],
  ['DELETE FROM shop.vehicles', ['shop.vehicles', 'shop.bookings', 'shop.audit'], 'rows'],
  ['DELETE FROM shop.payments', leaves, 'rows'],
  [
    'DELETE FROM shop.customers WHERE false',
    ['shop.customers', 'shop.bookings', ...leaves],
    'rows',
  ],
  ['TRUNCATE shop.payments RESTART IDENTITY', leaves, 'objects'],
  ['TRUNCATE shop.payments_2025', ['shop.payments_2025'], 'objects'],
  [
    'TRUNCATE shop.customers RESTART IDENTITY CASCADE',
    ['shop.customers', 'shop.bookings', ...leaves],
    'objects',
  ],
  ['DROP TABLE shop.bookings CASCADE', ['shop.bookings'], 'objects'],
  ['DROP TABLE shop.payments CASCADE', leaves, 'objects'],
  ['DROP TABLE shop.payments_2026', ['shop.payments_2026'], 'objects'],
  [
    'DROP TABLE shop.vehicles, shop.customers CASCADE',
    ['shop.vehicles', 'shop.customers'],
    'objects',
  ],
  ['DROP SCHEMA shop CASCADE', [...all, ...leaves], 'objects'],
  ['ALTER TABLE shop.customers DROP COLUMN "Full Name"', ['shop.customers'], 'objects'],
  ['ALTER TABLE shop.customers DROP COLUMN email CASCADE', ['shop.customers'], 'objects'],
  [
    'ALTER TABLE shop.bookings ALTER COLUMN tags DROP DEFAULT; ALTER TABLE shop.bookings ALTER COLUMN tags TYPE text',
    ['shop.bookings'],
    'objects',
  ],
  ['ALTER TABLE shop.vehicles ALTER COLUMN km TYPE integer', ['shop.vehicles'], 'objects'],
  ['ALTER TABLE shop.payments DROP COLUMN booking', leaves, 'objects'],
  ['DROP VIEW shop.open_bookings CASCADE', [], 'objects'],
  ['DROP MATERIALIZED VIEW shop.income', leaves, 'objects'],
  ['DROP INDEX shop.vehicles_kind', [], 'objects'],
  ['DROP INDEX shop.payments_booking', [], 'objects'],
  ['DROP TRIGGER noted ON shop.vehicles', [], 'objects'],
  ['DROP POLICY clerks ON shop.bookings', [], 'objects'],
  ['DROP FUNCTION shop.note() CASCADE', [], 'objects'],
  ['DROP SEQUENCE shop.booking_number CASCADE', ['shop.bookings'], 'objects'],
  ['ALTER TABLE shop.bookings DROP CONSTRAINT bookings_pkey CASCADE', [], 'objects'],
  [
    'REVOKE ALL ON shop.bookings, shop.customers FROM shop_reader, shop_clerk CASCADE',
    [],
    'objects',
  ],
  ['ALTER TABLE shop.bookings DISABLE ROW LEVEL SECURITY', [], 'objects'],
  ['COMMENT ON TABLE shop.customers IS NULL', [], 'objects'],
  ['DELETE FROM shop.payments; DROP TABLE shop.audit', [...leaves, 'shop.audit'], 'objects'],
]

test.each(acts)('%s is undone exactly, as pg_dump tells', async (act, tables, takes) => {
  const database = shop.fresh()
  const parts = await vaultParts()
  const session = await open(database)
  const before = shop.dump(database)
  const state = await counters(session)
  const done = await actUnder(session, wanted(tables, takes), act, parts)
  expect(done).toMatchObject({ id: expect.stringMatching(/^point_/) })
  const after = shop.dump(database)
  expect(after === before).toBe(act.includes('WHERE false'))
  await restoreImage(session, 'id' in done ? done.id : '', parts)
  expect(shop.dump(database)).toBe(before)
  expect(await counters(session)).toEqual(state)
})

async function counters(session: OpenSession): Promise<readonly (string | null | undefined)[]> {
  const rows = await session.ask(
    'SELECT sequencename || last_value AS s FROM pg_sequences ORDER BY 1',
  )
  return rows.map((row) => row['s'])
}
