/** Single tables out of a copy by plain SQL: exactly as they were, where none is, or beside what lives. */
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
import { parseLogicalManifest } from '../../src/vault/logical-manifest.ts'
import { putTables, tablesOfManifest } from '../../src/vault/logical-tables.ts'
import type { TablesInto } from '../../src/vault/logical-tables.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openShop } from '../postgres/shop.ts'
import type { Shop } from '../postgres/shop.ts'
import type { OpenSession } from '../postgres/session.ts'

let shop: Shop
let folder: string
const sessions: OpenSession[] = []
const chance = (count: number): Uint8Array => new Uint8Array(randomBytes(count))

beforeAll(async () => {
  shop = await openShop()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-tables-'))
}, 60_000)
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
})
afterAll(async () => {
  await shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

const oddSchema = '"Odd ""one""\n; DROP TABLE shop.customers; --"'
const odd = `${oddSchema}."it's; a "" table\u001b[2J"`
const stock = `CREATE SCHEMA till; CREATE TYPE till.state AS ENUM ('new', 'paid');
CREATE FUNCTION till.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE FUNCTION till.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE SEQUENCE till.numbers START 500;
CREATE TABLE till.sales (id int GENERATED ALWAYS AS IDENTITY (START 7), no serial, n int DEFAULT nextval('till.numbers'),
  state till.state NOT NULL DEFAULT 'new', doubled int GENERATED ALWAYS AS (till.twice(no)) STORED,
  day date CHECK (day > '2000-01-01'), PRIMARY KEY (id), UNIQUE (no));
CREATE INDEX by_day ON till.sales (day); COMMENT ON TABLE till.sales IS 'all of it';
CREATE TRIGGER noted BEFORE UPDATE ON till.sales FOR EACH ROW EXECUTE FUNCTION till.note();
INSERT INTO till.sales (day) SELECT date '2026-01-01' + g FROM generate_series(1, 300) g;
CREATE TABLE till.lines (sale int REFERENCES till.sales, what text); INSERT INTO till.lines VALUES (7, 'a'), (8, E'b\\tc\\n');
CREATE TABLE till.days (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE till.early PARTITION OF till.days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE till.late PARTITION OF till.days FOR VALUES FROM ('2026-02-01') TO ('2027-01-01');
INSERT INTO till.days VALUES ('2026-01-05', 1), ('2026-05-05', 2);
CREATE SCHEMA ${oddSchema}; CREATE TABLE ${odd} ("a ""column""" text); INSERT INTO ${odd} VALUES ('x');`

interface Taken {
  readonly from: string
  readonly id: string
  readonly box: Box
  readonly place: string
  readonly put: (into: Partial<TablesInto>, user?: string) => Promise<string>
}

async function open(database: string, user?: string): Promise<OpenSession> {
  const session = await shop.open(database, user)
  sessions.push(session)
  return session
}

async function taken(): Promise<Taken> {
  const from = shop.fresh()
  shop.cluster.sql(stock, from)
  const place = mkdtempSync(join(folder, 'vault-'))
  const box = openBox(await openDiskStore(place, chance, Date.now()), chance(32), chance)
  const clock = { now: () => Date.now(), steady: () => performance.now() }
  const wanted = { source: 'shop', covers: [] }
  const parts = { box, clock, chance, progress: () => undefined }
  const { id } = await takeLogical(await open(from, 'postgres'), wanted, parts)
  return {
    from,
    id,
    box,
    place,
    put: async (into, user = 'postgres') =>
      await putTables(
        await open(from, user),
        tablesOfManifest(parseLogicalManifest(await box.manifestText(id)), box),
        { tables: [], schema: null, trusts: true, ...into },
      ),
  }
}

test.each<[string, readonly string[], string, string]>([
  [
    'a table that went with all that hung on it',
    ['till.sales', 'till.lines'],
    'DROP TABLE till.lines, till.sales',
    '302 rows',
  ],
  ['by its name alone', ['lines'], 'DROP TABLE till.lines', '2 rows'],
  [
    'with the type and the functions that went too',
    ['till.sales', 'till.lines', 'days'],
    'DROP SCHEMA till CASCADE; CREATE SCHEMA till',
    '304 rows',
  ],
  ['its schema too', ['till.sales', 'till.lines', 'days'], 'DROP SCHEMA till CASCADE', '304 rows'],
  ['with its partitions', ['till.days'], 'DROP TABLE till.days', '2 rows'],
  ['one partition', ['till.late'], 'DROP TABLE till.late', '1 rows'],
  ['a name that is none of the best', [odd], `DROP TABLE ${odd}`, '1 rows'],
])(
  'recovery-first: it comes back as pg_dump tells it: %s',
  async (_, tables, drop, said) => {
    const { from, put } = await taken()
    const before = shop.dump(from)
    shop.cluster.sql(drop, from)
    expect(shop.dump(from)).not.toBe(before)
    const done = await put({ tables })
    expect(done).toContain(`${said}, compared and the same`)
    if (tables[0] === 'till.late')
      shop.cluster.sql(
        `ALTER TABLE till.days ATTACH PARTITION till.late FOR VALUES FROM ('2026-02-01') TO ('2027-01-01')`,
        from,
      )
    expect(shop.dump(from)).toBe(before)
  },
  30_000,
)

test('beside what lives: the rows as they were, and not a byte of what lives is changed', async () => {
  const { from, put } = await taken()
  shop.cluster.sql('DELETE FROM till.lines; UPDATE till.sales SET day = now()', from)
  const before = shop.dump(from)
  const done = await put({ tables: ['till.sales', 'till.lines', odd], schema: 'it "was"' })
  expect(done.slice(done.indexOf('303'))).toBe(
    '303 rows, compared and the same; with keys and checks, and nothing else that hung on it',
  )
  const rows = shop.cluster.sql(
    `SELECT count(*), max(doubled) FROM "it ""was""".sales WHERE day < '2027-01-01'`,
    from,
  )
  expect(rows.trim()).toBe('300|600')
  expect(
    shop.cluster
      .sql(
        `SELECT count(*) FROM pg_constraint WHERE connamespace = '"it ""was"""'::regnamespace`,
        from,
      )
      .trim(),
  ).toBe('3')
  shop.cluster.sql('DROP SCHEMA "it ""was""" CASCADE', from)
  expect(shop.dump(from)).toBe(before)
}, 30_000)

test.each<[string, Partial<TablesInto>, RegExp]>([
  [
    'a living table',
    { tables: ['till.lines'] },
    /nothing is restored over what lives: `till.lines` is there/,
  ],
  [
    'a living table in the other schema',
    { tables: ['till.lines'], schema: 'till' },
    /over what lives: `"till".lines` is there/,
  ],
  ['no such table', { tables: ['till.none'] }, /the recovery point has no table `till.none`/],
  [
    'partitions into another schema',
    { tables: ['till.days'], schema: 'aside' },
    /keeps its rows in partitions/,
  ],
  [
    'by a superuser',
    { tables: ['till.lines'], schema: 'aside', trusts: false },
    /the role that restores is a superuser/,
  ],
  [
    'a schema of the server',
    { tables: ['till.lines'], schema: 'pg_toast' },
    /cannot be made there|permission|not allowed|unacceptable/,
  ],
])(
  'one clear line, and nothing is changed: %s',
  async (_, into, why) => {
    const { from, put } = await taken()
    const before = shop.dump(from)
    await expect(put(into)).rejects.toThrow(why)
    expect(shop.dump(from)).toBe(before)
  },
  30_000,
)

test('a flipped bit in the vault stops it, and nothing is there', async () => {
  const { from, place, put } = await taken()
  for (const file of globSync(join(place, 'objects/*/*'))) {
    const bytes = readFileSync(file)
    const middle = Math.floor(statSync(file).size / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    chmodSync(file, 0o600)
    writeFileSync(file, bytes)
  }
  const before = shop.dump(from)
  await expect(put({ tables: ['till.lines'], schema: 'aside' })).rejects.toThrow(/vault/)
  expect(shop.dump(from)).toBe(before)
}, 30_000)

test('a foreign key to what is not there any more is named, and the rows are there', async () => {
  const { from, put } = await taken()
  shop.cluster.sql('DROP TABLE till.lines, till.sales', from)
  expect(await put({ tables: ['till.lines'] })).toMatch(
    /2 rows, compared and the same; not brought: `foreign key till.lines.lines_sale_fkey` is not as it was/,
  )
  expect(shop.cluster.sql('SELECT count(*) FROM till.lines', from).trim()).toBe('2')
}, 30_000)
