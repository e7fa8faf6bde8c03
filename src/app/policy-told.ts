/** The policy in force as people read it, and what it would have refused while Firebreak only looked on. */
import type { JsonObject } from '../base/json.ts'
import type { LogReads } from '../ledger/reads.ts'
import { searchLog } from '../ledger/search.ts'
import type { Numbered } from '../ledger/story.ts'
import { list, plain, text } from '../ledger/telling.ts'
import type { Rule } from '../policy/rule.ts'
import { saidOfDefaults } from '../policy/said.ts'
import { sayDuration } from './duration.ts'

export interface ToldRule extends JsonObject {
  readonly id: string
  readonly set: Rule['set']
  readonly effect: Rule['effect']
  readonly own: boolean
  readonly file: string
  readonly line: number
  /** What it is for: of a default what its document says, of your own its message. */
  readonly says: string
  readonly message: string
  /** What it asks for, in words: `2 people`, `48 h of grace`. */
  readonly asks: readonly string[]
  readonly text: string
}

export function toldRules(rules: readonly Rule[]): readonly ToldRule[] {
  return rules.map((rule) => ({
    id: rule.id,
    set: rule.set,
    effect: rule.effect,
    own: rule.own,
    file: rule.file,
    line: rule.line,
    says: rule.own ? rule.message : (saidOfDefaults[rule.id] ?? rule.message),
    message: rule.message,
    asks: [
      ...(rule.approvals > 1 ? [`${rule.approvals} people`] : []),
      ...(rule.graceMs > 0 ? [`${sayDuration(rule.graceMs)} of grace`] : []),
      ...(rule.recovery === 'required' ? ['a recovery point'] : []),
      ...(rule.recovery === 'cheap' ? ['a recovery point, where one is cheap'] : []),
      ...(rule.fixed ? ['fixed: no loosening takes it away'] : []),
      ...(rule.loosens === null ? [] : [`loosens ${rule.loosens}`]),
    ],
    text: rule.text,
  }))
}

/** What one rule would have stopped. */
export interface Shadowed extends JsonObject {
  readonly rule: string
  readonly message: string
  readonly held: number
  readonly denied: number
  /** By whom and what, the most frequent first. */
  readonly agents: readonly string[]
  readonly operations: readonly string[]
  /** The newest entry of it, and when that was. */
  readonly entry: number
  readonly at: number
}

export interface ShadowResults extends JsonObject {
  readonly rules: readonly Shadowed[]
  readonly passed: number
  readonly size: number
  readonly from: number
  readonly to: number
  readonly next: number | null
}

/** One call looks no further than this. */
const most = { stretches: 16, entries: 1000 } as const
const mostNamed = 8

/** What was let pass in shadow mode, by rule, the most frequent first; a stretch of the ledger at a time, from the newest on. */
export async function shadowResults(
  log: Pick<LogReads, 'size' | 'leaves'>,
  before: number | null,
): Promise<ShadowResults> {
  const sought = { ...anything, kinds: ['shadowed'] }
  const found: Numbered[] = []
  let at = await searchLog(log, sought, { before, limit: most.entries })
  const { size, to } = at
  found.push(...at.found)
  for (let n = 1; n < most.stretches && at.next !== null && found.length < most.entries; n += 1) {
    at = await searchLog(log, sought, { before: at.next, limit: most.entries - found.length })
    found.push(...at.found)
  }
  return { rules: byRule(found), passed: found.length, size, from: at.from, to, next: at.next }
}

const anything = {
  principal: null,
  subject: null,
  text: null,
  since: null,
  until: null,
}

interface Counted {
  readonly message: string
  readonly newest: Numbered
  readonly would: string[]
  readonly agents: string[]
  readonly operations: string[]
}

function byRule(found: readonly Numbered[]): readonly Shadowed[] {
  const counted = new Map<string, Counted>()
  for (const one of found) {
    const { body, principal } = one.told
    for (const finding of list(body, 'findings')) {
      if (finding === null || typeof finding !== 'object' || !('rule' in finding)) continue
      const rule = text(finding, 'rule') ?? ''
      const had = counted.get(rule) ?? {
        message: text(finding, 'message') ?? '',
        newest: one,
        would: [],
        agents: [],
        operations: [],
      }
      counted.set(rule, had)
      had.would.push(text(body, 'would') ?? '')
      had.agents.push(plain(principal ?? 'somebody'))
      had.operations.push(text(body, 'operation') ?? 'an action')
    }
  }
  return [...counted]
    .map(([rule, { message, newest, would, agents, operations }]) => ({
      rule,
      message,
      held: would.filter((one) => one === 'hold').length,
      denied: would.filter((one) => one === 'deny').length,
      agents: frequent(agents),
      operations: frequent(operations),
      entry: newest.index,
      at: newest.told.at,
    }))
    .toSorted((a, b) => b.held + b.denied - a.held - a.denied)
}

function frequent(names: readonly string[]): readonly string[] {
  const many = new Map<string, number>()
  for (const name of names) many.set(name, (many.get(name) ?? 0) + 1)
  return [...many]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, mostNamed)
    .map(([name, times]) => (times === 1 ? name : `${name} (${times} times)`))
}
