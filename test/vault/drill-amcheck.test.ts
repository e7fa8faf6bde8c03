/** drill-proves: what neither sums nor a count of rows can see is found where PostgreSQL's own check can, and each value is read. */
import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client } from '../../src/gateways/postgres/client.ts'
import { amcheck } from '../../src/vault/drill-amcheck.ts'
import { pinned } from '../../src/vault/table-describe.ts'
import { readRows } from '../../src/vault/table-rows.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drill, openWorld, take } from './damage-engines.ts'
import type { World } from './damage-engines.ts'
import { diskGround } from './damage-ground.ts'
import { dialOf, startSource } from './physical-house.ts'

let cluster: Cluster
let folder: string
let world: World
let client: Client

beforeAll(async () => {
  cluster = await startSource(['synchronous_commit = on', 'autovacuum = off'])
  cluster.sql(`CREATE TABLE car (id int, name text);
    INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 1000) g;
    CREATE INDEX car_id ON car (id)`)
  folder = ownFolder('fb-amcheck-')
  world = await openWorld(cluster, folder, await diskGround(folder))
  client = await openClient(dialOf(cluster.port))
}, 60_000)
afterAll(async () => {
  await client.close()
  await world.close()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => {
  cluster.sql(`DROP EVENT TRIGGER IF EXISTS seen;
    UPDATE pg_index SET indoption = '0' WHERE indexrelid = 'car_id'::regclass`)
})

/** The index is as it was, and is taken for one in the other order. */
function turnIndex(): void {
  cluster.sql(`UPDATE pg_index SET indoption = '3' WHERE indexrelid = 'car_id'::regclass`)
}

test('drill-proves: an index that is out of order fails the drill, and a sound copy says what was looked at', async () => {
  const good = await drill('physical', await take('physical', world), world)
  expect(good).toMatchObject({
    passed: true,
    notes: [expect.stringMatching(/^amcheck: \d{2,} tables and \d{2,} indexes/)],
  })
  turnIndex()
  const bad = await drill('physical', await take('physical', world), world)
  expect(bad).toMatchObject({
    passed: false,
    wrong: [expect.stringMatching(/^the index `public\.car_id` is damaged: .*item order/)],
  })
}, 60_000)

test('rows whose heads contradict the catalog are damage', async () => {
  cluster.sql(`CREATE TABLE early (n int); INSERT INTO early VALUES (1);
    UPDATE pg_class SET relfrozenxid = pg_current_xact_id()::xid WHERE relname = 'early'`)
  const { wrong } = await amcheck(client.ask)
  cluster.sql('DROP TABLE early')
  expect(wrong).toEqual([expect.stringMatching(/^`public\.early` is damaged: page 0: xmin \d+/)])
})

test('where an event trigger of the copy would run as a superuser, nothing is checked, and that is said', async () => {
  cluster.sql(`CREATE TABLE IF NOT EXISTS ran (n int);
    CREATE OR REPLACE FUNCTION saw() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ran VALUES (1); END $$;
    CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION saw()`)
  turnIndex()
  const other = await openClient(dialOf(cluster.port))
  // One that is not to run always is put to sleep, and all is checked.
  expect((await amcheck(other.ask)).wrong).toHaveLength(1)
  await other.close()
  cluster.sql('ALTER EVENT TRIGGER seen ENABLE ALWAYS')
  expect(await amcheck(client.ask)).toEqual({
    wrong: [],
    notes: [expect.stringMatching(/^no amcheck: event triggers of the copy/)],
  })
  expect(cluster.sql('SELECT count(*) FROM ran').trim()).toBe('0')
})

test.each(['text', 'varchar', 'jsonb', 'json', 'text[]', 'own'])(
  'each value is read: one out of line that is gone is damage (%s)',
  async (type) => {
    const long = `('["' || (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 999) n) || '"]')`
    const value = type === 'text[]' ? `ARRAY[${long}]` : `${long}::${type}`
    cluster.sql(`CREATE DOMAIN own AS text; CREATE TABLE far (v ${type}); CREATE TABLE other (v text);
      INSERT INTO far SELECT ${value} FROM generate_series(1, 3)`)
    const read = async (): Promise<number> => {
      await client.ask('BEGIN')
      try {
        return await pinned(client.ask, () => readRows(client.ask, 'public.far'))
      } finally {
        await client.ask('ROLLBACK')
      }
    }
    try {
      expect(await read()).toBe(3)
      const index = (table: string): string =>
        `(SELECT i.indexrelid FROM pg_class c JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.relname = '${table}')`
      const file = (of: string): string =>
        cluster.sql(`SELECT relfilenode FROM pg_class WHERE oid = ${of}`).trim()
      const mine = file(index('far'))
      const point = (to: string): string =>
        cluster.sql(`UPDATE pg_class SET relfilenode = ${to} WHERE oid = ${index('far')}`)
      point(file(index('other')))
      await expect(read()).rejects.toThrow('missing chunk number 0')
      point(mine)
    } finally {
      cluster.sql('DROP TABLE far, other; DROP DOMAIN own')
    }
  },
)

test('tables with no columns, with types that have no hash and with strange names are counted too', async () => {
  cluster.sql(`CREATE TABLE "no columns" (); INSERT INTO "no columns" DEFAULT VALUES;
    CREATE TYPE mood AS ENUM ('ok'); CREATE TYPE pair AS (a int, b json);
    CREATE TABLE odd ("a b" point, m mood, p pair, x xml, j json, "N" int);
    INSERT INTO odd VALUES ('(1,2)', 'ok', ROW(1, '{}'), '<a/>', '{}', 1), (NULL, NULL, NULL, NULL, NULL, NULL)`)
  await client.ask('BEGIN')
  await pinned(client.ask, async () => {
    expect(await readRows(client.ask, 'public."no columns"')).toBe(1)
    expect(await readRows(client.ask, 'public.odd')).toBe(2)
  })
  await client.ask('ROLLBACK')
  cluster.sql('DROP TABLE "no columns", odd; DROP TYPE mood, pair')
})
