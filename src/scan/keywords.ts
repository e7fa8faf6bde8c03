/** Many short texts sought at once in bytes, whatever their case: what decides that most of a file need not be looked at. */

export interface Sought {
  /** Calls `hit` with where a keyword begins and which one it is; a `hit` that answers false ends the search. */
  seek(bytes: Uint8Array, from: number, hit: (at: number, keyword: number) => boolean): void
}

const pair = (first: number, second: number): number => (first << 8) | second
const cases = (byte: number): readonly number[] => {
  const char = String.fromCharCode(byte)
  return [...new Set([char.toLowerCase().charCodeAt(0), char.toUpperCase().charCodeAt(0)])]
}
/** ASCII letters in lower case; other bytes stay. */
const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte)

/**
 * Keywords of three ASCII bytes or more, in lower case. The search of Wu and Manber ("A fast algorithm for multi-pattern
 * searching", 1994) over pairs of bytes: where no keyword can end, it jumps.
 */
export function keywordsOf(keywords: readonly string[]): Sought {
  const texts = keywords.map((text) => Buffer.from(text, 'latin1'))
  const width = Math.min(...texts.map((text) => text.length))
  if (width < 2) throw new RangeError('a keyword has two bytes at least')
  const jump = new Uint8Array(65_536).fill(width - 1)
  const buckets = new Map<number, number[]>()
  for (const [which, text] of texts.entries())
    for (const { key, left } of pairsOf(text, width)) {
      jump[key] = Math.min(jump[key] ?? 0, left)
      if (left === 0) buckets.set(key, [...(buckets.get(key) ?? []), which])
    }
  return {
    seek: (bytes, from, hit) => {
      let end = from + width - 1
      while (end < bytes.length) {
        const key = pair(bytes[end - 1] ?? 0, bytes[end] ?? 0)
        const far = jump[key] ?? 1
        if (far > 0) {
          end += far
          continue
        }
        const at = end - width + 1
        for (const which of buckets.get(key) ?? [])
          if (stands(texts[which], bytes, at) && !hit(at, which)) return
        end += 1
      }
    },
  }
}

/** Each pair of the keyword's first `width` bytes, in each case, with how many of these bytes come after it. */
function pairsOf(text: Uint8Array, width: number): readonly { key: number; left: number }[] {
  const starts = Array.from({ length: width - 1 }, (_, at) => at)
  return starts.flatMap((at) =>
    cases(text[at] ?? 0).flatMap((first) =>
      cases(text[at + 1] ?? 0).map((second) => ({
        key: pair(first, second),
        left: width - 2 - at,
      })),
    ),
  )
}

function stands(text: Uint8Array | undefined, bytes: Uint8Array, at: number): boolean {
  if (text === undefined || at + text.length > bytes.length) return false
  for (let i = 0; i < text.length; i++) if (lower(bytes[at + i] ?? 0) !== text[i]) return false
  return true
}
