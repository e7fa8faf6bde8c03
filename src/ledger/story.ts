/** What happened, told from entries alone: who asked for what, who answered, what was lost or saved. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { timeText } from './leaf.ts'
import type { Told } from './leaf.ts'
import { lineOf, list, number, plain, text } from './telling.ts'

/** An entry with its place in the ledger. */
export interface Numbered {
  readonly index: number
  readonly told: Told
}

/** How it stands after the last entry. `unknown` acts were begun, and no entry says how they ended. */
export type Ending =
  | 'waiting'
  | 'approved'
  | 'scheduled'
  | 'refused'
  | 'expired'
  | 'undone'
  | 'executed'
  | 'failed'
  | 'unknown'

export interface Story {
  readonly id: string
  readonly who: string
  readonly operation: string
  readonly target: string
  readonly effect: string
  readonly ending: Ending
  /** What is gone by this act, what is still there because it did not run, and what nobody can tell from the entries. */
  readonly lost: readonly string[]
  readonly saved: readonly string[]
  readonly uncertain: readonly string[]
  /** Ways back outside the blast radius, as measured; and recovery points that it leaned on. */
  readonly left: readonly string[]
  readonly points: readonly string[]
  readonly people: readonly string[]
  readonly reasons: readonly string[]
  readonly timeline: readonly {
    readonly index: number
    readonly at: string
    readonly line: string
  }[]
}

/** The story of one hold or action from its entries, in the order of the ledger. Pure; an unreadable member is told as unknown. */
export function story(id: string, entries: readonly Numbered[]): Story {
  const about = entries.filter(({ told }) => isAbout(id, told))
  const bodies = about.map(({ told }) => told.body)
  const ending = about.reduce<Ending>((before, { told }) => endingAfter(before, told), 'waiting')
  const radius = bodies
    .map((body) => body['radius'])
    .filter(isObject)
    .at(-1)
  const stakes = radius === undefined ? [unmeasured] : stakesOf(radius)
  const name = { operation: firstText(bodies, 'operation'), target: firstText(bodies, 'target') }
  return {
    id: plain(id),
    who: plain(about.find(({ told }) => told.principal !== null)?.told.principal ?? 'unknown'),
    ...name,
    effect: firstText(bodies, 'effect'),
    ending,
    ...weighed(ending, stakes),
    left: radius === undefined ? [] : things(radius, 'left'),
    points: unique(bodies.flatMap((body) => list(body, 'points').map(plainJson))),
    people: unique(about.flatMap(({ told }) => peopleOf(told))),
    reasons: unique(bodies.flatMap((body) => list(body, 'findings').map(reason))),
    timeline: entries.map(({ index, told }) => ({
      index,
      at: timeText(told.at),
      // An entry about this act need not repeat its name.
      line: lineOf(isAbout(id, told) ? { ...told, body: { ...name, ...told.body } } : told),
    })),
  }
}

/** True for an entry of the hold or action itself, not only of what stands beside it in time. */
export function isAbout(id: string, { subject, body }: Told): boolean {
  return subject === id || body['digest'] === id
}

const unmeasured = 'what it would have taken was not measured'

function endingAfter(before: Ending, { kind, body }: Told): Ending {
  switch (kind) {
    case 'held':
      return 'waiting'
    case 'approved':
      // One of several approvals leaves the hold open: only the entry that moved it says `approved`.
      return body['state'] === 'approved' ? 'approved' : before
    case 'scheduled':
    case 'expired':
    case 'undone':
      return kind
    case 'denied':
    case 'rejected':
      return 'refused'
    case 'intent':
    case 'shadowed':
      return 'unknown'
    case 'outcome':
      return outcomeOf(body)
    default:
      return before
  }
}

function outcomeOf(body: JsonObject): Ending {
  if (body['ok'] === true) return 'executed'
  return body['ok'] === false ? 'failed' : 'unknown'
}

/** INVARIANT (no comfort without proof): what may have run and did not say that it went well is uncertain, never saved. */
function weighed(
  ending: Ending,
  stakes: readonly string[],
): Pick<Story, 'lost' | 'saved' | 'uncertain'> {
  const none = { lost: [], saved: [], uncertain: [] }
  if (ending === 'executed') return { ...none, lost: stakes }
  if (ending === 'failed' || ending === 'unknown') return { ...none, uncertain: stakes }
  return { ...none, saved: stakes }
}

function stakesOf(radius: JsonObject): readonly string[] {
  const named = [
    ...things(radius, 'resources'),
    ...things(radius, 'backups').map((one) => `${one}, a way back`),
  ]
  const rows = number(radius, 'rows')
  const counted = rows === null ? named : [...named, `${rows} rows`]
  const known = radius['known'] === true
  if (known) return counted.length === 0 ? ['nothing that was found'] : counted
  return [...counted, 'more, as far as could be measured: the platform did not answer in full']
}

/** The named things of a radius, and how many more there are. */
function things(radius: JsonObject, part: 'resources' | 'backups' | 'left'): readonly string[] {
  const named = list(radius, part).filter(isObject).map(thing)
  const counts = radius['counts']
  const count = isObject(counts) ? (number(counts, part) ?? named.length) : named.length
  return count > named.length ? [...named, `and ${count - named.length} more ${part}`] : named
}

function thing(resource: JsonObject): string {
  const bytes = number(resource, 'bytes')
  const environment = text(resource, 'environment')
  const parts = [
    `${text(resource, 'type') ?? 'thing'} ${text(resource, 'name') ?? text(resource, 'id') ?? ''}`,
    `(${text(resource, 'id') ?? 'no id'})`,
    environment === null ? '' : `in ${environment}`,
    bytes === null ? '' : `${bytes} bytes`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function peopleOf({ kind, body }: Told): readonly string[] {
  const name = text(body, 'approver') ?? text(body, 'by')
  const did = { approved: 'approved', rejected: 'said no', undone: 'undid it' }
  if (name === null || !Object.hasOwn(did, kind)) return []
  return [`${name}: ${Object.entries(did).find(([one]) => one === kind)?.[1] ?? kind}`]
}

function reason(finding: Json): string {
  if (!isObject(finding)) return plainJson(finding)
  return `${text(finding, 'rule') ?? 'no rule'}: ${text(finding, 'message') ?? ''}`
}

function firstText(bodies: readonly JsonObject[], name: string): string {
  return bodies.map((body) => text(body, name)).find((found) => found !== null) ?? 'unknown'
}

function plainJson(value: Json): string {
  return plain(typeof value === 'string' ? value : JSON.stringify(value))
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}
