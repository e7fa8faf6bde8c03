/** Base backups and the WAL receiver against a real server: what counts, what does not, and what is refused. */
import {
  chownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { realChance, realClock, realTimer } from '../../src/app/world.ts'
import type { Timer } from '../../src/base/clock.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { BackupEvent, Lsn } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import { takeBase } from '../../src/vault/physical-base.ts'
import { parseBase, physicalText } from '../../src/vault/physical-manifest.ts'
import { markNow } from '../../src/vault/physical-mark.ts'
import { readPieces } from '../../src/vault/physical-pieces.ts'
import { openPress } from '../../src/vault/physical-press.ts'
import { openReceiver } from '../../src/vault/physical-receiver.ts'
import type { Receiver } from '../../src/vault/physical-receiver.ts'
import type { WalRecord } from '../../src/vault/physical-records.ts'
import { putSegment, segmentsFrom } from '../../src/vault/physical-segments.ts'
import { damageOfBase } from '../../src/vault/physical-verify.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { dialOf, openRig, replicate, soon, startSource, takeWith } from './physical-house.ts'
import type { Rig } from './physical-house.ts'

let cluster: Cluster
const rigs: Rig[] = []
const receivers: Receiver[] = []

beforeAll(async () => {
  cluster = await startSource()
}, 60_000)
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop()
  for (const { dir } of rigs.splice(0)) rmSync(dir, { recursive: true, force: true })
  cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
})
afterAll(async () => await cluster.stop())

async function rigOf(slot: string): Promise<Rig> {
  const rig = await openRig(cluster.port, slot)
  rigs.push(rig)
  return rig
}

async function receive(rig: Rig): Promise<Receiver> {
  const receiver = await openReceiver(rig.receiver)
  receivers.push(receiver)
  return receiver
}

function write(rows: number): Lsn {
  const sql = `CREATE TABLE IF NOT EXISTS w (t text); SET synchronous_commit = on;
    INSERT INTO w SELECT repeat('x', 900) FROM generate_series(1, ${rows})`
  cluster.sql(sql)
  return parseLsn(cluster.sql('SELECT pg_current_wal_flush_lsn()').trim())
}

test('a base backup is in the box with its WAL, and its manifest reads back the same', async () => {
  const rig = await rigOf('take')
  const receiver = await receive(rig)
  const space = join(cluster.socketDir, 'space')
  mkdirSync(space)
  const { uid, gid } = statSync(cluster.dataDir)
  chownSync(space, uid, gid)
  cluster.sql(`CREATE TABLESPACE far LOCATION '${space}'`)
  cluster.sql('CREATE TABLE afar TABLESPACE far AS SELECT generate_series(1, 100) n')
  const base = await takeWith(cluster.port, rig, receiver)
  expect(await rig.box.store.points()).toContain(base.id)
  const text = await rig.box.manifestText(base.id)
  expect(physicalText(parseBase(text, base.id))).toBe(text)
  expect(base.archives.map(({ tablespace }) => tablespace === null)).toEqual([false, true])
  expect(base.tablespaces[0]?.location).toBe(space)
  const segments = await segmentsFrom(rig.box, base, parseLsn(base.start))
  expect((segments.at(-1) ?? 0n) + BigInt(base.segmentBytes)).toBeGreaterThanOrEqual(
    parseLsn(base.stop),
  )
  let bytes = 0
  for (const { pieces } of [...base.archives, { pieces: base.sums }])
    for await (const piece of readPieces(rig.box, pieces)) bytes += piece.length
  expect(bytes).toBe(base.bytes)
  expect(readdirSync(join(rig.dir, 'store', 'staging'))).toEqual([])
  cluster.sql('DROP TABLE afar')
  cluster.sql('DROP TABLESPACE far')
})

test('a base backup whose WAL is not in the box does not count', async () => {
  const rig = await rigOf('bare')
  const replication = await replicate(cluster.port)
  const shelved = async (): Promise<void> => undefined
  await expect(takeBase(replication, { ...rig.taking, shelved })).rejects.toThrow(
    'is not all in the vault',
  )
  replication.close()
  expect(await rig.box.store.points()).toEqual([])
})

test.each<[string, (hex: string) => string, string]>([
  ['a file', (text) => text.replace('GoodCopy', 'BaddCopy'), 'does not have its checksum'],
  ["the server's manifest", (text) => text.replace('"Size": 3,', '"Size": 4,'), 'damaged itself'],
])('a base backup in which %s was changed on its way does not count', async (_, change, why) => {
  const rig = await rigOf('changed')
  const receiver = await receive(rig)
  cluster.sql(`CREATE TABLE copied AS SELECT 'GoodCopy' t; CHECKPOINT`)
  const replication = await replicate(cluster.port)
  async function* baseBackup(label: string): AsyncGenerator<BackupEvent> {
    for await (const event of replication.baseBackup(label))
      if (event.kind !== 'bytes') yield event
      else {
        const text = change(Buffer.from(event.bytes).toString('latin1'))
        yield { kind: 'bytes', bytes: Buffer.from(text, 'latin1') }
      }
  }
  const shelved = (until: Lsn): Promise<void> => receiver.shelved(until, 10_000)
  const taking = takeBase({ ...replication, baseBackup }, { ...rig.taking, shelved })
  await expect(taking).rejects.toThrow(why)
  replication.close()
  cluster.sql('DROP TABLE copied')
  expect((await rig.box.store.points()).filter((id) => id.startsWith('base'))).toEqual([])
})

test('the large files that have not changed are in the box once', async () => {
  const rig = await rigOf('twice')
  const receiver = await receive(rig)
  cluster.sql('CREATE TABLE large AS SELECT md5(n::text) t FROM generate_series(1, 200000) n')
  cluster.sql('VACUUM FREEZE large')
  const [first, second] = [
    await takeWith(cluster.port, rig, receiver),
    await takeWith(cluster.port, rig, receiver),
  ]
  const names = new Set(first.archives[0]?.pieces.map(({ sha256 }) => sha256))
  const shared = second.archives[0]?.pieces.filter(({ sha256 }) => names.has(sha256)) ?? []
  const bytes = shared.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(bytes).toBeGreaterThan(10 << 20)
  cluster.sql('DROP TABLE large')
})

test('what is reported is durable, whole segments go into the box, and the server lets go of them', async () => {
  const rig = await rigOf('flow')
  const receiver = await receive(rig)
  const until = write(5000)
  await receiver.durable(until, 10_000)
  const { durable, received, server, lagBytes, connected, lost, trouble } = receiver.status()
  expect(durable).toBeGreaterThanOrEqual(until)
  expect(received).toBeGreaterThanOrEqual(durable)
  expect(server - durable).toBe(BigInt(lagBytes))
  expect({ connected, lost, trouble }).toEqual({ connected: true, lost: null, trouble: null })
  await receiver.shelved(until - (1n << 20n), 10_000)
  await expect
    .poll(() => readdirSync(rig.spool).filter((name) => name.endsWith('.wal')).length, soon)
    .toBe(1)
  await expect.poll(() => receiver.status().exposedMs, soon).toBeLessThan(3000)
  const kept = `SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'flow'`
  await expect.poll(() => parseLsn(cluster.sql(kept).trim()), soon).toBeGreaterThanOrEqual(until)
  await expect(receiver.durable(until + (1n << 40n), 50)).rejects.toThrow('is not durable in time')
})

test('it goes on where it stopped, also after the server has crashed', async () => {
  const rig = await rigOf('again')
  const first = await receive(rig)
  await first.durable(write(700), 10_000)
  await first.stop()
  const before = first.status().durable
  write(2000)
  const second = await receive(rig)
  expect(second.status().received).toBe(before)
  await second.durable(write(700), 10_000)
  await cluster.kill()
  await expect.poll(() => second.status().connected, soon).toBe(false)
  expect(second.status().trouble).toContain('lost')
  await cluster.start()
  await second.durable(write(2000), 20_000)
  const of = { system: '', timeline: 1, segmentBytes: 1 << 20 }
  const { system } = await replicate(cluster.port).then(async (it) => await it.identify())
  await second.shelved(before, 10_000)
  await expect
    .poll(async () => (await segmentsFrom(rig.box, { ...of, system }, before)).length, soon)
    .toBeGreaterThan(3)
})

test('a second receiver on the same spool is refused, and the first goes on', async () => {
  const rig = await rigOf('alone')
  const receiver = await receive(rig)
  await expect(openReceiver(rig.receiver)).rejects.toThrow('another receiver writes to this spool')
  await receiver.durable(write(10), 10_000)
  await receiver.stop()
  const next = await receive(rig)
  await next.durable(write(10), 10_000)
})

test('a server that would keep WAL without a limit is refused, with the way to mend it', async () => {
  const rig = await rigOf('limit')
  cluster.sql('ALTER SYSTEM SET max_slot_wal_keep_size = -1')
  cluster.sql('SELECT pg_reload_conf()')
  await expect(openReceiver(rig.receiver)).rejects.toMatchObject({
    code: 'wrong_state',
    message: expect.stringContaining('`max_slot_wal_keep_size` is -1'),
    hint: expect.stringContaining('ALTER SYSTEM SET max_slot_wal_keep_size'),
  })
  expect(cluster.sql('SELECT count(*) FROM pg_replication_slots').trim()).toBe('0')
  cluster.sql('ALTER SYSTEM RESET max_slot_wal_keep_size')
  cluster.sql('SELECT pg_reload_conf()')
})

test('where the limit goes while it receives, it goes on all the same: its slot would stay', async () => {
  const rig = await rigOf('unlimited')
  const receiver = await receive(rig)
  await receiver.durable(write(10), 10_000)
  cluster.sql('ALTER SYSTEM SET max_slot_wal_keep_size = -1')
  cluster.sql('SELECT pg_reload_conf()')
  cluster.sql('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots')
  await receiver.durable(write(10), 10_000)
  expect(receiver.status().connected).toBe(true)
  cluster.sql('ALTER SYSTEM RESET max_slot_wal_keep_size')
  cluster.sql('SELECT pg_reload_conf()')
})

test('where the server has no more WAL of what is missing, it says so once and for good', async () => {
  const rig = await rigOf('gone')
  const first = await receive(rig)
  await first.durable(write(10), 10_000)
  await first.stop()
  cluster.sql(`SELECT pg_drop_replication_slot('gone')`)
  for (let round = 0; round < 4; round += 1) {
    write(1500)
    cluster.sql('CHECKPOINT')
  }
  const second = await receive(rig)
  await expect(second.ended).rejects.toThrow('has no WAL any more')
  await expect(second.durable(1n << 60n, 1000)).rejects.toThrow('has no WAL any more')
})

test('what is missing in the spool is said, and comes again from the server', async () => {
  const rig = await rigOf('healed')
  const first = await receive(rig)
  await first.durable(write(300), 10_000)
  const before = first.status().durable
  await first.stop()
  const name = readdirSync(rig.spool).findLast((name) => name.endsWith('.wal')) ?? ''
  const file = join(rig.spool, name)
  const bytes = readFileSync(file)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const second = await receive(rig)
  const { lost } = second.status()
  expect(lost?.to).toBe(before)
  await second.durable(write(2000), 10_000)
  expect(second.status().lost).toBe(null)
  await second.shelved(before, 10_000)
})

test('while the store is away WAL is durable all the same, and goes into the box when it is back', async () => {
  const rig = await rigOf('away')
  let away = true
  const store = {
    ...rig.box.store,
    stage: async () => {
      if (away) throw new Error('the store is away')
      return await rig.box.store.stage()
    },
  }
  const quick: Timer = (ms, task) => realTimer(Math.min(ms, 50), task)
  const box = openBox(store, rig.key, realChance)
  const receiver = await openReceiver({ ...rig.receiver, box, timer: quick })
  receivers.push(receiver)
  const until = write(3000)
  await expect.poll(() => receiver.status().durable >= until, soon).toBe(true)
  await expect.poll(() => receiver.status().trouble, soon).toBe('the store is away')
  expect(await rig.box.store.points()).toEqual([])
  away = false
  await expect.poll(() => receiver.status().shelved > until - (1n << 20n), soon).toBe(true)
  expect(receiver.status().trouble).toBe(null)
})

test('a whole file of the spool that was damaged comes again too, and leaves no hole', async () => {
  const rig = await rigOf('hole')
  const stage = async (): Promise<never> => {
    throw new Error('the store is away')
  }
  const box = openBox({ ...rig.box.store, stage }, rig.key, realChance)
  const first = await openReceiver({ ...rig.receiver, box })
  receivers.push(first)
  const from = first.status().shelved
  const until = write(3000)
  await first.durable(until, 10_000)
  await first.stop()
  const [name = ''] = readdirSync(rig.spool).filter((name) => name.endsWith('.wal'))
  writeFileSync(join(rig.spool, name), 'junk')
  const second = await receive(rig)
  expect(second.status().lost?.from).toBe(from)
  await second.shelved(until - (1n << 20n), 10_000)
  const replication = await replicate(cluster.port)
  const { system } = await replication.identify()
  replication.close()
  const of = { system, timeline: 1, segmentBytes: 1 << 20 }
  expect((await segmentsFrom(rig.box, of, from)).length).toBeGreaterThanOrEqual(2)
})

test('another WAL under the name of a segment that is there is refused', async () => {
  const { box } = await rigOf('twins')
  const press = openPress(1)
  const of = { system: '1', timeline: 1, segmentBytes: 1 << 20 }
  async function* filled(byte: number, size = 1 << 20): AsyncGenerator<WalRecord> {
    yield { at: 0n, sentAt: 1, bytes: new Uint8Array(size).fill(byte) }
  }
  await putSegment({ box, press }, of, 0n, filled(1))
  await putSegment({ box, press }, of, 0n, filled(1))
  await expect(putSegment({ box, press }, of, 0n, filled(2))).rejects.toThrow(
    'another content of `wal_1_',
  )
  await expect(putSegment({ box, press }, of, 1n << 20n, filled(1, 999))).rejects.toThrow(
    '999 bytes',
  )
  expect(await box.store.points()).toHaveLength(1)
  await press.stop()
})

test('a mark that does not reach the vault in time is none', async () => {
  const rig = await rigOf('late')
  const receiver = await receive(rig)
  const client = await openClient(dialOf(cluster.port))
  const marking = { clock: realClock, chance: realChance, ask: client.ask, receiver }
  const mark = await markNow({ ...marking, maxMs: 5000 })
  expect(receiver.status().durable).toBeGreaterThanOrEqual(mark.lsn)
  await receiver.stop()
  await expect(markNow({ ...marking, maxMs: 5000 })).rejects.toThrow('was stopped')
  await client.close()
})

test('where the disk refuses nothing is called durable, and it goes on when the disk is back', async () => {
  const rig = await rigOf('refused')
  const receiver = await receive(rig)
  await receiver.durable(write(10), 10_000)
  renameSync(rig.spool, `${rig.spool}-away`)
  const until = write(3000)
  await expect.poll(() => receiver.status().trouble, soon).toContain('is not there')
  await expect.poll(() => receiver.status().connected, soon).toBe(false)
  expect(receiver.status().durable).toBeLessThan(until)
  renameSync(`${rig.spool}-away`, rig.spool)
  await receiver.durable(until, 10_000)
  await receiver.shelved(until - (1n << 20n), 10_000)
  await expect.poll(() => receiver.status().trouble, soon).toBe(null)
})

test('a role that may replicate and nothing else is enough, marks aside', async () => {
  const rig = await rigOf('least')
  cluster.sql('ALTER ROLE keeper NOSUPERUSER')
  try {
    const receiver = await receive(rig)
    const base = await takeWith(cluster.port, rig, receiver)
    expect(await damageOfBase(rig.box, base)).toBe(null)
    const client = await openClient(dialOf(cluster.port))
    const marking = { clock: realClock, chance: realChance, ask: client.ask, receiver, maxMs: 5000 }
    await expect(markNow(marking)).rejects.toThrow('pg_create_restore_point')
    cluster.sql('GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO keeper')
    expect((await markNow(marking)).lsn).toBeGreaterThan(0n)
    await client.close()
  } finally {
    cluster.sql('ALTER ROLE keeper SUPERUSER')
  }
})
