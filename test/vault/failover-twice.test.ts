/** Failovers while nobody receives, by replication and by plain SQL: every timeline between is fetched, and a gap is named where one is gone. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, afterAll, expect, test } from 'vitest'
import { realTimer } from '../../src/app/world.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { lsnText, parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Replication } from '../../src/platforms/postgres/replication.ts'
import { readHistory } from '../../src/vault/physical-history.ts'
import { whyApart } from '../../src/vault/physical-line.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import { openReceiver } from '../../src/vault/physical-receiver.ts'
import type { Receiver } from '../../src/vault/physical-receiver.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { segmentAt } from '../../src/vault/physical-segments.ts'
import { openOverSql } from '../../src/vault/sql-way.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { dialOf, openRig, soon, startCopy, startSource, takeWith } from './physical-house.ts'
import type { Rig } from './physical-house.ts'
import { caughtUp, startStandby } from './standby-house.ts'
import type { Standby } from './standby-house.ts'

let source: Cluster
const rigs: { readonly rig: Rig; readonly base: BaseManifest }[] = []
let second: Standby
let third: Standby
const receivers: Receiver[] = []

/** One for each way, and one for what is lost: all of them received the first server only. */
beforeAll(async () => {
  source = await startSource(['wal_keep_size = 64MB'])
  source.sql('CREATE TABLE first AS SELECT 1 n')
  second = await startStandby(source)
  third = await startStandby(second)
  for (const slot of ['streamed', 'by_sql', 'lost']) {
    const rig = await openRig(source.port, slot)
    const receiver = await openReceiver(rig.receiver)
    rigs.push({ rig, base: await takeWith(source.port, rig, receiver) })
    await receiver.stop()
  }
  write(source, 'unseen')
  await caughtUp(source, third)
  await source.kill()
  await second.promote()
  write(second, 'between')
  await caughtUp(second, third)
  await second.stop()
  await third.promote()
  write(third, 'late')
}, 60_000)
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop()
})
afterAll(async () => {
  await third.stop()
  await source.stop()
  for (const { folder } of [second, third]) rmSync(folder, { recursive: true, force: true })
  for (const { rig } of rigs) rmSync(rig.dir, { recursive: true, force: true })
})

/** A few segments of it. */
function write({ sql }: Pick<Standby, 'sql'>, table: string): void {
  sql(`SET synchronous_commit = on;
    CREATE TABLE ${table} AS SELECT repeat('x', 1000) AS t FROM generate_series(1, 4000)`)
}

async function overSqlOf(socket: string): Promise<Replication> {
  const { target, ...dial } = dialOf(5432)
  return await openOverSql(
    await openClient({ ...dial, target: { ...target, host: socket } }),
    realTimer,
  )
}

async function follow(
  { rig }: (typeof rigs)[number],
  connect: () => Promise<Replication>,
): Promise<Receiver> {
  const receiver = await openReceiver({ ...rig.receiver, connect })
  receivers.push(receiver)
  await receiver.durable(parseLsn(third.sql('SELECT pg_current_wal_flush_lsn()')), soon.timeout)
  return receiver
}

const ways: readonly (readonly [string, number, () => Promise<Replication>])[] = [
  ['replication', 0, () => third.connect()],
  ['plain SQL', 1, () => overSqlOf(third.folder)],
]
test.each(ways)(
  'by %s: what either server wrote while nobody received is fetched, and comes back',
  async (_, of, connect) => {
    const own = rigs[of]
    if (own === undefined) throw new Error('no rig')
    const { rig, base } = own
    const receiver = await follow(own, connect)
    expect(receiver.of.timeline).toBe(3)
    expect(await whyApart(rig.box, base, receiver.of, receiver.status().shelved)).toBe(null)
    const restored = await restorePhysical({
      box: rig.box,
      spool: { folder: rig.spool, key: rig.key },
      point: base.id,
      until: { kind: 'end' },
      into: join(rig.dir, 'back'),
    })
    const copy = await startCopy(restored, source.binDir)
    try {
      expect(
        copy.sql(`SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`),
      ).toBe('between first late unseen')
    } finally {
      await copy.stop()
    }
  },
  60_000,
)

test('where a timeline between is gone, the gap is told with its timeline and its places', async () => {
  const own = rigs[2]
  if (own === undefined) throw new Error('no rig')
  const { rig, base } = own
  for (const name of third.sql('SELECT pg_ls_dir($$pg_wal$$)').split('\n'))
    if (/^00000002[0-9A-F]{16}$/.test(name)) rmSync(join(third.folder, 'data/pg_wal', name))
  const receiver = await follow(own, () => third.connect())
  const [one, two] = readHistory(receiver.of.history ?? '').map(({ at }) => segmentAt(at, base))
  expect(await whyApart(rig.box, base, receiver.of, receiver.status().shelved)).toBe(
    `WAL is missing since \`${base.id}\`, of timeline 2 from ${lsnText(one ?? 0n)} to ${lsnText(two ?? 0n)}: more than one server was promoted while nothing was received`,
  )
})
