/** What well-known tools send, and a reader that knows less would hold. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import type { SqlCatalog } from '../../src/platforms/postgres/catalog.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { openSession } from './session.ts'

let cluster: Cluster
let catalog: SqlCatalog

beforeAll(async () => {
  await loadSql()
  cluster = await startCluster()
  cluster.sql(`CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int);
CREATE TABLE people (id serial PRIMARY KEY, name text UNIQUE);
CREATE FUNCTION purge() RETURNS int LANGUAGE sql AS 'DELETE FROM people; SELECT 1';`)
  const session = await openSession(cluster.url())
  catalog = await readCatalog(session.ask)
  await session.close()
}, 60_000)
afterAll(() => cluster.stop())

const effects = (text: string): readonly string[] =>
  readSql(text, {
    catalog,
    session: {
      prepared: () => null,
      temporary: new Set(),
      functions: new Set(),
      renamed: new Map(),
    },
  }).map(({ operation }) => operation.effect)

const created = `CREATE OR REPLACE FUNCTION pg_temp.testfunc(OUT response people, OUT sequelize_caught_exception text) RETURNS RECORD AS
$$ BEGIN INSERT INTO people (name) VALUES ('a') RETURNING * INTO response; EXCEPTION WHEN unique_violation THEN
GET STACKED DIAGNOSTICS sequelize_caught_exception = PG_EXCEPTION_DETAIL; END $$ LANGUAGE plpgsql`

test.each([
  [
    'pg_dump keeps views of strangers shut',
    `SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`,
  ],
  ['Knex takes its lock', 'update "knex_migrations_lock" set "is_locked" = 1'],
  [
    'pg_dump counts subscriptions',
    'SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
  ],
  ['psql lists mappings', 'SELECT um.srvname, um.usename FROM pg_catalog.pg_user_mappings um'],
  [
    'Sequelize finds or creates',
    `${created}; SELECT (testfunc.response).id, testfunc.sequelize_caught_exception FROM pg_temp.testfunc(); DROP FUNCTION IF EXISTS pg_temp.testfunc()`,
  ],
])('%s', (_, text) => {
  for (const effect of effects(text)) expect(['read', 'write']).toContain(effect)
})

test.each([
  [
    'a setting that is one of the pins',
    `SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'standard_conforming_strings'`,
  ],
  [
    'one of two',
    `SELECT set_config(name, 'replica', false) FROM pg_settings WHERE name = 'a' OR name = 'session_replication_role'`,
  ],
  [
    'of a join',
    `SELECT set_config(p.name, 'x', false) FROM pg_settings p, pg_settings q WHERE name = 'a'`,
  ],
  ['not pinned by it', `SELECT set_config(name, 'x', false) FROM pg_settings WHERE name <> 'a'`],
  ['another column', `SELECT set_config(unit, 'x', false) FROM pg_settings WHERE name = 'a'`],
  ['a lock that is deleted', 'DELETE FROM knex_migrations_lock'],
  ['another table without a bound', 'UPDATE people SET name = NULL'],
  ['a function of everybody', 'DROP FUNCTION purge()'],
  ['one of everybody beside it', 'DROP FUNCTION pg_temp.f(), purge()'],
  ['what hangs on it too', 'DROP FUNCTION pg_temp.f() CASCADE'],
  [
    'a body that destroys',
    `CREATE FUNCTION pg_temp.g() RETURNS int LANGUAGE sql AS 'SELECT purge()'; SELECT pg_temp.g()`,
  ],
])('held: %s', (_, text) => {
  expect(effects(text).some((effect) => effect === 'destroy' || effect === 'unread')).toBe(true)
})

test.each([
  'SELECT * FROM pg_user_mappings',
  'TABLE pg_user_mapping',
  'SELECT m FROM pg_user_mappings m',
  'SELECT f FROM pg_user_mappings AS m (a, b, c, d, e, f)',
  'SELECT x FROM (SELECT umoptions AS x FROM pg_user_mappings) s',
  'SELECT subconninfo FROM pg_subscription',
  'COPY pg_user_mapping TO STDOUT',
  `SELECT table_to_xml('pg_user_mapping', true, false, '')`,
])('passwords are shown: %s', (text) => {
  expect(effects(text)).not.toEqual(['read'])
})
