/** JSON values, and the canonical text of RFC 8785 (JSON Canonicalization Scheme) that is hashed and signed. */
import { hash } from 'node:crypto'
import { remembered } from './cache.ts'
import { FirebreakError } from './error.ts'
import { isInOrder } from './in-order.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Deeper values than this are refused: no honest request nests so far, and recursion must end. */
const maxDepth = 128

/**
 * The one text of a value: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints them (RFC 8785 §3.2). Throws `bad_input` for a lone surrogate, NaN, an infinity or a depth over 128.
 */
export function canonical(value: Json): string {
  return isInOrder(value, maxDepth) ? JSON.stringify(value) : write(value, 0)
}

/** SHA-256 of the canonical text, as `sha256:` and 64 hex digits. */
export function digest(value: Json): string {
  return `sha256:${hash('sha256', canonical(value), 'hex')}`
}

/** The same members with other values; `__proto__` stays a member like any other. */
export function mapMembers(
  value: JsonObject,
  make: (member: Json, key: string) => Json,
): JsonObject {
  // Several times as quick as lists of pairs, and each request has a few of these.
  const made: { [key: string]: Json } = {}
  for (const key of Object.keys(value)) setMember(made, key, make(value[key] ?? null, key))
  return made
}

/** Writes a member of an object that is being built; `__proto__` becomes a member like any other. */
export function setMember(made: { [key: string]: Json }, key: string, value: Json): void {
  if (key !== '__proto__') made[key] = value
  else
    Object.defineProperty(made, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    })
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value where it is an object, else one without members. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/** A string as it is, anything else as no text: for members that should be text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The strings of a list, and nothing else of it; of what is no list, none. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** Parses text as JSON; throws `bad_input` with one line that says where. */
export function parseJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return toJson(value)
  } catch (cause) {
    throw new FirebreakError('bad_input', 'this is not JSON', null, cause)
  }
}

/** Proves that an unknown value is JSON (drops `undefined` members); throws `bad_input` for a function, a bigint or a cycle. */
export function toJson(value: unknown, depth = 0): Json {
  if (depth > maxDepth) throw new FirebreakError('bad_input', `JSON nests deeper than ${maxDepth}`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item: unknown) => toJson(item, depth + 1))
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(entries.map(([key, member]) => [key, toJson(member, depth + 1)]))
  }
  throw new FirebreakError('bad_input', `a ${typeof value} is not JSON`)
}

function write(value: Json, depth: number): string {
  if (depth > maxDepth) throw new FirebreakError('bad_input', `JSON nests deeper than ${maxDepth}`)
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FirebreakError('bad_input', 'a number is not finite')
    return String(value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  return isList(value) ? writeList(value, depth) : writeObject(value, depth)
}

// Every request is written in this form once or twice: one growing text is several times cheaper than lists of texts.
function writeList(value: readonly Json[], depth: number): string {
  let text = '['
  for (const item of value) {
    if (text.length > 1) text += ','
    text += write(item, depth + 1)
  }
  return `${text}]`
}

function writeObject(value: JsonObject, depth: number): string {
  const keys = Object.keys(value)
  // Without a comparison of its own, `sort` compares UTF-16 code units (ECMA-262 §23.1.3.30.2).
  if (!isSorted(keys)) keys.sort()
  let text = '{'
  for (const key of keys) {
    if (text.length > 1) text += ','
    text += `${quotedKey(key)}:${write(value[key] ?? null, depth + 1)}`
  }
  return `${text}}`
}

/** By UTF-16 code units, as `<` compares texts. */
function isSorted(keys: readonly string[]): boolean {
  let last = ''
  for (const key of keys) {
    if (key < last) return false
    last = key
  }
  return true
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}

/** Printable ASCII without quote and backslash: nothing to escape, and well formed. */
const plain = /^[ !#-[\]-~]*$/

/** The same few keys come with every request. A key that is refused is refused each time. */
const quotedKey = remembered({ most: 2000, characters: 100_000 }, quote)

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new FirebreakError('bad_input', 'a string has a lone surrogate')
  return JSON.stringify(text)
}
