/** The replication client against a real server: every command of it, and what the server says against it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { lsnText } from '../../src/platforms/postgres/replication.ts'
import type { Replication } from '../../src/platforms/postgres/replication.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { replicate, soon, startSource } from './physical-house.ts'

let cluster: Cluster
let replication: Replication
const open: Replication[] = []

beforeAll(async () => {
  cluster = await startSource()
}, 60_000)
afterEach(() => open.splice(0).forEach((one) => one.close()))
afterAll(async () => await cluster.stop())

async function connect(): Promise<Replication> {
  const made = await replicate(cluster.port)
  open.push(made)
  return made
}

test('it knows whom it speaks to, and what that is set to', async () => {
  replication = await connect()
  const { system, timeline, flushed } = await replication.identify()
  expect(system).toBe(cluster.sql('SELECT system_identifier FROM pg_control_system()').trim())
  expect(timeline).toBe(1)
  expect(flushed).toBeGreaterThan(0n)
  expect(await replication.show('max_slot_wal_keep_size')).toBe('1GB')
  expect(await replication.show('wal_segment_size')).toBe('1MB')
})

test('after a no of the server the next thing is answered', async () => {
  replication = await connect()
  await expect(replication.show('no_such_setting')).rejects.toThrow('no_such_setting')
  await expect(replication.show('x; DROP TABLE y')).rejects.toThrow('is no name')
  expect(await replication.show('wal_level')).toBe('replica')
})

test('a slot is not there, then it is made and keeps WAL', async () => {
  replication = await connect()
  expect(await replication.slot('kept')).toEqual({ there: false, keeps: null })
  await replication.makeSlot('kept')
  const { there, keeps } = await replication.slot('kept')
  expect(there).toBe(true)
  const told = cluster.sql(`SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'kept'`)
  expect(lsnText(keeps ?? 0n)).toBe(told.trim())
  await expect(replication.makeSlot('kept')).rejects.toThrow('already exists')
})

test('a base backup comes whole, with its manifest and its places in the WAL', async () => {
  replication = await connect()
  const kinds: string[] = []
  let manifest = ''
  let bytes = 0
  for await (const event of replication.baseBackup(`it's a label`)) {
    if (event.kind !== 'bytes') kinds.push(event.kind)
    else if (kinds.at(-1) === 'manifest') manifest += Buffer.from(event.bytes).toString()
    else bytes += event.bytes.length
    if (event.kind === 'ended') expect(event.stop).toBeGreaterThan(0n)
  }
  expect(kinds).toEqual(['began', 'archive', 'manifest', 'ended'])
  expect(bytes).toBeGreaterThan(10 << 20)
  expect(manifest).toContain('"Checksum-Algorithm": "CRC32C"')
  expect(await replication.show('wal_level')).toBe('replica')
})

test('WAL comes from where it was asked for, and what is reported is what the server lets go of', async () => {
  replication = await connect()
  await replication.makeSlot('streamed')
  const { keeps } = await replication.slot('streamed')
  const at = (keeps ?? 0n) & ~0xfffffn
  const wal = await replication.stream({ slot: 'streamed', at, timeline: 1 })
  const wanted = BigInt(
    cluster.sql(`CREATE TABLE t AS SELECT generate_series(1, 5000) n; CHECKPOINT;
      SELECT pg_current_wal_flush_lsn() - '0/0'`),
  )
  let next = at
  for await (const event of wal.events) {
    if (event.kind === 'alive') continue
    expect(event.at).toBe(next)
    next += BigInt(event.bytes.length)
    expect(event.server.end).toBeGreaterThanOrEqual(next)
    expect(Math.abs(event.server.at - Date.now())).toBeLessThan(60_000)
    if (next >= wanted) break
  }
  wal.report({ received: next, durable: next, asks: false })
  const slot = `SELECT restart_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = 'streamed'`
  await expect.poll(() => BigInt(cluster.sql(slot)), soon).toBe(next)
})

test('where the server is lost, whoever waits for WAL hears of it', async () => {
  replication = await connect()
  await replication.makeSlot('lost')
  const at = (await replication.slot('lost')).keeps ?? 0n
  const { events } = await replication.stream({ slot: 'lost', at, timeline: 1 })
  cluster.sql(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
    WHERE slot_name = 'lost'`)
  const listening = async (): Promise<void> => {
    for await (const event of events) expect(event.server.end).toBeGreaterThan(0n)
  }
  await expect(listening()).rejects.toThrow(/lost|terminating/)
})

test('who may not replicate is told so', async () => {
  cluster.sql('ALTER ROLE keeper NOREPLICATION NOSUPERUSER')
  try {
    await expect(connect()).rejects.toThrow('cannot be logged in to')
  } finally {
    cluster.sql('ALTER ROLE keeper REPLICATION SUPERUSER')
  }
})
