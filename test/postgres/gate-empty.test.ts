/** TRUNCATE of what is empty takes nothing, and goes through; everything that may hold a row is held. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from 'pg'
import { everything, openGate, owner, password } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate

/** Each time another agent: five destroys of one would halt it. */
let agents = 0
async function psql(sql: string): Promise<string> {
  agents += 1
  return await gate.psql(await gate.people.mint(`agent:${agents}`, everything), sql)
}

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE full_one (id serial PRIMARY KEY);
INSERT INTO full_one SELECT FROM generate_series(1, 5);
CREATE TABLE bare (id serial PRIMARY KEY);
CREATE TABLE pointing (id int REFERENCES bare);
INSERT INTO pointing VALUES (NULL);
CREATE TABLE emptied (id int);
INSERT INTO emptied VALUES (1);
DELETE FROM emptied;
CREATE TABLE parent (id int);
CREATE TABLE child () INHERITS (parent);
INSERT INTO child VALUES (1);
CREATE TABLE parted (id int) PARTITION BY LIST (id);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1);
INSERT INTO parted VALUES (1);
CREATE TABLE heard (id int);
CREATE FUNCTION hears() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM full_one; RETURN NULL; END';
CREATE TRIGGER hears BEFORE TRUNCATE ON heard FOR EACH STATEMENT EXECUTE FUNCTION hears();
CREATE TABLE secret_rows (id int);
INSERT INTO secret_rows VALUES (1);
ALTER TABLE secret_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE SCHEMA far;
CREATE TABLE far.bare2 (id int);
INSERT INTO far.bare2 VALUES (1);
CREATE TABLE bare2 (id int);
CREATE TABLE lone (id int);`,
  })
}, 60_000)
afterAll(() => gate.close())

const passes: readonly (readonly [string, string])[] = [
  ['by itself', 'TRUNCATE lone;'],
  ['with words around it', 'TRUNCATE TABLE ONLY lone, "bare2" RESTRICT;'],
  [
    'in the transaction that made it',
    'BEGIN; \nCREATE TABLE fresh (id int);\nTRUNCATE fresh, lone;\nINSERT INTO fresh VALUES (1);\nCOMMIT;',
  ],
]
for (const [name, sql] of passes)
  test(`quiet-on-safe: what is empty is emptied, ${name}`, async () => {
    const out = await psql(`${sql}\nSELECT 'alive';`)
    expect(out).toContain('alive')
    expect(out).not.toContain('ERROR')
  })

const held: readonly (readonly [string, string])[] = [
  ['rows', 'TRUNCATE full_one;'],
  ['rows in one of two', 'TRUNCATE lone, full_one;'],
  ['rows that may be seen by others still', 'TRUNCATE emptied;'],
  ['rows of a child', 'TRUNCATE parent;'],
  ['rows of a partition', 'TRUNCATE parted;'],
  ['a trigger', 'TRUNCATE heard;'],
  ['rows that its role does not see', 'TRUNCATE secret_rows;'],
  ['tables that point to it', 'TRUNCATE bare CASCADE;'],
  ['a sequence', 'TRUNCATE bare2 RESTART IDENTITY;'],
  ['rows where the search path leads', 'SET search_path = far, public;\nTRUNCATE bare2;'],
  [
    'a trigger that was made just now',
    `BEGIN;
CREATE TABLE fresh_heard (id int);
CREATE TRIGGER hears BEFORE TRUNCATE ON fresh_heard FOR EACH STATEMENT EXECUTE FUNCTION hears();
TRUNCATE fresh_heard;
COMMIT;`,
  ],
  [
    'rows behind its name, after a rename',
    `BEGIN;
ALTER TABLE lone RENAME TO lone_before;
ALTER TABLE full_one RENAME TO lone;
TRUNCATE lone;
COMMIT;`,
  ],
]
for (const [name, sql] of held)
  test(`destroy-needs-clearance: what is not surely empty is not emptied: ${name}`, async () => {
    const out = await psql(sql)
    expect(out).toMatch(/Firebreak (holds|denies|refuses)/)
    const rows = await gate.direct(
      `SELECT (SELECT count(*) FROM full_one), (SELECT count(*) FROM child), (SELECT count(*) FROM parted), (SELECT count(*) FROM far.bare2), pg_relation_size('secret_rows') > 0`,
    )
    expect(rows.trim()).toBe('5|1|1|1|t')
  })

test('what is held is not locked: others read on, and it does not wait for them', async () => {
  const { cluster } = gate
  const reader = new Client({
    host: '127.0.0.1',
    port: cluster.port,
    user: owner,
    password,
    database: 'shop',
  })
  await reader.connect()
  try {
    await reader.query('BEGIN; SELECT count(*) FROM full_one')
    expect(await psql('TRUNCATE full_one;')).toMatch(/Firebreak holds/)
  } finally {
    await reader.end()
  }
})
