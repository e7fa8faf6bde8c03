import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Wanted } from '../../src/guard/image.ts'
import { openBox } from '../../src/vault/box.ts'
import { restoreImage, takeImage } from '../../src/vault/engine-table.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import type { VaultParts } from '../../src/vault/parts.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'
import type { OpenSession } from './session.ts'
import { sample, turnOf } from '../sample.ts'

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

test.each(sample(acts, 2))(
  `%s is undone exactly, as pg_dump tells (${turnOf(2)})`,
  async (act, tables, takes) => {
    const database = shop.fresh()
    const parts = await vaultParts()
    const session = await open(database)
    const before = shop.asMade()
    const state = await counters(session)
    const done = await actUnder(session, wanted(tables, takes), act, parts)
    expect(done).toMatchObject({ id: expect.stringMatching(/^point_/) })
    const after = shop.dump(database)
    expect(after === before).toBe(act.includes('WHERE false'))
    // An image, and the undo that was tried, leave no mark on what the act does.
    const plain = shop.fresh()
    const other = await open(plain)
    for (const statement of act.split(';')) await other.ask(statement)
    expect(timeless(after)).toBe(timeless(shop.dump(plain)))
    expect(await counters(session)).toEqual(await counters(other))
    await restoreImage(session, 'id' in done ? done.id : '', parts)
    expect(shop.dump(database)).toBe(before)
    expect(await counters(session)).toEqual(state)
  },
)

/** The audit notes when something was done. */
function timeless(dump: string): string {
  return dump.replaceAll(/^\d{4}-\d\d-\d\d [\d:.]+\+00\t/gm, '')
}

async function counters(session: OpenSession): Promise<readonly (string | null | undefined)[]> {
  const rows = await session.ask(
    'SELECT sequencename || last_value AS s FROM pg_sequences ORDER BY 1',
  )
  return rows.map((row) => row['s'])
}

test('an act that writes beside the image is not covered, and nothing of it stays', async () => {
  const database = shop.fresh()
  const before = shop.asMade()
  const done = await actUnder(
    await open(database),
    wanted(['shop.vehicles', 'shop.bookings'], 'rows'),
    'DELETE FROM shop.vehicles',
    await vaultParts(),
  )
  expect(done).toEqual({
    when: 'after',
    why: 'the act writes to `shop.audit` too, of which there is no image',
  })
  expect(shop.dump(database)).toBe(before)
})

test('a trigger that waits for the commit is not overlooked', async () => {
  const database = shop.fresh()
  const session = await open(database)
  await session.ask(
    `CREATE CONSTRAINT TRIGGER at_the_end AFTER DELETE ON shop.payments_2025 DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW EXECUTE FUNCTION shop.note()`,
  )
  const done = await actUnder(
    session,
    wanted(['shop.payments_2025'], 'rows'),
    'DELETE FROM shop.payments_2025',
    await vaultParts(),
  )
  expect(done).toMatchObject({ why: expect.stringContaining('writes to `shop.audit` too') })
})

test.each([
  [
    'a table that goes without an image',
    'DROP TABLE shop.bookings, shop.audit CASCADE',
    ['shop.bookings'],
    /the act also changes `table shop.audit`/,
  ],
  [
    'a partition without an image',
    'DROP TABLE shop.payments CASCADE',
    ['shop.payments_2025'],
    /also changes `table shop.payments_2026`/,
  ],
  [
    'an aggregate',
    'DROP AGGREGATE shop.all_of(text)',
    [],
    /`function shop.all_of\(text\)` could not be made again/,
  ],
  [
    'an operator',
    'DROP OPERATOR shop.=== (text, text)',
    [],
    /`other operator shop.===\(pg_catalog.text,pg_catalog.text\)` could not/,
  ],
  ['a range type', 'DROP TYPE shop.span', [], /`type shop.span` could not/],
  [
    'privileges that another gave',
    'REVOKE ALL ON shop.bookings FROM shop_clerk CASCADE',
    [],
    /`privilege TABLE shop.bookings shop_reader` could not/,
  ],
  [
    'a stored view that is not fresh',
    'DROP TABLE shop.payments CASCADE',
    leaves,
    /`shop.income` held other rows/,
  ],
  [
    'a large object',
    'SELECT lo_unlink(oid) FROM pg_largeobject_metadata',
    [],
    /`other large objects` could not/,
  ],
  [
    'what is written in a large object',
    "SELECT lo_put(oid, 0, 'x') FROM pg_largeobject_metadata",
    [],
    /the act writes to `pg_largeobject` too/,
  ],
])('%s is not covered, said before anything is committed', async (_, act, tables, why) => {
  const database = shop.fresh()
  const session = await open(database)
  for (const statement of [
    'CREATE AGGREGATE shop.all_of (text) (SFUNC = textcat, STYPE = text)',
    `CREATE FUNCTION shop.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2'`,
    'CREATE OPERATOR shop.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = shop.same)',
    'CREATE TYPE shop.span AS RANGE (subtype = int4)',
    'SELECT lo_create(0)',
    `INSERT INTO shop.payments (booking, paid, cents) VALUES (1000, '2025-05-05', 1)`,
  ])
    await session.ask(statement)
  const clerk = await open(database, 'shop_clerk')
  await clerk.ask('GRANT INSERT ON shop.bookings TO shop_reader')
  const before = shop.dump(database)
  const done = await actUnder(session, wanted(tables, 'objects'), act, await vaultParts())
  expect(done).toMatchObject({ why: expect.stringMatching(why) })
  expect(shop.dump(database)).toBe(before)
})

test.each([
  [
    'an inheriting table',
    'CREATE TABLE shop.old_audit () INHERITS (shop.audit)',
    'shop.old_audit',
    /inheriting table/,
  ],
  ['a table of a type', 'CREATE TABLE shop.places OF shop.place', 'shop.places', /typed/],
  ['no such table', 'SELECT 1', 'shop.nothing', /there is no table `shop.nothing`/],
  [
    'rows that this user may not see',
    'SELECT 1',
    'shop.bookings',
    /permission denied|row-level security/,
  ],
])('%s is refused before the act', async (_, before, table, why) => {
  const database = shop.fresh()
  await (await open(database)).ask(before)
  const user = table === 'shop.bookings' ? 'shop_clerk' : undefined
  const session = await open(database, user)
  const done = await actUnder(session, wanted([table], 'rows'), 'SELECT 1', await vaultParts())
  expect(done).toMatchObject({ when: 'before', why: expect.stringMatching(why) })
})

test('a transaction with a snapshot of its own could miss rows, so none is imaged in it', async () => {
  const session = await open(shop.fresh())
  await session.ask('BEGIN ISOLATION LEVEL REPEATABLE READ')
  expect(
    await takeImage(session, wanted(['shop.audit'], 'rows'), await vaultParts()),
  ).toMatchObject({
    kind: 'missing',
    why: [expect.stringContaining('read committed')],
  })
})

test.each([
  [
    'rows that came since',
    'DELETE FROM shop.payments',
    leaves,
    `INSERT INTO shop.payments (booking, paid, cents) VALUES (1000, '2025-05-05', 1)`,
    /rows of `shop.payments_2025` were changed since/,
  ],
  [
    'a table that was made anew',
    'DROP TABLE shop.audit',
    ['shop.audit'],
    'CREATE TABLE shop.audit (what text)',
    /`table shop.audit` was made anew since/,
  ],
  [
    'another view of the same name',
    'DROP VIEW shop.dear_bookings',
    [],
    'CREATE VIEW shop.dear_bookings AS SELECT 1 AS one',
    /`view shop.dear_bookings` was made anew/,
  ],
  [
    'a table that is gone altogether',
    'ALTER TABLE shop.customers DROP COLUMN notes',
    ['shop.customers'],
    'DROP TABLE shop.customers CASCADE',
    /`table shop.customers` is gone since/,
  ],
  [
    'a column that was added since',
    'ALTER TABLE shop.customers DROP COLUMN notes',
    ['shop.customers'],
    'ALTER TABLE shop.customers ADD COLUMN more text',
    /`table shop.customers` was changed since/,
  ],
  [
    'an undo that was done',
    'DROP TABLE shop.audit',
    ['shop.audit'],
    'undo',
    /all is as it was before the act already/,
  ],
])(
  '%s stand in the way of an undo, which then changes nothing',
  async (...[, act, tables, since, why]) => {
    const database = shop.fresh()
    const parts = await vaultParts()
    const session = await open(database)
    const done = await actUnder(session, wanted(tables, 'objects'), act, parts)
    const id = 'id' in done ? done.id : ''
    if (since === 'undo') await restoreImage(session, id, parts)
    else await session.ask(since)
    const before = shop.dump(database)
    await expect(restoreImage(session, id, parts)).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringMatching(why),
    })
    expect(shop.dump(database)).toBe(before)
  },
)

test('what was made since beside it stays, also where it hangs on what is made again', async () => {
  const database = shop.fresh()
  const parts = await vaultParts()
  const session = await open(database)
  const act = 'ALTER TABLE shop.customers DROP COLUMN notes'
  const done = await actUnder(session, wanted(['shop.customers'], 'objects'), act, parts)
  await session.ask('CREATE VIEW shop.mails AS SELECT email FROM shop.customers')
  await session.ask('GRANT SELECT ON shop.mails TO shop_reader')
  await session.ask(
    'CREATE TABLE shop.letters (id int, "to" bigint REFERENCES shop.customers ON DELETE SET NULL)',
  )
  await session.ask('INSERT INTO shop.letters VALUES (1, 110)')
  await restoreImage(session, 'id' in done ? done.id : '', parts)
  expect(await session.ask('SELECT count(*) AS n FROM shop.mails')).toEqual([{ n: '200' }])
  await session.ask('DELETE FROM shop.customers WHERE id = 110')
  expect(await session.ask('SELECT "to" FROM shop.letters')).toEqual([{ to: null }])
  const reader = await open(database, 'shop_reader')
  expect(await reader.ask('SELECT count(*) AS n FROM shop.mails')).toEqual([{ n: '199' }])
})

test('an image that was damaged in the vault brings nothing back, and changes nothing', async () => {
  const database = shop.fresh()
  const parts = await vaultParts()
  const session = await open(database)
  const done = await actUnder(
    session,
    wanted(['shop.audit'], 'objects'),
    'DROP TABLE shop.audit',
    parts,
  )
  for (const folder of readdirSync(join(parts.box.store.place, 'objects'), { recursive: true })) {
    const file = join(parts.box.store.place, 'objects', String(folder))
    if (!lstatSync(file).isFile()) continue
    chmodSync(file, 0o600)
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('x')]))
  }
  const before = shop.dump(database)
  await expect(restoreImage(session, 'id' in done ? done.id : '', parts)).rejects.toThrow(/vault/)
  expect(shop.dump(database)).toBe(before)
})

test('the settings of the session are as they were after an image, for the act and after it', async () => {
  const session = await open(shop.fresh())
  await session.ask('SET search_path = shop')
  await session.ask(`SET TimeZone = 'Europe/Berlin'`)
  const done = await actUnder(
    session,
    wanted(['shop.audit'], 'rows'),
    'DELETE FROM payments WHERE cents < 0',
    await vaultParts(),
  )
  expect(done).toMatchObject({ why: expect.stringContaining('writes to `shop.payments') })
  expect(await session.ask('SHOW search_path')).toEqual([{ search_path: 'shop' }])
  expect(await session.ask('SHOW TimeZone')).toEqual([{ TimeZone: 'Europe/Berlin' }])
})

test('a point is in the vault before the commit; where that does not come, an undo finds nothing to do', async () => {
  const database = shop.fresh()
  const parts = await vaultParts()
  const session = await open(database)
  await session.ask('BEGIN')
  const image = await takeImage(session, wanted(['shop.audit'], 'objects'), parts)
  await session.ask('DROP TABLE shop.audit')
  const settled = image.kind === 'taken' ? await image.settle() : image
  const id = settled.kind === 'covered' ? settled.point.id : ''
  expect(await parts.box.store.points()).toEqual([id])
  await session.ask('ROLLBACK')
  const before = shop.dump(database)
  await expect(restoreImage(session, id, parts)).rejects.toThrow(/already/)
  expect(shop.dump(database)).toBe(before)
})

test('where the act fails or is given up, the vault has no point', async () => {
  const parts = await vaultParts()
  const session = await open(shop.fresh())
  await session.ask('BEGIN')
  const image = await takeImage(session, wanted(['shop.audit'], 'objects'), parts)
  if (image.kind === 'taken') await image.discard()
  await session.ask('ROLLBACK')
  expect(image).toMatchObject({ kind: 'taken', rows: 1 })
  expect(await parts.box.store.points()).toEqual([])
})

test('a vault inside what it saves, or of too low a grade, is refused before a byte is read', async () => {
  const session = await open(shop.fresh())
  const want = wanted(['shop.audit'], 'rows')
  const parts = await vaultParts()
  expect(await takeImage(session, want, { ...parts, storeOn: want.covers })).toMatchObject({
    why: ['the vault lies on `db/table/shop.audit`: move it outside'],
  })
  expect(await takeImage(session, want, { ...parts, minimum: 'V3' })).toMatchObject({
    why: [expect.stringContaining('V3 is asked for')],
  })
})

test('a limit of the vault ends an image before the act', async () => {
  const session = await open(shop.fresh())
  await session.ask('BEGIN')
  const limits = { maxMs: 60_000, maxBytes: 1000, maxEntries: 10 }
  const parts = { ...(await vaultParts()), limits }
  expect(await takeImage(session, wanted(['shop.bookings'], 'rows'), parts)).toMatchObject({
    why: [expect.stringContaining('more than 1000 bytes')],
  })
  await session.ask('ROLLBACK')
})
