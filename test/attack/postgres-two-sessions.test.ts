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

/** Until somebody waits for a lock. */
async function blocked(): Promise<void> {
  const waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
  for (let tries = 0; tries < 200; tries += 1) if ((await it.direct(waits)).trim() !== '0') return
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

test('quiet-on-safe: beside a migration that is open the ordinary work of others goes on', async () => {
  const [one, other] = [await session(), await session()]
  await say(one, 'BEGIN')
  await say(one, 'CREATE TABLE more (id int); ALTER TABLE more ADD COLUMN name text')
  const said = [
    'DELETE FROM car WHERE id = 40',
    'BEGIN; INSERT INTO log VALUES (1); COMMIT',
    "BEGIN; UPDATE other SET name = 'z' WHERE id = 1; COMMIT",
    'SELECT count(*) FROM car',
  ]
  for (const text of said) expect(await say(other, text), text).not.toMatch(/ERROR|Firebreak/)
  expect(it.left()).toBe(8)
  expect(await say(one, 'COMMIT')).not.toContain('Firebreak')
})
