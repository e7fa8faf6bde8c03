/** Ways round: functions, DO, EXPLAIN ANALYZE, prepared statements, bound values, FunctionCall, dblink, COPY, search_path, operators. */
import { family } from './case.ts'

const dblink = 'CREATE EXTENSION dblink'
const dbname = 'dbname=work user=postgres host=127.0.0.1 port='
/** The server's own port is known to the server only. */
const self = `'${dbname}' || current_setting('port')`

export const indirect = [
  ...family('function', {
    destroys: [
      'SELECT purge_sessions()',
      'SELECT * FROM purge_sessions()',
      'SELECT 1 FROM customers WHERE purge_sessions() > 0 LIMIT 1',
      'SELECT count(*) FROM customers ORDER BY purge_sessions()',
      'SELECT (SELECT purge_sessions())',
      'SELECT id FROM customers LIMIT (SELECT purge_sessions())',
      'SELECT id FROM customers OFFSET purge_sessions()',
      'SELECT CASE WHEN true THEN purge_sessions() END',
      'SELECT c.id FROM customers c, LATERAL purge_sessions() p',
      'SELECT coalesce(NULL, purge_sessions())',
      'SELECT array_agg(purge_sessions())',
      'VALUES (purge_sessions())',
      'SELECT public.purge_sessions()',
      'SELECT "purge_sessions"()',
      'INSERT INTO notes (body) VALUES (purge_sessions()::text)',
      'UPDATE notes SET body = purge_sessions() WHERE id = 1',
      'SELECT DISTINCT ON (purge_sessions()) id FROM customers',
      'SELECT row_number() OVER (ORDER BY purge_sessions()) FROM customers LIMIT 1',
      'SELECT 1 GROUP BY purge_sessions()',
      'SELECT 1 HAVING purge_sessions() > 0',
      "SELECT run_it('DROP TABLE payments')",
      "SELECT run_it('DROP ' || 'TABLE ' || 'payments')",
      "SELECT run_it(convert_from(decode('44524f50205441424c45207061796d656e7473', 'hex'), 'UTF8'))",
      "SELECT run_it(reverse('stnemyap ELBAT PORD'))",
      'CALL wipe_orders()',
      'call public.wipe_orders()',
      "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'; SELECT f()",
      'CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM notes; END; SELECT f()',
      'CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN TRUNCATE notes; END $$; SELECT pg_temp.f()',
      'CREATE PROCEDURE p() LANGUAGE sql AS $$ DROP TABLE payments $$; CALL p()',
      {
        setup:
          "CREATE FUNCTION safe() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM notes; SELECT 1'",
        text: 'SELECT safe()',
      },
      {
        setup:
          "CREATE FUNCTION outer_one() RETURNS bigint LANGUAGE sql AS 'SELECT purge_sessions()'",
        text: 'SELECT outer_one()',
      },
      {
        setup:
          'CREATE FUNCTION count_all() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN purge_sessions(); END $$',
        text: 'SELECT count_all()',
      },
      {
        setup:
          "CREATE FUNCTION lower(int) RETURNS text LANGUAGE sql AS 'DELETE FROM notes; SELECT $$x$$'",
        text: 'SELECT lower(5)',
      },
      {
        setup:
          "CREATE FUNCTION each_one(int, int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN $1; END $$; CREATE AGGREGATE summing (int) (sfunc = each_one, stype = int, initcond = '0')",
        text: 'SELECT summing(id) FROM customers',
      },
      {
        setup:
          "CREATE FUNCTION dflt() RETURNS text LANGUAGE sql AS 'DELETE FROM notes; SELECT $$x$$'; ALTER TABLE users ALTER drop_reason SET DEFAULT dflt()",
        text: "INSERT INTO users (id, login) VALUES (100, 'x')",
      },
      {
        setup:
          'CREATE FUNCTION chk(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN true; END $$; ALTER TABLE users ADD CHECK (chk(login)) NOT VALID',
        text: "INSERT INTO users VALUES (100, 'x')",
      },
      {
        setup:
          'CREATE FUNCTION pol() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN true; END $$; ALTER FUNCTION pol SECURITY DEFINER; CREATE POLICY q ON tickets FOR SELECT USING (pol()); GRANT SELECT ON tickets TO app',
        before: ['SET ROLE app'],
        text: 'SELECT * FROM tickets',
      },
      // These run their text as a read, which does not keep a function in it from writing.
      "SELECT query_to_xml('SELECT purge_sessions()', true, false, '')",
      "SELECT query_to_xml_and_xmlschema('SELECT lo_unlink(70001)', true, false, '')",
      "SELECT xpath('//x', query_to_xml('SELECT public.pur' || 'ge_sessions()', true, false, ''))",
      "SELECT * FROM ts_stat('SELECT to_tsvector(purge_sessions()::text)')",
      {
        setup: 'CREATE EXTENSION tablefunc',
        text: "SELECT * FROM crosstab('SELECT 1, 1, purge_sessions()') AS c(a int, b bigint)",
      },
      {
        setup: 'CREATE VIEW innocent AS SELECT purge_sessions() AS n',
        text: "SELECT table_to_xml('innocent', true, false, '')",
      },
      {
        setup: 'CREATE VIEW innocent AS SELECT purge_sessions() AS n',
        text: "SELECT length(schema_to_xml('public', true, false, '')::text)",
      },
      "SELECT ts_rewrite('a', 'SELECT to_tsquery($$a$$), to_tsquery(purge_sessions()::text)')",
      "CREATE FUNCTION one() RETURNS void LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION one() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'; SELECT one()",
    ],
    ordinary: [
      'SELECT total_of(1)',
      "SELECT add_note('x')",
      'CALL close_order(5)',
      'SELECT now(), random(), gen_random_uuid(), clock_timestamp()',
      "SELECT lower('DROP TABLE'), upper(name), length(body) FROM customers, notes LIMIT 1",
      'SELECT jsonb_agg(c) FROM customers c',
      "SELECT string_agg(name, ',' ORDER BY id) FROM customers",
      'SELECT * FROM generate_series(1, 5)',
      "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM notes'",
      "CREATE OR REPLACE FUNCTION total_of(customer int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1::numeric'",
      'SELECT pg_advisory_lock(1), pg_advisory_unlock(1)',
      "SELECT to_tsvector('delete from notes') @@ to_tsquery('delete')",
      "SELECT unnest(ARRAY[1,2,3]), regexp_replace('truncate', 'x', 'y')",
      "SELECT pg_notify('jobs', 'drop table')",
      {
        setup:
          'CREATE FUNCTION pure(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 * 2; END $$',
        text: 'SELECT pure(id) FROM customers',
      },
      "SELECT query_to_xml('SELECT 1', true, false, '')",
    ],
  }),
  ...family('do', {
    destroys: [
      "DO $$BEGIN EXECUTE 'DROP TABLE payments'; END$$",
      'DO $$ BEGIN DELETE FROM notes; END $$',
      'DO LANGUAGE plpgsql $x$ BEGIN TRUNCATE notes; END $x$',
      "DO 'BEGIN DELETE FROM notes; END'",
      "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE 'DROP TABLE IF EXISTS ' || quote_ident(r.tablename) || ' CASCADE'; END LOOP; END $$",
      "DO $$ BEGIN EXECUTE 'DELETE' || ' FROM ' || 'notes'; END $$",
      'DO $$ BEGIN PERFORM purge_sessions(); END $$',
      'DO $$ BEGIN CALL wipe_orders(); END $$',
      'DO $$ BEGIN IF true THEN DELETE FROM notes; END IF; EXCEPTION WHEN others THEN NULL; END $$',
      'DO $$ DECLARE n int := purge_sessions(); BEGIN NULL; END $$',
      'DO $$ DECLARE c CURSOR FOR SELECT id FROM notes FOR UPDATE; BEGIN FOR r IN c LOOP DELETE FROM notes WHERE CURRENT OF c; END LOOP; END $$',
      'DO $$ BEGIN FOR i IN 1..50 LOOP DELETE FROM notes WHERE id = i; END LOOP; END $$',
      "DO U&'BEGIN DELETE FROM n\\006ftes; END'",
      'DO $$ BEGIN ALTER TABLE customers DROP COLUMN phone; END $$',
      "DO E'BEGIN\\n DR\\117P TABLE payments; END'",
    ],
    ordinary: [
      "DO $$ BEGIN RAISE NOTICE 'DROP TABLE x'; END $$",
      "DO $$ BEGIN CREATE TYPE color AS ENUM ('red'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN CREATE TYPE mood AS ENUM ('x'); END IF; END $$",
      'DO $$ BEGIN ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0); EXCEPTION WHEN duplicate_object THEN null; END $$',
      "DO $$ BEGIN INSERT INTO notes (body) VALUES ('x'); END $$",
      'DO $$ BEGIN UPDATE notes SET body = $x$y$x$ WHERE id = 3; END $$',
    ],
  }),
  ...family('explain', {
    destroys: [
      'EXPLAIN ANALYZE DELETE FROM notes',
      'EXPLAIN (ANALYZE) DELETE FROM notes',
      'EXPLAIN (ANALYZE true, BUFFERS) UPDATE notes SET body = $$x$$ || id',
      'EXPLAIN (VERBOSE, ANALYZE 1) WITH d AS (DELETE FROM notes RETURNING 1) SELECT 1',
      'EXPLAIN ANALYZE VERBOSE SELECT purge_sessions()',
      'EXPLAIN (ANALYZE on, FORMAT json) DELETE FROM users',
      "explain (analyze 'on') delete from notes",
      'EXPLAIN (ANALYZE false, ANALYZE true) DELETE FROM notes',
      { before: ['PREPARE p AS DELETE FROM notes'], text: 'EXPLAIN ANALYZE EXECUTE p' },
      'EXPLAIN (COSTS off, ANALYZE, TIMING off) MERGE INTO notes n USING users u ON n.id = u.id WHEN MATCHED THEN DELETE',
    ],
    ordinary: [
      'EXPLAIN DELETE FROM notes',
      'EXPLAIN UPDATE customers SET balance = 0',
      'EXPLAIN (FORMAT json, VERBOSE) DELETE FROM orders',
      'EXPLAIN (ANALYZE false) DELETE FROM notes',
      'EXPLAIN (ANALYZE off) DELETE FROM notes',
      'EXPLAIN ANALYZE SELECT * FROM customers',
      'EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM orders',
      'EXPLAIN (COSTS off) WITH d AS (DELETE FROM notes RETURNING 1) SELECT 1',
      'EXPLAIN ANALYZE DELETE FROM notes WHERE id = 3',
      'EXPLAIN CREATE TABLE x AS SELECT 1',
      'EXPLAIN (ANALYZE true, ANALYZE false) DELETE FROM notes',
    ],
  }),
  ...family('prepared', {
    destroys: [
      { before: ['PREPARE p AS DELETE FROM notes'], text: 'EXECUTE p' },
      { before: ['PREPARE p (int) AS DELETE FROM notes WHERE id > $1'], text: 'EXECUTE p(0)' },
      {
        before: ['PREPARE p (boolean) AS DELETE FROM notes WHERE id = 1 OR $1'],
        text: 'EXECUTE p(true)',
      },
      {
        before: ['PREPARE p AS SELECT 1', 'DEALLOCATE p', 'PREPARE p AS DELETE FROM notes'],
        text: 'EXECUTE p',
      },
      {
        before: ['PREPARE p AS SELECT 1', 'DEALLOCATE ALL', 'PREPARE p AS DELETE FROM users'],
        text: 'EXECUTE p',
      },
      {
        before: ['PREPARE p AS SELECT 1', 'DISCARD ALL', 'PREPARE p AS DELETE FROM notes'],
        text: 'EXECUTE "p"',
      },
      'PREPARE p AS DELETE FROM notes; EXECUTE p',
      { before: ['PREPARE p AS SELECT purge_sessions()'], text: 'EXECUTE p' },
      {
        before: ['PREPARE p AS DELETE FROM notes RETURNING id'],
        text: 'CREATE TABLE fresh AS SELECT 1; EXECUTE p',
      },
      {
        before: ['PREPARE p (int[]) AS DELETE FROM notes WHERE id = ANY ($1)'],
        text: 'EXECUTE p (ARRAY[1,2,3,4,5,6,7,8,9,10,11,12,13])',
      },
      { before: ['PREPARE "P" AS SELECT 1', 'PREPARE p AS DELETE FROM notes'], text: 'EXECUTE P' },
    ],
    ordinary: [
      { before: ['PREPARE p AS DELETE FROM notes WHERE id = $1'], text: 'EXECUTE p(3)' },
      { before: ['PREPARE p AS DELETE FROM notes'], text: 'DEALLOCATE p' },
      'PREPARE p AS DELETE FROM notes',
      { before: ['PREPARE p AS SELECT * FROM customers WHERE id = $1'], text: 'EXECUTE p(1)' },
      {
        before: ['PREPARE p (boolean) AS DELETE FROM notes WHERE id = 1 OR $1'],
        text: 'EXECUTE p(false)',
      },
      { before: ['PREPARE p AS DELETE FROM notes'], text: 'EXPLAIN EXECUTE p' },
      {
        before: ['PREPARE "P" AS SELECT 1', 'PREPARE p AS DELETE FROM notes'],
        text: 'EXECUTE "P"',
      },
    ],
  }),
  ...family('bind', {
    destroys: [
      { via: 'bind', text: 'DELETE FROM notes WHERE id = $1 OR $2', values: ['1', 'true'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE $1', values: ['t'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE $1::int = 1', values: ['1'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE id > $1', values: ['0'] },
      {
        via: 'bind',
        text: 'DELETE FROM notes WHERE id = ANY ($1)',
        values: [`{${Array.from({ length: 25 }, (_, i) => i + 1).join(',')}}`],
      },
      { via: 'bind', text: 'DELETE FROM notes', values: [] },
      { via: 'bind', text: 'TRUNCATE notes', values: [] },
      { via: 'bind', text: 'DROP TABLE payments', values: [] },
      { via: 'bind', text: 'UPDATE notes SET body = $1', values: ['x'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE coalesce($1, id) = id', values: [null] },
      {
        via: 'bind',
        text: 'DELETE FROM notes WHERE id IN (SELECT id FROM notes LIMIT $1)',
        values: ['1000'],
      },
      { via: 'bind', text: 'DELETE FROM notes WHERE body LIKE $1', values: ['%'] },
      { via: 'bind', text: 'SELECT run_it($1)', values: ['DROP TABLE payments'] },
      { via: 'bind', text: 'SELECT lo_unlink($1)', values: ['70001'] },
      { via: 'bind', text: "SELECT setval('invoice_no', $1)", values: ['1'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE id BETWEEN $1 AND $2', values: ['1', '100'] },
      { via: 'bind', text: 'DELETE FROM users WHERE deleted = $1', values: ['false'] },
      {
        via: 'bind',
        text: 'SELECT set_config($1, $2, false), purge_sessions()',
        values: ['application_name', 'x'],
      },
    ],
    ordinary: [
      { via: 'bind', text: 'DELETE FROM notes WHERE id = $1', values: ['3'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE id = $1 OR $2', values: ['3', 'false'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE id = ANY ($1)', values: ['{1,2}'] },
      { via: 'bind', text: 'DELETE FROM notes WHERE (id = $1 AND 1=1)', values: ['5'] },
      {
        via: 'bind',
        text: 'UPDATE customers SET name = $1 WHERE id = $2',
        values: ["'; DROP TABLE customers; --", '1'],
      },
      {
        via: 'bind',
        text: 'INSERT INTO notes (body) VALUES ($1) RETURNING id',
        values: ['DELETE FROM notes'],
      },
      { via: 'bind', text: 'SELECT * FROM customers WHERE id = $1', values: ['1'] },
      {
        via: 'bind',
        text: 'SELECT * FROM customers WHERE name ILIKE $1 LIMIT $2',
        values: ['%drop%', '5'],
      },
      { via: 'bind', text: 'DELETE FROM notes WHERE id = $1', values: [null] },
      { via: 'bind', text: 'SELECT 1', values: [] },
      { via: 'bind', text: '', values: [] },
      {
        via: 'bind',
        text: 'DELETE FROM jobs WHERE id IN (SELECT id FROM jobs ORDER BY id LIMIT $1)',
        values: ['2'],
      },
      { via: 'bind', text: "SELECT setval('notes_id_seq', $1)", values: ['500'] },
    ],
  }),
  ...family('call', {
    destroys: [
      { via: 'call', text: 'lo_unlink(oid)', values: ['70001'] },
      { via: 'call', text: 'purge_sessions()', values: [] },
      { via: 'call', text: 'run_it(text)', values: ['DROP TABLE payments'] },
      { via: 'call', text: 'lo_put(oid, bigint, bytea)', values: ['70002', '0', 'xxxxxx'] },
      { via: 'call', text: 'setval(regclass, bigint)', values: ['invoice_no', '1'] },
      {
        via: 'call',
        text: 'query_to_xml(text, boolean, boolean, text)',
        values: ['SELECT purge_sessions()', 't', 'f', ''],
      },
    ],
    ordinary: [
      { via: 'call', text: 'lo_get(oid)', values: ['70001'] },
      { via: 'call', text: 'lo_creat(integer)', values: ['-1'] },
      { via: 'call', text: 'total_of(integer)', values: ['1'] },
      { via: 'call', text: 'md5(text)', values: ['drop table'] },
      { via: 'call', text: 'now()', values: [] },
    ],
  }),
  ...family('dblink', {
    destroys: [
      { setup: dblink, text: `SELECT dblink_exec(${self}, 'DELETE FROM notes')` },
      {
        setup: dblink,
        text: `SELECT * FROM dblink(${self}, 'DELETE FROM notes RETURNING id') AS t(id int)`,
      },
      {
        setup: dblink,
        before: [`SELECT dblink_connect('c', ${self})`],
        text: "SELECT dblink_exec('c', 'DROP TABLE payments')",
      },
      {
        setup: dblink,
        before: [`SELECT dblink_connect(${self})`],
        text: "SELECT dblink_exec('DELETE FROM notes')",
      },
      {
        setup: dblink,
        before: [
          `SELECT dblink_connect('c', ${self})`,
          "SELECT dblink_open('c', 'cur', 'SELECT purge_sessions()')",
        ],
        text: "SELECT * FROM dblink_fetch('c', 'cur', 1) AS t(n bigint); SELECT dblink_close('c', 'cur')",
      },
    ],
    ordinary: [
      { setup: dblink, text: `SELECT * FROM dblink(${self}, 'SELECT 1') AS t(id int)` },
      { setup: dblink, text: 'SELECT dblink_get_connections()' },
    ],
  }),
  ...family('copy', {
    destroys: [
      "COPY (SELECT 1) TO PROGRAM 'rm precious/letter'",
      "COPY settings TO PROGRAM 'cat > precious/letter'",
      { text: "COPY notes (body) FROM PROGRAM 'rm precious/letter; echo x'" },
      "COPY (SELECT 'lost') TO '{data}/precious/letter'",
      'COPY (DELETE FROM notes RETURNING *) TO STDOUT',
      'COPY (WITH d AS (DELETE FROM notes RETURNING *) SELECT * FROM d) TO STDOUT',
      'COPY (UPDATE customers SET balance = 0 RETURNING id) TO STDOUT',
      'COPY (SELECT purge_sessions()) TO STDOUT',
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN NULL; END $$; CREATE TRIGGER w AFTER INSERT ON notes EXECUTE FUNCTION w()',
        text: 'COPY notes (body) FROM STDIN',
        copy: 'x\n',
      },
      "COPY notes (body) FROM PROGRAM 'echo x > precious/letter; echo y'",
      "COPY (SELECT 1) TO PROGRAM 'rm precious/letter' WITH (FORMAT csv)",
      "SELECT lo_export(70001, '{data}/precious/letter')",
      { setup: 'CREATE EXTENSION adminpack', text: "SELECT pg_file_unlink('precious/letter')" },
      {
        setup: 'CREATE EXTENSION adminpack',
        text: "SELECT pg_file_rename('precious/letter', 'PG_LOST')",
      },
    ],
    ordinary: [
      'COPY customers TO STDOUT',
      "COPY (SELECT * FROM orders WHERE note = 'DROP TABLE') TO STDOUT WITH (FORMAT csv, HEADER)",
      { text: 'COPY notes (body) FROM STDIN', copy: 'DROP TABLE notes;\nDELETE FROM notes\n' },
      { text: 'COPY settings FROM STDIN WITH (FORMAT csv)', copy: 'a,b\nc,d\n' },
      'COPY customers (id, email) TO STDOUT (FORMAT binary)',
      'COPY (DELETE FROM notes WHERE id = 4 RETURNING *) TO STDOUT',
    ],
  }),
  ...family('search-path', {
    destroys: [
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.total_of(customer int) RETURNS numeric LANGUAGE sql AS 'DELETE FROM public.notes; SELECT 1::numeric'",
        before: ['SET search_path TO trap, public'],
        text: 'SELECT total_of(1)',
      },
      {
        setup: 'CREATE SCHEMA trap; CREATE VIEW trap.settings AS SELECT * FROM public.notes',
        before: ["SELECT set_config('search_path', 'trap, public', false)"],
        text: 'DELETE FROM settings',
      },
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS 'DELETE FROM public.notes; SELECT pg_catalog.now()'",
        before: ['SET search_path TO trap, pg_catalog'],
        text: 'SELECT now()',
      },
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.upper(text) RETURNS text LANGUAGE sql AS 'DELETE FROM public.notes; SELECT $1'",
        startup: { options: '-c search_path=trap,pg_catalog' },
        text: "SELECT upper('x')",
      },
      { before: ['SET search_path TO archive'], text: 'DELETE FROM orders_2020' },
      {
        setup: 'CREATE SCHEMA trap; CREATE VIEW trap.users AS SELECT * FROM public.notes',
        before: ['BEGIN', 'SET LOCAL search_path = trap'],
        text: 'DELETE FROM users; COMMIT',
      },
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.total_of(customer int) RETURNS numeric LANGUAGE sql AS 'DELETE FROM public.notes; SELECT 1::numeric'; ALTER DATABASE work SET search_path TO trap, public",
        text: 'SELECT total_of(1)',
      },
    ],
    ordinary: [
      { before: ['SET search_path TO archive, public'], text: 'SELECT * FROM orders_2020' },
      { before: ['SET search_path TO archive'], text: 'DELETE FROM orders_2020 WHERE id = 1' },
      {
        before: ["SELECT set_config('search_path', '', false)"],
        text: 'SELECT count(*) FROM public.orders',
      },
    ],
  }),
  ...family('operator', {
    destroys: [
      {
        setup:
          'CREATE FUNCTION bad(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN true; END $$; CREATE OPERATOR === (leftarg = int, rightarg = int, function = bad)',
        text: 'SELECT 1 === 2',
      },
      {
        setup:
          'CREATE SCHEMA trap; CREATE FUNCTION trap.bad(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.notes; RETURN true; END $$; CREATE OPERATOR trap.= (leftarg = int, rightarg = int, function = trap.bad)',
        before: ['SET search_path TO trap, pg_catalog, public'],
        text: 'SELECT * FROM customers WHERE id = 1',
      },
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.yes(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR trap.= (leftarg = int, rightarg = int, function = trap.yes)",
        text: 'DELETE FROM notes WHERE id OPERATOR(trap.=) 5',
      },
      {
        setup:
          "CREATE SCHEMA trap; CREATE FUNCTION trap.yes(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR trap.= (leftarg = int, rightarg = int, function = trap.yes)",
        before: ['SET search_path TO trap, pg_catalog, public'],
        text: 'DELETE FROM notes WHERE id = 5',
      },
      {
        setup:
          "CREATE FUNCTION tomood(int) RETURNS mood LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN 'ok'; END $$; CREATE CAST (int AS mood) WITH FUNCTION tomood(int)",
        text: 'SELECT 5::mood',
      },
      {
        setup:
          'CREATE FUNCTION okay(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN true; END $$; CREATE DOMAIN checked AS text CHECK (okay(VALUE))',
        text: "SELECT 'x'::checked",
      },
    ],
    ordinary: [
      "SELECT 1 + 2, 'a' || 'b', 5::text, '{}'::jsonb @> '{}'",
      {
        setup:
          "CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'; CREATE OPERATOR === (leftarg = int, rightarg = int, function = same)",
        text: 'SELECT 1 === 2',
      },
      "SELECT 'happy'::mood, '12345'::zip, ROW(1, 2)::pair",
    ],
  }),
  ...family('cursor', {
    destroys: [
      'BEGIN; DECLARE c CURSOR FOR SELECT purge_sessions(); FETCH ALL FROM c; COMMIT',
      {
        setup: 'DELETE FROM users WHERE id > 12',
        text: `BEGIN; DECLARE c CURSOR FOR SELECT * FROM users FOR UPDATE; ${'FETCH c; DELETE FROM users WHERE CURRENT OF c; '.repeat(12)}COMMIT`,
      },
      {
        before: ['BEGIN', 'DECLARE c CURSOR WITH HOLD FOR SELECT purge_sessions()'],
        text: 'COMMIT',
      },
      'BEGIN; DECLARE c SCROLL CURSOR FOR SELECT lo_unlink(70001); MOVE FORWARD ALL IN c; COMMIT',
    ],
    ordinary: [
      'BEGIN; DECLARE c CURSOR FOR SELECT * FROM orders; FETCH 10 FROM c; CLOSE c; COMMIT',
      {
        before: ['BEGIN', 'DECLARE c CURSOR FOR SELECT * FROM users FOR UPDATE', 'FETCH c'],
        text: "UPDATE users SET login = 'x' WHERE CURRENT OF c; COMMIT",
      },
      {
        before: ['BEGIN', 'DECLARE c CURSOR FOR SELECT * FROM users FOR UPDATE', 'FETCH c'],
        text: 'DELETE FROM users WHERE CURRENT OF c; COMMIT',
      },
      'BEGIN; DECLARE "drop table" CURSOR FOR SELECT 1; FETCH ALL "drop table"; COMMIT',
    ],
  }),
]
