/** The physical engine killed at any moment under load: what it called durable is in the copy, and every base backup that counts restores. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client } from '../../src/gateways/postgres/client.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn, Way } from '../../src/platforms/postgres/replication.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Until } from '../../src/vault/physical-config.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { damageOfBase, listBases } from '../../src/vault/physical-verify.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { chanceOf } from '../postgres/fuzz-chance.ts'
import { whole } from '../sample.ts'
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
let rig: Rig
let client: Client
let bench: ChildProcess

/** Each row that the server has acknowledged, and a place in the WAL that its commit lies before. */
const acknowledged: Lsn[] = []

async function commit(): Promise<void> {
  await client.ask('INSERT INTO acknowledged VALUES ($1)', [String(acknowledged.length)])
  const [row] = await client.ask('SELECT pg_current_wal_flush_lsn()::text AS at')
  acknowledged.push(parseLsn(row?.['at'] ?? ''))
}

/**
 * Runs it until so many lines have come, and kills it then and there; how far it said it was. `first`: they count from its
 * first base backup on, so that there is something to restore, however slow the machine is.
 */
async function runApart(
  way: Way,
  lines: number,
  first: boolean,
): Promise<{ durable: Lsn; bases: string[]; said: string }> {
  const script = join(import.meta.dirname, 'physical-apart.ts')
  const child = spawn(process.execPath, [script, String(cluster.port), rig.dir, way], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  let durable = 0n
  const bases: string[] = []
  let left = lines
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, what = '', lost = ''] = line.split(' ')
    if (kind === 'base') bases.push(what)
    else durable = BigInt(what)
    expect(lost).toBe('')
    await commit()
    if (!first || bases.length > 0) left -= 1
    if (left <= 0) child.kill('SIGKILL')
  }
  return { durable, bases, said }
}

async function copyOf(point: string, until: Until): Promise<Copy> {
  const spool = { folder: rig.spool, key: rig.key }
  const into = join(rig.dir, 'into')
  rmSync(into, { recursive: true, force: true })
  return await startCopy(
    await restorePhysical({ box: rig.box, spool, point, until, into }),
    cluster.binDir,
  )
}

/** A copy of pgbench's tables is of one moment: each transaction adds the same everywhere. */
const balanced = `SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
  AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)`

describe.each<[Way, number]>([
  ['replication', whole ? 5 : 2],
  ['sql', whole ? 3 : 1],
])('by %s', (way, rounds) => {
  beforeAll(async () => {
    cluster = await startSource(['synchronous_commit = on'])
    const server = ['-h', cluster.socketDir, '-p', String(cluster.port), '-U', 'postgres']
    const pgbench = join(cluster.binDir, 'pgbench')
    await once(spawn(pgbench, [...server, '-i', '-q', 'postgres'], { stdio: 'ignore' }), 'exit')
    cluster.sql('CREATE TABLE acknowledged (n int)')
    acknowledged.length = 0
    if (way === 'sql') refuseReplication(cluster)
    rig = await openRig(cluster.port, 'apart', undefined, way === 'sql' ? overSql : replicate)
    client = await openClient(dialOf(cluster.port))
    const load = ['-n', '-c', '2', '-R', '300', '-T', '120', 'postgres']
    bench = spawn(pgbench, [...server, ...load], { stdio: 'ignore' })
  }, 60_000)
  afterAll(async () => {
    bench.kill('SIGKILL')
    await client.close()
    await cluster.stop()
    rmSync(rig.dir, { recursive: true, force: true })
  })

  test('killed at random moments, it keeps every acknowledged commit that it called durable', async () => {
    const seed = Number(process.env['FIREBREAK_SEED'] ?? Date.now() % 1_000_000)
    process.stderr.write(`seed ${seed}\n`)
    const chance = chanceOf(seed)
    for (let round = 0; round < rounds; round += 1) {
      const { durable, bases, said } = await runApart(way, 30 + chance.below(100), round === 0)
      expect(said).toBe('')
      const listed = await listBases(rig.box)
      for (const id of bases) expect(listed.map((one) => one.id)).toContain(id)
      for (const base of listed) expect(await damageOfBase(rig.box, base)).toBe(null)
      const copy = await copyOf(listed[chance.below(listed.length)]?.id ?? '', { kind: 'end' })
      const there = new Set(copy.sql('SELECT n FROM acknowledged').split('\n').map(Number))
      const wanted = acknowledged.flatMap((at, n) => (at <= durable ? [n] : []))
      expect(wanted.filter((n) => !there.has(n))).toEqual([])
      expect(copy.sql(balanced)).toBe('t')
      await copy.stop()
    }
    expect(acknowledged.length).toBeGreaterThan(rounds * 30)
  }, 180_000)

  test('a mark under load is in the copy with all before it and nothing that came after', async () => {
    const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
    await commit()
    const before = acknowledged.length
    const mark = await engine.mark(client.ask, 5000)
    expect(engine.status().durable).toBeGreaterThanOrEqual(mark.lsn)
    await commit()
    cluster.sql('DROP TABLE acknowledged')
    await engine.stop()
    const point = (await listBases(rig.box)).at(-1)?.id ?? ''
    const copy = await copyOf(point, { kind: 'name', ...mark })
    const told = copy.sql('SELECT count(*), max(n) FROM acknowledged')
    expect(told).toBe(`${before}|${before - 1}`)
    expect(copy.sql(balanced)).toBe('t')
    await copy.stop()
  }, 30_000)
})
