/** A base backup into the box: the whole cluster as its server sends it or as its files are read, held to the sums that come with it, read back, and named last. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { ResourceRef } from '../core/resource.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { BackupEvent, Lsn, Replication } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { physicalText } from './physical-manifest.ts'
import type { Archive, BaseManifest } from './physical-manifest.ts'
import { openPieces } from './physical-pieces.ts'
import type { PieceWriter, Piecing } from './physical-pieces.ts'
import { openPress, pieceBytes } from './physical-press.ts'
import type { Piece } from './physical-press.ts'
import { openRounds } from './physical-rounds.ts'
import { segmentsFrom } from './physical-segments.ts'
import { segmentBytesOf } from './physical-setting.ts'
import { firstDifference, openSpans, readSums } from './physical-sums.ts'
import type { FileSums, Spans } from './physical-sums.ts'
import { openTar } from './physical-tar.ts'
import type { Tar, TarEar } from './physical-tar.ts'

export interface BaseTaking {
  readonly box: Box
  readonly clock: Clock
  readonly chance: Chance
  /** The target whose database it is, and what a point of it brings back. */
  readonly source: string
  readonly covers: readonly ResourceRef[]
  /** Fulfils when the WAL up to there is in the box in whole segments; rejects when it will not be. */
  readonly shelved: (until: Lsn) => Promise<void>
  /** How far the clock of the server is ahead of ours, as far as it has said so. */
  readonly aheadMs?: () => number | null
  /** Hears how many bytes have come. */
  readonly progress: (bytes: number) => void
}

/**
 * INVARIANT (a base counts last): it is named when every byte of it was read back, every file has the server's checksum, and
 * its WAL from start to stop is in the box. Throws, and leaves nothing that counts, where any of it is not so.
 */
export async function takeBase(
  replication: Replication,
  taking: BaseTaking,
): Promise<BaseManifest> {
  const { box, clock, chance } = taking
  const takenAt = clock.now()
  const id = newId('base', takenAt, chance)
  const { system } = await replication.identify()
  const settings = await settingsOf(replication)
  const segmentBytes = segmentBytesOf(await replication.show('wal_segment_size'))
  const press = openPress()
  const rounds = openRounds(box, press)
  try {
    const into = { box, press, staging: rounds }
    const got = await receive(replication.baseBackup(`firebreak ${id}`), into, taking)
    const stoppedAt = clock.now()
    const aheadMs = taking.aheadMs?.() ?? null
    await rounds.settle()
    await taking.shelved(got.stop)
    const { start, stop, timeline } = got
    await withWal(box, { system, timeline, segmentBytes }, start, stop)
    const { covers, source } = taking
    const manifest: BaseManifest = {
      v: 1,
      id,
      engine: 'physical',
      kind: 'base',
      system,
      timeline,
      covers,
      source,
      server: await replication.show('server_version'),
      start: lsnText(start),
      stop: lsnText(stop),
      takenAt,
      stoppedAt,
      ...(aheadMs === null ? {} : { aheadMs }),
      bytes: got.bytes,
      segmentBytes,
      tablespaces: got.tablespaces,
      archives: got.archives,
      sums: got.sums,
      ...(replication.way === 'sql' ? { way: replication.way } : {}),
      settings,
    }
    await rounds.name(id, box.sealManifest(id, physicalText(manifest)))
    return manifest
  } finally {
    await rounds.discard()
    await press.stop()
  }
}

/** What a copy must have at least where people may look into it while it recovers. */
const settingNames = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const

async function settingsOf(replication: Replication): Promise<BaseManifest['settings']> {
  const settings: { [name: string]: string } = {}
  for (const name of settingNames) settings[name] = await replication.show(name)
  return settings
}

type Began = Extract<BackupEvent, { readonly kind: 'began' }>

interface Got extends Pick<Began, 'start' | 'timeline' | 'tablespaces'> {
  readonly stop: Lsn
  readonly bytes: number
  readonly archives: readonly Archive[]
  readonly sums: readonly Piece[]
}

/** One archive, or the server's manifest, while it comes. */
interface Part {
  /** Undefined for the manifest. */
  readonly tablespace?: string | null
  readonly tar: Tar | null
  readonly spans: Spans | null
  readonly cuts: number[]
  at: number
}

async function receive(
  events: AsyncIterable<BackupEvent>,
  into: Piecing,
  { progress }: BaseTaking,
): Promise<Got> {
  const archives: Archive[] = []
  const found: FileSums = new Map()
  const told: Buffer[] = []
  let sums: readonly Piece[] = []
  let began: Began | null = null
  let stop: Lsn | null = null
  let part: Part | null = null
  let bytes = 0
  const writer = openPieces({ ...into, within: (from, to) => part?.spans?.within(from, to) ?? [] })
  const close = async (): Promise<void> => {
    part?.tar?.end()
    const ended = await writer.end()
    part?.spans?.settle(ended.sums, found)
    if (part?.tablespace !== undefined)
      archives.push({ tablespace: part.tablespace, pieces: ended.pieces })
    else if (part !== null) sums = ended.pieces
  }
  for await (const event of events) {
    if (event.kind === 'bytes') {
      if (part === null) throw strange()
      bytes += event.bytes.length
      if (part.tar === null) told.push(Buffer.from(event.bytes))
      await pass(part, event.bytes, writer)
      progress(bytes)
      continue
    }
    await close()
    part = partOf(event)
    if (event.kind === 'began') began = event
    if (event.kind === 'ended') ({ stop } = event)
  }
  if (began === null || stop === null) throw strange()
  const difference = firstDifference(readSums(Buffer.concat(told)), found)
  if (difference !== null)
    throw new FirebreakError(
      'broken_store',
      `a base backup is not what the server says it sent: ${difference}`,
      'take it again; where it stays so, look at the health of the disks and the network',
    )
  const { start, timeline, tablespaces } = began
  return { start, timeline, tablespaces, stop, bytes, archives, sums }
}

function partOf(event: BackupEvent): Part | null {
  if (event.kind === 'manifest') return { tar: null, spans: null, cuts: [], at: 0 }
  if (event.kind !== 'archive') return null
  const { tablespace } = event
  const cuts: number[] = []
  const spans = openSpans(tablespace === null ? '' : `pg_tblspc/${tablespace}/`)
  return { tablespace, tar: openTar(cutting(spans.ear, cuts)), spans, cuts, at: 0 }
}

/** A large file has pieces of its own: where it has not changed, the next base backup finds them in the box already. */
function cutting(ear: TarEar, cuts: number[]): TarEar {
  return {
    begins: (entry, at) => {
      if (entry.size >= pieceBytes / 4) cuts.push(at, at + entry.size)
      ear.begins(entry, at)
    },
    takes: (bytes, at) => ear.takes(bytes, at),
    ends: (entry) => ear.ends(entry),
  }
}

async function pass(part: Part, bytes: Uint8Array, writer: PieceWriter): Promise<void> {
  part.tar?.push(bytes)
  let from = 0
  while ((part.cuts[0] ?? Infinity) <= part.at + bytes.length) {
    const to = (part.cuts.shift() ?? 0) - part.at
    await writer.write(bytes.subarray(from, to))
    await writer.cut()
    from = to
  }
  await writer.write(bytes.subarray(from))
  part.at += bytes.length
}

async function withWal(
  box: Box,
  of: Parameters<typeof segmentsFrom>[1],
  start: Lsn,
  stop: Lsn,
): Promise<void> {
  const last = (await segmentsFrom(box, of, start)).at(-1)
  if (last !== undefined && last + BigInt(of.segmentBytes) >= stop) return
  throw new FirebreakError(
    'wrong_state',
    `the WAL of a base backup from ${lsnText(start)} to ${lsnText(stop)} is not all in the vault`,
    'see that the WAL receiver was running before it began, then take it again',
  )
}

function strange(): FirebreakError {
  return new FirebreakError('broken_store', 'the server sends no whole base backup')
}
