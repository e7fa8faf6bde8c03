/** halt-halts: a halt, or a revoked grant, ends every open session within a second, whatever it is doing, and what it waits for. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { query } from '../../src/wire/postgres/front.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { login } from './relay-house.ts'
import type { Raw } from './relay-house.ts'
import { send } from './differential-wire.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate({ sql: 'CREATE TABLE word (id int PRIMARY KEY, body text)' })
}, 60_000)
afterAll(() => gate.close())

/** Every row of an endless answer. */
const endless = `COPY (SELECT repeat('x', 1000), generate_series(1, 100000000)) TO STDOUT`

/** What a session may be doing, from when it has begun. */
const doings: Readonly<Record<string, (client: Raw) => Promise<unknown>>> = {
  idle: async () => undefined,
  'in a long query': async (client) => client.say(query('SELECT pg_sleep(600)')),
  'in a transaction': async (client) => {
    client.say(query("BEGIN; INSERT INTO word VALUES (1, 'never')"))
    await client.until('Z')
  },
  'reading COPY data': async (client) => {
    client.say(query(endless.replace('1000)', '1000), pg_sleep(0.001)')))
    await client.until('d')
  },
  'not reading COPY data': async (client) => {
    client.say(query(endless))
    await client.until('H')
    client.socket.pause()
  },
  'sending COPY data': async (client) => {
    client.say(query('COPY word FROM STDIN'))
    await client.until('G')
    client.say(send.copyData('2\tnever\n'))
  },
}

const sessions = async (): Promise<number> =>
  Number(
    await gate.direct(
      `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'halted' AND pid <> pg_backend_pid()`,
    ),
  )

test.each<[string, (grant: string, principal: string) => Promise<unknown>]>([
  ['halt', async (_, who) => await gate.people.call('halt', { who, reason: 'a test', by: 'ada' })],
  ['revoke', async (id) => await gate.people.call('grant-revoke', { id, by: 'ada' })],
])('%s', async (name, stop) => {
  const principal = `agent:${name}`
  const grant = await gate.people.mint(principal, everything)
  const other = await gate.people.mint(`agent:not-${name}`, everything)
  const bystander = await login(gate.port(), 'agent', 'shop', other)
  const clients = new Map<string, Raw>()
  for (const [what, begin] of Object.entries(doings)) {
    const client = await login(gate.port(), 'agent', 'shop', grant)
    client.say(query(`SET application_name = 'halted'`))
    await client.until('Z')
    await begin(client)
    clients.set(what, client)
  }
  while ((await sessions()) < clients.size);

  const closed = [...clients.values()].map(
    ({ socket }) => new Promise((resolve) => socket.once('close', resolve)),
  )
  const last = clients.get('idle')?.until('never')
  const begun = performance.now()
  await stop(grant, principal)
  clients.get('not reading COPY data')?.socket.resume()
  await Promise.all(closed)
  while ((await sessions()) > 0);
  expect(performance.now() - begun).toBeLessThan(1000)

  expect((await last)?.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join()).toMatch(
    /FATAL.*57P01.*its grant no longer works/s,
  )
  expect(await gate.psql(grant, 'SELECT 1')).toMatch(/FATAL/)
  bystander.say(query(`SELECT 'still here'`))
  expect((await bystander.until('Z')).map(({ type }) => type).join('')).toBe('TDCZ')
  bystander.socket.destroy()
  expect((await gate.direct('SELECT count(*) FROM word')).trim()).toBe('0')

  await gate.restart()
  expect(await gate.psql(grant, 'SELECT 1')).toMatch(/FATAL/)
  expect(await gate.psql(other, 'SELECT 1')).toBe('1\n')
})
