/** The small shop that every case finds: tables with rows, and one of each kind of object. */

/** Roles are the whole server's; made once. */
export const roles = `
CREATE ROLE app LOGIN; CREATE ROLE reader; CREATE ROLE auditor; GRANT reader TO app;
`

export const world = `
CREATE TABLE customers (id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, status text NOT NULL DEFAULT 'active',
  balance numeric(10,2) NOT NULL DEFAULT 0, age int CHECK (age > 0), phone varchar(40), created_at timestamptz NOT NULL DEFAULT '2024-01-01');
INSERT INTO customers (email, name, balance, age, phone) SELECT 'c' || i || '@example.com', 'Customer ' || i, i + 0.25, 20 + i, '+49 30 ' || 100000 + i FROM generate_series(1, 40) i;
CREATE TABLE orders (id serial PRIMARY KEY, customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE ON UPDATE CASCADE, total numeric NOT NULL,
  status text NOT NULL DEFAULT 'open', note text, placed_at timestamptz NOT NULL DEFAULT '2024-02-02');
INSERT INTO orders (customer_id, total, note) SELECT (i - 1) % 40 + 1, i * 10, 'note ' || i FROM generate_series(1, 120) i;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE order_items (order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, line int NOT NULL, sku text NOT NULL, qty int NOT NULL DEFAULT 1, PRIMARY KEY (order_id, line));
INSERT INTO order_items SELECT (i - 1) / 20 + 1, (i - 1) % 20 + 1, 'sku-' || i, i FROM generate_series(1, 240) i;
CREATE TABLE payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_ref int NOT NULL, amount numeric NOT NULL, reference text, paid boolean NOT NULL DEFAULT true);
INSERT INTO payments (order_ref, amount, reference) SELECT i, i * 10, 'ref-' || i FROM generate_series(1, 60) i;
CREATE TABLE audit_log (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT '2024-03-03', what text NOT NULL);
INSERT INTO audit_log (what) SELECT 'event ' || i FROM generate_series(1, 30) i;
CREATE TABLE sessions (id text PRIMARY KEY, customer_id int REFERENCES customers ON DELETE SET NULL ON UPDATE CASCADE, data jsonb NOT NULL DEFAULT '{}');
INSERT INTO sessions SELECT 's' || i, i, jsonb_build_object('n', i, 'tags', jsonb_build_array('a', 'b')) FROM generate_series(1, 40) i;
CREATE TABLE jobs (id serial PRIMARY KEY, queue text NOT NULL DEFAULT 'mail', payload jsonb NOT NULL DEFAULT '{}', locked_at timestamptz, attempts int NOT NULL DEFAULT 0);
INSERT INTO jobs (payload) SELECT jsonb_build_object('to', i) FROM generate_series(1, 50) i;
CREATE TABLE events (id int NOT NULL, day date NOT NULL, kind text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO events SELECT i, '2024-01-01'::date + i, 'old' FROM generate_series(1, 50) i;
INSERT INTO events SELECT i, '2025-01-01'::date + i, 'new' FROM generate_series(51, 100) i;
CREATE TABLE settings (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO settings SELECT 'key' || i, 'value' || i FROM generate_series(1, 12) i;
CREATE TABLE categories (id int PRIMARY KEY, parent_id int REFERENCES categories ON DELETE CASCADE, name text NOT NULL);
INSERT INTO categories SELECT i, nullif(i / 2, 0), 'category ' || i FROM generate_series(1, 31) i;
CREATE TABLE tickets (id int PRIMARY KEY, owner text NOT NULL DEFAULT 'app', body text);
INSERT INTO tickets SELECT i, 'app', 'ticket ' || i FROM generate_series(1, 40) i;
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY; ALTER TABLE tickets FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tickets ON tickets USING (owner = current_user);
CREATE TABLE users (id int PRIMARY KEY, login text NOT NULL, deleted boolean NOT NULL DEFAULT false, drop_reason text);
INSERT INTO users SELECT i, 'user' || i FROM generate_series(1, 25) i;
CREATE TABLE notes (id serial PRIMARY KEY, body text NOT NULL DEFAULT '');
INSERT INTO notes (body) SELECT 'note; DROP TABLE notes; -- ' || i FROM generate_series(1, 20) i;
CREATE TABLE "DROP TABLE users" (id int PRIMARY KEY, "delete" text, "truncate" text);
INSERT INTO "DROP TABLE users" SELECT i, 'd', 't' FROM generate_series(1, 20) i;
CREATE TABLE vehicles (id int, wheels int); CREATE TABLE cars (doors int) INHERITS (vehicles);
INSERT INTO vehicles SELECT i, 2 FROM generate_series(1, 20) i; INSERT INTO cars SELECT i, 4, 5 FROM generate_series(21, 40) i;
CREATE SCHEMA archive; CREATE TABLE archive.orders_2020 (id int PRIMARY KEY, total numeric);
INSERT INTO archive.orders_2020 SELECT i, i FROM generate_series(1, 40) i;
CREATE SEQUENCE invoice_no START 1000; SELECT setval('invoice_no', 1500);
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE pair AS (a int, b int); CREATE DOMAIN zip AS text CHECK (VALUE ~ '^[0-9]+$');
CREATE VIEW active_customers AS SELECT id, email, name, status FROM customers WHERE status = 'active';
CREATE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;
CREATE MATERIALIZED VIEW daily AS SELECT placed_at::date AS day, count(*) AS n FROM orders GROUP BY 1;
CREATE FUNCTION total_of(customer int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(total) FROM orders WHERE customer_id = customer';
CREATE FUNCTION add_note(words text) RETURNS int LANGUAGE sql AS 'INSERT INTO notes (body) VALUES (words) RETURNING id';
CREATE FUNCTION purge_sessions() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN DELETE FROM sessions; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;
CREATE FUNCTION run_it(words text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE words; END $$;
CREATE PROCEDURE wipe_orders() LANGUAGE plpgsql AS $$ BEGIN TRUNCATE orders CASCADE; END $$;
CREATE PROCEDURE close_order(which int) LANGUAGE sql AS 'UPDATE orders SET status = ''closed'' WHERE id = which';
CREATE FUNCTION log_payment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit_log (what) VALUES ('payment ' || NEW.id); RETURN NEW; END $$;
CREATE TRIGGER payment_logged AFTER INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION log_payment();
CREATE FUNCTION no_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION no_change();
CREATE STATISTICS customer_stats ON status, age FROM customers;
CREATE RULE settings_kept AS ON DELETE TO settings DO INSTEAD NOTHING;
CREATE PUBLICATION feed FOR TABLE orders;
COMMENT ON TABLE customers IS 'who buys'; COMMENT ON COLUMN customers.email IS 'personal data';
GRANT SELECT, INSERT, UPDATE ON customers, orders, payments TO app; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
GRANT USAGE ON SCHEMA archive TO reader; GRANT SELECT (email) ON customers TO auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO auditor;
SELECT lo_from_bytea(70001, 'first'), lo_from_bytea(70002, 'second'), lo_from_bytea(70003, 'third');
`
