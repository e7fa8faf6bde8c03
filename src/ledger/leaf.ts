/** An entry as the bytes of a leaf: canonical JSON, so that the same entry always has the same hash. */
import { createHash } from 'node:crypto'
import { FirebreakError, messageOf } from '../base/error.ts'
import { canonical, isObject, parseJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Entry } from '../guard/ports.ts'

/** C2SP tlog-tiles, log entries: the length of an entry has 16 bits. */
const longestLeaf = 65_535
/** What stays of a body that is too long for a leaf. */
const keptText = 200
const keptItems = 40

/** What a leaf tells. The kind is text: a newer Firebreak may know more kinds. */
export interface Told {
  readonly kind: string
  readonly at: number
  readonly subject: string | null
  readonly principal: string | null
  readonly body: JsonObject
  /** True where the body was too long: `body` is its shortened form, and its SHA-256 and length are kept. */
  readonly cut: boolean
}

/**
 * The leaf of an entry, version 1. A body that does not fit is shortened, and its SHA-256 and length stand beside it.
 * Throws `too_large` for an entry that is too long without any body, `bad_input` for what has no canonical form.
 */
export function leafOf(entry: Entry): Uint8Array {
  const { kind, at, subject, principal, body } = entry
  const head = { v: 1, kind, at, subject, principal }
  const whole = bytesOf({ ...head, body })
  if (whole.length <= longestLeaf) return whole
  const text = Buffer.from(canonical(body))
  const sha256 = createHash('sha256').update(text).digest('hex')
  const cut = { sha256, bytes: text.length }
  const short = bytesOf({ ...head, body: spared(body), cut })
  if (short.length <= longestLeaf) return short
  const bare = bytesOf({ ...head, body: {}, cut })
  if (bare.length <= longestLeaf) return bare
  throw new FirebreakError('too_large', `a ledger entry of kind ${kind} does not fit into a leaf`)
}

/** What a leaf tells; null for bytes that are no entry of version 1. Total. */
export function readLeaf(leaf: Uint8Array): Told | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(leaf)
    return toldOf(parseJson(text))
  } catch {
    // Neither UTF-8 nor JSON: no entry of ours.
    return null
  }
}

/** `kind, time` of a leaf for messages; what cannot be read is said so. */
export function titleOf(leaf: Uint8Array | null): string {
  if (leaf === null) return 'nothing'
  const told = readLeaf(leaf)
  return told === null ? 'unreadable bytes' : `\`${told.kind}\` of ${timeText(told.at)}`
}

/** ISO 8601 in UTC; a number that is no time is shown as it is. */
export function timeText(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}

function toldOf(value: Json): Told | null {
  if (!isObject(value) || value['v'] !== 1) return null
  const { kind, at, subject = null, principal = null, body, cut } = value
  if (typeof kind !== 'string' || typeof at !== 'number' || !isObject(body)) return null
  if (!isNullOrText(subject) || !isNullOrText(principal)) return null
  return { kind, at, subject, principal, body, cut: cut !== undefined }
}

function isNullOrText(value: Json): value is string | null {
  return value === null || typeof value === 'string'
}

function bytesOf(value: JsonObject): Uint8Array {
  try {
    return new Uint8Array(Buffer.from(canonical(value)))
  } catch (thrown) {
    throw new FirebreakError(
      'bad_input',
      `an entry cannot be written down: ${messageOf(thrown)}`,
      null,
      thrown,
    )
  }
}

/** Long texts end in `…`, long lists after their first items; names of members stay. */
function shortened(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, short(value)]))
}

/** What proves who said it stays whole, or it would prove nothing. */
function spared(body: JsonObject): JsonObject {
  const { evidence } = body
  return { ...shortened(body), ...(evidence === undefined ? {} : { evidence }) }
}

function short(value: Json): Json {
  if (typeof value === 'string')
    return value.length <= keptText ? value : `${value.slice(0, keptText).toWellFormed()}…`
  if (isObject(value)) return shortened(value)
  return isList(value) ? value.slice(0, keptItems).map(short) : value
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
