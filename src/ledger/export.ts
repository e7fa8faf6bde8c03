/** The ledger as files (C2SP tlog-tiles), for a web server, a witness or other people's tools; and such files as rows again. */
import { FirebreakError } from '../base/error.ts'
import { claimedCheckpoint } from './checkpoint.ts'
import { hashBytes, nodeHash } from './hash.ts'
import type { Hash } from './hash.ts'
import type { LogReads } from './reads.ts'
import { bundleOf, readBundle, readTile, tileAt, tilePath, tileWidth, tilesOf } from './tiles.ts'
import type { Tile } from './tiles.ts'
import type { Verifier } from './note.ts'
import { verifyLedger } from './verify.ts'
import type { Kept, Verified } from './verify.ts'

/** Writes one file of an export, making its folders; the path is relative, with `/`. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>

/** Reads one file of an export, or null where there is none; from a folder or over HTTP. */
export type ReadFile = (path: string) => Promise<Uint8Array | null>

export const checkpointFile = 'checkpoint'
const tileHeight = 8
/** Files kept in memory while an export is read. */
const mostKept = 64

/**
 * Writes what an export of `since` entries lacks, the checkpoint last: a reader never sees one whose tiles are missing.
 * Gives the size. Throws `not_found` for a ledger without a checkpoint, `broken_ledger` where rows are missing.
 */
export async function exportLedger(log: LogReads, write: WriteFile, since = 0): Promise<number> {
  const newest = await log.checkpoint()
  if (newest === null) throw new FirebreakError('not_found', 'nothing is written down yet')
  for (const tile of tilesOf(newest.size, since))
    await write(tilePath(tile), await contentOf(log, tile))
  await write(checkpointFile, new Uint8Array(Buffer.from(newest.note)))
  return newest.size
}

/**
 * An export as the rows of a ledger, so that what verifies, proves or witnesses the one does it to the other. Nothing is
 * trusted here: `size` is what the checkpoint claims, and what is missing or misshapen counts as absent.
 */
export function exportedRows(read: ReadFile): LogReads {
  const kept = new Map<string, Promise<Uint8Array | null>>()
  const keep = (path: string): Promise<Uint8Array | null> => {
    const found = kept.get(path) ?? read(path)
    kept.delete(path)
    kept.set(path, found)
    const oldest = kept.keys().next().value
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
    return found
  }
  const checkpoint: LogReads['checkpoint'] = async () => {
    const bytes = await keep(checkpointFile)
    if (bytes === null) return null
    const note = Buffer.from(bytes).toString('utf8')
    return { size: claimedCheckpoint(note)?.size ?? 0, note }
  }
  const size = async (): Promise<number> => (await checkpoint())?.size ?? 0
  const tile = async (level: number | 'entries', index: number): Promise<Found | null> => {
    const wanted = tileAt(level, index, await size())
    if (wanted === null) return null
    // A log may delete a partial tile once the full one is there (tlog-tiles, partial tiles).
    const full = { ...wanted, width: tileWidth }
    const bytes = (await keep(tilePath(wanted))) ?? (await keep(tilePath(full)))
    return bytes === null ? null : { bytes, width: wanted.width }
  }
  return {
    size,
    checkpoint,
    leaves: async (from, to) => {
      const first = Math.floor(from / tileWidth)
      const last = Math.ceil(to / tileWidth)
      const found: Uint8Array[] = []
      for (let index = first; index < last; index += 1) {
        const bundle = entriesIn(await tile('entries', index))
        found.push(...bundle.slice(Math.max(0, from - index * tileWidth), to - index * tileWidth))
      }
      return found
    },
    hash: async (level, index) => {
      const height = Math.floor(level / tileHeight)
      const span = 2 ** (level % tileHeight)
      const start = index * span
      const found = await tile(height, Math.floor(start / tileWidth))
      const hashes = found === null ? null : hashesIn(found)
      const offset = start % tileWidth
      const part = hashes?.slice(offset, offset + span) ?? []
      return part.length === span ? overAll(part) : null
    },
  }
}

/** Verifies an export like a ledger, and that its files hold nothing beside what was signed. */
export async function verifyExport(
  read: ReadFile,
  verifier: Verifier,
  kept: readonly Kept[] = [],
): Promise<Verified> {
  const verified = await verifyLedger(exportedRows(read), verifier, kept)
  if (verified.signed === null) {
    const message = 'there is no good checkpoint: nothing of this export is vouched for'
    const faults = [...verified.faults, { kind: 'checkpoint', index: null, message } as const]
    return { ...verified, ok: false, faults }
  }
  const odd = await misshapen(read, verified.signed.size)
  const faults = odd.map((message) => ({ kind: 'file', index: null, message }) as const)
  return {
    ...verified,
    ok: verified.ok && odd.length === 0,
    faults: [...verified.faults, ...faults],
  }
}

/** A line for each file that holds more, less or other than its place says; missing ones are the walk's to find. */
async function misshapen(read: ReadFile, size: number): Promise<readonly string[]> {
  const lines: string[] = []
  for (const tile of tilesOf(size)) {
    const bytes = await read(tilePath(tile))
    const odd = bytes === null ? null : oddity(tile, bytes)
    if (odd !== null) lines.push(`${tilePath(tile)} should hold ${tile.width} and ${odd}`)
  }
  return lines
}

function oddity({ level, width }: Tile, bytes: Uint8Array): string | null {
  if (level !== 'entries')
    return bytes.length === width * hashBytes ? null : `has ${bytes.length} bytes`
  const count = readBundle(bytes)?.length ?? null
  if (count === null) return 'has broken lengths'
  return count === width ? null : `holds ${count}`
}

interface Found {
  readonly bytes: Uint8Array
  readonly width: number
}

function entriesIn(found: Found | null): readonly Uint8Array[] {
  return found === null ? [] : (readBundle(found.bytes)?.slice(0, found.width) ?? [])
}

function hashesIn({ bytes, width }: Found): readonly Hash[] | null {
  return readTile(bytes, width) ?? readTile(bytes, tileWidth)?.slice(0, width) ?? null
}

function overAll(hashes: readonly Hash[]): Hash | null {
  const [first = null] = hashes
  if (hashes.length <= 1) return first
  const half = hashes.length / 2
  const [left, right] = [overAll(hashes.slice(0, half)), overAll(hashes.slice(half))]
  return left === null || right === null ? null : nodeHash(left, right)
}

async function contentOf(log: LogReads, { level, index, width }: Tile): Promise<Uint8Array> {
  const from = index * tileWidth
  if (level === 'entries') {
    const leaves = await log.leaves(from, from + width)
    if (leaves.length === width) return bundleOf(leaves)
    throw missing(`entries between ${from} and ${from + width - 1}`)
  }
  const hashes: Hash[] = []
  for (let at = from; at < from + width; at += 1) {
    const hash = await log.hash(level * tileHeight, at)
    if (hash === null) throw missing(`the hash at level ${level * tileHeight}, index ${at}`)
    hashes.push(hash)
  }
  return new Uint8Array(Buffer.concat(hashes))
}

function missing(what: string): FirebreakError {
  return new FirebreakError(
    'broken_ledger',
    `the ledger lacks ${what}`,
    'run `firebreak ledger verify`',
  )
}
