/** Bypass watch: whoever is in the database past Firebreak is alarmed once, and who comes through it never. */
import { once } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookOnce } from '../../src/app/strangers.ts'
import { query } from '../../src/wire/postgres/front.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { login } from './relay-house.ts'

let gate: Gate
let grant: string
beforeAll(async () => {
  gate = await openGate({ sql: 'CREATE TABLE car (id int PRIMARY KEY)' })
  grant = await gate.people.mint('agent:watched', everything)
}, 60_000)
afterAll(() => gate.close())

const look = (): ReturnType<typeof lookOnce> => lookOnce(gate.running.firebreak, 'shop')
test('sessions through the gateway are ours: idle, working, and ended in the middle of their work', async () => {
  const idle = await login(gate.port(), 'agent', 'shop', grant)
  const working = await login(gate.port(), 'agent', 'shop', grant)
  working.say(query("SET application_name = 'left alone'"))
  await working.until('Z')
  working.say(query('SELECT pg_sleep(30)'))
  expect(await look()).toEqual([])
  const gone = once(working.socket, 'close')
  working.socket.destroy()
  await gone
  expect(await look()).toEqual([])
  // Its process may outlive it: the server does not look whether its client is still there.
  const left = `FROM pg_stat_activity WHERE application_name = 'left alone'`
  expect(await look()).toEqual([])
  await gate.direct(`SELECT pg_terminate_backend(pid) ${left}`)
  idle.socket.destroy()
})

test('a direct session is told once, with who it is', async () => {
  const direct = new pg.Client({
    host: '127.0.0.1',
    port: gate.cluster.port,
    user: 'postgres',
    database: 'shop',
    application_name: 'around the back',
  })
  await direct.connect()
  expect(await look()).toMatchObject([{ user: 'postgres', application: 'around the back' }])
  expect(await look()).toEqual([])
  await direct.end()
  const again = new pg.Client({
    host: '127.0.0.1',
    port: gate.cluster.port,
    user: 'postgres',
    database: 'shop',
  })
  await again.connect()
  expect(await look()).toHaveLength(1)
  await again.end()
})
