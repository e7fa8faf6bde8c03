/** What is handed to a tool, judged: texts by the readers of their languages, choices (`action: "delete"`) by their words, requests by their method. */
import type { Json } from '../../base/json.ts'
import type { DestroyKind, Effect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import type { ResourceRef } from '../../core/resource.ts'
import type { Finding } from '../../core/verdict.ts'
import { planOf } from '../graphql-plan.ts'
import { plainKey, textAt } from './texts.ts'
import type { Nature, Place, RunText } from './texts.ts'
import { claimIn, claimOf, wordsIn } from './verbs.ts'
import type { Claim } from './verbs.ts'

/** What one place in the arguments does. */
export interface Judged {
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  readonly findings: readonly Finding[]
  /** What a text in it names: tables of SQL. */
  readonly names?: readonly ResourceRef[]
}

export interface PayloadReaders {
  readonly sql: (text: string) => readonly Operation[]
  readonly shell: (text: string) => readonly Operation[]
  /** Null where no platform is known that the text would go to. */
  readonly graphql: ((text: string) => readonly Operation[]) | null
}

/** What the tool is by its name: a claim, null for none, and its nature. */
export interface ByName {
  readonly claim: Claim | null
  readonly nature: Nature
}

/** Nothing for a value that does nothing by itself. */
export function judgePlace(
  place: Place,
  { claim, nature }: ByName,
  readers: PayloadReaders,
): readonly Judged[] {
  const text = textAt(place, nature)
  if (text !== null) return judgeText(text, readers)
  // What a tool that reads looks for may well be deleted things, and what a tool is about has a name.
  const reads = claim?.effect === 'read'
  const isAbout = claim !== null && !claim.runs
  return [
    ...judgeChoice(place, { reads, isAbout }),
    ...judgeMark(place, reads),
    ...judgeRequest(place),
  ]
}

function judgeText({ kind, text }: RunText, readers: PayloadReaders): readonly Judged[] {
  switch (kind) {
    case 'sql':
      return readers.sql(text).map(judgedOf)
    case 'shell':
      return readers.shell(text).map(judgedOf)
    case 'graphql':
      return readers.graphql === null ? plainGraphql(text) : readers.graphql(text).map(judgedOf)
    case 'code':
      return [held('code-unread', 'runs code, which nobody here has read')]
  }
}

function judgedOf({ name, effect, kinds, findings, names }: Operation): Judged {
  const own =
    effect === 'read' || effect === 'write' || findings.length > 0
      ? findings
      : [{ rule: 'mcp-payload', message: `\`${name}\` stands in what it is given` }]
  return { effect, kinds, findings: own, names }
}

/** For a platform that is not known: a query reads, a mutation does what the words of its fields say. */
function plainGraphql(text: string): readonly Judged[] {
  const plan = planOf(text)
  if (plan.kind !== 'plan') return [held('graphql-unread', 'the GraphQL in it cannot be read')]
  return plan.operations.flatMap(({ kind, fields }) =>
    kind === 'query' ? [quiet('read')] : fields.map(({ name }) => fieldOf(name)),
  )
}

function fieldOf(name: string): Judged {
  const claim = claimOf(name)
  if (claim === null || claim.runs || claim.effect === 'read')
    return held('graphql-unread', `what \`${name}\` does is not known`)
  if (claim.effect === 'write') return quiet('write')
  return grave(claim.effect, claim.kinds, `\`${name}\` stands in the GraphQL`)
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Members by which a tool is told what to do. */
const choices = set('action operation op mode verb command subcommand task intent')
/** And those that do so where its own name says nothing; else they are about a thing. */
const calls = set('type kind tool toolname method name function')
const states = set('state status')

function judgeChoice(
  { key, value }: Place,
  { reads, isAbout }: { readonly reads: boolean; readonly isAbout: boolean },
): readonly Judged[] {
  if (typeof value !== 'string') return []
  const plain = plainKey(key)
  const says = `\`${key}: ${value.slice(0, 60)}\` says so`
  if (states.has(plain))
    return !reads && /^(deleted|destroyed|removed|terminated|dropped|purged)$/i.test(value)
      ? [grave('destroy', ['data'], says)]
      : []
  if (!choices.has(plain) && (isAbout || !calls.has(plain))) return []
  const claim = claimIn(value)
  if (claim === null || claim.runs) return []
  return claim.effect === 'read' || claim.effect === 'write'
    ? [quiet(claim.effect)]
    : [grave(claim.effect, claim.kinds, says)]
}

const orders = set('delete remove destroy drop purge truncate wipe')
const marks = set('deleted permanent permanently overwrite cascade clean')
const unmarks = set('dry no not skip prevent include show keep')

/** `deleted: true`, `permanent: true`: what a write turns into a loss by. */
function judgeMark({ key, value }: Place, reads: boolean): readonly Judged[] {
  if (value !== true) return []
  const words = wordsIn(key)
  if (words.some((word) => unmarks.has(word))) return []
  return words.some((word) => orders.has(word) || (!reads && marks.has(word)))
    ? [grave('destroy', ['data'], `\`${key}: true\` says so`)]
    : []
}

/** `method` beside a place where it goes to. */
function judgeRequest({ key, value, among }: Place): readonly Judged[] {
  if (plainKey(key) !== 'method' || typeof value !== 'string') return []
  const where = ['url', 'uri', 'path', 'endpoint'].map((name) => among[name]).find(isText)
  if (where === undefined) return []
  const method = value.toUpperCase()
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return [quiet('read')]
  if (isHere(where)) return [quiet('write')]
  if (method === 'DELETE') return [grave('destroy', ['data'], `\`DELETE ${where.slice(0, 200)}\``)]
  return [held('http-unread', `what \`${method} ${where.slice(0, 200)}\` does is not known`)]
}

function isHere(url: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/i.test(url)
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string'
}

export function quiet(effect: 'read' | 'write'): Judged {
  return { effect, kinds: [], findings: [] }
}

export function held(rule: string, message: string): Judged {
  return { effect: 'unread', kinds: [], findings: [{ rule, message }] }
}

export function grave(effect: Effect, kinds: readonly DestroyKind[], message: string): Judged {
  return { effect, kinds, findings: [{ rule: 'mcp-destroys', message }] }
}
