/** Two sessions of one agent: what one builds while the other's write is on its way, before a real server. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { query } from '../../src/wire/postgres/front.ts'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'
import { login } from '../postgres/relay-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
const open: Client[] = []
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.destroy()
})
beforeEach(async () => {
  await it.direct(`SET client_min_messages = error; SET lock_timeout = '10s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE car (id int PRIMARY KEY); INSERT INTO car SELECT generate_series(1, 40);
CREATE TABLE trip (id int PRIMARY KEY, car int); INSERT INTO trip SELECT g, 1 FROM generate_series(1, 30) g;
CREATE TABLE other (id int PRIMARY KEY, name text); INSERT INTO other VALUES (1, 'a'), (2, 'b');
CREATE TABLE log (id int);
CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM car WHERE id = NEW.id; RETURN NEW; END $$;`)
  await it.look()
  await it.afresh()
})

type Client = Awaited<ReturnType<typeof login>>

async function session(): Promise<Client> {
  const client = await login(it.gateway.port, 'postgres', 'shop')
  open.push(client)
  return client
}

async function heard(client: Client): Promise<string> {
  const messages = await client.until('Z')
  return messages.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')
}

async function say(client: Client, text: string): Promise<string> {
  client.say(query(text))
  return await heard(client)
}

/** Until so many wait for a lock. */
async function blocked(sessions = 1): Promise<void> {
  const waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
  for (let tries = 0; tries < 200; tries += 1)
    if (Number((await it.direct(waits)).trim()) >= sessions) return
  throw new Error('nobody waits')
}

const cascade = 'ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES car ON DELETE CASCADE'
const rows = (): string => it.cluster.sql('SELECT count(*) FROM trip; SELECT count(*) FROM car')

test.each([
  [
    'behind a lock of its table',
    'LOCK TABLE car IN SHARE MODE',
    'DELETE FROM car WHERE id = 1',
    cascade,
  ],
  [
    'behind a row that stands before it in its message',
    "UPDATE other SET name = 'x' WHERE id = 1",
    "UPDATE other SET name = 'y' WHERE id = 1; DELETE FROM car WHERE id = 1",
    cascade,
  ],
  [
    'an INSERT, and a trigger that is made',
    'CREATE TRIGGER purge AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION purge()',
    'INSERT INTO log SELECT generate_series(1, 30)',
    'SELECT 1',
  ],
])('a write that waits is counted by what the other has built by then: %s', async (...given) => {
  const [, locks, writes, builds] = given
  const before = rows()
  const [one, other] = [await session(), await session()]
  await say(one, 'BEGIN')
  expect(await say(one, locks)).not.toContain('Firebreak')
  other.say(query(writes))
  await blocked()
  expect(await say(one, builds)).not.toContain('Firebreak')
  await say(one, 'COMMIT')
  expect(await heard(other)).toMatch(/(30|31|32) rows, and (9|10) are left/)
  expect(rows()).toBe(before)
})

const thirty = Array.from({ length: 30 }, (_, at) => at + 1).join(',')
const strips = `DELETE FROM trip WHERE id = ANY ('{${thirty}}')`
const replaced = `CREATE OR REPLACE FUNCTION tame() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${strips}; RETURN 1; END $$`

test.each([
  ['a function', 'SELECT tame() FROM car LIMIT 1', [replaced, 'LOCK TABLE car']],
  [
    'a view',
    'SELECT * FROM car, seen LIMIT 1',
    ['CREATE OR REPLACE VIEW seen AS SELECT strip() AS one', 'LOCK TABLE car'],
  ],
  [
    'a view in the place of its table',
    'SELECT * FROM car LIMIT 1',
    ['ALTER TABLE car RENAME TO auto', 'CREATE VIEW car AS SELECT strip() AS id'],
  ],
])('a read that waits is counted by what the other has built by then: %s', async (...given) => {
  const [, reads, builds] = given
  it.cluster
    .sql(`CREATE FUNCTION strip() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${strips}; RETURN 1; END $$;
CREATE FUNCTION tame() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE VIEW seen AS SELECT 1 AS one`)
  await it.look()
  const trips = (): string => it.cluster.sql('SELECT count(*) FROM trip').trim()
  const [one, other] = [await session(), await session()]
  await say(one, 'BEGIN')
  for (const text of builds) expect(await say(one, text)).not.toContain('Firebreak')
  other.say(query(reads))
  await blocked()
  await say(one, 'COMMIT')
  expect(await heard(other)).toMatch(/30 rows, and 10 are left/)
  expect(trips()).toBe('30')
})

test('a write that waits for what TRUNCATE has locked to look is counted by what is built behind that lock', async () => {
  it.cluster.sql('CREATE TABLE first (id int PRIMARY KEY); CREATE TABLE second (id int)')
  await it.look()
  const [one, other, third] = [await session(), await session(), await session()]
  await say(third, 'BEGIN')
  await say(third, 'SELECT * FROM second')
  await say(one, 'BEGIN')
  one.say(query('TRUNCATE first, second'))
  await blocked()
  other.say(query('DELETE FROM first WHERE id = 1'))
  await blocked(2)
  await say(third, 'COMMIT')
  expect(await heard(one)).toContain('TRUNCATE')
  for (const text of [
    'INSERT INTO first VALUES (1)',
    'ALTER TABLE trip ADD FOREIGN KEY (car) REFERENCES first ON DELETE CASCADE',
    'COMMIT',
  ])
    expect(await say(one, text)).not.toContain('Firebreak')
  expect(await heard(other)).toMatch(/31 rows, and 10 are left/)
  expect(it.cluster.sql('SELECT count(*) FROM trip').trim()).toBe('30')
})

test('quiet-on-safe: beside a migration that is open the ordinary work of others goes on', async () => {
  const [one, other] = [await session(), await session()]
  await say(one, 'BEGIN')
  await say(one, 'CREATE TABLE more (id int); ALTER TABLE more ADD COLUMN name text')
  const said = [
    'DELETE FROM car WHERE id = 40',
    'BEGIN; INSERT INTO log VALUES (1); COMMIT',
    "BEGIN; UPDATE other SET name = 'z' WHERE id = 1; COMMIT",
    'SELECT count(*) FROM car',
    "SELECT repeat('long', 1000) FROM generate_series(1, 20000)",
    'COPY car TO STDOUT',
    'SHOW search_path; SELECT 1',
  ]
  for (const text of said) expect(await say(other, text), text).not.toMatch(/ERROR|Firebreak/)
  expect(it.left()).toBe(8)
  expect(await say(one, 'COMMIT')).not.toContain('Firebreak')
})

test.each([
  ['in a message of several', 'SELECT pg_advisory_lock(42); SELECT tame(1)'],
  ['in one statement', 'SELECT tame(2) FROM (SELECT pg_advisory_lock(42)) x'],
  ['by a trigger', 'SELECT pg_advisory_lock(42); INSERT INTO log VALUES (1)'],
])('a function is not replaced while a statement runs that may come to it: %s', async (_, slow) => {
  it.cluster
    .sql(`CREATE FUNCTION tame(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION tamed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM tame(1); RETURN NEW; END $$;
CREATE TRIGGER tamed BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION tamed();`)
  await it.look()
  await it.afresh()
  const before = rows()
  const [one, other, holder] = [await session(), await session(), await session()]
  await say(holder, 'SELECT pg_advisory_lock(42)')
  other.say(query(slow))
  await blocked()
  one.say(
    query(
      `CREATE OR REPLACE FUNCTION tame(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM trip WHERE id IN (${thirty}); RETURN 1; END $$`,
    ),
  )
  // A round trip of its own: by then it would have been replaced.
  expect(await say(holder, 'SELECT 1')).toContain('SELECT 1')
  await say(holder, 'SELECT pg_advisory_unlock(42)')
  expect(await heard(other)).not.toContain('ERROR')
  expect(await heard(one)).toContain('CREATE FUNCTION')
  expect(rows()).toBe(before)
})
