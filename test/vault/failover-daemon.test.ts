/** Failovers through the daemon: a mark upon the old timeline's base backup counts at once, and a gap begins a new base backup by itself. */
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAlone, restoreCluster } from '../../src/app/alone.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { everything, openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { ownFolder } from '../postgres/cluster.ts'
import { soon, startCopy } from './physical-house.ts'
import { caughtUp, startStandby } from './standby-house.ts'
import type { Standby } from './standby-house.ts'

let gate: Gate
const standbys: Standby[] = []

beforeAll(async () => {
  gate = await openGate({
    sql: 'CREATE TABLE car AS SELECT 1 id',
    may: 'REPLICATION CREATEDB',
    conf: [
      'max_slot_wal_keep_size = 1GB',
      'fsync = on',
      'full_page_writes = on',
      'wal_keep_size = 64MB',
    ],
    vault: `databases: { shop: { engine: physical } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  gate.cluster.sql(`CREATE DATABASE scrap OWNER ${owner}`)
  gate.cluster.sql(`CREATE TABLE kept AS SELECT generate_series(1, 77)`, 'scrap')
  await gate.restart()
  await gate.people.call('vault-backup', { target: 'shop' })
  standbys.push(await startStandby(gate.cluster, gate.cluster.port))
}, 60_000)
afterAll(async () => {
  for (const standby of standbys) {
    await standby.stop()
    rmSync(standby.folder, { recursive: true, force: true })
  }
  await gate.close()
})

async function bases(): Promise<number> {
  const all = await gate.people.call('vault-list')
  const rows = Array.isArray(all) ? all.filter(isObject) : []
  return rows.filter(({ id }) => textOf(id).startsWith('base_')).length
}

async function streams(): Promise<JsonObject> {
  const told = await gate.people.call('vault-status')
  const wal = isObject(told) ? told['wal'] : []
  const [row] = Array.isArray(wal) ? wal.filter(isObject) : []
  return row ?? {}
}

async function backAt(mark: string, sql: string, database: string): Promise<string> {
  const folder = ownFolder('firebreak-back-')
  rmSync(folder, { recursive: true })
  const [store, key] = [join(gate.dir, `alone-${mark}`), join(gate.dir, 'home/.firebreak/key')]
  cpSync(join(gate.dir, 'vault'), store, { recursive: true })
  const alone = await openAlone({ store, key, identity: null, signer: null })
  await restoreCluster(alone, { id: mark, folder, until: { time: null, lsn: null, name: null } })
  const data = join(folder, 'data')
  const copy = await startCopy({ data, socket: folder, bytes: 0, known: 0n }, gate.cluster.binDir)
  try {
    return copy.sql(sql, database).trim()
  } finally {
    await copy.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a database that was dropped right after a failover comes back over it, from the base backup before', async () => {
  const [standby] = standbys
  if (standby === undefined) throw new Error('no standby')
  await caughtUp(gate.cluster, standby)
  await gate.cluster.kill()
  await standby.promote()
  standby.sql('INSERT INTO kept SELECT generate_series(78, 80)', 'scrap')
  await expect.poll(streams, soon).toMatchObject({ receives: true, gap: null })
  const grant = await gate.people.mint('agent:cursor', everything)
  const said = await gate.psql(grant, 'DROP DATABASE scrap;')
  const done = await gate.approve(/firebreak approve (hold_\w+)/.exec(said)?.[1] ?? '')
  expect(done).toMatchObject({
    state: 'executed',
    recoveryPoints: [expect.stringMatching(/^mark_/)],
  })
  const [mark] = Array.isArray(done['recoveryPoints']) ? done['recoveryPoints'].map(textOf) : []
  expect(await bases()).toBe(1)
  expect(standby.sql(`SELECT count(*) FROM pg_database WHERE datname = 'scrap'`)).toBe('0')
  expect(await gate.people.call('vault-verify', { id: mark ?? '' })).toMatchObject({ whole: true })
  expect(await backAt(mark ?? '', 'SELECT count(*) FROM kept', 'scrap')).toBe('80')
}, 60_000)

test('what two failovers have left out is told, and a new base backup is taken by itself', async () => {
  const [primary] = standbys
  if (primary === undefined) throw new Error('no primary')
  const second = await startStandby(primary)
  const third = await startStandby(second, gate.cluster.port)
  standbys.push(second, third)
  await gate.restart(async () => {
    await caughtUp(primary, third)
    await primary.stop()
    await second.promote()
    second.sql(`SET synchronous_commit = on;
      CREATE TABLE between AS SELECT repeat('x', 1000) AS t FROM generate_series(1, 4000)`)
    await caughtUp(second, third)
    await second.stop()
    await third.promote()
    third.sql('CHECKPOINT')
    const wal = join(third.folder, 'data/pg_wal')
    for (const name of readdirSync(wal))
      if (/^00000003[0-9A-F]{16}$/.test(name)) rmSync(join(wal, name))
  })
  await expect.poll(bases, { timeout: 30_000 }).toBe(2)
  expect(JSON.stringify(await gate.people.call('alarm-list', { all: true }))).toMatch(
    /shop: WAL is missing since `base_\w+`, of timeline 3 from .* to .*: more than one server was promoted while nothing was received; a new base backup is taken now/,
  )
  expect(await streams()).toMatchObject({ receives: true, gap: null })
}, 60_000)
