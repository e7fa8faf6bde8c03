/** The physical engine by plain SQL against a real server that refuses replication: base backup, WAL, restore, and what is refused. */
import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn } from '../../src/platforms/postgres/replication.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Physical } from '../../src/vault/engine-physical.ts'
import { damageOfBase } from '../../src/vault/physical-verify.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import type { Cluster } from '../postgres/cluster.ts'
import {
  dialOf,
  openRig,
  overSql,
  refuseReplication,
  replicate,
  startCopy,
  startSource,
} from './physical-house.ts'
import type { Copy, Rig } from './physical-house.ts'

let cluster: Cluster
const rigs: Rig[] = []
const engines: Physical[] = []
const copies: Copy[] = []

beforeAll(async () => {
  cluster = await startSource()
  refuseReplication(cluster)
  const space = join(cluster.socketDir, 'space')
  mkdirSync(space)
  const { uid, gid } = statSync(cluster.dataDir)
  chownSync(space, uid, gid)
  cluster.sql(`CREATE TABLESPACE far LOCATION '${space}'`)
  cluster.sql(`CREATE TABLE afar (n int) TABLESPACE far; CREATE TABLE near (n int, t text);
    CREATE UNLOGGED TABLE passing (n int); INSERT INTO passing VALUES (1);
    INSERT INTO afar SELECT generate_series(1, 100);
    INSERT INTO near SELECT n, md5(n::text) FROM generate_series(1, 20000) n`)
}, 60_000)
afterEach(async () => {
  for (const copy of copies.splice(0)) await copy.stop()
  for (const engine of engines.splice(0)) await engine.stop()
  for (const { dir } of rigs.splice(0)) rmSync(dir, { recursive: true, force: true })
  cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
})
afterAll(async () => await cluster.stop())

async function open(slot: string, connect = overSql): Promise<{ rig: Rig; engine: Physical }> {
  const rig = await openRig(cluster.port, slot, undefined, connect)
  rigs.push(rig)
  const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
  engines.push(engine)
  return { rig, engine }
}

async function copyOf(rig: Rig, point: string, mark: { name: string; lsn: Lsn }): Promise<Copy> {
  const spool = { folder: rig.spool, key: rig.key }
  const until = { kind: 'name', ...mark } as const
  const into = join(rig.dir, 'into')
  const copy = await startCopy(
    await restorePhysical({ box: rig.box, spool, point, until, into }),
    cluster.binDir,
  )
  copies.push(copy)
  return copy
}

test('the server refuses replication', async () => {
  await expect(replicate(cluster.port)).rejects.toThrow('replication')
})

test('a base backup, its WAL, and a restore to a mark', async () => {
  const { rig, engine } = await open('mark')
  const base = await engine.takeBase()
  expect(await damageOfBase(rig.box, base)).toBe(null)
  cluster.sql(`INSERT INTO near SELECT n, 'later' FROM generate_series(20001, 21000) n`)
  const client = await openClient(dialOf(cluster.port))
  const mark = await engine.mark(client.ask, 5000)
  await client.close()
  cluster.sql('DELETE FROM near WHERE n > 20000')
  const copy = await copyOf(rig, base.id, mark)
  expect(copy.sql('SELECT count(*), sum(n), max(t) FROM near')).toBe('21000|220510500|later')
  expect(copy.sql('SELECT count(*) FROM afar')).toBe('100')
  expect(copy.sql('SELECT count(*) FROM passing')).toBe('0')
  expect(parseLsn(base.stop)).toBeLessThanOrEqual(engine.status().shelved)
}, 60_000)
