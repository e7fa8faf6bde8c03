/** quiet-on-safe: each real client does its usual work through the gateway, the guard on, and says what it says directly. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { drizzle, knex, sequelize, typeorm } from './clients-frameworks.ts'
import { nodePostgres, postgresJs } from './clients-node.ts'
import {
  clientCleanup,
  clientSetup,
  dump,
  dumped,
  jdbc,
  pgbenchRuns,
  pgbenchTables,
  psqlCalls,
  psqlListings,
  psqlWork,
  psycopg,
  restore,
} from './clients.ts'
import type { Client, Place } from './clients.ts'
import { everything, openGate, owner, password } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate
let grant: string
beforeAll(async () => {
  gate = await openGate({ sql: 'SELECT 1', databases: { copy: owner, second: owner } })
  gate.cluster.sql(clientSetup, 'shop')
}, 60_000)
afterAll(() => gate.close())
beforeEach(async ({ task }) => {
  gate.cluster.sql(clientCleanup, 'shop')
  // Each its own principal, so that none spends another's rows.
  grant = await gate.people.mint(`agent:${task.id}`, { ...everything, rows: 100_000 })
})

const direct = (database = 'shop'): Place => ({
  port: gate.cluster.port,
  user: owner,
  password,
  database,
})
const through = (database = 'shop'): Place => ({
  port: gate.port(),
  user: owner,
  password: grant,
  database,
})

const pgbenchBoth: Client = async (place) => {
  await pgbenchTables(place)
  return await pgbenchRuns(place)
}

const clients: readonly (readonly [string, Client, string])[] = [
  ['psql: every listing', psqlListings, 'shop.items'],
  ['psql: its work', psqlWork, 'division by zero'],
  ['psql: its ways of being called', psqlCalls, 'INSERT 0 2'],
  ['pg_dump', dump, 'CREATE TABLE shop.items'],
  ['pgbench -i', pgbenchTables, 'creating primary keys'],
  ['pgbench', pgbenchBoth, 'number of transactions actually processed: 100/100'],
  ['psycopg', psycopg, '22012 division by zero'],
  ['JDBC', jdbc, '22012 ERROR: division by zero'],
  ['node-postgres', nodePostgres, 'division by zero'],
  ['postgres.js', postgresJs, 'division by zero'],
  ['Knex', knex, 'Ann'],
  ['Drizzle', drizzle, 'Ann'],
  ['Sequelize', sequelize, 'Ann'],
  ['TypeORM', typeorm, 'Ann'],
]

for (const [name, client, part] of clients)
  test(`${name}: the same as direct`, async () => {
    const first = await client(direct())
    expect(first).toContain(part)
    gate.cluster.sql(clientCleanup, 'shop')
    // What is changed past the gateway it sees within seconds.
    await gate.running.firebreak.databases.get('shop')?.refresh()
    expect(await client(through())).toBe(first)
  }, 60_000)

test('pg_restore makes the same database', async () => {
  const dump = await dumped(direct())
  expect(dump).toContain('CREATE TABLE shop.items')
  expect(await restore(through(), through('copy'))).toBe(dump)
}, 60_000)

test('pg_restore of a dump: what it makes is made, what --clean drops is held', async () => {
  await expect(restore(direct(), through('second'))).resolves.toContain('CREATE TABLE shop.items')
  await expect(
    restore(direct(), through('second'), ['--clean', '--exit-on-error']),
  ).rejects.toThrow(/Firebreak holds ALTER TABLE.*DROP CONSTRAINT/s)
  expect(gate.cluster.sql('SELECT count(*) FROM shop.items', 'second')).toBe('500\n')
}, 60_000)
