/** A compressed answer, looked through: whether a credential hides in it. */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Redactor } from './redactor.ts'

/** Compressed answers up to this size are looked through; larger ones are not handed on. */
export const maxEncoded = 4 * 1024 * 1024
const maxDecoded = 32 * 1024 * 1024

/** True where the redactor would change a byte of what is inside, and where that cannot be said. */
export function hidesCredential(bytes: Buffer, coding: string, redactor: Redactor): boolean {
  try {
    const inside = decode(bytes, coding.trim().toLowerCase())
    return inside === null || !inside.equals(Buffer.concat([redactor.push(inside), redactor.end()]))
  } catch {
    // It does not decode, or to too much: nothing can be said of it.
    return true
  }
}

function decode(bytes: Buffer, coding: string): Buffer | null {
  const bounded = { maxOutputLength: maxDecoded }
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, bounded)
    case 'deflate':
      return inflateSync(bytes, bounded)
    case 'br':
      return brotliDecompressSync(bytes, bounded)
    case 'zstd':
      return zstdDecompressSync(bytes, bounded)
    default:
      return null
  }
}
