/** drill-proves: a drill over a whole copy passes, over a damaged one it fails and says where. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { realTimer } from '../../src/app/world.ts'
import { openBox } from '../../src/vault/box.ts'
import { drill } from '../../src/vault/drill.ts'
import type { Drilled, DrillHouse } from '../../src/vault/drill.ts'
import { takeLogical } from '../../src/vault/engine-logical.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openShop } from '../postgres/shop.ts'
import type { Shop } from '../postgres/shop.ts'

let shop: Shop
let folder: string
const chance = (count: number): Uint8Array => new Uint8Array(randomBytes(count))

beforeAll(async () => {
  shop = await openShop()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-drill-'))
  chmodSync(folder, 0o755)
}, 60_000)
afterAll(async () => {
  await shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A point of a fresh shop, taken a minute ago, and a house for drills of it. */
async function pointed(more = ''): Promise<{ id: string; vault: string; house: DrillHouse }> {
  const vault = mkdtempSync(join(folder, 'vault-'))
  const store = await openDiskStore(vault, chance, Date.now())
  let ahead = 0
  const house: DrillHouse = {
    box: openBox(store, chance(32), chance),
    clock: { now: () => Date.now() + ahead, steady: () => performance.now() },
    chance,
    folder: join(folder, 'scratch'),
    connect: async ({ socket, port, user, secret, database }) =>
      await openClient({
        target: { name: 'scratch', host: socket, port, user, database, tls: { kind: 'off' } },
        secret,
        chance,
        timer: realTimer,
        connectMs: 10_000,
      }),
  }
  const from = shop.fresh()
  if (more !== '') {
    const owner = await shop.open(from)
    await owner.ask(more)
    await owner.close()
  }
  const session = await shop.open(from, 'postgres')
  const covers = [{ target: 'shop', type: 'database', id: 'shop' }]
  const { id } = await takeLogical(
    session,
    { source: 'shop', covers },
    { ...house, progress: () => undefined },
  )
  await session.close()
  ahead = 60_000
  return { id, vault, house }
}

test('drill-proves: a whole copy passes, and says how old it was and how long it took', async () => {
  const { id, house } = await pointed()
  const found = await drill(id, ['SELECT count(*) > 0 FROM shop.customers'], house)
  expect(found).toMatchObject({
    point: id,
    passed: true,
    wrong: [],
    lacks: [],
  } satisfies Partial<Drilled>)
  expect(found.tables).toBeGreaterThan(3)
  expect(found.rows).toBeGreaterThan(10)
  expect(found.rpoMs).toBeGreaterThanOrEqual(60_000)
  expect(found.rtoMs).toBeGreaterThan(0)
  expect(readdirSync(house.folder)).toEqual([])
}, 60_000)

test('drill-proves: what the user says of the data must hold too', async () => {
  const { id, house } = await pointed()
  const found = await drill(id, ['SELECT count(*) = 0 FROM shop.customers', 'SELECT true'], house)
  expect(found.passed).toBe(false)
  expect(found.wrong).toEqual(['`SELECT count(*) = 0 FROM shop.customers` does not hold'])
}, 60_000)

/** Changes one byte in the middle of a file of the vault. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  chmodSync(file, 0o600)
  writeFileSync(file, bytes)
}
const biggest = (vault: string): string =>
  globSync(join(vault, 'objects/*/*')).toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ??
  ''

const damages: readonly (readonly [string, (vault: string, id: string) => void, RegExp])[] = [
  ['a flipped bit in the rows', (vault) => flip(biggest(vault)), /vault/],
  ['rows that are gone', (vault) => rmSync(biggest(vault)), /is not there/],
  [
    'a flipped bit in the manifest',
    (vault, id) => flip(join(vault, 'points', `${id}.manifest`)),
    /vault|damaged|open/,
  ],
  ['no manifest', (vault, id) => rmSync(join(vault, 'points', `${id}.manifest`)), /is not there/],
]
for (const [name, harm, why] of damages)
  test(`drill-proves: a damaged copy fails, loudly: ${name}`, async () => {
    const { id, vault, house } = await pointed()
    harm(vault, id)
    const found = await drill(id, [], house)
    expect(found.passed).toBe(false)
    expect(found.wrong.join('\n')).toMatch(why)
  }, 60_000)

test('drill-proves: the wrong key opens nothing', async () => {
  const { id, house } = await pointed()
  const box = openBox(house.box.store, chance(32), chance)
  expect((await drill(id, [], { ...house, box })).passed).toBe(false)
}, 60_000)

const evil = (
  file: string,
): string => `CREATE FUNCTION shop.evil() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch ${file}'''; EXCEPTION WHEN insufficient_privilege THEN END;
  BEGIN EXECUTE 'SET ROLE ' || (SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1); EXCEPTION WHEN insufficient_privilege THEN END;
  BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch ${file}'''; EXCEPTION WHEN insufficient_privilege THEN END;
  RETURN true;
END $$;`
const places: readonly (readonly [string, string])[] = [
  [
    'a check',
    `CREATE TABLE shop.bait (id int CHECK (shop.evil())); INSERT INTO shop.bait VALUES (1);`,
  ],
  [
    'an index',
    `CREATE FUNCTION shop.calm(int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE TABLE shop.bait (id int); INSERT INTO shop.bait VALUES (1); CREATE INDEX ON shop.bait (shop.calm(id));
CREATE OR REPLACE FUNCTION shop.calm(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN shop.evil(); END';`,
  ],
  ['a view that keeps its rows', 'CREATE MATERIALIZED VIEW shop.bait AS SELECT shop.evil();'],
  [
    'an assertion that calls it, by the right of its owner',
    `ALTER FUNCTION shop.evil() SECURITY DEFINER; CREATE VIEW shop.bait AS SELECT shop.evil() AS ok;`,
  ],
]
for (const [name, sql] of places)
  test(`what was planted in the copy commands nothing when it is restored: ${name}`, async () => {
    const open = mkdtempSync(join(folder, 'open-'))
    chmodSync(open, 0o777)
    const file = join(open, 'planted')
    const { id, house } = await pointed(`${evil(file)} ${sql}`)
    // There whoever called it was nobody.
    expect(existsSync(file)).toBe(false)
    const found = await drill(id, ['SELECT true', 'SELECT shop.evil()'], house)
    expect(found.wrong).toEqual([])
    expect(existsSync(file)).toBe(false)
  }, 60_000)

test('what only a superuser could bring back is brought back by nobody, and the drill says so', async () => {
  const open = mkdtempSync(join(folder, 'open-'))
  chmodSync(open, 0o777)
  const file = join(open, 'planted')
  const { id, house } = await pointed(`${evil(file)}
CREATE FUNCTION shop.picky() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
CREATE MATERIALIZED VIEW shop.bait AS SELECT shop.picky();
CREATE OR REPLACE FUNCTION shop.picky() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RAISE EXCEPTION 'not for you'; END IF;
  RETURN shop.evil();
END $$;`)
  const found = await drill(id, [], house)
  expect(found.wrong.join('\n')).toMatch(/`view shop.bait` is not as it was[^]*not for you/)
  expect(existsSync(file)).toBe(false)
}, 60_000)
