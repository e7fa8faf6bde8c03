/** A last look at what goes back to an agent: an upstream that echoes the credential must not hand it out. */
import type { Secret } from '../base/secret.ts'

export interface Redactor {
  /** The bytes that may go on now; only those are kept back that could be the beginning of a secret. */
  push(chunk: Uint8Array): Buffer
  /** The rest, at the end. */
  end(): Buffer
  /** A text that is whole, one character each byte: the same, or with its stars. */
  whole(text: string): string
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
  const known = new WeakMap<Secret, readonly Needle[]>()
  return (secret) => {
    const needles = known.get(secret) ?? needlesOf(secret.reveal())
    known.set(secret, needles)
    return redactor(needles)
  }
}

function redactor(needles: readonly Needle[]): Redactor {
  let kept: Kept = none
  return {
    push: (chunk) => {
      const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const seen = kept.seen.length === 0 ? fresh : Buffer.concat([kept.seen, fresh])
      const before = kept.shown.length === 0 ? fresh : Buffer.concat([kept.shown, fresh])
      // One text for all the searches: a search of a text costs less than the call of a search of bytes.
      const text = seen.toString('latin1')
      const shown = needles.reduce((out, needle) => starred(text, out, needle), before)
      const at = text.length - needles.reduce((most, needle) => begun(text, needle, most), 0)
      // Copied: a chunk's memory is the sender's again once it was handed on.
      kept =
        at === text.length
          ? none
          : { seen: Buffer.from(seen.subarray(at)), shown: Buffer.from(shown.subarray(at)) }
      return at === text.length ? shown : shown.subarray(0, at)
    },
    end: () => {
      const { shown } = kept
      kept = none
      return shown
    },
    whole: (text) =>
      needles.some((needle) => text.includes(needle)) ? allStarred(text, needles) : text,
  }
}

/** A form of the secret as bytes, one character each. */
type Needle = string

/** What came and is kept back, as it came and with its stars: occurrences may overlap, so both are needed. */
interface Kept {
  readonly seen: Buffer
  readonly shown: Buffer
}

const nothing = Buffer.alloc(0)
const none: Kept = { seen: nothing, shown: nothing }

/** The forms that a server may echo. Of base64 the characters that do not hang on what stands around the secret. */
function needlesOf(text: string): readonly Needle[] {
  const json = JSON.stringify(text).slice(1, -1)
  const forms = [text, json, encodeURIComponent(text)]
  for (const lead of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]).toString('base64url')
    const first = Math.ceil((lead * 8) / 6)
    const middle = coded.slice(first, Math.floor(((lead + text.length) * 8) / 6))
    forms.push(middle, middle.replaceAll('-', '+').replaceAll('_', '/'))
  }
  return [...new Set(forms)].map((form) => Buffer.from(form).toString('latin1'))
}

/** `out` with stars wherever the needle is in the text; the same buffer where it is not. */
function starred(text: string, out: Buffer, needle: Needle): Buffer {
  let found = text.indexOf(needle)
  if (found === -1) return out
  const copy = Buffer.from(out)
  for (; found !== -1; found = text.indexOf(needle, found + 1))
    copy.fill(star, found, found + needle.length)
  return copy
}

function allStarred(text: string, needles: readonly Needle[]): string {
  const plain: Buffer = Buffer.from(text, 'latin1')
  return needles.reduce((out, needle) => starred(text, out, needle), plain).toString('latin1')
}

/** How many characters at the end could be the beginning of the needle, where those are more than `most`. */
function begun(text: string, needle: Needle, most: number): number {
  const first = needle.charAt(0)
  const last = text.length - most
  let at = text.indexOf(first, Math.max(0, text.length - needle.length + 1))
  for (; at !== -1 && at < last; at = text.indexOf(first, at + 1))
    if (needle.startsWith(text.slice(at))) return text.length - at
  return most
}
