/** Each real client does its work against the server itself, twice with the same words: so what differs through a gateway is the gateway's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodePostgres, postgresJs } from './clients-node.ts'
import {
  clientSetup,
  dump,
  jdbc,
  pgbench,
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

test.each<[string, Client, string]>([
  ['psql: every listing', psqlListings, 'shop.items'],
  ['psql: its work', psqlWork, 'division by zero'],
  ['pg_dump', dump, 'CREATE TABLE shop.items'],
  ['pgbench', pgbench, 'number of transactions actually processed: 100/100'],
  ['psycopg', psycopg, '22012 division by zero'],
  ['JDBC', jdbc, '22012 ERROR: division by zero'],
  ['node-postgres', nodePostgres, 'division by zero'],
  ['postgres.js', postgresJs, 'division by zero'],
])(
  '%s',
  async (_, client, part) => {
    const first = await client(place)
    expect(first).toContain(part)
    expect(await client(place)).toBe(first)
  },
  60_000,
)

test('pg_restore makes the same database', async () => {
  const dumped = await restore(place, { ...place, database: 'copy' })
  expect(dumped).toContain('CREATE TABLE shop.items')
})
