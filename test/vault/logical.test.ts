/** A whole database by plain SQL: out in one snapshot, into an empty one, and exactly what it was. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { takeLogical } from '../../src/vault/engine-logical.ts'
import type { TakingParts } from '../../src/vault/engine-logical.ts'
import { parseLogicalManifest } from '../../src/vault/logical-manifest.ts'
import type { LogicalManifest } from '../../src/vault/logical-manifest.ts'
import { compareLogical, restoreLogical } from '../../src/vault/logical-restore.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openShop } from '../postgres/shop.ts'
import type { Shop } from '../postgres/shop.ts'
import type { OpenSession } from '../postgres/session.ts'

let shop: Shop
let folder: string
let made = 0
const sessions: OpenSession[] = []
const chance = (count: number): Uint8Array => new Uint8Array(randomBytes(count))

beforeAll(async () => {
  shop = await openShop()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-logical-'))
}, 60_000)
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
})
afterAll(async () => {
  await shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function open(database: string, user?: string): Promise<OpenSession> {
  const session = await shop.open(database, user)
  sessions.push(session)
  return session
}

interface Vault extends TakingParts {
  readonly box: Box
  readonly place: string
}

async function vault(): Promise<Vault> {
  const place = mkdtempSync(join(folder, 'vault-'))
  const store = await openDiskStore(place, chance, Date.now())
  return {
    place,
    box: openBox(store, chance(32), chance),
    clock: { now: () => Date.now(), steady: () => performance.now() },
    chance,
    progress: () => undefined,
  }
}

async function empty(): Promise<{ name: string; session: OpenSession }> {
  made += 1
  const name = `back_${made}`
  shop.cluster.sql(`CREATE DATABASE ${name} TEMPLATE template0`)
  return { name, session: await open(name, 'postgres') }
}

const wanted = { source: 'shop', covers: [{ target: 'shop', type: 'database', id: 'shop' }] }

test('recovery-first: all of a database comes back as pg_dump tells it', async () => {
  const { from, parts, manifest } = await taken()
  expect(parseLogicalManifest(await parts.box.manifestText(manifest.id))).toEqual(manifest)
  expect(manifest.lacks).toEqual([])
  const { name, session } = await empty()
  expect(await restoreLogical(session, manifest, parts.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
  const grants = (dump: string): string => dump.replaceAll(from, 'it').replaceAll(name, 'it')
  expect(grants(shop.dump(name))).toBe(grants(shop.dump(from)))
})

/** A point of a fresh shop, in a vault of its own. */
async function taken(): Promise<{ from: string; parts: Vault; manifest: LogicalManifest }> {
  const from = shop.fresh()
  const parts = await vault()
  const manifest = await takeLogical(await open(from, 'postgres'), wanted, parts)
  return { from, parts, manifest }
}

test('it is of one moment, whatever is written meanwhile', async () => {
  const from = shop.fresh()
  const parts = await vault()
  const writer = await open(from, 'postgres')
  const before = shop.dump(from)
  let written = 0
  const progress = (): void => {
    written += 1
    if (written === 1)
      void writer
        .ask('DELETE FROM shop.payments')
        .then(() => writer.ask('DROP TABLE IF EXISTS shop.notes'))
  }
  const manifest = await takeLogical(await open(from, 'postgres'), wanted, { ...parts, progress })
  expect(written).toBeGreaterThan(0)
  const { name, session } = await empty()
  expect(await restoreLogical(session, manifest, parts.box)).toEqual([])
  const same = (dump: string): string => dump.replaceAll(from, 'it').replaceAll(name, 'it')
  expect(same(shop.dump(name))).toBe(same(before))
})

test('the role needs no right but to read all; where rows are hidden from it nothing is taken for the whole', async () => {
  const from = shop.fresh()
  const parts = await vault()
  shop.cluster.sql('GRANT pg_read_all_data TO shop_clerk')
  await expect(takeLogical(await open(from, 'shop_clerk'), wanted, parts)).rejects.toThrow(
    /row-level security policy for table "bookings"/,
  )
  shop.cluster.sql('ALTER ROLE shop_clerk BYPASSRLS')
  const manifest = await takeLogical(await open(from, 'shop_clerk'), wanted, parts)
  const { session } = await empty()
  expect(await restoreLogical(session, manifest, parts.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
})

test('what it cannot bring back it names, and brings back the rest', async () => {
  const from = shop.fresh()
  shop.cluster.sql(
    `CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far;
CREATE FOREIGN TABLE shop.elsewhere (id int) SERVER away; COMMENT ON FOREIGN TABLE shop.elsewhere IS 'far';
SELECT lo_create(4711); CREATE PUBLICATION all_of_it FOR ALL TABLES;
CREATE AGGREGATE shop.total (int) (sfunc = int4pl, stype = int);`,
    from,
  )
  const parts = await vault()
  const manifest = await takeLogical(await open(from, 'postgres'), wanted, parts)
  const lacks = manifest.lacks.join('\n')
  for (const part of ['shop.elsewhere', '1 large objects', 'publication all_of_it', 'shop.total'])
    expect(lacks).toContain(part)
  const { session } = await empty()
  expect(await restoreLogical(session, manifest, parts.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
})

test('a time limit of the role ends nothing that takes its time', async () => {
  const parts = await vault()
  const session = await open(shop.fresh(), 'postgres')
  await session.ask("SET statement_timeout = '1min'")
  const limits: unknown[] = []
  const watched = {
    ...session,
    copyOut: async function* (sql: string) {
      const [row] = await session.ask("SELECT current_setting('statement_timeout') AS now")
      limits.push(row?.['now'])
      yield* session.copyOut(sql)
    },
  }
  const { tables } = await takeLogical(watched, wanted, parts)
  expect(limits).toEqual(tables.map(() => '0'))
  expect(await session.ask('SHOW statement_timeout')).toEqual([{ statement_timeout: '1min' }])
})

test('nothing is restored over what lives', async () => {
  const { from, parts, manifest } = await taken()
  const before = shop.dump(from)
  await expect(restoreLogical(await open(from, 'postgres'), manifest, parts.box)).rejects.toThrow(
    /nothing is restored over what lives/,
  )
  expect(shop.dump(from)).toBe(before)
})

const damages: readonly (readonly [string, (session: OpenSession) => Promise<unknown>, RegExp])[] =
  [
    [
      'a row is another',
      ({ ask }) =>
        ask(
          "UPDATE shop.customers SET email = email || '!' WHERE id = (SELECT min(id) FROM shop.customers)",
        ),
      /rows of `shop.customers` differ/,
    ],
    [
      'a constraint less',
      ({ ask }) => ask('ALTER TABLE shop.bookings DROP CONSTRAINT bookings_pkey CASCADE'),
      /bookings_pkey/,
    ],
    [
      'a sequence set back',
      ({ ask }) => ask("SELECT setval('shop.booking_number', 1)"),
      /booking_number/,
    ],
  ]
for (const [name, harm, why] of damages)
  test(`drill-proves: a copy that is not as it was is told: ${name}`, async () => {
    const { parts, manifest } = await taken()
    const { session } = await empty()
    expect(await restoreLogical(session, manifest, parts.box)).toEqual([])
    await harm(session)
    expect((await compareLogical(session, manifest)).join('\n')).toMatch(why)
  })

test('drill-proves: a flipped bit in the vault stops the restore, and nothing is there', async () => {
  const { parts, manifest } = await taken()
  const objects = globSync(join(parts.place, 'objects/*/*')).toSorted(
    (a, b) => statSync(b).size - statSync(a).size,
  )
  const file = objects[0] ?? ''
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  chmodSync(file, 0o600)
  writeFileSync(file, bytes)
  const { name, session } = await empty()
  await expect(restoreLogical(session, manifest, parts.box)).rejects.toThrow(/vault/)
  expect(
    shop.cluster.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'", name).trim(),
  ).toBe('0')
})

test('a source that goes away while it is copied leaves no point', async () => {
  const from = shop.fresh()
  const parts = await vault()
  const session = await open(from, 'postgres')
  const pid = await session.pid()
  const progress = (): void => {
    shop.cluster.sql(`SELECT pg_terminate_backend(${pid})`)
  }
  await expect(takeLogical(session, wanted, { ...parts, progress })).rejects.toThrow(
    /not queryable|terminat/,
  )
  expect(await parts.box.store.points()).toEqual([])
})
