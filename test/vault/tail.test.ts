/** The bucket holds the tail of the WAL: with the vault's folder gone, what was committed a round ago comes back. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { SimS3 } from '../../sim/s3/server.ts'
import { realChance, realClock } from '../../src/app/world.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import { openOffsite } from '../../src/vault/offsite.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import { openReceiver } from '../../src/vault/physical-receiver.ts'
import type { Receiver } from '../../src/vault/physical-receiver.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import type { PhysicalRestored } from '../../src/vault/physical-restore.ts'
import { segmentAt } from '../../src/vault/physical-segments.ts'
import { tailsFrom } from '../../src/vault/physical-tail.ts'
import type { Bucket } from '../../src/vault/s3-bucket.ts'
import type { Store } from '../../src/vault/store.ts'
import { openTailSender } from '../../src/vault/tail-sender.ts'
import type { TailSender } from '../../src/vault/tail-sender.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openRig, startCopy, startSource, takeWith } from './physical-house.ts'
import type { Rig } from './physical-house.ts'
import { bucketAt, dayMs, makeBucket, storeAt } from './s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const keepMs = 30 * dayMs

let cluster: Cluster
let rig: Rig
let receiver: Receiver
let base: BaseManifest
let server: SimS3
let asked: string[]
let bucket: Bucket
/** Moved by hand. */
let now: number
let changed: (store: Store) => Store
const clock = { now: () => Date.now() + now, steady: () => realClock.steady() + now }

beforeAll(async () => {
  cluster = await startSource(['synchronous_commit = on'])
  rig = await openRig(cluster.port, 'tail')
  receiver = await openReceiver(rig.receiver)
  cluster.sql('CREATE TABLE car (n int)')
  base = await takeWith(cluster.port, rig, receiver)
}, 60_000)
afterAll(async () => {
  await receiver.stop()
  await cluster.stop()
  rmSync(rig.dir, { recursive: true, force: true })
})

beforeEach(async () => {
  now = 0
  asked = []
  changed = (store) => store
  server = await startSimS3([owner], {
    refuses: (operation) => {
      asked.push(operation)
      return null
    },
  })
  bucket = await bucketAt({ ...server, owner }, await makeBucket({ ...server, owner }, true))
  cluster.sql('TRUNCATE car')
})
afterEach(async () => {
  bucket.close()
  await server.close()
})

function sender(): TailSender {
  const offsite = openOffsite({
    place: 'there',
    box: rig.box,
    open: async () => changed(await storeAt(bucket, { keepMs })),
    keepMs,
    clock: realClock,
    grade: () => 'V4',
  })
  const spool = { folder: rig.spool, key: rig.key }
  const parts = { box: rig.box, offsite, physical: receiver, spool, keepMs, clock }
  const tails = openTailSender(parts)
  // The base backup goes by another round.
  return {
    state: () => tails.state(),
    round: async () => {
      await offsite.copy(base.id)
      await tails.round()
    },
  }
}

/** On the disk of the vault, and in no whole segment. */
async function commit(n: number): Promise<void> {
  cluster.sql(`INSERT INTO car VALUES (${n})`)
  await receiver.durable(parseLsn(cluster.sql('SELECT pg_current_wal_lsn()').trim()), 10_000)
}

async function fromBucket(): Promise<PhysicalRestored> {
  const into = join(rig.dir, `back-${Buffer.from(realChance(3)).toString('hex')}`)
  const box = openBox(await storeAt(bucket), rig.key, realChance)
  return await restorePhysical({ box, spool: null, point: base.id, until: { kind: 'end' }, into })
}

async function rows(restored: PhysicalRestored): Promise<string> {
  const copy = await startCopy(restored, cluster.binDir)
  try {
    return copy.sql(`SELECT coalesce(string_agg(n::text, ' ' ORDER BY n), 'none') FROM car`)
  } finally {
    await copy.stop()
  }
}

async function tailsThere(): Promise<readonly string[]> {
  return (await (await storeAt(bucket)).points()).filter((id) => id.startsWith('tail_'))
}

const puts = (): number => asked.filter((each) => each === 'PutObject').length

test('recovery-first: with the folder of the vault gone, every row that a round saw comes back', async () => {
  const tails = sender()
  expect(tails.state()).toEqual({ upTo: null, exposedMs: null, trouble: null })
  await commit(1)
  await tails.round()
  await commit(2)
  await tails.round()
  const { upTo, exposedMs, trouble } = tails.state()
  expect({ upTo, trouble }).toEqual({ upTo: receiver.status().durable, trouble: null })
  now += 3_600_000
  expect(tails.state().exposedMs).toBeGreaterThan((exposedMs ?? Infinity) + 3_599_000)
  await commit(3)
  // What no round has seen is not there.
  const restored = await fromBucket()
  expect(restored).toMatchObject({ known: upTo, cut: null })
  expect(await rows(restored)).toBe('1 2')
}, 60_000)

test('nothing new sends nothing, and is said to be as young as it is', async () => {
  const tails = sender()
  await commit(1)
  await tails.round()
  const before = puts()
  // A server that does nothing writes a little all the same; the round is not asked to see it.
  const { durable } = receiver.status()
  await tails.round()
  expect(puts() === before || receiver.status().durable > durable).toBe(true)
  expect(tails.state().exposedMs).toBeLessThan(60_000)
}, 60_000)

test('few tails: of many rounds few are read, and where one is damaged those beneath go almost as far', async () => {
  const tails = sender()
  for (let n = 1; n <= 7; n += 1) {
    await commit(n)
    await tails.round()
  }
  expect(await tailsThere()).toHaveLength(7)
  const { upTo } = tails.state()
  const whole = openBox(await storeAt(bucket), rig.key, realChance)
  const from = segmentAt(upTo ?? 0n, receiver.of)
  const { tails: read, cut } = await tailsFrom(whole, receiver.of, from)
  // Of seven rounds: four, two and one.
  expect({ read: read.length, cut, to: read.at(-1)?.to }).toEqual({ read: 3, cut: null, to: upTo })
  const four = read[0]?.id ?? ''
  server.harm(`points/${four}.manifest`, (bytes) => Buffer.alloc(bytes.length, 7))
  const restored = await fromBucket()
  expect(restored.cut).toBe(four)
  expect(await rows(restored)).toBe('1 2 3')
}, 60_000)

test('a damaged tail is where a restore stops, and it says so', async () => {
  const tails = sender()
  await commit(1)
  await tails.round()
  await commit(2)
  await tails.round()
  await commit(3)
  await tails.round()
  const last = (await tailsThere()).toSorted((a, b) => endOf(a) - endOf(b)).at(-1) ?? ''
  server.harm(`points/${last}.manifest`, (bytes) => bytes.subarray(0, -1))
  const restored = await fromBucket()
  expect(restored.cut).toBe(last)
  expect(await rows(restored)).toBe('1 2')
}, 60_000)

function endOf(id: string): number {
  return Number(`0x${id.slice(-16)}`)
}

test('a writer that dies between put and naming leaves the last tail, and the next round sends on', async () => {
  const tails = sender()
  await commit(1)
  await tails.round()
  await commit(2)
  changed = (store) => ({
    ...store,
    stage: async () => ({
      ...(await store.stage()),
      name: () => Promise.reject(new Error('killed')),
    }),
  })
  // Another process, with the same folder.
  const dying = sender()
  await dying.round()
  expect(dying.state().trouble).toBe('killed')
  expect(await rows(await fromBucket())).toBe('1')
  changed = (store) => store
  const next = sender()
  await next.round()
  expect(next.state().trouble).toBe(null)
  expect(await rows(await fromBucket())).toBe('1 2')
}, 60_000)

test('a whole segment takes the place of its tails, and a tail goes on behind it', async () => {
  const tails = sender()
  await commit(1)
  await tails.round()
  cluster.sql('SELECT pg_switch_wal()')
  await commit(2)
  await receiver.shelved(receiver.status().durable & ~0xfffffn, 20_000)
  await tails.round()
  const { upTo, trouble } = tails.state()
  expect(trouble).toBe(null)
  const restored = await fromBucket()
  expect(restored).toMatchObject({ known: upTo, cut: null })
  expect(await rows(restored)).toBe('1 2')
}, 60_000)

test('a lock that nears its end is begun anew: all that is needed stays locked for half its time', async () => {
  const tails = sender()
  await commit(1)
  await tails.round()
  await commit(2)
  await tails.round()
  const before = (await tailsThere()).length
  now += keepMs / 2 + 1000
  await tails.round()
  expect(tails.state().trouble).toBe(null)
  // All of it in one.
  expect((await tailsThere()).length).toBeLessThanOrEqual(before + 1)
  expect(await rows(await fromBucket())).toBe('1 2')
}, 60_000)

test('without a base backup there, no tail counts and none is said to', async () => {
  const offsite = openOffsite({
    place: 'there',
    box: rig.box,
    open: async () => await storeAt(bucket, { keepMs }),
    keepMs,
    clock,
    grade: () => 'V4',
  })
  const spool = { folder: rig.spool, key: rig.key }
  const parts = { box: rig.box, offsite, physical: receiver, spool, keepMs, clock }
  const tails = openTailSender(parts)
  await commit(1)
  await tails.round()
  expect(tails.state()).toEqual({
    upTo: null,
    exposedMs: null,
    trouble: 'no base backup of it is there yet',
  })
}, 60_000)
