/** A text that comes block by block, however long its lines: each sighting once, with line and column. */
import type { Eye, Sighting } from './look.ts'
import type { Place } from './found.ts'
import { openQuota } from './quota.ts'

/** A sighting with its place; it can go from one thread to another. */
export interface Placed extends Omit<Sighting, 'at' | 'end'> {
  readonly at: Place
}

/** More than the longest pattern and what is searched around a keyword, on both sides. */
export const overlap = 40_960

export interface Reader {
  /** Takes the next bytes: those of the last call are seen again as far as `overlap` goes. Gives how many to keep, and whether of this text more was seen than anybody keeps. */
  take(
    piece: Uint8Array,
    isLast: boolean,
  ): { readonly placed: readonly Placed[]; readonly keep: number; readonly isCut: boolean }
}

/** A reader of one text. INVARIANT (once): what lies in the overlap of two pieces is told once. */
export function openReader(eye: Eye, file: string): Reader {
  /** Where the first byte of the next piece stands. */
  let start: Cursor = { offset: 0, line: 1, column: 1 }
  /** Sightings before this byte of the next piece were told. */
  let told = 0
  const quota = openQuota()
  let isCut = false
  return {
    take: (piece, isLast) => {
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
      const limit = isLast ? bytes.length : Math.max(told, bytes.length - overlap / 2)
      const looked = eye.look(bytes, file)
      isCut ||= looked.isCut
      const fresh = apart(looked.found).filter(
        (each) => each.at >= told && each.at < limit && quota.takes(each),
      )
      isCut ||= quota.isCut()
      let cursor: Cursor = { ...start, offset: 0 }
      const placed = fresh.map((sighting): Placed => {
        cursor = advance(bytes, cursor, sighting.at)
        const { line, column } = cursor
        const { rank, secret, provider, within, name, low } = sighting
        return {
          rank,
          secret,
          provider,
          within,
          name,
          low,
          at: { file, line, column, length: sighting.secret.length },
        }
      })
      const kept = isLast ? bytes.length : boundary(bytes, Math.max(0, bytes.length - overlap))
      if (!isLast) start = advance(bytes, { ...start, offset: 0 }, kept)
      told = limit - kept
      return { placed, keep: bytes.length - kept, isCut }
    },
  }
}

/** Where two sightings share bytes the more telling stays. */
function apart(sightings: readonly Sighting[]): readonly Sighting[] {
  const kept: Sighting[] = []
  for (const sighting of sightings.toSorted((a, b) => a.at - b.at || a.rank - b.rank)) {
    const last = kept.at(-1)
    if (last === undefined || sighting.at >= last.end) kept.push(sighting)
    else if (sighting.rank < last.rank) kept[kept.length - 1] = sighting
  }
  return kept
}

interface Cursor {
  readonly offset: number
  readonly line: number
  readonly column: number
}

const newline = 0x0a

function advance(bytes: Buffer, { offset, line, column }: Cursor, to: number): Cursor {
  let lines = line
  let from = offset
  for (
    let at = bytes.indexOf(newline, offset);
    at !== -1 && at < to;
    at = bytes.indexOf(newline, at + 1)
  ) {
    lines += 1
    from = at + 1
  }
  const units = bytes.toString('utf8', from, to).length
  return { offset: to, line: lines, column: (lines === line ? column : 1) + units }
}

/** The last beginning of a UTF-8 character at or before this byte. */
function boundary(bytes: Buffer, at: number): number {
  let start = at
  while (start > 0 && at - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return start
}
