/** recovery-first: a mark counts only in the WAL that is received, upon a base backup of the very cluster that it is of. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { Secret } from '../../src/base/secret.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { told } from '../../src/platforms/postgres/questions.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import { openMark } from '../../src/vault/mark-manifest.ts'
import { openBase } from '../../src/vault/physical-verify.ts'
import { notRoot } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { everything, openGate, owner, password } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { dialOf, openRig, startSource } from '../vault/physical-house.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);`,
    may: 'REPLICATION CREATEDB',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `databases: { shop: { engine: physical } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  await gate.restart()
}, 60_000)
afterAll(() => gate.close())

async function ask(sql: string): Promise<JsonObject> {
  const grant = await gate.people.mint('agent:cursor', everything)
  const said = await gate.psql(grant, sql)
  return await gate.approve(/firebreak approve (hold_\w+)/.exec(said)?.[1] ?? '')
}

async function receiving(): Promise<void> {
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-status')), { timeout: 20_000 })
    .toContain('"receives":true')
}

/** Another cluster at the same address: what a restore, an upgrade or a new server leaves there. */
async function anotherCluster(cluster: Cluster): Promise<void> {
  const { binDir, dataDir } = cluster
  await cluster.kill()
  renameSync(dataDir, `${dataDir}-before`)
  const how = ['-A', 'trust', '-U', 'postgres', '--locale=C.UTF-8', '-E', 'UTF8', '--wal-segsize=1']
  const made = spawnSync(join(binDir, 'initdb'), ['-D', dataDir, '--no-sync', ...how], notRoot)
  expect(made.status).toBe(0)
  for (const file of ['postgresql.conf', 'pg_hba.conf'])
    copyFileSync(join(`${dataDir}-before`, file), join(dataDir, file))
  await cluster.start()
  cluster.sql(`CREATE ROLE ${owner} LOGIN REPLICATION CREATEDB PASSWORD '${password}'`)
  cluster.sql(`CREATE DATABASE shop OWNER ${owner}`)
  cluster.sql(`CREATE DATABASE scrap OWNER ${owner}`)
  cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  cluster.sql(`CREATE TABLE kept AS SELECT generate_series(1, 77)`, 'scrap')
}

/** The clusters whose base backups these marks lean on. */
async function systemsUnder(marks: Json | undefined): Promise<readonly string[]> {
  const { box } = gate.running.firebreak.vault
  if (box === null || !Array.isArray(marks)) throw new Error('no marks')
  const found = marks.map(async (mark) => {
    const { base } = await openMark(box, textOf(mark))
    return (await openBase(box, base)).system
  })
  return await Promise.all(found)
}

test('recovery-first: a base backup of another cluster carries no mark', async () => {
  await receiving()
  // So that the new cluster is behind the old one in its numbers, as one that was made anew is.
  for (let count = 0; count < 8; count += 1)
    gate.cluster.sql('CREATE TABLE x (); DROP TABLE x; SELECT pg_switch_wal()', 'shop')
  const base = await gate.people.call('vault-backup', { target: 'shop' })
  expect(isObject(base) ? textOf(base['id']) : '').toMatch(/^base_/)
  await anotherCluster(gate.cluster)
  // As it is said where the receiver meets another server.
  await gate.restart(() => rmSync(join(gate.dir, 'vault/spool/shop'), { recursive: true }))
  await receiving()
  const said = await ask('DROP DATABASE scrap;')
  // A base backup of the new cluster begins by itself: where it was there in time, the mark leans on that one and on no other.
  if (said['state'] === 'executed') {
    const system = gate.cluster.sql('SELECT system_identifier FROM pg_control_system()').trim()
    expect(await systemsUnder(said['recoveryPoints'])).toEqual([system])
    return
  }
  expect(said).toMatchObject({ state: 'failed' })
  expect(JSON.stringify(said)).toMatch(/no base backup of shop|another cluster/)
  expect(gate.cluster.sql('SELECT count(*) FROM kept', 'scrap').trim()).toBe('77')
}, 120_000)

test('recovery-first: a mark that was set in another server than the one that is followed is none', async () => {
  const followed = await startSource()
  const rig = await openRig(followed.port, 'attack')
  const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 10_000 })
  // What a name that leads elsewhere by now does: the receiver is connected still, and the session is new.
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`)
  const { target } = dialOf(gate.cluster.port)
  const secret = new Secret(password)
  const client = await openClient({
    ...dialOf(gate.cluster.port),
    target: { ...target, user: owner },
    secret,
  })
  try {
    const [row] = await client.ask('SELECT pg_current_wal_lsn() AS lsn')
    const there = parseLsn(told(row, 'lsn'))
    followed.sql('CREATE TABLE much AS SELECT generate_series(1, 300000) AS a')
    await expect
      .poll(() => engine.status().durable, { timeout: 15_000 })
      .toBeGreaterThan(there + 10_000n)
    await expect(engine.mark(client.ask, 5000)).rejects.toThrow(/another server/)
  } finally {
    await client.close()
    await engine.stop()
    await followed.stop()
    rmSync(rig.dir, { recursive: true, force: true })
  }
}, 60_000)
