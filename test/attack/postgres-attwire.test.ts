/** Attacks on the row budget and the session by the wire of Postgres: each was a hole once, before a real server. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { actionDigest } from '../../src/core/action.ts'
import { frame, int32, joined } from '../../src/wire/postgres/frame.ts'
import { flush, query, sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import type { Step } from '../../src/wire/postgres/step.ts'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'
import { login } from '../postgres/relay-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
  it.cluster.sql(`CREATE TABLE car (id bigint PRIMARY KEY, name text);
CREATE TABLE word (id varchar(20) PRIMARY KEY);
CREATE TABLE trip (id int PRIMARY KEY, car bigint);
CREATE TABLE late (id int PRIMARY KEY);
CREATE TABLE log (id bigint);
CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM car WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER purge AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION purge();
CREATE FUNCTION scrap(k bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN DELETE FROM car WHERE id = k; RETURN k; END $$;
CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; RAISE EXCEPTION 'behind it'; END $$;
CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${it.cluster.port}', dbname 'postgres');
CREATE USER MAPPING FOR postgres SERVER loop OPTIONS (user 'postgres');
CREATE FOREIGN TABLE far (id bigint, name text) SERVER loop OPTIONS (schema_name 'public', table_name 'car');`)
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  it.cluster
    .sql(`ALTER TABLE trip DROP CONSTRAINT IF EXISTS trip_car_fkey; TRUNCATE car, word, trip, late, log;
ALTER TABLE log DISABLE TRIGGER purge;
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 40) g;
INSERT INTO car SELECT 1152921504606846976 + g, 'far' FROM generate_series(0, 19) g;
INSERT INTO word SELECT rpad('a', g) FROM generate_series(1, 15) g;
INSERT INTO trip SELECT g, 1 FROM generate_series(1, 30) g;
INSERT INTO late SELECT generate_series(1, 20);`)
  await it.look()
  await it.afresh()
})

const cars = (): number => Number(it.cluster.sql('SELECT count(*) FROM car').trim())
const parse = (text: string, types: readonly number[] = []): Step => ({
  kind: 'parse',
  name: '',
  text,
  types,
})
const bind = (values: readonly string[] = []): Step => ({
  kind: 'bind',
  portal: '',
  statement: '',
  values: values.map((value) => Buffer.from(value)),
  formats: [],
  results: [],
})
const execute: Step = { kind: 'execute', portal: '', rows: 0 }
const steps = (...list: readonly Step[]): Uint8Array => joined(list.map(writeStep))
const run = (text: string): Uint8Array => steps(parse(text), bind(), execute)
const del = (id: number): string => `DELETE FROM car WHERE id = ${id}`
const some = (count: number): string =>
  Array.from({ length: count }, (_, at) => String(at + 1)).join(', ')

/** Says one after the other, each when the one before is answered; what the server and the gateway said. */
async function say(...said: readonly (string | Uint8Array)[]): Promise<string> {
  const client = await login(it.gateway.port, 'postgres', 'shop')
  let heard = ''
  for (const each of said) {
    client.say(typeof each === 'string' ? query(each) : each)
    for (const { bytes } of await client.until('Z')) heard += Buffer.from(bytes).toString('utf8')
  }
  client.socket.destroy()
  return heard
}

test('many writes by key in one message spend what they all change, and give back what they did not', async () => {
  await say([1, 2, 3, 3].map(del).join('; '))
  expect([cars(), it.left()]).toEqual([57, 7])
  await say(joined([...[4, 5, 5].map((id) => run(del(id))), sync]))
  expect([cars(), it.left()]).toEqual([55, 5])
})

test.each([
  ['CALL, in one batch', [joined([run(del(1)), run('CALL commits()'), sync])]],
  ['CALL, behind a Flush', [joined([run(del(1)), flush, query('CALL commits()')])]],
  [
    'DO',
    [joined([run(del(1)), run("DO $$ BEGIN COMMIT; RAISE EXCEPTION 'behind it'; END $$"), sync])],
  ],
])('what a procedure commits before it fails is spent: %s', async (_, said) => {
  expect(await say(...said)).toMatch(/behind it|invalid transaction termination/)
  expect(10 - it.left()).toBe(60 - cars())
})

test('a key that a parameter may meet many times is counted: char, and a float by another place', async () => {
  const words = await say(
    joined([steps(parse('DELETE FROM word WHERE id = $1', [1042]), bind(['a']), execute), sync]),
  )
  expect(words).toMatch(/15 rows, and 10 are left/)
  const text = 'DELETE FROM car WHERE $1::float8 > 0 AND id = $1'
  const floats = await say(
    joined([steps(parse(text), bind(['1152921504606846976']), execute), sync]),
  )
  expect(floats).toMatch(/20 rows, and 10 are left/)
  expect([cars(), it.left()]).toEqual([60, 10])
})

const cascade = 'ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES car ON DELETE CASCADE'
const switched = 'ALTER TABLE log ENABLE TRIGGER purge'
const logged = 'INSERT INTO log SELECT id FROM car WHERE id <= 20'
test.each([
  ['a key that cascades', ['BEGIN', cascade, del(1), 'COMMIT']],
  ['in one text', [`${cascade}; ${del(1)}`]],
  ['a trigger that was switched on', ['BEGIN', switched, logged, 'COMMIT']],
  ['in one text', [`${switched}; ${logged}`]],
  ['begun in one text', [`BEGIN; ${switched}`, logged, 'COMMIT']],
  ['between Flush and Sync', [joined([run(switched), flush, run(logged), sync])]],
])('what a change of the catalog does before it is kept is counted: %s', async (_, said) => {
  expect(await say(...said)).toMatch(/(20|31) rows, and 10 are left/)
  expect([cars(), it.left()]).toEqual([60, 10])
})

test('a table that is gone with its savepoint takes nothing from the count', async () => {
  const said = await say(
    `BEGIN; SAVEPOINT a; CREATE MATERIALIZED VIEW m AS SELECT g AS id, random() AS r FROM generate_series(1, 100) g;
CREATE UNIQUE INDEX ON m (id)`,
    'REFRESH MATERIALIZED VIEW CONCURRENTLY m',
    "UPDATE car SET name = 'x' WHERE id IN (1, 2)",
    'ROLLBACK TO a',
    'SELECT scrap(id) FROM car',
    'COMMIT',
  )
  expect(said).toMatch(/rows, and 10 are left of the budget/)
  expect([cars(), it.left()]).toEqual([60, 10])
})

test.each([
  ['by itself', ['DECLARE c CURSOR WITH HOLD FOR SELECT scrap(id) FROM car']],
  [
    'in a transaction',
    ['BEGIN', 'DECLARE c CURSOR WITH HOLD FOR SELECT scrap(id) FROM car', 'COMMIT'],
  ],
  [
    'in a function',
    [
      'CREATE FUNCTION held() RETURNS void LANGUAGE sql AS $$ DECLARE c CURSOR WITH HOLD FOR SELECT scrap(id) FROM car $$',
      'SELECT held()',
    ],
  ],
])(
  'a cursor WITH HOLD runs when its transaction is kept, behind the count: %s',
  async (_, said) => {
    expect(await say(...said)).toMatch(/Firebreak holds/)
    expect([cars(), it.left()]).toEqual([60, 10])
  },
)

test('a cursor WITH HOLD that only reads goes on', async () => {
  expect(
    await say('DECLARE c CURSOR WITH HOLD FOR SELECT name FROM car WHERE id = 7', 'FETCH c'),
  ).toContain('car 7')
})

test('a trigger cannot put what it sets off behind the count', async () => {
  const said = await say(
    `CREATE FUNCTION on_and_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
SET CONSTRAINTS ALL DEFERRED; UPDATE late SET id = id WHERE id = NEW.id + 1; RETURN NULL; END $$`,
    'CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_and_on()',
  )
  // A function that nobody calls yet is made; what would call it is held.
  expect(said).toMatch(/Firebreak holds CREATE TRIGGER/)
  expect(await say('BEGIN', 'SET CONSTRAINTS ALL DEFERRED', 'COMMIT')).not.toContain('Firebreak')
})

test.each([
  ['ALTER FUNCTION scrap(bigint) SET track_counts = off'],
  ['ALTER FUNCTION scrap(bigint) SET session_replication_role = replica'],
  ["CREATE FUNCTION loud() RETURNS int LANGUAGE sql SET track_counts = off AS 'SELECT 1'"],
  ["CREATE OR REPLACE PROCEDURE commits() LANGUAGE sql SET track_counts = off AS 'SELECT 1'"],
])('a function is given no setting that a session may not have: %s', async (text) => {
  expect(await say(text)).toMatch(/Firebreak holds/)
})

test('a search path of its own is ordinary', async () => {
  const text =
    "CREATE OR REPLACE FUNCTION safe() RETURNS int LANGUAGE sql SET search_path = public, pg_temp AS 'SELECT 1'"
  expect(await say(text, 'ALTER FUNCTION safe() SET search_path = public, pg_temp')).not.toContain(
    'Firebreak',
  )
})

test.each([
  [`WITH d AS (DELETE FROM far WHERE id IN (${some(12)}) RETURNING 1) SELECT count(*) FROM d`],
  [`EXPLAIN ANALYZE DELETE FROM far WHERE id IN (${some(12)})`],
  [`COPY (DELETE FROM far WHERE id IN (${some(12)}) RETURNING 1) TO STDOUT`],
  [`WITH d AS (DELETE FROM far WHERE id IN (${some(12)})) DELETE FROM car WHERE id = 20`],
])('rows of another server that no tag tells are not let through: %s', async (text) => {
  expect(await say(text)).toMatch(/changes rows of another server, which nobody counts/)
  expect([cars(), it.left()]).toEqual([60, 10])
})

test('rows of another server are counted by the tag', async () => {
  await say(
    'DELETE FROM far WHERE id IN (1, 2)',
    'PREPARE q AS DELETE FROM far WHERE id = 3',
    'EXECUTE q',
  )
  expect([cars(), it.left()]).toEqual([57, 7])
})

test('what was flushed is done, also where the rest of its message is counted: the next need not wait for it', async () => {
  await say(joined([run(switched), flush, run(logged), sync]))
  expect(await say('CREATE TABLE more (id int)')).toContain('CREATE TABLE')
})

test('approval-binds: another binary value, another type and another argument are other acts', async () => {
  const after = (id: number, type: number): Uint8Array => {
    const value = new Uint8Array([0, 0, 0, 0, 0, 0, 0, id])
    const bound: Step = {
      kind: 'bind',
      portal: '',
      statement: '',
      values: [value],
      formats: [1],
      results: [],
    }
    return joined([steps(parse('DELETE FROM car WHERE id > $1', [type]), bound, execute), sync])
  }
  await say(after(5, 20), after(6, 20), after(6, 20), after(6, 701))
  expect(await it.holds()).toHaveLength(3)
  const unlink = Number(it.cluster.sql("SELECT 'lo_unlink(oid)'::regprocedure::oid"))
  const call = (object: number): Uint8Array =>
    frame(
      'F',
      int32(unlink),
      Uint8Array.of(0, 1, 0, 1, 0, 1),
      int32(4),
      int32(object),
      Uint8Array.of(0, 1),
    )
  await say(call(7), call(8), call(8))
  const holds = await it.holds()
  expect(holds).toHaveLength(5)
  // What is approved reads the same when it runs.
  for (const hold of holds) {
    const operations = it
      .reread(hold)
      .map((operation) => ({ ...operation, environments: ['production'] }))
    expect(actionDigest({ ...hold.action, operations })).toBe(hold.digest)
  }
})
