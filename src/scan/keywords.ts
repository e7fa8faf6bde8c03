/** Many short texts sought at once in bytes, whatever their case: what decides that most of a file need not be looked at. */

export interface Sought {
  /** Calls `hit` with where a keyword begins and which one it is; a `hit` that answers false ends the search. */
  seek(bytes: Buffer, hit: Hit): void
}

type Hit = (at: number, keyword: number) => boolean

/** Bytes that decide where a keyword may begin; of a shorter one any byte goes for the rest. */
const width = 4

/**
 * Keywords of three ASCII bytes or more, in lower case. The search of Wu and Manber ("A fast algorithm for multi-pattern
 * searching", 1994) over pairs of bytes: where no keyword can end, it jumps; where one can, a table of four bytes says mostly no.
 * A keyword of three bytes that nothing follows is not found: no secret is so short.
 */
export function keywordsOf(keywords: readonly string[]): Sought {
  const texts = keywords.map((text) => Buffer.from(text, 'latin1'))
  if (texts.some((text) => text.length < 3))
    throw new RangeError('a keyword has three bytes or more')
  const jump = new Uint8Array(65_536).fill(width - 1)
  /** Of four bytes the bucket of keywords that may begin so; none is 0. */
  const begins = new Uint16Array(65_536)
  const buckets: number[][] = [[]]
  for (const [which, text] of texts.entries()) {
    for (let at = 0; at < width - 1; at++)
      for (const key of pairs(text, at)) jump[key] = Math.min(jump[key] ?? 0, width - 2 - at)
    for (const key of new Set(quads(text))) {
      const known = begins[key] ?? 0
      if (known === 0) begins[key] = buckets.push([which]) - 1
      else buckets[known]?.push(which)
    }
  }
  const tables: Tables = { texts, jump, begins, buckets }
  return { seek: (bytes, hit) => seek(tables, bytes, hit) }
}

interface Tables {
  readonly texts: readonly Buffer[]
  readonly jump: Uint8Array
  readonly begins: Uint16Array
  readonly buckets: readonly (readonly number[])[]
}

function seek({ texts, jump, begins, buckets }: Tables, bytes: Buffer, hit: Hit): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { length } = bytes
  let end = width - 1
  while (end < length) {
    const far = jump[view.getUint16(end - 1)] ?? 1
    if (far > 0) {
      end += far
      continue
    }
    const at = end - width + 1
    const bucket = begins[hashed(view.getUint32(at))] ?? 0
    end += 1
    if (bucket === 0) continue
    for (const which of buckets[bucket] ?? [])
      if (stands(texts[which], bytes, at) && !hit(at, which)) return
  }
}

const any: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte)

/** The byte in both cases; any byte past the end. */
function choices(text: Buffer, at: number): readonly number[] {
  const byte = text[at]
  if (byte === undefined) return any
  return byte >= 97 && byte <= 122 ? [byte, byte - 32] : [byte]
}

const pairs = (text: Buffer, at: number): readonly number[] =>
  choices(text, at).flatMap((one) => choices(text, at + 1).map((two) => (one << 8) | two))

function quads(text: Buffer): readonly number[] {
  const start = (text[0] ?? 0) * 2 ** 24 + ((text[1] ?? 0) << 16) + ((text[2] ?? 0) << 8)
  return choices(text, 3).map((last) => hashed(start + last))
}

/** Sixteen bits of four bytes, letters alike in both cases. */
const hashed = (quad: number): number => Math.imul(quad | 0x20202020, 0x9e3779b1) >>> 16

/** ASCII letters in lower case; other bytes stay. */
const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte)

function stands(text: Buffer | undefined, bytes: Buffer, at: number): boolean {
  if (text === undefined || at + text.length > bytes.length) return false
  for (let i = 0; i < text.length; i++) if (lower(bytes[at + i] ?? 0) !== text[i]) return false
  return true
}
