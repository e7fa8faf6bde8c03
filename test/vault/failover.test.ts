/** A promoted standby: its WAL is received on from where it has left the old timeline, and what was taken before comes back. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import { openReceiver } from '../../src/vault/physical-receiver.ts'
import type { Receiver } from '../../src/vault/physical-receiver.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import type { PhysicalRestore } from '../../src/vault/physical-restore.ts'
import { segmentsFrom } from '../../src/vault/physical-segments.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openRig, soon, startCopy, startSource, takeWith } from './physical-house.ts'
import type { Rig } from './physical-house.ts'
import { caughtUp, startStandby } from './standby-house.ts'
import type { Standby } from './standby-house.ts'

let source: Cluster
let rig: Rig
let base: BaseManifest
let standby: Standby
let beforeUnseen = ''
let behindLate = ''
const folders: string[] = []

beforeAll(async () => {
  source = await startSource()
  rig = await openRig(source.port, 'firebreak_failover')
  const receiver = await openReceiver(rig.receiver)
  base = await takeWith(source.port, rig, receiver)
  standby = await startStandby(source)
  folders.push(standby.folder)
  source.sql('CREATE TABLE early AS SELECT 1 n')
  await received(receiver)
  await receiver.stop()
  beforeUnseen = source.sql('SELECT pg_current_wal_insert_lsn()').trim()
  // Nobody receives this from the old server.
  source.sql(
    `SET synchronous_commit = on; CREATE TABLE unseen AS SELECT repeat('x', 1000) AS t FROM generate_series(1, 4000)`,
  )
  await caughtUp(source, standby)
  await source.kill()
  await standby.promote()
  standby.sql('SET synchronous_commit = on; CREATE TABLE late AS SELECT 1 n')
  behindLate = standby.sql('SELECT pg_current_wal_insert_lsn()')
}, 60_000)
afterAll(async () => {
  await standby.stop()
  await source.stop()
  for (const folder of [...folders, rig.dir]) rmSync(folder, { recursive: true, force: true })
})

async function received(receiver: Receiver): Promise<void> {
  const end = parseLsn(source.sql('SELECT pg_current_wal_flush_lsn()').trim())
  await receiver.durable(end, soon.timeout)
}

async function tablesOf(restore: Partial<PhysicalRestore>): Promise<string> {
  const folder = ownFolder('firebreak-back-')
  folders.push(folder)
  rmSync(folder, { recursive: true })
  const restored = await restorePhysical({
    box: rig.box,
    spool: { folder: rig.spool, key: rig.key },
    point: base.id,
    until: { kind: 'end' },
    into: folder,
    ...restore,
  })
  const copy = await startCopy(restored, source.binDir)
  try {
    return copy.sql(`SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
  } finally {
    await copy.stop()
  }
}

test('it is followed: the rest of the old timeline is fetched, and the new one goes on from the fork', async () => {
  const receiver = await openReceiver({ ...rig.receiver, connect: () => standby.connect() })
  const lsn = parseLsn(standby.sql('SELECT pg_current_wal_flush_lsn()'))
  await expect.poll(() => receiver.status().durable >= lsn, soon).toBe(true)
  standby.sql('CREATE TABLE later AS SELECT 1 n')
  standby.sql('SELECT pg_switch_wal()')
  const fork = parseLsn(
    standby.sql(`SELECT split_part(pg_read_file('pg_wal/00000002.history'), E'\\t', 2)`),
  )
  const step = BigInt(base.segmentBytes)
  // On the old timeline every whole segment before the fork, on the new one from the fork's segment on.
  const old = await segmentsFrom(rig.box, base, parseLsn(base.start))
  expect(old.at(-1)).toBe(fork - (fork % step) - step)
  await expect.poll(() => receiver.status().shelved > fork, soon).toBe(true)
  const line = { ...base, timeline: 2 }
  expect((await segmentsFrom(rig.box, line, fork))[0]).toBe(fork - (fork % step))
  await receiver.stop()
})

test('a point of the old timeline comes back over the fork, to the end of all that is known', async () => {
  expect(await tablesOf({ until: { kind: 'lsn', lsn: parseLsn(base.stop) } })).toBe('')
  expect(await tablesOf({})).toBe('early late later unseen')
}, 60_000)

test('also from box and key alone, to a place behind the fork and to one before it', async () => {
  const behind = parseLsn(behindLate)
  expect(await tablesOf({ spool: null, until: { kind: 'lsn', lsn: behind } })).toBe(
    'early late unseen',
  )
  const before = parseLsn(beforeUnseen)
  expect(await tablesOf({ spool: null, until: { kind: 'lsn', lsn: before } })).toBe('early')
}, 60_000)
