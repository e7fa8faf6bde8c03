/** Caveats: the only words a grant has. Each narrows; one that is not known refuses the whole grant. */
import type { Scope } from '../core/principal.ts'

/** `holder` is a JWK thumbprint (RFC 7638); `delegate` the name that a hop was handed on to, a claim of whoever narrowed. */
export type Caveat =
  | readonly ['operations' | 'environments' | 'targets' | 'resources', readonly string[]]
  | readonly ['expires' | 'rows', number]
  | readonly ['holder' | 'delegate', string]

const longestName = 200
/** The largest number that the six bytes of a grant hold; as a time it is the year 10889. */
const largest = 2 ** 48 - 1

/** True for what a grant can carry: names on one line without anything invisible, whole numbers, a real thumbprint. */
export function lawful(caveat: Caveat): boolean {
  const [word, value] = caveat
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 && value <= largest
  if (typeof value === 'string') return word === 'holder' ? isThumbprint(value) : isName(value)
  return value.length > 0 && value.every(isName)
}

/** All caveats taken together: every list must admit, the earliest expiry and the smallest number count. */
export function scopeOf(caveats: readonly Caveat[]): Scope {
  const targets = listsOf(caveats, 'targets')
  const rows = leastOf(caveats, 'rows')
  return {
    targets:
      targets.length === 0
        ? null
        : targets.reduce((left, right) => left.filter((each) => right.includes(each))),
    operations: listsOf(caveats, 'operations'),
    environments: listsOf(caveats, 'environments'),
    resources: listsOf(caveats, 'resources'),
    expiresAt: leastOf(caveats, 'expires'),
    rows: Number.isFinite(rows) ? rows : null,
  }
}

/** The texts of one word, in the order of the hops. */
export function textsOf(
  caveats: readonly Caveat[],
  word: 'holder' | 'delegate',
): readonly string[] {
  return caveats.flatMap((caveat) =>
    caveat[0] === word && typeof caveat[1] === 'string' ? [caveat[1]] : [],
  )
}

/** A caveat in words, for lists. */
export function sayCaveat([word, value]: Caveat): string {
  if (word === 'expires' && typeof value === 'number')
    return `until ${new Date(value).toISOString()}`
  if (word === 'delegate') return `handed to ${value}`
  return `${word} ${typeof value === 'object' ? value.join(', ') : String(value)}`
}

function listsOf(caveats: readonly Caveat[], word: Caveat[0]): readonly (readonly string[])[] {
  return caveats.flatMap((caveat) =>
    caveat[0] === word && typeof caveat[1] === 'object' ? [caveat[1]] : [],
  )
}

/** Infinity where none of the caveats has the word. */
function leastOf(caveats: readonly Caveat[], word: Caveat[0]): number {
  return caveats.reduce(
    (least, caveat) =>
      caveat[0] === word && typeof caveat[1] === 'number' ? Math.min(least, caveat[1]) : least,
    Infinity,
  )
}

/**
 * A name as people read it: one line, no invisible or replaced character, no space at either end, in one normal form,
 * so that two names which look the same to a careful reader are the same bytes.
 */
function isName(text: string): boolean {
  if (text.length === 0 || text.length > longestName) return false
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return true
  const odd = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFFD]/u
  return !odd.test(text) && text.trim() === text && text.normalize('NFC') === text
}

function isThumbprint(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === 32 && bytes.toString('base64url') === text
}
