/** WAL in the box: whole segments, each named by its cluster, timeline and place, put once. */
import { FirebreakError } from '../base/error.ts'
import { canonical, toJson } from '../base/json.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { parseWal, physicalText } from './physical-manifest.ts'
import type { WalManifest } from './physical-manifest.ts'
import { openPieces } from './physical-pieces.ts'
import type { Piecing } from './physical-pieces.ts'
import { pieceBytes } from './physical-press.ts'
import type { Staging } from './store.ts'

/** One cluster's WAL on one timeline. */
export interface WalOf {
  readonly system: string
  readonly timeline: number
  readonly segmentBytes: number
  /** The server's own file of where earlier timelines were left; none on the first. */
  readonly history?: string
}

/** The segment that holds the byte at this place. */
export function segmentAt(lsn: Lsn, { segmentBytes }: WalOf): Lsn {
  return lsn - (lsn % BigInt(segmentBytes))
}

export function segmentId(start: Lsn, { system, timeline }: WalOf): string {
  return `wal_${system}_${hex(timeline, 8)}_${hex(start, 16)}`
}

/** The server's own name of a segment's file. */
export function segmentFile(start: Lsn, { timeline, segmentBytes }: WalOf): string {
  const perGroup = 0x1_0000_0000n / BigInt(segmentBytes)
  const number = start / BigInt(segmentBytes)
  return [BigInt(timeline), number / perGroup, number % perGroup]
    .map((part) => hex(part, 8))
    .join('')
    .toUpperCase()
}

/**
 * Puts a whole segment; one that is there already stays. Throws `internal` where there are more or fewer bytes than a
 * segment has: INVARIANT (whole segments): one that was cut off is never named.
 */
export async function putSegment(
  { box, press }: Pick<Piecing, 'box' | 'press'>,
  of: WalOf,
  start: Lsn,
  records: AsyncIterable<{ readonly sentAt: number; readonly bytes: Uint8Array }>,
): Promise<void> {
  const id = segmentId(start, of)
  const staging = await box.store.stage()
  try {
    const writer = openPieces({ box, press, staging, size: Math.min(pieceBytes, of.segmentBytes) })
    let sentAt = 0
    for await (const record of records) {
      sentAt = Math.max(sentAt, record.sentAt)
      await writer.write(record.bytes)
    }
    const { pieces } = await writer.end()
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0)
    if (bytes !== of.segmentBytes)
      throw new FirebreakError('internal', `a segment of WAL has ${bytes} bytes`)
    await staging.settle()
    const { system, timeline, history } = of
    const manifest: WalManifest = {
      v: 1,
      id,
      engine: 'physical',
      kind: 'wal',
      system,
      timeline,
      start: lsnText(start),
      bytes,
      sentAt,
      pieces,
      ...(history === undefined ? {} : { history }),
    }
    await nameOnce(box, manifest, staging)
  } finally {
    await staging.discard()
  }
}

/** A crash between the naming and what follows it brings the same segment again; never another one. */
async function nameOnce(box: Box, manifest: WalManifest, staging: Staging): Promise<void> {
  const { id, pieces } = manifest
  try {
    await staging.name(id, box.sealManifest(id, physicalText(manifest)))
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || thrown.code !== 'wrong_state') throw thrown
    const there = parseWal(await box.manifestText(id), id)
    if (canonical(toJson(there.pieces)) === canonical(toJson(pieces))) return
    throw new FirebreakError(
      'broken_store',
      `the vault has another content of \`${id}\``,
      'two servers write the same WAL: see that only one of them is the database, and use another vault',
      thrown,
    )
  }
}

/** The whole segments that follow each other without a gap from the one that holds `from`. */
export async function segmentsFrom(box: Box, of: WalOf, from: Lsn): Promise<readonly Lsn[]> {
  const there = new Set(await box.store.points())
  const found: Lsn[] = []
  for (let at = segmentAt(from, of); there.has(segmentId(at, of)); at += BigInt(of.segmentBytes))
    found.push(at)
  return found
}

export async function openSegment(box: Box, of: WalOf, start: Lsn): Promise<WalManifest> {
  const id = segmentId(start, of)
  return parseWal(await box.manifestText(id), id)
}

function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
