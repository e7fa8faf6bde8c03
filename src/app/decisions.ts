/** What people are asked and what they say: how often, how fast, and where nobody has ever said no. A question that is always yes is not read. */
import type { JsonObject } from '../base/json.ts'
import { plain } from '../base/plain.ts'
import type { LogReads } from '../ledger/reads.ts'
import { searchLog } from '../ledger/search.ts'
import type { Told } from '../ledger/leaf.ts'

const dayMs = 86_400_000
const kinds = ['held', 'approved', 'rejected', 'expired'] as const
/** So many stretches of the ledger at most (`searchLog`: 8,192 entries each): what lies before is not counted, and that is said. */
const mostStretches = 64
/** A class is spoken of from so many answers on. */
const enough = 5

type Answer = 'approved' | 'rejected' | 'expired' | 'open'

interface Asked {
  readonly at: number
  readonly agent: string
  readonly operation: string
  readonly target: string
  readonly effect: string
  answer: Answer
  /** From the question to the answer, in ms; null while there is none. */
  took: number | null
}

export interface Decisions extends JsonObject {
  /** Since when it is counted; later than asked for where the ledger is too long to look through. */
  readonly since: number
  readonly isWhole: boolean
  readonly asked: number
  readonly approved: number
  readonly denied: number
  readonly expired: number
  readonly open: number
  readonly approvedPercent: number | null
  /** Of those that people answered: from the question to the answer. */
  readonly medianMs: number | null
  readonly p90Ms: number | null
  readonly days: readonly {
    readonly day: string
    readonly agent: string
    readonly asked: number
  }[]
  readonly classes: readonly {
    readonly agent: string
    readonly operation: string
    readonly target: string
    readonly asked: number
    readonly approved: number
    readonly denied: number
    readonly expired: number
    /** Of those that are no longer open; 100 where each was a yes, and only there. Null where none is. */
    readonly approvedPercent: number | null
    readonly medianMs: number | null
    /** What to do about it, in a line; null where nothing stands out. */
    readonly advice: string | null
    /** A rule as Cedar that would no more ask; null where it must be asked. */
    readonly rule: string | null
  }[]
}

/** Of the last days. */
export async function decisionsOf(
  log: Pick<LogReads, 'size' | 'leaves'>,
  { now, days }: { readonly now: number; readonly days: number },
): Promise<Decisions> {
  const since = now - days * dayMs
  const { entries, isWhole, reached } = await recent(log, since)
  const all = [...asksIn(entries).values()]
  const answered = all.filter(({ answer }) => answer === 'approved' || answer === 'rejected')
  return {
    since: isWhole ? since : reached,
    isWhole,
    asked: all.length,
    ...counts(all),
    open: all.filter(({ answer }) => answer === 'open').length,
    medianMs: quantile(answered, 0.5),
    p90Ms: quantile(answered, 0.9),
    days: perDay(all),
    classes: classesOf(all, days),
  }
}

async function recent(
  log: Pick<LogReads, 'size' | 'leaves'>,
  since: number,
): Promise<{
  readonly entries: readonly Told[]
  readonly isWhole: boolean
  readonly reached: number
}> {
  const wanted = { kinds, principal: null, subject: null, text: null, since: null, until: null }
  const entries: Told[] = []
  let before: number | null = null
  for (let stretch = 0; stretch < mostStretches; stretch++) {
    const found = await searchLog(log, wanted, { before, limit: 500 })
    for (const { told } of found.found) {
      if (told.at < since) return { entries: entries.toReversed(), isWhole: true, reached: since }
      entries.push(told)
    }
    if (found.next === null) return { entries: entries.toReversed(), isWhole: true, reached: since }
    before = found.next
  }
  return { entries: entries.toReversed(), isWhole: false, reached: entries.at(-1)?.at ?? since }
}

/** By the hold, in the order in which they were asked. An answer to what was asked before the window is not counted. */
function asksIn(entries: readonly Told[]): ReadonlyMap<string, Asked> {
  const asks = new Map<string, Asked>()
  for (const told of entries) {
    const { subject, kind, at } = told
    if (subject === null) continue
    if (kind === 'held') {
      asks.set(subject, askedBy(told))
      continue
    }
    const asked = asks.get(subject)
    const answer = answerOf(told)
    if (asked === undefined || answer === null || asked.answer !== 'open') continue
    asked.answer = answer
    asked.took = at - asked.at
  }
  return asks
}

function askedBy({ at, principal, body }: Told): Asked {
  const text = (name: string): string => {
    const value = body[name]
    return typeof value === 'string' ? plain(value) : ''
  }
  const said = { operation: text('operation'), target: text('target'), effect: text('effect') }
  return { at, agent: plain(principal ?? ''), ...said, answer: 'open', took: null }
}

/** One yes of two that are asked for is no answer yet; an undo before the act is none either, the yes was. */
function answerOf({ kind, body }: Told): Answer | null {
  if (kind === 'approved') return body['enough'] === true ? 'approved' : null
  if (kind === 'rejected') return 'rejected'
  return kind === 'expired' ? 'expired' : null
}

function counts(
  all: readonly Asked[],
): Pick<Decisions, 'approved' | 'denied' | 'expired' | 'approvedPercent'> {
  const of = (answer: Answer): number => all.filter((one) => one.answer === answer).length
  const [approved, denied, expired] = [of('approved'), of('rejected'), of('expired')]
  const over = approved + denied + expired
  // Never rounded up: one no among a thousand is not always yes.
  const approvedPercent = over === 0 ? null : Math.floor((approved / over) * 100)
  return { approved, denied, expired, approvedPercent }
}

function quantile(all: readonly Asked[], share: number): number | null {
  const sorted = all.flatMap(({ took }) => took ?? []).toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

function perDay(all: readonly Asked[]): Decisions['days'] {
  const many = new Map<string, { readonly day: string; readonly agent: string; asked: number }>()
  for (const { at, agent } of all) {
    const day = new Date(at).toISOString().slice(0, 10)
    const one = many.get(`${day} ${agent}`) ?? { day, agent, asked: 0 }
    one.asked += 1
    many.set(`${day} ${agent}`, one)
  }
  return [...many.values()].toSorted((a, b) =>
    a.day < b.day ? 1 : a.day > b.day ? -1 : b.asked - a.asked,
  )
}

/** One agent, one operation, one target: the most asked first. */
function classesOf(all: readonly Asked[], days: number): Decisions['classes'] {
  const groups = new Map<string, Asked[]>()
  for (const one of all) {
    const key = JSON.stringify([one.agent, one.operation, one.target])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
    .map((group) => {
      const [{ agent, operation, target } = nothing] = group
      const told = counts(group)
      const answered = group.filter(({ answer }) => answer === 'approved' || answer === 'rejected')
      const medianMs = quantile(answered, 0.5)
      const isAlwaysYes = told.approved >= enough && told.denied === 0 && told.expired === 0
      const why = { group, approved: told.approved, medianMs, days }
      return {
        agent,
        operation,
        target,
        asked: group.length,
        ...told,
        medianMs,
        advice: isAlwaysYes ? adviceOf(why) : null,
        rule: isAlwaysYes ? ruleOf(why) : null,
      }
    })
    .toSorted((a, b) => b.asked - a.asked)
}

const nothing: Pick<Asked, 'agent' | 'operation' | 'target'> = {
  agent: '',
  operation: '',
  target: '',
}

interface Why {
  readonly group: readonly Asked[]
  readonly approved: number
  readonly medianMs: number | null
  readonly days: number
}

/** What destroys goes on being asked: there the grant is what can be narrowed. */
function adviceOf({ group, approved, medianMs, days }: Why): string {
  const [{ agent, operation } = nothing] = group
  const speed = medianMs !== null && medianMs < 10_000 ? ', in the middle within ten seconds' : ''
  const said = `approved ${approved} times of ${approved} in ${days} days${speed}: nobody reads what is always yes`
  return destroys(group)
    ? `${said}. It destroys, so it stays a question: give \`${agent}\` a grant without \`${operation}\`, and have a person do it`
    : `${said}. Narrow the grant of \`${agent}\`, or take the question away by the rule below`
}

function ruleOf({ group, approved, days }: Why): string | null {
  const [{ agent, operation, target } = nothing] = group
  const isPlain = [agent, operation, target].every((one) => /^[\w:.@ /-]+$/.test(one))
  // A rule with a name in it that is not plain would not say what it seems to.
  if (destroys(group) || !isPlain) return null
  const type = agent.startsWith('service:')
    ? 'Service'
    : agent.startsWith('person:')
      ? 'Person'
      : 'Agent'
  const id = `always-yes-${operation}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return [
    `@id("${id}")`,
    `@message("approved ${approved} times of ${approved} in ${days} days")`,
    '@loosens("hold-expose")',
    `permit (principal == ${type}::"${agent}", action == Action::"expose", resource == Target::"${target}")`,
    `when { context.operation == "${operation}" };`,
  ].join('\n')
}

function destroys(group: readonly Asked[]): boolean {
  return group.some(({ effect }) => effect !== 'expose')
}
