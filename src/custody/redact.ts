/** A last look at what goes back to an agent: an upstream that echoes the credential must not hand it out. */
import type { Secret } from '../base/secret.ts'

export interface Redactor {
  /** The bytes that may go on now; only those are kept back that could be the beginning of a secret. */
  push(chunk: Uint8Array): Buffer
  /** The rest, at the end. */
  end(): Buffer
}

const star = 42

/**
 * Replaces each occurrence of the secret, plain, escaped for JSON or a URL, or inside base64, by as many stars: the
 * length stays, so does the head. Anything else goes out as it came and when it came: an event stream does not stall.
 * It sees bytes: what is compressed must be asked for uncompressed.
 */
export function createRedactor(secret: Secret): Redactor {
  return redactor(needlesOf(secret.reveal()))
}

/** Redactors for the secrets that come again and again: what to look for is worked out once for each. */
export function openRedactors(): (secret: Secret) => Redactor {
  const known = new WeakMap<Secret, readonly Buffer[]>()
  return (secret) => {
    const needles = known.get(secret) ?? needlesOf(secret.reveal())
    known.set(secret, needles)
    return redactor(needles)
  }
}

function redactor(needles: readonly Buffer[]): Redactor {
  let kept: Kept = { seen: Buffer.alloc(0), shown: Buffer.alloc(0) }
  return {
    push: (chunk) => {
      const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const seen = kept.seen.length === 0 ? fresh : Buffer.concat([kept.seen, fresh])
      const before = kept.shown.length === 0 ? fresh : Buffer.concat([kept.shown, fresh])
      const shown = needles.reduce((out, needle) => starred(seen, out, needle), before)
      const at = seen.length - Math.max(...needles.map((needle) => begun(seen, needle)))
      // Copied: a chunk's memory is the sender's again once it was handed on.
      kept = { seen: Buffer.from(seen.subarray(at)), shown: Buffer.from(shown.subarray(at)) }
      return shown.subarray(0, at)
    },
    end: () => {
      const { shown } = kept
      kept = { seen: Buffer.alloc(0), shown: Buffer.alloc(0) }
      return shown
    },
  }
}

/** What came and is kept back, as it came and with its stars: occurrences may overlap, so both are needed. */
interface Kept {
  readonly seen: Buffer
  readonly shown: Buffer
}

/** The forms that a server may echo. Of base64 the characters that do not hang on what stands around the secret. */
function needlesOf(text: string): readonly Buffer[] {
  const json = JSON.stringify(text).slice(1, -1)
  const forms = [text, json, encodeURIComponent(text)]
  for (const lead of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]).toString('base64url')
    const first = Math.ceil((lead * 8) / 6)
    const middle = coded.slice(first, Math.floor(((lead + text.length) * 8) / 6))
    forms.push(middle, middle.replaceAll('-', '+').replaceAll('_', '/'))
  }
  return [...new Set(forms)].map((form) => Buffer.from(form))
}

/** `out` with stars wherever the needle is in `seen`; the same buffer where it is not. */
function starred(seen: Buffer, out: Buffer, needle: Buffer): Buffer {
  let found = seen.indexOf(needle)
  if (found === -1) return out
  const copy = Buffer.from(out)
  for (; found !== -1; found = seen.indexOf(needle, found + 1))
    copy.fill(star, found, found + needle.length)
  return copy
}

/** How many bytes at the end could be the beginning of the needle. */
function begun(seen: Buffer, needle: Buffer): number {
  const first = needle[0] ?? 0
  let at = seen.indexOf(first, Math.max(0, seen.length - needle.length + 1))
  while (at !== -1) {
    const tail = seen.subarray(at)
    if (tail.equals(needle.subarray(0, tail.length))) return tail.length
    at = seen.indexOf(first, at + 1)
  }
  return 0
}
