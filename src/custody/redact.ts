/** A last look at what goes back to an agent: an upstream that echoes the credential must not hand it out. */
import type { Secret } from '../base/secret.ts'

export interface Redactor {
  /** The bytes that may go on now; a few are kept back while they could be the beginning of a secret. */
  push(chunk: Uint8Array): Buffer
  /** The rest, at the end. */
  end(): Buffer
}

const stars = 42

/** Replaces each occurrence of the secret, or of its base64 form, by as many stars: the length stays, so does the head. */
export function createRedactor(secret: Secret): Redactor {
  const text = secret.reveal()
  const needles = [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('base64').replaceAll('=', '')),
  ]
  let kept: Buffer = Buffer.alloc(0)
  const clean = (bytes: Buffer): Buffer => needles.reduce(blank, bytes)
  return {
    push: (chunk) => {
      const bytes = clean(Buffer.concat([kept, chunk]))
      const keep = Math.max(...needles.map((needle) => begun(bytes, needle)))
      kept = bytes.subarray(bytes.length - keep)
      return bytes.subarray(0, bytes.length - keep)
    },
    end: () => kept,
  }
}

/** How many bytes at the end could be the beginning of the needle: only those are kept back, so that streams flow. */
function begun(bytes: Buffer, needle: Buffer): number {
  for (let length = Math.min(bytes.length, needle.length - 1); length > 0; length -= 1)
    if (bytes.compare(needle, 0, length, bytes.length - length) === 0) return length
  return 0
}

function blank(bytes: Buffer, needle: Buffer): Buffer {
  let found = bytes.indexOf(needle)
  if (found === -1) return bytes
  const copy = Buffer.from(bytes)
  for (; found !== -1; found = copy.indexOf(needle, found + needle.length))
    copy.fill(stars, found, found + needle.length)
  return copy
}
