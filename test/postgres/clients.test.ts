/** Each real client does its work against the server itself, twice with the same words: so what differs through a gateway is the gateway's. */
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
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

let cluster: Cluster
let place: Place
beforeAll(async () => {
  cluster = await startCluster({
    users: [{ name: 'app', password: 'secret', how: 'scram-sha-256' }],
  })
  cluster.sql('CREATE DATABASE shop OWNER app')
  cluster.sql('CREATE DATABASE copy OWNER app')
  cluster.sql(clientSetup, 'shop')
  place = { port: cluster.port, user: 'app', password: 'secret', database: 'shop' }
})
afterAll(() => cluster.stop())
beforeEach(() => void cluster.sql(clientCleanup, 'shop'))

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
    const first = await client(place)
    cluster.sql(clientCleanup, 'shop')
    expect(first).toContain(part)
    expect(await client(place)).toBe(first)
  },
  60_000,
)

test('pg_restore makes the same database', async () => {
  const dumped = await restore(place, { ...place, database: 'copy' })
  expect(dumped).toContain('CREATE TABLE shop.items')
})
