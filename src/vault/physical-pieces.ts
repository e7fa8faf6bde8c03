/** A stream in the box: cut into pieces, each compressed, sealed and named by its content; no more than a few are in memory. */
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { inOne, openPiece, pieceBytes } from './physical-press.ts'
import type { Packed, Piece, Press } from './physical-press.ts'
import type { Span } from './physical-sums.ts'
import { isOutOfReach } from './reason.ts'
import type { Staging } from './store.ts'

/** Sealed it is hardly more than that: whatever is longer was not put by us, and is not read to its end. */
const sealedBytes = pieceBytes + (128 << 10)

export interface PieceWriter {
  /** Fulfils when there is room for more. The bytes are copied. */
  write(bytes: Uint8Array): Promise<void>
  /** The next byte begins a piece: equal files then have equal pieces, wherever they stand. */
  cut(): Promise<void>
  /** The pieces since the last end, all of them in the staging, and the sums of their spans; then it begins anew. */
  end(): Promise<{ readonly pieces: readonly Piece[]; readonly sums: readonly number[] }>
}

export interface Piecing {
  readonly box: Box
  readonly press: Press
  readonly staging: Pick<Staging, 'put'>
  /** What a piece holds at most. */
  readonly size?: number
  /** What is summed of the bytes between two places, counted since the last end. */
  readonly within?: (from: number, to: number) => readonly Span[]
}

/** INVARIANT (whole): each piece was put, or is in the box already and was read to its end. */
export function openPieces({
  box,
  press,
  staging,
  size = pieceBytes,
  within,
}: Piecing): PieceWriter {
  const put = new Set<string>()
  let kept: Promise<Piece & Pick<Packed, 'sums'>>[] = []
  let running: Promise<unknown>[] = []
  /** Used again and again: to make large ones anew costs more than to fill them. */
  const free: Uint8Array<ArrayBuffer>[] = []
  let plain: Uint8Array<ArrayBuffer> | null = null
  let filled = 0
  let at = 0

  const keep = async (
    full: Uint8Array<ArrayBuffer>,
    bytes: number,
    spans: readonly Span[],
  ): Promise<Piece & Pick<Packed, 'sums'>> => {
    const plain = full.subarray(0, bytes)
    const packed = await press.pack({ plain, spans, sealing: box.sealing() })
    const { sealed, sha256, sums } = packed
    free.push(new Uint8Array(packed.memory))
    const name = box.name(sha256)
    if (!put.has(name)) {
      put.add(name)
      const there = await box.store.has(name)
      // What is there already counts only where it can still be read.
      if (!there || !(await isWhole(box, press, name))) await staging.put(name, once(sealed), there)
    }
    return { sha256, bytes, sums }
  }
  const cut = async (): Promise<void> => {
    const full = plain
    if (full === null) return
    plain = null
    const piece = keep(full, filled, within?.(at, at + filled) ?? [])
    at += filled
    filled = 0
    // Awaited at the end or before the next one; until then its fault must not end the process.
    piece.catch(() => null)
    kept.push(piece)
    running.push(piece)
    if (running.length > press.atOnce) await running.shift()
  }
  return {
    write: async (bytes) => {
      for (let from = 0; from < bytes.length;) {
        plain ??= free.pop() ?? new Uint8Array(size)
        const taken = Math.min(size - filled, bytes.length - from)
        plain.set(bytes.subarray(from, from + taken), filled)
        filled += taken
        from += taken
        if (filled === size) await cut()
      }
    },
    cut,
    end: async () => {
      await cut()
      const all = await Promise.all(kept)
      kept = []
      running = []
      at = 0
      return {
        pieces: all.map(({ sha256, bytes }) => ({ sha256, bytes })),
        sums: all.flatMap(({ sums }) => sums),
      }
    },
  }
}

/**
 * The plain bytes of pieces in their order, the next ones on their way: opened by the threads of a press where there is one, which takes them back by `lay`.
 * Throws `broken_store` for one that is not as it was.
 */
export async function* readPieces(
  box: Box,
  pieces: readonly Piece[],
  press: Press | null = null,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const coming: Promise<Uint8Array<ArrayBuffer>>[] = []
  const left = [...pieces]
  const ahead = press?.atOnce ?? 1
  for (;;) {
    while (left.length > 0 && coming.length <= ahead) {
      const piece = left.shift()
      if (piece !== undefined) coming.push(readPiece(box, piece, press))
      // Awaited in its turn; until then its fault must not end the process.
      coming.at(-1)?.catch(() => null)
    }
    const next = coming.shift()
    if (next === undefined) return
    yield await next
  }
}

/** Reads each piece back without unpacking it; gives the place of the first that is not as it was put, null where all are. */
export async function firstBroken(
  box: Box,
  pieces: readonly Piece[],
  known: Set<string>,
): Promise<number | null> {
  for (const [at, { sha256 }] of pieces.entries()) {
    if (!known.has(sha256) && !(await canBeRead(box, sha256))) return at
    known.add(sha256)
  }
  return null
}

async function canBeRead(box: Box, sha256: string): Promise<boolean> {
  try {
    for await (const piece of box.open(sha256)) void piece
    return true
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    // Whatever else keeps it from being read back, it is no way back.
    return false
  }
}

/** Whether the store gives back what was put under this name; it is opened apart from this thread. */
export async function isWhole(box: Box, press: Press, name: string): Promise<boolean> {
  const isPiece = async (bytes: Bytes): Promise<boolean> => {
    const sha256 = await press.check(await atMost(bytes, sealedBytes), box.sealing())
    return sha256 !== null && box.name(sha256) === name
  }
  try {
    return await isPiece(box.store.get(name, isPiece))
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    // Whatever else keeps it from being read back, it is no way back.
    return false
  }
}

async function atMost(bytes: Bytes, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of bytes) {
    parts.push(part)
    length += part.length
    if (length > most) throw new FirebreakError('broken_store', 'a piece in the vault is too long')
  }
  return inOne(parts)
}

async function readPiece(
  box: Box,
  piece: Piece,
  press: Press | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = box.sealed(piece.sha256)
  if (press === null) return inOne([await openPiece(sealed, box.opening(), piece)])
  return await press.open(await atMost(sealed, sealedBytes), box.opening(), piece)
}

async function* once(bytes: Uint8Array): Bytes & AsyncGenerator<Uint8Array> {
  yield bytes
}
