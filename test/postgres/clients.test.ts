/** quiet-on-safe: each real client does its usual work through the gateway, the guard on, and says what it says directly. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { drizzle, knex, sequelize, typeorm } from './clients-frameworks.ts'
import { nodePostgres, postgresJs } from './clients-node.ts'
import {
  clientCleanup,
  clientSetup,
  dump,
  jdbc,
  pgbenchRuns,
  pgbenchTables,
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
  gate = await openGate({ sql: 'SELECT 1', databases: { copy: owner } })
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

test.each<[string, Client, string]>([
  ['psql: every listing', psqlListings, 'shop.items'],
  ['psql: its work', psqlWork, 'division by zero'],
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
])(
  '%s',
  async (_, client, part) => {
    const first = await client(direct())
    expect(first).toContain(part)
    gate.cluster.sql(clientCleanup, 'shop')
    expect(await client(through())).toBe(first)
  },
  60_000,
)

test('pg_restore makes the same database', async () => {
  const dumped = await restore(through(), through('copy'))
  expect(dumped).toContain('CREATE TABLE shop.items')
})
