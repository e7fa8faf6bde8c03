/** Clocks that differ by an hour: a time to go back to is the server's, and is held against the server's times. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import { planWal } from '../../src/vault/physical-plan.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openRig, overSql, replicate, soon, startSource } from './physical-house.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startSource()
}, 60_000)
afterAll(async () => await cluster.stop())

const hour = 3_600_000
test.each([
  ['behind', 'replication', -hour, replicate],
  ['ahead', 'replication', hour, replicate],
  ['behind', 'sql', -hour, overSql],
  ['ahead', 'sql', hour, overSql],
] as const)('ours is an hour %s, by %s', async (which, way, ours, connect) => {
  const rig = await openRig(cluster.port, `${which}_${way}`, undefined, connect)
  const clock = { now: () => Date.now() + ours, steady: () => performance.now() }
  const engine = await openPhysical({ ...rig.receiver, ...rig.taking, clock, shelvedMs: 20_000 })
  try {
    const before = Date.now()
    await expect.poll(() => engine.status().aheadMs, soon).not.toBe(null)
    const base = await engine.takeBase()
    expect(Math.abs((base.aheadMs ?? 0) + ours)).toBeLessThan(60_000)
    const behind = Date.now()
    // Sent by a later time of the server's.
    await expect.poll(() => Date.now() > behind).toBe(true)
    cluster.sql(`SET synchronous_commit = on; CREATE TABLE ${which}_${way} AS SELECT 1 n`)
    const end = parseLsn(cluster.sql('SELECT pg_current_wal_flush_lsn()').trim())
    await expect.poll(() => engine.status().durable >= end, soon).toBe(true)
    const spool = { folder: rig.spool, key: rig.key }
    const planned = async (time: number): Promise<unknown> =>
      (await planWal(rig.box, base, spool, { kind: 'time', time })).until
    expect(await planned(behind)).toEqual({ kind: 'time', time: behind })
    await expect(planned(before)).rejects.toThrow('is before')
  } finally {
    await engine.stop()
    rmSync(rig.dir, { recursive: true, force: true })
  }
})
