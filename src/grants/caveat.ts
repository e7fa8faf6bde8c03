/** Caveats: the only words a grant has. Each narrows; one that is not known refuses the whole grant. */
import { canonical, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Scope } from '../core/principal.ts'

/** `hop` begins what one holder added, with the name they hand it on to; the root has none. */
export type Caveat =
  | readonly ['hop', string | null]
  | readonly ['operations' | 'environments' | 'targets' | 'resources', readonly string[]]
  | readonly ['expires' | 'rows', number]
  | readonly ['holder', string]

/** The bytes that are authenticated: canonical JSON, so a caveat has one encoding. */
export function caveatText(caveat: Caveat): string {
  return canonical(toJson(caveat))
}

/** A caveat from JSON, or null for anything else: an unknown word, another shape, an empty list, a number that is no whole one. */
export function readCaveat(value: Json): Caveat | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const items: readonly unknown[] = value
  const [word, rest] = items
  if (word === 'hop') return isDelegate(rest) ? [word, rest] : null
  if (word === 'holder') return isThumbprint(rest) ? [word, rest] : null
  if (word === 'expires' || word === 'rows') return isCount(rest) ? [word, rest] : null
  return isListWord(word) && isNames(rest) ? [word, rest] : null
}

/** All caveats taken together: every list must admit, the earliest expiry and the smallest number count. */
export function scopeOf(caveats: readonly Caveat[]): Scope {
  const lists = (word: Caveat[0]): readonly (readonly string[])[] =>
    caveats.flatMap((caveat) => (caveat[0] === word && isNames(caveat[1]) ? [caveat[1]] : []))
  const least = (word: Caveat[0]): number =>
    Math.min(
      ...caveats.flatMap((caveat) =>
        caveat[0] === word && typeof caveat[1] === 'number' ? [caveat[1]] : [],
      ),
    )
  const targets = lists('targets')
  const rows = least('rows')
  return {
    targets:
      targets.length === 0
        ? null
        : targets.reduce((left, right) => left.filter((each) => right.includes(each))),
    operations: lists('operations'),
    environments: lists('environments'),
    resources: lists('resources'),
    expiresAt: least('expires'),
    rows: Number.isFinite(rows) ? rows : null,
  }
}

/** A caveat in words, for lists. */
export function sayCaveat(caveat: Caveat): string {
  const [word, value] = caveat
  if (word === 'expires' && typeof value === 'number')
    return `until ${new Date(value).toISOString()}`
  if (word === 'hop') return value === null ? 'narrowed' : `handed to ${value}`
  return `${word} ${Array.isArray(value) ? value.join(', ') : String(value)}`
}

function isListWord(
  word: unknown,
): word is 'operations' | 'environments' | 'targets' | 'resources' {
  return (
    word === 'operations' || word === 'environments' || word === 'targets' || word === 'resources'
  )
}

function isDelegate(value: unknown): value is string | null {
  return value === null || isName(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isThumbprint(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.length <= 200 && value.every(isName)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,120}$/.test(value)
}
