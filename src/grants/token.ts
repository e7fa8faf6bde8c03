/** The text of a grant: `fbk_`, base64url of what it says and its tail, and a checksum that scanners can check. */
import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { canonical, parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { caveatText, readCaveat } from './caveat.ts'
import type { Caveat } from './caveat.ts'

export const tailBytes = 32
const longestToken = 4096
const mostCaveats = 100

/** What a token says, not yet verified: only `verify` makes more of it. */
export interface Parsed {
  readonly kind: 'parsed'
  readonly id: string
  readonly caveats: readonly Caveat[]
  readonly tail: Uint8Array
}

export interface Refused {
  readonly kind: 'refused'
  /** One line without any of the token. */
  readonly why: string
}

/** Reads a token. Total: any text gives a value. Exactly one text is accepted for what is said. */
export function parseToken(token: string): Parsed | Refused {
  if (token.length > longestToken) return refused('the grant is too long')
  const match = /^fbk_([A-Za-z0-9_-]+)_([0-9a-f]{8})$/.exec(token)
  const text = match?.[1]
  if (text === undefined) return refused('this is not a grant')
  if (checksum(text) !== match?.[2])
    return refused('the grant is damaged: its checksum does not fit')
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text || bytes.length <= tailBytes)
    return refused('the grant is damaged')
  const said = readSaid(bytes.subarray(0, -tailBytes).toString('utf8'))
  return typeof said === 'string'
    ? refused(said)
    : { ...said, tail: new Uint8Array(bytes.subarray(-tailBytes)) }
}

/** The text of what `parseToken` gives. */
export function tokenText({ id, caveats, tail }: Omit<Parsed, 'kind'>): string {
  const said = Buffer.from(canonical(toJson([1, id, caveats])))
  const text = Buffer.concat([said, tail]).toString('base64url')
  return `fbk_${text}_${checksum(text)}`
}

/** The next tail: HMAC-SHA-256 of one caveat under the tail before it. */
export function nextTail(tail: Uint8Array, caveat: Caveat): Uint8Array {
  return new Uint8Array(createHmac('sha256', tail).update(caveatText(caveat)).digest())
}

/** The first tail: HMAC-SHA-256 of the grant's id under the root key. */
export function firstTail(rootKey: Uint8Array, id: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', rootKey).update(`firebreak grant v1 ${id}`).digest())
}

export function refused(why: string): Refused {
  return { kind: 'refused', why }
}

function readSaid(text: string): Omit<Parsed, 'tail'> | string {
  const value = jsonOrNull(text)
  if (!Array.isArray(value) || value.length !== 3) return 'the grant is damaged'
  const items: readonly Json[] = value
  const [version, id, list] = items
  if (version !== 1) return 'the grant is of another version'
  if (typeof id !== 'string' || !/^[a-z0-9_]{1,80}$/.test(id)) return 'the grant is damaged'
  const caveats = Array.isArray(list) ? readCaveats(list) : 'the grant is damaged'
  return typeof caveats === 'string' ? caveats : { kind: 'parsed', id, caveats }
}

function readCaveats(list: readonly Json[]): readonly Caveat[] | string {
  if (list.length > mostCaveats) return 'the grant has too many caveats'
  const known = list.map(readCaveat).filter((caveat) => caveat !== null)
  return known.length === list.length
    ? known
    : 'the grant has a caveat that this Firebreak does not know'
}

/** The value of canonical JSON; null for any other text: what is said has one way to be written. */
function jsonOrNull(text: string): Json {
  try {
    const value = parseJson(text)
    return canonical(value) === text ? value : null
  } catch {
    // Whatever is wrong with it, it is no grant.
    return null
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
