/** The forms of what stands in a manifest: small claims about one value, of which each parser says what it reads. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'

/** What an object must have; a member that is not there is asked about as null. */
export type Form = Readonly<Record<string, (value: Json) => boolean>>

export function has(value: Json | undefined, form: Form): boolean {
  if (value === undefined || !isObject(value)) return false
  return Object.entries(form).every(([name, fits]) => fits(value[name] ?? null))
}

/** True for a list of objects of this form. */
export function areAll(value: Json | undefined, form: Form): boolean {
  return isListOf(value, (one) => has(one, form))
}

export function isListOf(value: Json | undefined, fits: (one: Json) => boolean): boolean {
  return Array.isArray(value) && value.every((one: Json) => fits(one))
}

/** True for a list of resources, as a point's `covers`. */
export function areRefs(value: Json | undefined): boolean {
  return areAll(value, { target: isText, type: isText, id: isText })
}

/** True where each of these members is a text. */
export function haveText(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => isText(value[name]))
}

export function isText(value: Json | undefined): boolean {
  return typeof value === 'string'
}

export function isTextOrNull(value: Json | undefined): boolean {
  return value === null || isText(value)
}

export function isTexts(value: Json | undefined): boolean {
  return isListOf(value, isText)
}

export function matches(value: Json | undefined, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value)
}

/** True for a whole number that is not negative: a size, a number of things, a time. */
export function isCount(value: Json | undefined): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** True for a SHA-256 as hex digits. */
export function isHash(value: Json | undefined): boolean {
  return matches(value, /^[0-9a-f]{64}$/)
}

/** True for a place in the WAL as the server writes it. */
export function isLsn(value: Json | undefined): boolean {
  return matches(value, /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)
}
