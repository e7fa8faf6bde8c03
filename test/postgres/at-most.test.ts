/** The most rows that a change can touch, by the catalog of a real server; and the server never touches more. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
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
  cluster.sql(`CREATE TABLE one (id int PRIMARY KEY, code text UNIQUE, a int, b int, n int, at timestamptz, UNIQUE (a, b));
CREATE TABLE plain (id int, n int);
CREATE TABLE mother (id int PRIMARY KEY, n int);
CREATE TABLE child (id int PRIMARY KEY, mother int REFERENCES mother ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE watched (id int PRIMARY KEY, n int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER t AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION f();
CREATE TABLE ruled (id int PRIMARY KEY, n int);
CREATE RULE r AS ON UPDATE TO ruled WHERE OLD.n = 12345 DO ALSO INSERT INTO plain VALUES (1, 1);
CREATE TABLE root (id int PRIMARY KEY, n int);
CREATE TABLE leaf () INHERITS (root);
CREATE TABLE floats (id float8 PRIMARY KEY, n int);
CREATE TABLE deferred (id int PRIMARY KEY, n int);
CREATE SCHEMA other; CREATE TABLE other.twice (id int); CREATE TABLE twice (id int PRIMARY KEY);
CREATE VIEW seen AS SELECT * FROM one;`)
  const session = await openSession(cluster.url())
  catalog = await readCatalog(session.ask)
  await session.close()
}, 60_000)
afterAll(() => cluster.stop())

const most = (text: string): number | null | undefined => readSql(text, { catalog })[0]?.atMost

test.each([
  ['UPDATE one SET n = 1 WHERE id = 5', 1],
  ['UPDATE one SET n = n + $1 WHERE id = $2', 1],
  ['UPDATE one AS o SET n = 1 WHERE o.id = $1 AND n > 3', 1],
  ['UPDATE one SET at = now() WHERE 5 = id', 1],
  ["DELETE FROM one WHERE code = 'x'", 1],
  ['DELETE FROM one WHERE id IN (1, 2, $1)', 3],
  ['DELETE FROM one WHERE a = 1 AND b IN (1, 2)', 2],
  ['DELETE FROM public.one WHERE id = $1::int RETURNING *', 1],
  ['UPDATE mother SET n = 1 WHERE id = 1', 1],
  ['DELETE FROM child WHERE id = 1', 1],
])('%s: %i', (text, rows) => {
  expect(most(text)).toBe(rows)
})

test.each([
  ['part of a key', 'DELETE FROM one WHERE a = 1'],
  ['no key', 'DELETE FROM plain WHERE id = 1'],
  ['an OR', 'DELETE FROM one WHERE id = 1 OR n = 2'],
  ['a NOT', 'DELETE FROM one WHERE NOT (id = 1)'],
  ['another operator', 'DELETE FROM one WHERE id <> 1'],
  ['a column for a value', 'DELETE FROM one WHERE id = n'],
  ['an array', 'DELETE FROM one WHERE id = ANY ($1)'],
  ['a query', 'DELETE FROM one WHERE id = (SELECT 1)'],
  ['a join', 'DELETE FROM one USING plain WHERE one.id = 1'],
  ['a cast that rounds', 'DELETE FROM one WHERE id = 1.5::float8'],
  ['a cast of the column', 'DELETE FROM one WHERE id::float8 = 1'],
  ['a type that rounds', 'DELETE FROM floats WHERE id = 1'],
  ['another collation', 'DELETE FROM one WHERE code COLLATE "C" = \'x\''],
  ['a key that cascades', 'DELETE FROM mother WHERE id = 1'],
  ['a key that is changed and cascades', 'UPDATE mother SET id = 2 WHERE id = 1'],
  ['a trigger', 'UPDATE watched SET n = 1 WHERE id = 1'],
  ['a rule', 'UPDATE ruled SET n = 1 WHERE id = 1'],
  ['heirs', 'UPDATE root SET n = 1 WHERE id = 1'],
  ['a view', 'UPDATE seen SET n = 1 WHERE id = 1'],
  ['a namesake without a key', 'DELETE FROM twice WHERE id = 1'],
  ['a function of their own', 'UPDATE one SET n = own() WHERE id = 1'],
  ['a default', 'UPDATE one SET n = DEFAULT WHERE id = 1'],
  ['a change beside it', 'WITH d AS (DELETE FROM plain RETURNING id) DELETE FROM one WHERE id = 1'],
  ['a change in a WITH', 'WITH d AS (DELETE FROM one WHERE id = 1 RETURNING id) SELECT * FROM d'],
  ['an EXPLAIN', 'EXPLAIN ANALYZE DELETE FROM one WHERE id = 1'],
  ['MERGE', 'MERGE INTO one USING (SELECT 1 AS id) s ON one.id = s.id WHEN MATCHED THEN DELETE'],
  [
    'what may find it there',
    'INSERT INTO one (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 1',
  ],
  ['another schema than the one meant', 'DELETE FROM pg_catalog.one WHERE id = 1'],
  ['a table of the session alone', 'DELETE FROM pg_temp.one WHERE id = 1'],
  ['an unknown table', 'DELETE FROM gone WHERE id = 1'],
])('not known: %s', (_, text) => {
  expect(most(text)).toBeNull()
})

test('it hangs on nothing but the text and the catalog, so that it can be remembered', () => {
  const read = sqlReader()
  const again = 'UPDATE one SET n = n + $1, at = now() WHERE id = $2'
  const [first] = read(again, { catalog })
  const [second] = read(again, { catalog })
  expect(first).toBe(second)
  expect(first?.atMost).toBe(1)
  // Also where only the number is another.
  const [third] = read('DELETE FROM one WHERE id = 5', { catalog })
  const [fourth] = read('DELETE FROM one WHERE id = 6', { catalog })
  expect(fourth?.operation.findings).toBe(third?.operation.findings)
})
