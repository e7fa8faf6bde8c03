/** What guards: privileges, roles, row security, triggers, rules, publications, settings, the catalog itself. */
import { family } from './case.ts'

export const privileges = [
  ...family('privilege', {
    destroys: [
      'REVOKE SELECT ON customers FROM app',
      'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM reader',
      'REVOKE ALL PRIVILEGES ON customers, orders FROM app CASCADE',
      'REVOKE SELECT (email) ON customers FROM auditor',
      'REVOKE USAGE ON SCHEMA archive FROM reader',
      'REVOKE EXECUTE ON FUNCTION total_of FROM PUBLIC',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM auditor',
      'REVOKE CONNECT ON DATABASE work FROM PUBLIC',
      'DROP OWNED BY reader',
      { setup: ['CREATE ROLE a', 'CREATE ROLE b', 'GRANT a TO b'], text: 'REVOKE a FROM b' },
      { setup: ["CREATE ROLE doomed LOGIN PASSWORD 'x'"], text: 'ALTER ROLE doomed NOLOGIN' },
      { setup: ["CREATE ROLE doomed LOGIN PASSWORD 'x'"], text: "ALTER ROLE doomed PASSWORD 'y'" },
      { setup: ["CREATE ROLE doomed LOGIN PASSWORD 'x'"], text: 'ALTER USER doomed PASSWORD NULL' },
      { setup: ['CREATE ROLE doomed CREATEDB'], text: 'ALTER ROLE doomed NOCREATEDB' },
      { setup: ['CREATE ROLE doomed LOGIN'], text: "ALTER ROLE doomed VALID UNTIL '2000-01-01'" },
      {
        setup: ['CREATE ROLE a', 'CREATE TABLE his (i int)', 'ALTER TABLE his OWNER TO a'],
        text: 'REASSIGN OWNED BY a TO app',
      },
      'ALTER TABLE customers OWNER TO app',
    ],
    ordinary: [
      "SELECT has_table_privilege('app', 'customers', 'SELECT')",
      'SELECT rolname FROM pg_roles',
      'SELECT grantee, privilege_type FROM information_schema.role_table_grants LIMIT 5',
      { before: ['BEGIN', 'SET LOCAL ROLE app'], text: 'SELECT count(*) FROM customers; COMMIT' },
      'SELECT current_user, session_user',
    ],
  }),
  ...family('guard', {
    destroys: [
      'ALTER TABLE tickets DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY',
      'DROP POLICY own_tickets ON tickets',
      'DROP POLICY IF EXISTS own_tickets ON tickets; CREATE POLICY own_tickets ON tickets USING (true)',
      'DROP TRIGGER append_only ON audit_log',
      'ALTER TABLE audit_log DISABLE TRIGGER append_only',
      'ALTER TABLE audit_log DISABLE TRIGGER ALL',
      'ALTER TABLE audit_log DISABLE TRIGGER USER',
      'ALTER TABLE audit_log ENABLE REPLICA TRIGGER append_only',
      'DROP FUNCTION no_change CASCADE',
      'ALTER TABLE settings DISABLE RULE settings_kept',
      'DROP RULE settings_kept ON settings',
      { before: ['SET session_replication_role = replica'], text: 'DELETE FROM audit_log' },
      {
        before: ["SELECT set_config('session_replication_role', 'replica', false)"],
        text: 'DELETE FROM audit_log WHERE id > 0',
      },
      'ALTER TABLE audit_log DISABLE TRIGGER append_only; DELETE FROM audit_log WHERE id = 1; ALTER TABLE audit_log ENABLE TRIGGER append_only; DELETE FROM notes',
      'COMMENT ON TABLE customers IS NULL',
      {
        setup:
          'CREATE FUNCTION w() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER ev ON sql_drop EXECUTE FUNCTION w()',
        text: 'ALTER EVENT TRIGGER ev DISABLE',
      },
    ],
    ordinary: [
      "SELECT polname FROM pg_policy WHERE polname = 'own_tickets'",
      'ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON users USING (NOT deleted)',
      'SELECT tgname, tgenabled FROM pg_trigger',
      'SELECT count(*) FROM tickets',
      'ALTER TABLE users FORCE ROW LEVEL SECURITY',
    ],
  }),
  ...family('trigger', {
    destroys: [
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NEW; END $$; CREATE TRIGGER w BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION w()',
        text: "INSERT INTO users VALUES (100, 'x')",
      },
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NULL; END $$; CREATE TRIGGER w AFTER UPDATE ON users EXECUTE FUNCTION w()',
        text: "UPDATE users SET login = 'x' WHERE id = 1",
      },
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN TRUNCATE notes; RETURN OLD; END $$; CREATE TRIGGER w BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION w()',
        text: 'DELETE FROM users WHERE id = 1',
      },
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE NEW.body; RETURN NEW; END $$; CREATE TRIGGER w AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION w()',
        text: "INSERT INTO notes (body) VALUES ('DROP TABLE payments')",
      },
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NULL; END $$; CREATE TRIGGER w AFTER TRUNCATE ON users EXECUTE FUNCTION w(); CREATE TABLE empty_one () INHERITS (users)',
        text: 'TRUNCATE users',
      },
      {
        setup:
          'CREATE FUNCTION w() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; END $$; CREATE EVENT TRIGGER w ON ddl_command_end EXECUTE FUNCTION w()',
        text: 'CREATE TABLE fresh (i int)',
      },
      'CREATE OR REPLACE FUNCTION log_payment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NEW; END $$; INSERT INTO payments (order_ref, amount) VALUES (1, 1)',
      {
        setup:
          'CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER w AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION w()',
        text: "BEGIN; INSERT INTO users VALUES (100, 'x'); COMMIT",
      },
    ],
    ordinary: [
      'INSERT INTO payments (order_ref, amount) VALUES (3, 30)',
      'UPDATE payments SET amount = 5 WHERE id = 3',
      'CREATE TRIGGER also AFTER INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION log_payment()',
      'ALTER TABLE audit_log ENABLE TRIGGER append_only',
    ],
  }),
  ...family('rule', {
    destroys: [
      {
        setup: 'CREATE RULE r AS ON INSERT TO users DO ALSO DELETE FROM notes',
        text: "INSERT INTO users VALUES (100, 'x')",
      },
      {
        setup: 'CREATE RULE r AS ON UPDATE TO users DO INSTEAD DELETE FROM notes',
        text: "UPDATE users SET login = 'x' WHERE id = 1",
      },
      {
        setup: 'CREATE RULE r AS ON DELETE TO users DO ALSO DELETE FROM notes',
        text: 'DELETE FROM users WHERE id = 1',
      },
      'CREATE RULE r AS ON INSERT TO users DO ALSO DELETE FROM notes; INSERT INTO users VALUES (100, $$x$$)',
      {
        setup: 'CREATE RULE r AS ON INSERT TO users DO ALSO SELECT purge_sessions()',
        text: "INSERT INTO users VALUES (100, 'x')",
      },
      'DROP RULE settings_kept ON settings; DELETE FROM settings',
    ],
    ordinary: [
      'DELETE FROM settings WHERE key = $$key1$$',
      'SELECT rulename FROM pg_rules',
      {
        setup:
          'CREATE RULE r AS ON INSERT TO users DO ALSO INSERT INTO audit_log (what) VALUES (NEW.login)',
        text: "INSERT INTO users VALUES (100, 'x')",
      },
    ],
  }),
  ...family('setting', {
    destroys: [
      { setup: "ALTER DATABASE work SET work_mem = '8MB'", text: 'ALTER DATABASE work RESET ALL' },
      {
        setup: "ALTER DATABASE work SET work_mem = '8MB'",
        text: "ALTER DATABASE work SET work_mem = '1MB'",
      },
      {
        setup: ['CREATE ROLE doomed', "ALTER ROLE doomed SET statement_timeout = '5s'"],
        text: 'ALTER ROLE doomed RESET statement_timeout',
      },
      { setup: ["ALTER SYSTEM SET work_mem = '8MB'"], text: 'ALTER SYSTEM RESET ALL' },
      { setup: ["ALTER SYSTEM SET work_mem = '8MB'"], text: 'ALTER SYSTEM RESET work_mem' },
      { setup: ["ALTER SYSTEM SET work_mem = '8MB'"], text: "ALTER SYSTEM SET work_mem = '1MB'" },
    ],
    ordinary: [
      'SHOW ALL',
      'SHOW search_path',
      "SET application_name = 'drop table'",
      "SET statement_timeout = '5s'",
      'SET TIME ZONE UTC',
      "SELECT set_config('application_name', 'x', true)",
      "SELECT current_setting('server_version')",
      'RESET ALL',
      'DISCARD ALL',
      "SET client_encoding = 'UTF8'",
      "SET DateStyle = 'ISO, MDY'; SET extra_float_digits = 3",
      'SET standard_conforming_strings = on',
      'SET TRANSACTION READ ONLY',
      'SET search_path TO archive, public',
    ],
  }),
  ...family('replication', {
    destroys: [
      {
        setup: "SELECT pg_create_physical_replication_slot('standby')",
        text: "SELECT pg_drop_replication_slot('standby')",
      },
      {
        setup: "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')",
        text: 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots',
      },
      'DROP PUBLICATION feed',
      'ALTER PUBLICATION feed DROP TABLE orders',
      'ALTER PUBLICATION feed SET TABLE notes',
      {
        setup:
          "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION feed WITH (connect = false, slot_name = NONE)",
        text: 'DROP SUBSCRIPTION sub',
      },
      {
        setup: "SELECT pg_create_physical_replication_slot('standby')",
        text: 'DROP_REPLICATION_SLOT standby',
        startup: { replication: 'database' },
      },
      {
        setup: "SELECT pg_create_physical_replication_slot('standby')",
        text: 'DROP_REPLICATION_SLOT standby WAIT',
        startup: { replication: 'true' },
      },
    ],
    ordinary: [
      'SELECT slot_name FROM pg_replication_slots',
      'SELECT pg_current_wal_lsn()',
      'ALTER PUBLICATION feed ADD TABLE notes',
      'CREATE PUBLICATION more FOR TABLE users',
      'SELECT * FROM pg_stat_replication',
    ],
  }),
  ...family('catalog', {
    destroys: [
      "DELETE FROM pg_class WHERE relname = 'notes'",
      "UPDATE pg_class SET relname = 'x', relnamespace = 11 WHERE relname = 'notes'",
      'DELETE FROM pg_trigger',
      'DELETE FROM pg_catalog.pg_policy',
      "UPDATE pg_class SET relrowsecurity = false, relforcerowsecurity = false WHERE relname = 'tickets'",
      "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'append_only'",
      "DELETE FROM pg_constraint WHERE conname = 'customers_email_key'",
      "DELETE FROM pg_proc WHERE proname = 'total_of'",
      "UPDATE pg_attribute SET attisdropped = true WHERE attrelid = 'customers'::regclass AND attname = 'phone'",
      'DELETE FROM pg_description WHERE objoid >= 16384',
      "DELETE FROM pg_inherits WHERE inhrelid = 'cars'::regclass",
      "UPDATE pg_class SET relacl = NULL WHERE relname = 'customers'",
      "DELETE FROM pg_publication WHERE pubname = 'feed'",
      'DELETE FROM pg_statistic_ext',
      'DELETE FROM pg_default_acl',
    ],
    ordinary: [
      'SELECT relname, reltuples FROM pg_class LIMIT 5',
      "SELECT * FROM information_schema.tables WHERE table_schema = 'public'",
      "SELECT pg_get_viewdef('active_customers'::regclass)",
      "SELECT pg_get_functiondef('purge_sessions'::regproc)",
      "SELECT pg_size_pretty(pg_total_relation_size('orders'))",
      "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'customers'::regclass",
      'SELECT pid, query FROM pg_stat_activity',
      'SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint',
      "SELECT obj_description('customers'::regclass)",
      "SELECT to_regclass('never_was')",
    ],
  }),
]
