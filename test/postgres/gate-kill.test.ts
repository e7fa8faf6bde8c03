/** Killed in the middle: the database, the gateway, the client. Nothing is half done, no hold is lost, nothing stays behind. */
import { afterEach, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json } from '../../src/base/json.ts'
import { query } from '../../src/wire/postgres/front.ts'
import { send } from './differential-wire.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { apart } from './gate-process.ts'
import type { Apart } from './gate-process.ts'
import { login } from './relay-house.ts'

let gate: Gate
let alone: Apart | null = null
afterEach(async () => {
  await alone?.kill()
  alone = null
  await gate.close()
})

const shop = `CREATE TABLE car (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 300) g;
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
CREATE TABLE slow (id int PRIMARY KEY); INSERT INTO slow VALUES (1);
CREATE TRIGGER dawdle BEFORE UPDATE ON slow FOR EACH ROW EXECUTE FUNCTION dawdle();`

const begin = async (): Promise<string> => {
  gate = await openGate({ sql: shop })
  return await gate.people.mint('agent:a', everything)
}
const changed = async (): Promise<string> =>
  (await gate.direct(`SELECT count(*) FROM car WHERE name NOT LIKE 'car %' OR id > 300`)).trim()
const working = async (what: string): Promise<boolean> =>
  (await gate.direct(
    `SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '${what}%'`,
  )) !== '0\n'
const open = async (): Promise<readonly Json[]> => {
  const holds = await gate.people.call('hold-list', { all: false, by: 'ada' })
  return Array.isArray(holds) ? holds : []
}

test('the database killed inside a transaction and inside a counted write: neither is kept, and the next session works', async () => {
  const grant = await begin()
  const inside = await login(gate.port(), 'agent', 'shop', grant)
  inside.say(query(`BEGIN; UPDATE car SET name = 'never' WHERE id = 1`))
  await inside.until('Z')
  const counted = await login(gate.port(), 'agent', 'shop', grant)
  counted.say(query('UPDATE slow SET id = 2 WHERE id = 1'))
  while (!(await working('UPDATE slow')));
  await gate.cluster.kill()
  // To the end of the connection: no answer says that anything was done.
  for (const client of [inside, counted])
    expect((await client.until('never')).map(({ type }) => type)).not.toContain('C')
  await gate.cluster.start()
  expect(await changed()).toBe('0')
  expect(await gate.psql(grant, `UPDATE car SET name = 'newer' WHERE id = 2 RETURNING id`)).toBe(
    '2\n',
  )
  expect(await gate.people.call('ledger-verify')).toMatchObject({ ok: true })
}, 60_000)

test('the client gone in the middle of COPY: no row of it is kept, and what destroys is judged at once', async () => {
  const grant = await begin()
  const client = await login(gate.port(), 'agent', 'shop', grant)
  client.say(query('COPY car FROM STDIN'))
  await client.until('G')
  client.say(send.copyData('301\tnever\n302\tnever\n'))
  client.socket.resetAndDestroy()
  expect(await gate.psql(grant, 'TRUNCATE car')).toMatch(/42501|Firebreak/)
  while (
    (await gate.direct(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY car%'`)) !==
    '0\n'
  );
  expect(await changed()).toBe('0')
}, 60_000)

test('the client gone in the middle of a counted write and of an answer: nothing of the write is kept', async () => {
  const grant = await begin()
  const client = await login(gate.port(), 'agent', 'shop', grant)
  client.say(query(`BEGIN; UPDATE car SET name = 'never' WHERE id = 1`))
  await client.until('Z')
  client.say(query(`COPY (SELECT repeat('x', 1000), generate_series(1, 10000000)) TO STDOUT`))
  await client.until('d')
  client.socket.resetAndDestroy()
  while (await working('COPY (SELECT'));
  expect(await changed()).toBe('0')
}, 60_000)

test('the gateway killed while it holds and while it counts: the hold is there after, and nothing was done', async () => {
  const grant = await begin()
  alone = await apart(gate)
  const ask = (): Promise<string> => gate.psql(grant, 'GRANT SELECT ON car TO PUBLIC')
  const told = await ask()
  expect(told).toContain('firebreak approve hold_')
  const id = /hold_\w+/.exec(told)?.[0] ?? ''
  const counted = await login(gate.port(), 'agent', 'shop', grant)
  counted.say(query('UPDATE slow SET id = 2 WHERE id = 1'))
  while (!(await working('UPDATE slow')));
  await alone.kill()
  expect((await counted.until('never')).map(({ type }) => type)).not.toContain('C')
  await alone.up()
  expect((await open()).map((hold) => (isObject(hold) ? textOf(hold['id']) : ''))).toEqual([id])
  expect(await ask()).toContain(id)
  expect(await gate.direct('SELECT id FROM slow')).toBe('1\n')
  expect(await gate.direct(`SELECT relacl FROM pg_class WHERE relname = 'car'`)).toBe('\n')
  expect(await gate.people.call('ledger-verify')).toMatchObject({ ok: true })
}, 60_000)

test('the gateway killed while the server runs what no transaction can hold: a person says what became of it, and nothing runs again', async () => {
  const grant = await begin()
  await gate.direct('CREATE UNIQUE INDEX car_name ON car (name)')
  alone = await apart(gate)
  const drop = 'DROP INDEX CONCURRENTLY car_name'
  const id = /hold_\w+/.exec(await gate.psql(grant, drop))?.[0] ?? ''
  const reader = gate.direct('BEGIN; LOCK car IN ACCESS SHARE MODE; SELECT pg_sleep(600)')
  while (!(await working('SELECT pg_sleep')));
  const cut = gate.approve(id).catch(() => null)
  while (!(await working('DROP INDEX')));
  const settle = (happened: boolean): Promise<Json> =>
    gate.people.callAs('hold-settle', { id, happened })
  await expect(settle(false)).rejects.toThrow(
    `\`${id}\` is running now: there is nothing to settle`,
  )
  await alone.kill()
  await cut
  await alone.up()
  const shown = async (): Promise<unknown> => await gate.people.call('hold-show', { id })
  expect(await shown()).toMatchObject({
    state: 'executing',
    lost: expect.stringContaining('firebreak holds settle HOLD --happened'),
  })
  // The server does not look whether anybody still listens: it waits for the reader, and goes on.
  gate.cluster.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`,
  )
  await reader
  const index = `SELECT count(*) FROM pg_class WHERE relname = 'car_name'`
  while ((await gate.direct(index)) !== '0\n');
  await gate.direct('CREATE UNIQUE INDEX car_name ON car (name)')
  expect(await settle(true)).toMatchObject({
    state: 'executed',
    closing: 'done, as ada says: the target cannot say',
  })
  expect(await shown()).toMatchObject({ state: 'executed', lost: null })
  await expect(settle(false)).rejects.toThrow(`\`${id}\` is executed: there is nothing to settle`)
  await gate.psql(grant, drop)
  expect(await gate.direct(index)).toBe('1\n')
  expect(await gate.people.call('ledger-verify')).toMatchObject({ ok: true })
}, 60_000)
