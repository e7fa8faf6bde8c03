/** What is not there takes nothing with it, and no new name makes what is there look so. On a real server's catalog. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainLine } from '../../src/app/explain.ts'
import { loadPolicy } from '../../src/app/policies.ts'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
import { asItStands } from '../../src/classify/sql/statement.ts'
import type { SqlSession } from '../../src/classify/sql/statement.ts'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import type { SqlCatalog } from '../../src/platforms/postgres/catalog.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { roles, world } from './corpus/world.ts'
import { openSession } from './session.ts'

let cluster: Cluster
let catalog: SqlCatalog
/** Where operators destroy. */
let other: SqlCatalog
beforeAll(async () => {
  await loadSql()
  cluster = await startCluster()
  cluster.sql(`${roles} CREATE DATABASE work`)
  cluster.sql(world, 'work')
  cluster.sql(
    `CREATE FUNCTION bad() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NEW; END $$;
     CREATE FUNCTION bad(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN true; END $$;
     CREATE TABLE trapped (id int); CREATE TRIGGER bad AFTER INSERT ON trapped EXECUTE FUNCTION bad();
     CREATE TABLE checked (id int CHECK (bad(id))); CREATE TABLE indexed (id int);
     CREATE FUNCTION calm(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN $1; END $$;
     CREATE INDEX calm_index ON indexed (calm(id));
     CREATE OR REPLACE FUNCTION calm(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN $1; END $$;
     CREATE DOMAIN small AS int CHECK (bad(VALUE)); CREATE TABLE domained (id small);
     CREATE TABLE seen (id int); ALTER TABLE seen ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON seen USING (bad(id));
     CREATE FUNCTION close_one(int) RETURNS text LANGUAGE sql AS 'UPDATE orders SET status = ''x'' WHERE id = $1; SELECT ''''';
     CREATE FUNCTION add_more(int) RETURNS int LANGUAGE sql AS 'UPDATE orders SET status = ''x'' WHERE id = $1; SELECT 1';
     CREATE VIEW innocent AS SELECT purge_sessions() AS n; CREATE TYPE smalls AS (a small); CREATE TABLE rows_in (s smalls[]);
     CREATE FUNCTION setval(text, bigint) RETURNS int LANGUAGE sql AS 'DELETE FROM notes; SELECT 1';
     CREATE FUNCTION weigh(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + coalesce($2, 0)';
     CREATE FUNCTION shown(int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN $1::text; END $$;
     CREATE FUNCTION wiping(int, int) RETURNS int STRICT LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN $1; END $$;
     CREATE FUNCTION wiped(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN $1; END $$;
     CREATE FUNCTION touching(int, int) RETURNS int LANGUAGE sql AS 'UPDATE orders SET status = ''x'' WHERE id = $2; SELECT 1';
     CREATE AGGREGATE weight (int) (sfunc = weigh, stype = int, finalfunc = shown, initcond = '0');
     CREATE AGGREGATE joined_up (text) (sfunc = textcat, stype = text);
     CREATE AGGREGATE moving (int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int);
     CREATE AGGREGATE wipes (int) (sfunc = wiping, stype = int, initcond = '0');
     CREATE AGGREGATE wipes_last (int) (sfunc = int4pl, stype = int, finalfunc = wiped);
     CREATE AGGREGATE wipes_moving (int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = wiping, mstype = int);
     CREATE AGGREGATE wipes_together (int) (sfunc = int4pl, stype = int, combinefunc = wiping);
     CREATE FUNCTION next(small, small) RETURNS small LANGUAGE sql AS 'SELECT $1';
     CREATE AGGREGATE wipes_begun (small) (sfunc = next, stype = small, initcond = '1');
     CREATE AGGREGATE touches (int) (sfunc = touching, stype = int, initcond = '0');
     CREATE AGGREGATE sets (text, boolean) (sfunc = set_config, stype = text, initcond = 'search_path');
     CREATE AGGREGATE unlinks (oid) (sfunc = oidlarger, stype = oid, finalfunc = lo_unlink);
     CREATE AGGREGATE most (int) (sfunc = int4larger, stype = int, sortop = >);
     CREATE EXTENSION tablefunc; CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
     CREATE FOREIGN TABLE away (id int) SERVER far;
     CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; END $$;
     CREATE EVENT TRIGGER e ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION on_ddl()`,
    'work',
  )
  catalog = await catalogOf('work')
  cluster.sql('CREATE DATABASE other TEMPLATE work')
  cluster.sql(
    `CREATE FUNCTION alike(pair, pair) RETURNS boolean LANGUAGE sql AS 'DELETE FROM public.notes; SELECT true';
     CREATE OPERATOR = (leftarg = pair, rightarg = pair, function = alike); CREATE OPERATOR >= (leftarg = pair, rightarg = pair, function = alike)`,
    'other',
  )
  other = await catalogOf('other')
})
afterAll(() => cluster.stop())

async function catalogOf(database: string): Promise<SqlCatalog> {
  const session = await openSession(cluster.url(database))
  const found = await readCatalog(session.ask)
  await session.close()
  return found
}

const effects = (text: string, session?: SqlSession): readonly string[] =>
  readSql(text, session === undefined ? { catalog } : { catalog, session }).map(
    (each) => asItStands(each).effect,
  )
const isHeld = (all: readonly string[]): boolean =>
  all.some((effect) => effect === 'destroy' || effect === 'unread')

test.each([
  'DROP TABLE IF EXISTS never_was',
  'DROP TABLE IF EXISTS archive.never_was CASCADE',
  'DROP VIEW IF EXISTS never_was',
  'DROP FUNCTION IF EXISTS never_was(int)',
  'DROP SCHEMA IF EXISTS never_was CASCADE',
  'DROP TYPE IF EXISTS never_was',
  'DROP TRIGGER IF EXISTS never_was ON customers',
  'DROP POLICY IF EXISTS never_was ON tickets',
  'ALTER TABLE customers DROP COLUMN IF EXISTS never_was',
  'ALTER TABLE customers DROP CONSTRAINT IF EXISTS never_was',
  'ALTER TABLE IF EXISTS never_was DROP COLUMN x',
  'ALTER TABLE customers ALTER age TYPE bigint',
  'ALTER TABLE customers ALTER phone TYPE varchar(50)',
  'ALTER TABLE customers ALTER balance TYPE numeric(12,2)',
  "CREATE FUNCTION never_was() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'",
  "CREATE FUNCTION never_was() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'x'; END $$",
])('takes nothing: %s', (text) => {
  expect(isHeld(effects(text))).toBe(false)
  const [statement] = readSql(text, { catalog })
  expect(statement).toMatchObject({ isVoid: true, losses: [], operation: { effect: 'destroy' } })
})

test.each([
  'DROP TABLE IF EXISTS never_was, customers',
  'DROP TABLE never_was',
  'DROP TRIGGER IF EXISTS payment_logged ON payments',
  'DROP POLICY IF EXISTS own_tickets ON tickets',
  'DROP RULE IF EXISTS settings_kept ON settings',
  'DROP TYPE IF EXISTS mood',
  'DROP SCHEMA IF EXISTS archive',
  'DROP TABLE IF EXISTS orders_2020',
  'ALTER TABLE customers DROP CONSTRAINT IF EXISTS customers_age_check',
  'ALTER TABLE customers DROP COLUMN IF EXISTS never_was, DROP COLUMN IF EXISTS phone',
  'ALTER TABLE customers ALTER balance TYPE numeric(12,1)',
  'ALTER TABLE customers ALTER balance TYPE numeric(9,2)',
  'ALTER TABLE customers ALTER balance TYPE bigint',
  'ALTER TABLE customers ALTER phone TYPE varchar(39)',
  'ALTER TABLE customers ALTER age TYPE bigint USING age::smallint::bigint',
  'ALTER TABLE customers ALTER age TYPE bigint USING 0',
  'ALTER TABLE customers ALTER age TYPE bigint[] USING ARRAY[age]',
])('takes something: %s', (text) => expect(isHeld(effects(text))).toBe(true))

// Each of these lost something before it was seen.
test.each([
  'ALTER TABLE users RENAME TO never_was; DROP TABLE IF EXISTS never_was',
  'ALTER TABLE users RENAME TO never_was; ALTER TABLE never_was RENAME TO x; DROP TABLE IF EXISTS x',
  'ALTER TABLE users SET SCHEMA archive; DROP TABLE IF EXISTS archive.users',
  'ALTER SCHEMA archive RENAME TO never_was; DROP SCHEMA IF EXISTS never_was CASCADE',
  'ALTER TYPE mood RENAME TO never_was; DROP TYPE IF EXISTS never_was CASCADE',
  'ALTER TABLE customers RENAME phone TO never_was; ALTER TABLE customers DROP COLUMN IF EXISTS never_was',
  'ALTER TABLE customers RENAME age TO a; ALTER TABLE customers RENAME balance TO age; ALTER TABLE customers ALTER age TYPE bigint',
  'DO $$ BEGIN CREATE TABLE p (LIKE users); ALTER TABLE users INHERIT p; DROP TABLE IF EXISTS p CASCADE; END $$',
  'DO $$ BEGIN FOR i IN 1..2 LOOP DROP TABLE IF EXISTS never_was; ALTER TABLE users RENAME TO never_was; END LOOP; END $$',
  'DO $$ BEGIN ALTER TABLE users RENAME TO never_was; END $$; DROP TABLE IF EXISTS never_was',
  'CREATE TABLE p (LIKE users) PARTITION BY RANGE (id); ALTER TABLE p ATTACH PARTITION users FOR VALUES FROM (0) TO (999); DROP TABLE IF EXISTS p',
  'CREATE TABLE p (LIKE users); ALTER TABLE users INHERIT p; DROP TABLE IF EXISTS p CASCADE',
  'CREATE TABLE p (id int); ALTER SEQUENCE invoice_no OWNED BY p.id; DROP TABLE IF EXISTS p',
  "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'; SELECT f()",
  "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'; SELECT f()",
  "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'; ALTER FUNCTION f RENAME TO g",
  "CREATE OR REPLACE FUNCTION total_of(bigint) RETURNS numeric LANGUAGE sql AS 'DELETE FROM notes; SELECT 1.0'",
  'ALTER FUNCTION purge_sessions RENAME TO harmless',
  'ALTER TABLE trapped RENAME TO x; INSERT INTO x VALUES (1)',
  'CREATE TEMP TABLE notes (id int); SET search_path = public; DELETE FROM notes',
  'CREATE TEMP TABLE notes (id int); DROP TABLE notes',
  'CREATE TEMP TABLE users (id int); TRUNCATE users',
  'SET search_path = public, pg_temp',
  "SELECT set_config('search_path', 'public, pg_temp', false)",
])('no new name hides it: %s', (text) => expect(isHeld(effects(text))).toBe(true))

test.each([
  'INSERT INTO checked VALUES (1)',
  'UPDATE checked SET id = 2 WHERE id = 1',
  'INSERT INTO indexed VALUES (1)',
  'INSERT INTO domained VALUES (1)',
  'COPY domained FROM STDIN',
  'SELECT * FROM seen',
  'DELETE FROM seen WHERE id = 1',
  'CREATE EXTENSION IF NOT EXISTS pg_trgm',
  'INSERT INTO rows_in VALUES (NULL)',
  "SELECT '(1)'::smalls",
  "SELECT jsonb_populate_record(NULL::domained, '{}')",
  "SELECT table_to_xml('innocent', true, false, '')",
  "SELECT table_to_xml('public.innocent'::regclass, true, false, '')",
  "SELECT table_to_xml(oid, true, false, '') FROM pg_class",
  "SELECT schema_to_xml('public', true, false, '')",
  "SELECT database_to_xml(true, false, '')",
  "SELECT ts_rewrite('a', 'SELECT to_tsquery(purge_sessions()::text), to_tsquery($$b$$)')",
  "SELECT * FROM crosstab('SELECT 1, 1, purge_sessions()') AS c(a int, b bigint)",
  "SELECT * FROM public.crosstab('SELECT 1, 1, 1', 'SELECT purge_sessions()') AS c(a int, b bigint)",
  "SELECT * FROM crosstab('SELECT 1, ' || 'lo_unlink(1)') AS c(a int, b bigint)",
  "SELECT setval('invoice_no', 5000)",
  'SELECT wipes(id) FROM customers',
  'SELECT wipes_last(id) FROM customers',
  'SELECT wipes_moving(id) OVER (ORDER BY id ROWS 1 PRECEDING) FROM customers',
  'SELECT wipes_together(id) FROM customers',
  'SELECT wipes_begun(id) FROM customers',
  "SELECT sets('public', false)",
  'SELECT public.unlinks(id) FROM customers',
])('calls what destroys, by what hangs on it: %s', (text) =>
  expect(isHeld(effects(text))).toBe(true),
)

test.each([
  'SELECT * FROM checked',
  'DELETE FROM checked WHERE id = 1',
  'DELETE FROM indexed WHERE id = 1',
  'CREATE TABLE fresh (id int)',
  "SELECT table_to_xml('customers', true, false, '')",
  "SELECT query_to_xml('SELECT 1', true, false, '')",
  "SELECT * FROM crosstab('SELECT 1, 1, 1', 2) AS c(a int, b bigint)",
  'SELECT id FROM away',
  'SELECT 1 FROM customers WHERE id >= 5 ORDER BY id USING >',
  'CREATE TEMP TABLE mine AS SELECT 1; DELETE FROM mine; UPDATE mine SET a = 1; TRUNCATE mine; DROP TABLE mine',
  'SELECT 1 INTO TEMP mine; DELETE FROM mine',
  "SELECT pg_catalog.setval('invoice_no', 1500); SELECT pg_catalog.setval('public.invoice_no'::regclass, 1501, false)",
  'ALTER TABLE payments ALTER id RESTART WITH 5000',
  'SELECT weight(id), joined_up(name), most(id) FROM customers GROUP BY region HAVING weight(id) > $1',
  'SELECT moving(id) OVER (ORDER BY id ROWS 1 PRECEDING) FROM customers',
])('calls nothing that does: %s', (text) => expect(isHeld(effects(text))).toBe(false))

test('what an aggregate changes is counted', () =>
  expect(readSql('SELECT touches(id) FROM orders', { catalog })).toMatchObject([
    { kind: 'bounded', operation: { effect: 'write' } },
  ]))

test.each([
  'SELECT 1 FROM (VALUES (ROW(1,2)::pair)) v(p) WHERE p BETWEEN p AND p',
  'SELECT 1 FROM (VALUES (ROW(1,2)::pair)) v(p) JOIN (VALUES (ROW(1,2)::pair)) w(p) USING (p)',
  'SELECT 1 FROM (VALUES (ROW(1,2)::pair)) v(p) NATURAL JOIN (VALUES (ROW(1,2)::pair)) w(p)',
  'SELECT 1 FROM (VALUES (ROW(1,2)::pair)) v(p) WHERE p IN (SELECT ROW(1,2)::pair)',
  'SELECT 1 FROM (VALUES (ROW(1,2)::pair)) v(p) ORDER BY p USING >=',
  'SELECT CASE ROW(1,2)::pair WHEN ROW(1,2)::pair THEN 1 END',
])('an operator that is not written out is one: %s', (text) => {
  expect(isHeld(effects(text))).toBe(false)
  expect(isHeld(readSql(text, { catalog: other }).map((each) => each.operation.effect))).toBe(true)
})

test('in a session whose names nobody keeps, nothing is known not to be there', () => {
  const session: SqlSession = { prepared: () => null, temporary: new Set(), functions: new Set() }
  expect(isHeld(effects('DROP TABLE IF EXISTS never_was', session))).toBe(true)
  const kept = { ...session, renamed: new Map<string, string>() }
  expect(isHeld(effects('DROP TABLE IF EXISTS never_was', kept))).toBe(false)
  const renamed = { ...session, renamed: new Map([['never_was', 'public.users']]) }
  expect(readSql('DROP TABLE IF EXISTS never_was', { catalog, session: renamed })).toMatchObject([
    { isVoid: false, losses: [{ relations: [catalog.relationNames.get('public.users')?.oid] }] },
  ])
})

test('a reader that remembers forgets the names of before', () => {
  const read = sqlReader()
  const session: SqlSession = {
    prepared: () => null,
    temporary: new Set(),
    functions: new Set(),
    renamed: new Map([['x', 'public.trapped']]),
  }
  const effectsOf = (about: object): readonly string[] =>
    read('INSERT INTO x VALUES (1)', { catalog, ...about }).map(({ operation }) => operation.effect)
  expect(effectsOf({})).toEqual(['write'])
  expect(effectsOf({ session })).toEqual(['destroy'])
  expect(effectsOf({})).toEqual(['write'])
})

test('explain judges with a catalog what it cannot know without one', async () => {
  const policy = await loadPolicy(null)
  const verdict = (text: string, sql?: { readonly catalog: SqlCatalog }): unknown =>
    explainLine(JSON.stringify({ id: 1, kind: 'sql', text }), policy, sql).line['verdict']
  for (const text of ['SELECT total_of(1)', 'DROP TABLE IF EXISTS never_was']) {
    expect(verdict(text), text).toBe('hold')
    expect(verdict(text, { catalog }), text).toBe('allow')
  }
  expect(verdict('SELECT * FROM innocent')).toBe('allow')
  expect(verdict('SELECT * FROM innocent', { catalog })).toBe('hold')
})

test('rows of a temporary table are not counted, unless it runs something for them', () => {
  const kinds = (text: string): readonly string[] =>
    readSql(text, { catalog }).map(({ kind, operation }) => `${kind} ${operation.effect}`)
  const made = 'CREATE TEMP TABLE mine (id int);'
  expect(kinds(`${made} DELETE FROM mine; UPDATE mine SET id = 1`)).toEqual([
    'plain write',
    'plain write',
    'plain write',
  ])
  const closes = 'CREATE TEMP TABLE mine (id int DEFAULT length(close_one(5)));'
  for (const trapped of [
    `${made} CREATE TRIGGER t AFTER DELETE ON mine FOR EACH ROW EXECUTE FUNCTION log_payment()`,
    `${made} ALTER TABLE mine ALTER id SET DEFAULT add_more(5)`,
    closes,
  ])
    expect(kinds(`${trapped}; DELETE FROM mine`).at(-1), trapped).toBe('bounded destroy')
})

test('what changes rows in code is counted', () => {
  for (const text of [
    'DO $$ BEGIN FOR i IN 1..50 LOOP DELETE FROM notes WHERE id = i; END LOOP; END $$',
    'CALL close_order(5)',
  ])
    expect(
      readSql(text, { catalog }).map(({ kind }) => kind),
      text,
    ).toEqual(['bounded'])
  const loop =
    'DO $$ BEGIN LOOP DELETE FROM notes WHERE id = (SELECT min(id) FROM notes); COMMIT; END LOOP; END $$'
  expect(effects(loop)).toEqual(['unread'])
})
