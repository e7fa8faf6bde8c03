/** Members that turn a call into another by a value of their own: `deleted: true`, `deletion_protection: false`, `visibility: public`. */
import { textOf } from '../../base/json.ts'
import { namesGuard } from './guards.ts'
import { wordsIn } from './verbs.ts'
import type { Claim } from './verbs.ts'
import type { Place } from './texts.ts'
import { grave } from './judged.ts'
import type { Judged } from './judged.ts'

export interface MarkedBy {
  readonly claim: Claim | null
  /** True where the tool is about a guard by its name: `set_deletion_protection`. */
  readonly isGuard: boolean
}

export function judgeMark({ key, value }: Place, by: MarkedBy): readonly Judged[] {
  const words = wordsIn(key)
  const reads = by.claim?.effect === 'read'
  const says = `\`${key}: ${(JSON.stringify(value) ?? '').slice(0, 40)}\` says so`
  if (/^\$(out|merge)$/.test(key)) return [grave('destroy', ['overwrite'], says)]
  const isForced = /^(-f|--(force|force-with-lease|hard|delete|mirror))$/.test(textOf(value))
  if (isForced && !reads) return [grave('destroy', ['overwrite'], says)]
  if (value === true) return lost(words, reads, says)
  return reads ? [] : setting(words, value, { ...by, says })
}

function setting(
  words: readonly string[],
  value: Place['value'],
  { claim, isGuard, says }: MarkedBy & { readonly says: string },
): readonly Judged[] {
  // What is made just now had no guard before.
  const isNew = makes.has(claim?.word ?? '')
  if (isOff(value) && !isNew && guards(words, isGuard)) return [grave('destroy', ['guard'], says)]
  const isBare = isShown(words, value) || (!isNew && isBared(words, value))
  return isBare ? [grave('expose', [], says)] : []
}

const orders = set('delete remove destroy drop purge truncate wipe')
const marks = set('deleted permanent permanently overwrite cascade clean prune')
const unmarks = set('dry no not skip prevent include show keep')
const makes = set('create add new insert launch provision init generate')
function lost(words: readonly string[], reads: boolean, says: string): readonly Judged[] {
  const has = (list: ReadonlySet<string>): boolean => words.some((word) => list.has(word))
  if (has(skips) && has(keeps)) return [grave('destroy', ['guard'], says)]
  if (has(orders) && !has(unmarks)) return [grave('destroy', ['data'], says)]
  return reads ? [] : written(words, has, says)
}

/** What only a call that changes something turns into a loss, or lays bare. */
function written(
  words: readonly string[],
  has: (list: ReadonlySet<string>) => boolean,
  says: string,
): readonly Judged[] {
  if (has(bare) && !has(closing)) return [grave('expose', [], says)]
  if (['replace', 'force push'].includes(words.join(' ')))
    return [grave('destroy', ['overwrite'], says)]
  return has(marks) && !has(unmarks) ? [grave('destroy', ['data'], says)] : []
}

const skips = set('skip disable no')
const keeps = set('snapshot snapshots backup backups protection')
const bare = set('public publicly')
const closing = set('block no not prevent deny')

function isOff(value: Place['value']): boolean {
  if (typeof value !== 'string') return value === false || value === 0
  return /^(off|false|disabled?|suspended|none|0)$/i.test(value)
}

function guards(words: readonly string[], isGuard: boolean): boolean {
  return namesGuard(words) || (isGuard && words.some((word) => switches.has(word)))
}
const switches = set('enabled enable active on value state status days period')

/** `acl: public-read`, `visibility: public`. */
function isShown(words: readonly string[], value: Place['value']): boolean {
  const isReach = words.some((word) => set('visibility access acl privacy level').has(word))
  return (
    isReach &&
    typeof value === 'string' &&
    /^(public|publicread|allusers|anyone|everyone|world)/i.test(value.replaceAll(/[-_ ]/g, ''))
  )
}

function isBared(words: readonly string[], value: Place['value']): boolean {
  return (
    value === false &&
    (words.join(' ') === 'private' || /\bblock\b.*\bpublic\b/.test(words.join(' ')))
  )
}

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}
