/** Whoever knows the server's source by heart: SQL that means more than it says, before a real server and its catalog. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  await it.afresh()
  it.cluster.sql(`SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
SELECT lo_unlink(oid) FROM pg_largeobject_metadata; SELECT lo_create(4711);
CREATE TABLE car (id int PRIMARY KEY, name text NOT NULL, grade int NOT NULL DEFAULT 1);
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 100) g;
CREATE TABLE trip (id int PRIMARY KEY, car int); INSERT INTO trip SELECT g, 1 FROM generate_series(1, 50) g;
CREATE TABLE note (text text); INSERT INTO note SELECT 'kept' FROM generate_series(1, 50);
CREATE FUNCTION wipe() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN TRUNCATE public.note; RETURN true; END $$;
CREATE FUNCTION wiping() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN TRUNCATE public.note; RETURN OLD; END $$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;`)
  await it.look()
})

interface Attack {
  readonly name: string
  /** What stands in the database before, made by its owner. */
  readonly before?: string
  /** Messages of the agent, each in a session of its own. */
  readonly says: readonly string[]
  /** What must be the same afterwards. */
  readonly kept?: string
}

const twenty = Array.from({ length: 20 }, (_, at) => at + 1).join(',')
const spoils = `UPDATE public.car SET name = 'spoilt' WHERE id = ANY ('{${twenty}}')`
const many = `CREATE FUNCTION many() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${spoils}; RETURN 1; END $$;`
const one = `CREATE FUNCTION one(key int) RETURNS int LANGUAGE sql AS $$ UPDATE public.car SET name = 'spoilt' WHERE id = key; SELECT 1 $$;`

const rows = `SELECT md5(string_agg(car::text, ',' ORDER BY id)) FROM car; SELECT count(*) FROM trip; SELECT count(*) FROM note;
SELECT count(*) FROM pg_largeobject_metadata`

const attacks: readonly Attack[] = [
  {
    name: 'a cursor WITH HOLD is computed at the commit, after the count',
    says: [one, 'DECLARE c CURSOR WITH HOLD FOR SELECT one(id) FROM car;'],
  },
  {
    name: 'the same, and the function made in its transaction',
    says: [
      `BEGIN; ${one} DECLARE c CURSOR WITH HOLD FOR SELECT one(g) FROM generate_series(1, 100) g; COMMIT;`,
    ],
  },
  {
    name: 'a domain that is called as a type which holds every text',
    says: [
      'CREATE DOMAIN public.json AS varchar(1);',
      'ALTER TABLE car ALTER COLUMN name TYPE public.json USING name::public.json;',
    ],
  },
  {
    name: 'a float that becomes text under a setting that rounds it',
    before: 'CREATE TABLE f (x float8); INSERT INTO f VALUES (1.23456789)',
    says: ['SET extra_float_digits = -15; ALTER TABLE f ALTER COLUMN x TYPE text;'],
    kept: 'SELECT * FROM f',
  },
  {
    name: 'json that becomes jsonb, which keeps the last of two keys',
    before: `CREATE TABLE f (x json); INSERT INTO f VALUES ('{"a":1,"a":2}')`,
    says: ['ALTER TABLE f ALTER COLUMN x TYPE jsonb;'],
    kept: 'SELECT * FROM f',
  },
  {
    name: 'a write by its key whose value is a call in disguise',
    says: [
      `CREATE FUNCTION zap(car) RETURNS text LANGUAGE sql AS $$ ${spoils}; SELECT 'x' $$;`,
      'UPDATE car SET name = car.zap WHERE id = 50;',
    ],
  },
  {
    name: 'a write by its key with a check that changes rows',
    before: `${many} CREATE TABLE w (id int PRIMARY KEY, x int CHECK (many() = x)); INSERT INTO w VALUES (1, 1);
UPDATE car SET name = 'car ' || id`,
    says: ['UPDATE w SET x = 1 WHERE id = 1;'],
  },
  {
    name: 'a write by what was no key when the catalog was read',
    says: [
      'BEGIN; ALTER TABLE car RENAME id TO old; ALTER TABLE car RENAME grade TO id; UPDATE car SET name = name || 0 WHERE id = 1; COMMIT;',
    ],
    kept: `SELECT count(*) FROM car WHERE name LIKE '%0' AND length(name) > 6`,
  },
  {
    name: 'a write by a key of a table that has just got heirs',
    before: `CREATE TABLE heir (LIKE car); INSERT INTO heir SELECT 1, 'heir', 1 FROM generate_series(1, 50)`,
    says: [
      `BEGIN; ALTER TABLE heir INHERIT car; UPDATE car SET name = 'spoilt' WHERE id = 1; COMMIT;`,
    ],
    kept: 'SELECT DISTINCT name FROM heir',
  },
  {
    name: 'a delete by a key at which a cascade has just been hung',
    says: [
      'BEGIN; ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES car ON DELETE CASCADE; DELETE FROM car WHERE id = 1; COMMIT;',
    ],
  },
  {
    name: 'a trigger of the table that a foreign key cascades to',
    before: `ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES car ON DELETE CASCADE; DELETE FROM trip WHERE id > 1;
CREATE TRIGGER a AFTER DELETE ON trip FOR EACH ROW EXECUTE FUNCTION wiping()`,
    says: ['DELETE FROM car WHERE id = 1;'],
  },
  {
    name: 'the condition of a trigger',
    before:
      'CREATE TRIGGER a BEFORE DELETE ON trip FOR EACH ROW WHEN (wipe()) EXECUTE FUNCTION nothing()',
    says: ['DELETE FROM trip WHERE id = 1;'],
    kept: 'SELECT count(*) FROM note',
  },
  {
    name: 'the condition of a new trigger',
    says: [
      'BEGIN; CREATE TRIGGER a BEFORE DELETE ON trip FOR EACH ROW WHEN (wipe()) EXECUTE FUNCTION nothing(); DELETE FROM trip WHERE id = 1; COMMIT;',
    ],
  },
  {
    name: 'a trigger that is switched on',
    before: `CREATE TRIGGER a BEFORE DELETE ON trip FOR EACH ROW EXECUTE FUNCTION wiping(); ALTER TABLE trip DISABLE TRIGGER a`,
    says: ['BEGIN; ALTER TABLE trip ENABLE TRIGGER a; DELETE FROM trip WHERE id = 1; COMMIT;'],
  },
  {
    name: 'a trigger in the place of one that guards',
    before: 'CREATE TRIGGER a BEFORE DELETE ON car FOR EACH STATEMENT EXECUTE FUNCTION nothing()',
    says: [
      'CREATE OR REPLACE TRIGGER a BEFORE INSERT ON car FOR EACH STATEMENT EXECUTE FUNCTION nothing();',
    ],
    kept: `SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'a'`,
  },
  {
    name: 'an aggregate whose last step deletes, in the transaction that makes it',
    says: [
      `BEGIN; CREATE AGGREGATE sum(oid) (sfunc = oidlarger, stype = oid, finalfunc = lo_unlink, initcond = '0'); SELECT sum(x) FROM (SELECT 4711::oid x) t; COMMIT;`,
    ],
  },
  {
    name: 'the default of an argument',
    says: [
      many,
      `CREATE FUNCTION g(x int DEFAULT many()) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN x; END $$;`,
      'SELECT g();',
    ],
  },
  {
    name: 'a range type whose ANALYZE calls what changes rows',
    says: [
      many,
      'CREATE FUNCTION d(float8, float8) RETURNS float8 IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.many(); RETURN 1; END $$;',
      'CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = d);',
      'CREATE TABLE w (x r);',
      `INSERT INTO w VALUES ('[1,2]'), ('[2,3]'), ('[3,4]');`,
      'ANALYZE w;',
    ],
  },
  {
    name: 'an index whose ANALYZE calls what changes rows',
    says: [
      many,
      'CREATE FUNCTION d(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.many(); RETURN 1; END $$;',
      'CREATE TABLE w (x int); CREATE INDEX ON w (d(x)) WHERE x > 5;',
      'INSERT INTO w VALUES (1); ALTER INDEX w_d_idx ALTER COLUMN 1 SET STATISTICS 10; ANALYZE w;',
    ],
  },
  {
    name: 'the body of a function that is read under a setting of its own',
    says: [
      `CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql SET standard_conforming_strings = off AS $q$ DECLARE a text; BEGIN a := 'x\\''; DELETE FROM car; RETURN a; --';
RETURN a; END $q$;`,
      'SELECT f();',
    ],
  },
  {
    name: 'an operator that is computed while it is planned',
    before: `CREATE FUNCTION o(int, int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.wipe(); RETURN 1; END $$;
CREATE OPERATOR ||| (leftarg = int, rightarg = int, function = o)`,
    says: ['EXPLAIN SELECT 1 ||| 2;'],
  },
  {
    name: 'a view that is computed while it is planned',
    before: `CREATE FUNCTION o(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.wipe(); RETURN 1; END $$;
CREATE VIEW v AS SELECT o(1)`,
    says: ['EXPLAIN SELECT * FROM v;'],
  },
  {
    name: 'rows of a foreign table in a WITH, in a plan, in a function',
    before: `CREATE EXTENSION postgres_fdw; CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'postgres', host '127.0.0.1');
DO $$ BEGIN EXECUTE format('ALTER SERVER self OPTIONS (ADD port %L)', current_setting('port')); END $$;
CREATE USER MAPPING FOR postgres SERVER self OPTIONS (user 'postgres', password 'topsecret');
CREATE FOREIGN TABLE far (id int, name text) SERVER self OPTIONS (table_name 'car');`,
    says: [
      `WITH d AS (DELETE FROM far WHERE id IN (${twenty}) RETURNING 1) SELECT count(*) FROM d;`,
      `EXPLAIN ANALYZE DELETE FROM far WHERE id IN (${twenty});`,
      `DO $$ BEGIN DELETE FROM far WHERE id IN (${twenty}); END $$;`,
      `WITH d AS (DELETE FROM far WHERE id IN (${twenty}) RETURNING 1) DELETE FROM trip WHERE id = 1;`,
      `DELETE FROM far WHERE id IN (${twenty});`,
    ],
  },
  {
    name: 'a materialized view without its data',
    before: 'CREATE MATERIALIZED VIEW m AS SELECT * FROM car',
    says: ['REFRESH MATERIALIZED VIEW m WITH NO DATA;'],
    kept: `SELECT relispopulated FROM pg_class WHERE relname = 'm'`,
  },
  {
    name: 'a sequence that has gone on since the catalog was read',
    before: 'CREATE SEQUENCE s',
    says: [
      `SELECT count(nextval('s')) FROM generate_series(1, 500);`,
      `SELECT setval('s', 5);`,
      'ALTER SEQUENCE s RESTART WITH 7;',
      `SELECT setval('s', 500);`,
    ],
    kept: `SELECT greatest(last_value, 500) FROM s`,
  },
  {
    name: 'a sequence that counts down, or begins again',
    before: `CREATE SEQUENCE s; SELECT setval('s', 1000)`,
    says: ['ALTER SEQUENCE s INCREMENT BY -1;', 'ALTER SEQUENCE s MAXVALUE 1001 CYCLE;'],
    kept: `SELECT seqincrement, seqcycle FROM pg_sequence WHERE seqrelid = 's'::regclass`,
  },
]

test.each(attacks)('$name', async ({ before, says, kept = rows }) => {
  if (before !== undefined) {
    it.cluster.sql(before)
    await it.look()
  }
  const was = await it.direct(kept)
  let heard = ''
  for (const said of says) heard += await it.psql(said)
  expect(await it.direct(kept), heard).toBe(was)
  expect(heard).toMatch(/Firebreak (?:holds|refuses)/)
})

test('secret-stays: passwords of user mappings are in views too, and XML reads any table', async () => {
  it.cluster
    .sql(`CREATE EXTENSION postgres_fdw; CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR postgres SERVER self OPTIONS (user 'postgres', password 'topsecret')`)
  for (const sql of [
    'SELECT umoptions FROM pg_user_mappings',
    'SELECT option_value FROM information_schema.user_mapping_options',
    `SELECT table_to_xml('pg_user_mapping', true, false, '')`,
    `SELECT table_to_xml(oid, true, false, '') FROM pg_class WHERE relname = 'pg_user_mapping'`,
    `SELECT schema_to_xml('pg_catalog', true, false, '')`,
  ]) {
    const heard = await it.psql(`${sql};`)
    expect(heard, sql).toMatch(/Firebreak holds/)
    expect(heard, sql).not.toContain('topsecret')
  }
})

test('quiet-on-safe: what is alike and harmless goes on', async () => {
  it.cluster
    .sql(`ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES car ON UPDATE CASCADE ON DELETE CASCADE;
CREATE TRIGGER a AFTER UPDATE OR DELETE ON trip FOR EACH ROW EXECUTE FUNCTION wiping(); CREATE SEQUENCE s;
CREATE MATERIALIZED VIEW m AS SELECT 1`)
  await it.look()
  const heard =
    await it.psql(`DECLARE c CURSOR WITH HOLD FOR SELECT id FROM car WHERE id < 3; FETCH ALL FROM c;
UPDATE car SET name = 'new' WHERE id = 1;
CREATE FUNCTION hard() RETURNS int LANGUAGE sql SECURITY INVOKER SET search_path = public, pg_temp SET timezone = 'UTC' AS 'SELECT 1';
SELECT hard();
CREATE AGGREGATE top(int) (sfunc = int4larger, stype = int);
ALTER TABLE car ALTER COLUMN name TYPE text; ALTER TABLE car ALTER COLUMN grade TYPE text;
ALTER SEQUENCE s INCREMENT BY 5;
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE OR REPLACE TRIGGER b BEFORE INSERT ON note FOR EACH STATEMENT EXECUTE FUNCTION nothing();
REFRESH MATERIALIZED VIEW m;
SELECT table_to_xml('note', true, false, '') IS NOT NULL;
EXPLAIN (COSTS off) SELECT 1;`)
  expect(heard).toBe('1\n2\n1\nt\nResult\n')
})
