/** R20, the incident as a whole: volume, backups, database, daemon and state gone, the platform answers 403; store and key bring all of it back. */
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { ownFolder, startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { startCopy } from './physical-house.ts'
import { firebreak as run } from '../run.ts'

const [owner, password] = ['keeper', 'the real one']
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

const shop = `SET ROLE ${owner};
CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, email text UNIQUE);
CREATE TABLE vehicles (id serial PRIMARY KEY, plate text NOT NULL, daily numeric(10,2));
CREATE TABLE bookings (id serial PRIMARY KEY, customer int REFERENCES customers, vehicle int REFERENCES vehicles, at timestamptz, note text);
CREATE TABLE payments (id serial PRIMARY KEY, booking int REFERENCES bookings, cents bigint, raw jsonb);
INSERT INTO customers (name, email) SELECT 'guest ' || g, g || '@example.com' FROM generate_series(1, 1500) g;
INSERT INTO vehicles (plate, daily) SELECT 'KS ' || g, 20 + g % 90 FROM generate_series(1, 120) g;
INSERT INTO bookings (customer, vehicle, at, note) SELECT g % 1500 + 1, g % 120 + 1, '2026-04-01'::timestamptz + g * interval '1 hour', repeat(md5(g::text), g % 9) FROM generate_series(1, 2400) g;
INSERT INTO payments (booking, cents, raw) SELECT g % 2400 + 1, g * 7, jsonb_build_object('n', g, 'ok', g % 3 = 0) FROM generate_series(1, 3100) g;`
const tables = ['customers', 'vehicles', 'bookings', 'payments']

/** Rows and an order-free fingerprint of each table; last whether a sequence would give a number twice. */
const fingerprints = [
  ...tables.map(
    (name) =>
      `SELECT '${name} ' || count(*) || ' ' || sum(hashtextextended(t::text, 0)) || ' ' || sum(hashtextextended(t::text, 7)) FROM ${name} t`,
  ),
  // After a recovery PostgreSQL's sequences stand up to 32 further than they did, and never behind.
  `SELECT bool_and(last_value >= (SELECT max(id) FROM bookings))::text FROM pg_sequences WHERE sequencename = 'bookings_id_seq'`,
].join(' UNION ALL ')

interface Given {
  readonly cluster: Cluster
  readonly rig: Rig
}

async function begin(engine: string): Promise<Given> {
  const cluster = await startCluster({
    users: [{ name: owner, password, how: 'scram-sha-256', may: 'REPLICATION' }],
    conf: ['max_slot_wal_keep_size = 1GB', 'full_page_writes = on', 'synchronous_commit = on'],
  })
  cluster.sql(`CREATE DATABASE shop OWNER ${owner}`)
  cluster.sql(shop, 'shop')
  const rig = await openRig(`  databases: { shop: { engine: ${engine} } }`, {
    database: 'shop',
    targets: `  shop:
    platform: postgres
    url: postgres://${owner}@127.0.0.1:${cluster.port}/shop
    tls: off
    environments: { production: { id: shop } }
postgres: { listen: '127.0.0.1:0' }`,
  })
  await rig.people.callAs('custody-add', { target: 'shop', secret: password })
  // It had no credential when it started.
  await rig.restart()
  return { cluster, rig }
}

async function backup(rig: Rig): Promise<void> {
  await expect
    .poll(
      async () =>
        textOf(
          await rig.people.call('vault-backup', { target: 'shop' }).then(
            (point) => (isObject(point) ? (point['id'] ?? '') : ''),
            () => '',
          ),
        ),
      { timeout: 30_000 },
    )
    .toMatch(/^(base|point)_/)
}

/** What the daemon says is safe reaches so far. */
async function safe(rig: Rig, lsn: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const all = await rig.people.call('vault-status')
        const wal = isObject(all) ? (all['wal'] ?? null) : null
        const [row] = Array.isArray(wal) ? wal.filter(isObject) : []
        const durable = textOf(row?.['durable'] ?? '')
        return durable !== '' && parseLsn(durable) >= parseLsn(lsn)
      },
      { timeout: 20_000 },
    )
    .toBe(true)
}

const firebreak = async (...args: readonly string[]): Promise<string> => await run(args)

test.each(['physical', 'logical'])(
  'R20: everything is gone and the platform answers 403: store and key alone bring back every row, by the %s engine',
  async (engine) => {
    const { cluster, rig } = await begin(engine)
    const { binDir } = cluster
    const kept = ownFolder('fb-kept-')
    try {
      const write = `INSERT INTO bookings (customer, vehicle, note) SELECT 1, 1, 'the last ones ' || g FROM generate_series(1, 50) g`
      if (engine === 'logical') cluster.sql(write, 'shop')
      await backup(rig)
      if (engine === 'physical') {
        // A base backup is only the beginning: what was written since is in it too.
        cluster.sql(write, 'shop')
        await safe(rig, cluster.sql('SELECT pg_current_wal_flush_lsn()', 'shop').trim())
      }
      const before = cluster.sql(fingerprints, 'shop').trim()
      expect(before).toContain('bookings 2450 ')

      // The key lies where the store is not, as the documentation says; and the store is all else that is left.
      const [store, key] = [join(kept, 'store'), join(kept, 'key')]
      await rig.running.stop()
      cpSync(join(rig.dir, 'home/.firebreak/key'), key)
      cpSync(join(rig.dir, 'vault'), store, { recursive: true })
      await lose({ cluster, rig })

      const began = performance.now()
      const id = /^(base|point)_\w+(?= +(physical|logical) shop)/m.exec(
        await firebreak('vault', 'list', '--store', store, '--key', key),
      )?.[0]
      const after = await restored({
        id: id ?? '',
        engine,
        binDir,
        at: ['--store', store, '--key', key],
      })
      expect(after).toBe(before)
      process.stderr.write(
        `the incident, ${engine}: all rows back in ${((performance.now() - began) / 60_000).toFixed(2)} minutes\n`,
      )
    } finally {
      await rig.platform.close()
      rmSync(rig.dir, { recursive: true, force: true })
      rmSync(kept, { recursive: true, force: true })
    }
  },
  180_000,
)

/** What the nine seconds took, and what a provider can take besides. */
async function lose({ cluster, rig }: Given): Promise<void> {
  const { platform } = rig
  const ask = async (query: string): Promise<Response> =>
    await fetch(platform.graphql, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${platform.token(kestrel.tokens.domains)}`,
      },
      body: JSON.stringify({ query }),
    })
  expect((await ask(volumeDelete)).status).toBe(200)
  expect(existsSync(platform.volumePath(kestrel.productionInstanceId))).toBe(false)
  platform.faults.set('*', { kind: 'status', status: 403 })
  expect((await ask('{ me { id } }')).status).toBe(403)
  await cluster.stop()
  expect(existsSync(cluster.dataDir)).toBe(false)
  for (const name of ['home', 'vault']) rmSync(join(rig.dir, name), { recursive: true })
}

/** The fingerprints of the restored database, in a server that has never seen it. */
async function restored({
  id,
  engine,
  binDir,
  at,
}: {
  readonly id: string
  readonly engine: string
  readonly binDir: string
  readonly at: readonly string[]
}): Promise<string> {
  if (engine === 'physical') {
    const folder = ownFolder('fb-back-')
    rmSync(folder, { recursive: true })
    expect(await firebreak('restore', id, ...at, '--folder', folder)).toContain('with its WAL')
    const data = join(folder, 'data')
    const copy = await startCopy({ data, socket: folder, bytes: 0, known: 0n }, binDir)
    try {
      return copy.sql(fingerprints, 'shop').trim()
    } finally {
      await copy.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const elsewhere = await startCluster({
    users: [{ name: owner, password: 'another', how: 'scram-sha-256' }],
  })
  try {
    elsewhere.sql(`CREATE DATABASE shop OWNER ${owner}`)
    const to = `postgres://${owner}:another@127.0.0.1:${elsewhere.port}/shop`
    expect(await firebreak('restore', id, ...at, '--to', to)).toContain('compared and the same')
    return elsewhere.sql(fingerprints, 'shop').trim()
  } finally {
    await elsewhere.stop()
  }
}
