/** Restores of a real cluster: to a place, a name, a time and the end; never over what lives, and never from what is damaged. */
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { realChance, realClock } from '../../src/app/world.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { lsnText, parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Replication } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import { markNow } from '../../src/vault/physical-mark.ts'
import type { Mark } from '../../src/vault/physical-mark.ts'
import { openReceiver } from '../../src/vault/physical-receiver.ts'
import type { Receiver } from '../../src/vault/physical-receiver.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import type { PhysicalRestore, PhysicalRestored } from '../../src/vault/physical-restore.ts'
import {
  openSegment,
  segmentAt,
  segmentFile,
  segmentId,
} from '../../src/vault/physical-segments.ts'
import { readSpool } from '../../src/vault/physical-spool.ts'
import { listBases } from '../../src/vault/physical-verify.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { dialOf, openRig, startCopy, soon, startSource, takeWith } from './physical-house.ts'
import type { Copy, Rig } from './physical-house.ts'

let cluster: Cluster
let rig: Rig
let receiver: Receiver
let base: BaseManifest
/** Before the table was dropped; after it more was written. */
let mark: Mark
let before: number
const copies: Copy[] = []
const places: string[] = []

beforeAll(async () => {
  cluster = await startSource([
    'synchronous_commit = on',
    `shared_preload_libraries = 'auto_explain'`,
  ])
  cluster.sql(`ALTER SYSTEM SET archive_command = 'false'`)
  const space = join(cluster.socketDir, 'space')
  mkdirSync(space)
  const { uid, gid } = statSync(cluster.dataDir)
  chownSync(space, uid, gid)
  rig = await openRig(cluster.port, 'restore')
  receiver = await openReceiver(rig.receiver)
  cluster.sql(`CREATE TABLESPACE far LOCATION '${space}'`)
  cluster.sql(`CREATE TABLE afar (n int) TABLESPACE far; CREATE TABLE near (n int, t text);
    INSERT INTO afar SELECT generate_series(1, 100);
    INSERT INTO near SELECT n, md5(n::text) FROM generate_series(1, 1000) n`)
  base = await takeWith(cluster.port, rig, receiver)
  cluster.sql(`INSERT INTO near SELECT n, repeat('y', 900) FROM generate_series(1001, 5000) n;
    INSERT INTO afar SELECT generate_series(101, 200)`)
  mark = await markIt()
  before = Date.now()
  cluster.sql(`DROP TABLE near`)
  cluster.sql('CREATE TABLE early AS SELECT 1 n')
  cluster.sql(`CREATE TABLE later AS SELECT n, repeat('z', 900) t FROM generate_series(1, 3000) n`)
  cluster.sql(`CREATE TABLE last AS SELECT 1 n`)
  await receiver.durable(parseLsn(cluster.sql('SELECT pg_current_wal_lsn()').trim()), 10_000)
  await receiver.shelved(segmentAt(receiver.status().durable, base), 10_000)
}, 60_000)
afterEach(async () => {
  for (const copy of copies.splice(0)) await copy.stop()
  for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true })
})
afterAll(async () => {
  await receiver.stop()
  await cluster.stop()
  rmSync(rig.dir, { recursive: true, force: true })
})

async function markIt(): Promise<Mark> {
  const client = await openClient(dialOf(cluster.port))
  try {
    const world = { clock: realClock, chance: realChance }
    return await markNow({ ...world, ask: client.ask, receiver, maxMs: 5000 })
  } finally {
    await client.close()
  }
}

function place(): string {
  // A name that a shell and a configuration file would both stumble over.
  const at = join(rig.dir, `it's 5% \\ "new" ${realChance(2).join('')}`)
  places.push(at)
  return at
}

async function restore(change: Partial<PhysicalRestore> = {}): Promise<PhysicalRestored> {
  const spool = { folder: rig.spool, key: rig.key }
  const until = { kind: 'end' } as const
  return await restorePhysical({
    box: rig.box,
    spool,
    point: base.id,
    until,
    into: place(),
    ...change,
  })
}

async function start(restored: PhysicalRestored, open = false): Promise<Copy> {
  const copy = await startCopy(restored, cluster.binDir, open)
  copies.push(copy)
  return copy
}

const tables = `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`

test.each(['name', 'lsn'] as const)(
  'to the moment before a DROP TABLE, by its %s',
  async (kind) => {
    const copy = await start(await restore({ until: { kind, ...mark } }))
    expect(copy.sql(tables)).toBe('afar near')
    expect(copy.sql('SELECT count(*), sum(n), max(t) FROM near')).toBe(
      `5000|12502500|${'y'.repeat(900)}`,
    )
    expect(copy.sql('SELECT count(*) FROM afar')).toBe('200')
    expect(copy.sql('INSERT INTO near VALUES (1) RETURNING n')).toBe('1')
  },
)

test('to a time', async () => {
  const copy = await start(await restore({ until: { kind: 'time', time: before } }))
  expect(copy.sql(tables)).toBe('afar near')
})

test('to the end of all that is known', async () => {
  const copy = await start(await restore())
  expect(copy.sql(tables)).toBe('afar early last later')
})

test('to the end of the whole segments, where the spool is gone', async () => {
  const restored = await restore({ spool: null })
  expect(restored.known).toBe(segmentAt(restored.known, base))
  const copy = await start(restored)
  expect(copy.sql(tables)).toBe('afar early')
})

test('to stand still there and be looked into, and by no receiver', async () => {
  const copy = await start(
    await restore({ until: { kind: 'name', ...mark }, action: 'pause' }),
    true,
  )
  const state = (): string => copy.sql('SELECT pg_get_wal_replay_pause_state()')
  await expect.poll(state, soon).toBe('paused')
  expect(copy.sql(tables)).toBe('afar near')
  expect(() => copy.sql('CREATE TABLE t ()')).toThrow('read-only')
  const follow = openReceiver({
    ...rig.receiver,
    connect: () => copy.connect(),
    folder: join(rig.dir, 'other'),
  })
  await expect(follow).rejects.toThrow('is a standby')
  rmSync(join(rig.dir, 'other'), { recursive: true })
})

test('a copy that was promoted is another line of history: a receiver of the first goes on from the fork, and beside it', async () => {
  const copy = await start(await restore(), true)
  const spool = join(rig.dir, 'other')
  cpSync(rig.spool, spool, { recursive: true })
  await expect.poll(() => copy.sql('SELECT pg_is_in_recovery()'), soon).toBe('f')
  copy.sql('ALTER SYSTEM SET max_slot_wal_keep_size = 1000')
  copy.sql('SELECT pg_reload_conf()')
  const before = await readSpool(spool, rig.key, base)
  const receiver = await openReceiver({
    ...rig.receiver,
    connect: () => copy.connect(),
    folder: spool,
  })
  await receiver.durable(parseLsn(copy.sql('SELECT pg_current_wal_flush_lsn()')), 15_000)
  await receiver.stop()
  expect((await readSpool(spool, rig.key, base)).end).toBe(before.end)
  // Back to the first: that is behind, and no receiver takes it for the one that it has.
  const back = openReceiver({ ...rig.receiver, folder: spool })
  await expect(back).rejects.toThrow(/is of .* timeline 2, and this server is .* timeline 1/)
  rmSync(spool, { recursive: true })
})

test('a copy that was promoted can be copied again, into the same vault', async () => {
  const copy = await start(await restore(), true)
  await expect.poll(() => copy.sql('SELECT pg_is_in_recovery()'), soon).toBe('f')
  copy.sql('ALTER SYSTEM SET max_slot_wal_keep_size = 1000')
  copy.sql('SELECT pg_reload_conf()')
  const spool = { folder: join(rig.dir, 'other'), key: rig.key }
  const connect = async (): Promise<Replication> => await copy.connect()
  const parts = { ...rig.receiver, ...rig.taking, connect, folder: spool.folder }
  const engine = await openPhysical({ ...parts, shelvedMs: 10_000 })
  const second = await engine.takeBase()
  expect(second.timeline).toBe(2)
  copy.sql('CREATE TABLE again AS SELECT 1 n')
  const until = parseLsn(copy.sql('SELECT pg_current_wal_flush_lsn()'))
  await expect.poll(() => engine.status().durable >= until, soon).toBe(true)
  await engine.stop()
  const twice = await start(await restore({ point: second.id, spool }))
  expect(twice.sql(tables)).toBe('afar again early last later')
  rmSync(spool.folder, { recursive: true })
  rmSync(join(rig.dir, 'store/points', `${second.id}.manifest`))
})

test('a copy starts alone, and its tablespaces are its own', async () => {
  const restored = await restore()
  const copy = await start(restored)
  const shown = (name: string): string => copy.sql(`SHOW ${name}`)
  expect(shown('listen_addresses')).toBe('')
  expect(shown('archive_command')).toBe('(disabled)')
  expect(shown('shared_preload_libraries')).toBe('')
  expect(shown('max_logical_replication_workers')).toBe('0')
  expect(shown('autovacuum')).toBe('on')
  expect(
    copy.sql(`SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'far'`),
  ).toBe(join(restored.socket, 'tablespaces', base.tablespaces[0]?.oid ?? ''))
  expect(copy.sql('SELECT count(*) FROM pg_replication_slots')).toBe('0')
  expect(readFileSync(join(restored.data, 'postgresql.conf.source'), 'utf8')).toContain(
    'auto_explain',
  )
  expect(readFileSync(join(restored.data, 'postgresql.auto.conf.source'), 'utf8')).toContain(
    'false',
  )
  expect(statSync(restored.socket).mode & 0o777).toBe(0o700)
})

test('nothing is restored over what lives, nor into the vault', async () => {
  const into = place()
  mkdirSync(into)
  writeFileSync(join(into, 'file'), 'alive')
  await expect(restore({ into })).rejects.toThrow('is not empty')
  expect(readFileSync(join(into, 'file'), 'utf8')).toBe('alive')
  await expect(restore({ into: join(rig.spool, 'x') })).rejects.toThrow('is the vault itself')
  await expect(restore({ into: rig.dir })).rejects.toThrow('is the vault itself')
})

test('what cannot be reached is refused before anything is written', async () => {
  const known = receiver.status().durable
  const far = { kind: 'lsn', lsn: known + (1n << 30n) } as const
  await expect(restore({ until: far })).rejects.toThrow(/ends at [0-9A-F]+\/[0-9A-F]+/)
  const early = { kind: 'lsn', lsn: parseLsn(base.start) } as const
  await expect(restore({ until: early })).rejects.toThrow('is before')
  const tomorrow = { kind: 'time', time: Date.now() + 86_400_000 } as const
  await expect(restore({ until: tomorrow })).rejects.toThrow('later than the WAL')
  const yesterday = { kind: 'time', time: base.takenAt } as const
  await expect(restore({ until: yesterday })).rejects.toThrow('is before')
  await expect(restore({ point: 'base_none' })).rejects.toThrow('there is no base backup')
  expect(readdirSync(rig.dir).toSorted()).toEqual(['spool', 'store'])
})

const objectFile = (sha256: string): string => {
  const name = rig.box.name(sha256)
  return join(rig.dir, 'store/objects', name.slice(0, 2), name)
}

/** Changes a file of the store for as long as the work goes on. */
async function damagedBy<T>(
  file: string,
  change: (bytes: Buffer) => Buffer | null,
  work: () => Promise<T>,
): Promise<T> {
  const whole = readFileSync(file)
  const changed = change(Buffer.from(whole))
  rmSync(file)
  if (changed !== null) writeFileSync(file, changed)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
    writeFileSync(file, whole)
  }
}

const flip = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

test('a flipped bit in the base backup is named with its file, and the last good one is offered', async () => {
  const older = base
  const newer = await takeWith(cluster.port, rig, receiver)
  const old = new Set(older.archives.flatMap(({ pieces }) => pieces.map(({ sha256 }) => sha256)))
  const own = newer.archives.flatMap(({ pieces }) => pieces).find(({ sha256 }) => !old.has(sha256))
  await damagedBy(objectFile(own?.sha256 ?? ''), flip, async () => {
    const into = place()
    await expect(restore({ point: newer.id, into })).rejects.toMatchObject({
      code: 'broken_store',
      message: expect.stringMatching(
        /cannot be restored: (`(base|global|pg_)|its beginning).* is damaged/,
      ),
      hint: expect.stringContaining(`the last good base backup is \`${older.id}\``),
    })
    expect(existsSync(into)).toBe(false)
  })
})

test('where no base backup is whole, that is said', async () => {
  const sums = (await listBases(rig.box)).map((one) => objectFile(one.sums[0]?.sha256 ?? ''))
  const refused = async (): Promise<void> =>
    await expect(restore()).rejects.toMatchObject({
      message: expect.stringContaining("the server's manifest is damaged"),
      hint: 'no other base backup in this vault is whole: take a new one now',
    })
  let work = refused
  for (const file of sums) {
    const inner = work
    work = () => damagedBy(file, flip, inner)
  }
  await work()
})

test.each<[string, (bytes: Buffer) => Buffer | null, RegExp]>([
  ['with a flipped bit', flip, /is damaged/],
  ['that is missing', () => null, /is damaged.*is not there/],
])('a WAL segment %s is named, and what lies before it can be had', async (_, change, why) => {
  const at = segmentAt(mark.lsn, base)
  const { pieces } = await openSegment(rig.box, base, at)
  await damagedBy(objectFile(pieces[0]?.sha256 ?? ''), change, async () => {
    const told = segmentFile(at, base)
    const wrong = expect.objectContaining({
      message: expect.stringMatching(why),
      hint: expect.stringContaining(`the last good point is ${lsnText(at)}`),
    })
    await expect(restore()).rejects.toEqual(wrong)
    await expect(restore()).rejects.toThrow(told)
    const copy = await start(await restore({ until: { kind: 'lsn', lsn: at } }))
    expect(Number(copy.sql('SELECT count(*) FROM near'))).toBeGreaterThanOrEqual(1000)
  })
})

test('a segment whose manifest is missing leaves a hole, which is named', async () => {
  const at = segmentAt(mark.lsn, base)
  const file = join(rig.dir, 'store/points', `${segmentId(at, base)}.manifest`)
  await damagedBy(
    file,
    () => null,
    async () => {
      await expect(restore()).rejects.toThrow(`is missing from ${lsnText(at)} on`)
      await expect(restore({ until: { kind: 'lsn', lsn: mark.lsn } })).rejects.toThrow(
        segmentFile(at, base),
      )
      const copy = await start(await restore({ until: { kind: 'lsn', lsn: at } }))
      expect(copy.sql(tables)).toBe('afar near')
    },
  )
})

test('a spool that was cut off is named, and what is left of it can be had', async () => {
  cluster.sql('INSERT INTO last VALUES (2)')
  await receiver.durable(parseLsn(cluster.sql('SELECT pg_current_wal_lsn()').trim()), 10_000)
  const { durable } = receiver.status()
  const file = join(rig.spool, readdirSync(rig.spool).find((name) => name.endsWith('.wal')) ?? '')
  await damagedBy(
    file,
    // Behind its last record there are zeros: what is cut off is the end of that.
    (bytes) =>
      bytes.subarray(
        0,
        bytes.findLastIndex((byte) => byte !== 0),
      ),
    async () => {
      const failure: unknown = await restore().catch((thrown: unknown) => thrown)
      const told = /the last good point is ([0-9A-F/]+)/.exec(
        failure instanceof Error && 'hint' in failure ? String(failure.hint) : '',
      )
      const good = parseLsn(told?.[1] ?? '')
      expect(good).toBeLessThan(durable)
      const copy = await start(await restore({ until: { kind: 'lsn', lsn: good } }))
      expect(copy.sql(tables)).toContain('later')
    },
  )
})

test('another key opens nothing, and says so', async () => {
  const box = openBox(rig.box.store, new Uint8Array(32), realChance)
  await expect(restore({ box })).rejects.toThrow('does not open')
})
