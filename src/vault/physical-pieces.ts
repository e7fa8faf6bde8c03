/** A stream in the box: cut into pieces, each compressed, sealed and named by its content; no more than a few are in memory. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { isOutOfReach } from './reason.ts'
import type { Staging } from './store.ts'

export interface Piece {
  /** Of the compressed bytes: what the box knows it by. */
  readonly sha256: string
  /** Before they were compressed. */
  readonly bytes: number
}

/** What a piece holds at most before it is compressed. */
export const pieceBytes = 4 << 20
/** Pieces that are compressed and written at the same time: as many as keep two cores busy. */
const atOnce = 3

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
/** Few large steps instead of many small ones: each is a way to another thread and back. */
const quick = { params: { [constants.ZSTD_c_compressionLevel]: 3 }, chunkSize: 1 << 20 }
const bounded = { maxOutputLength: pieceBytes, chunkSize: pieceBytes }

export interface PieceWriter {
  /** Fulfils when there is room for more. The bytes are copied. */
  write(bytes: Uint8Array): Promise<void>
  /** The next byte begins a piece: equal files then have equal pieces, wherever they stand. */
  cut(): Promise<void>
  /** The pieces since the last end, all of them in the staging; then it begins anew. */
  end(): Promise<readonly Piece[]>
}

/** `known` gets what was in the box already and has been read back whole; `size` is what a piece holds at most. */
export function openPieces(
  box: Box,
  staging: Staging,
  known: Set<string> = new Set(),
  size = pieceBytes,
): PieceWriter {
  const put = new Set<string>()
  let pieces: Promise<Piece>[] = []
  let running: Promise<Piece>[] = []
  /** Used again and again: to make large ones anew costs more than to fill them. */
  const free: Buffer[] = []
  let plain: Buffer | null = null
  let filled = 0

  const keep = async (bytes: Buffer): Promise<Piece> => {
    const packed = await compress(bytes, quick)
    const sha256 = createHash('sha256').update(packed).digest('hex')
    const name = box.name(sha256)
    if (put.has(name)) return { sha256, bytes: bytes.length }
    put.add(name)
    const there = await box.store.has(name)
    // What is there already counts only where it can still be read.
    if (there && (await isWhole(box, sha256))) known.add(sha256)
    else await staging.put(name, box.seal(once(packed)), there)
    return { sha256, bytes: bytes.length }
  }
  const cut = async (): Promise<void> => {
    const full = plain
    if (full === null) return
    if (running.length >= atOnce) await running.shift()
    const piece = keep(full.subarray(0, filled)).finally(() => free.push(full))
    // Awaited at the end or before the next one; until then its fault must not end the process.
    piece.catch(() => null)
    pieces.push(piece)
    running.push(piece)
    plain = null
    filled = 0
  }
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length;) {
        plain ??= free.pop() ?? Buffer.allocUnsafeSlow(size)
        const taken = Math.min(size - filled, bytes.length - at)
        plain.set(bytes.subarray(at, at + taken), filled)
        filled += taken
        at += taken
        if (filled === size) await cut()
      }
    },
    cut,
    end: async () => {
      await cut()
      const all = await Promise.all(pieces)
      pieces = []
      running = []
      return all
    },
  }
}

/** The plain bytes of pieces, one piece at a time, the next on its way. Throws `broken_store` for one that is not as it was. */
export async function* readPieces(
  box: Box,
  pieces: readonly Piece[],
): Bytes & AsyncGenerator<Buffer> {
  let next = pieces[0] === undefined ? null : readPiece(box, pieces[0])
  for (const [at] of pieces.entries()) {
    const bytes = await next
    const following = pieces[at + 1]
    next = following === undefined ? null : readPiece(box, following)
    next?.catch(() => null)
    if (bytes !== null) yield bytes
  }
}

/** Reads each piece back without unpacking it; gives the place of the first that is not as it was put, null where all are. */
export async function firstBroken(
  box: Box,
  pieces: readonly Piece[],
  known: Set<string>,
): Promise<number | null> {
  for (const [at, { sha256 }] of pieces.entries()) {
    if (!known.has(sha256) && !(await isWhole(box, sha256))) return at
    known.add(sha256)
  }
  return null
}

async function isWhole(box: Box, sha256: string): Promise<boolean> {
  try {
    for await (const piece of box.open(sha256)) void piece
    return true
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    // Whatever else keeps it from being read back, it is no way back.
    return false
  }
}

async function readPiece(box: Box, { sha256, bytes }: Piece): Promise<Buffer> {
  const packed: Uint8Array[] = []
  for await (const part of box.open(sha256)) packed.push(part)
  const plain = await decompress(Buffer.concat(packed), bounded)
  if (plain.length === bytes) return plain
  throw new FirebreakError('broken_store', 'a piece in the vault has another size than it had')
}

async function* once(bytes: Uint8Array): Bytes & AsyncGenerator<Uint8Array> {
  yield bytes
}
