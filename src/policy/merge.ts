/** The answers of the sets made one decision: the strictest. */
import type { Finding, Verdict } from '../core/verdict.ts'
import type { Decision } from '../guard/ports.ts'
import type { Answer } from './engine.ts'
import type { Rule, RuleSet } from './rule.ts'

/** A deny because the policies themselves do not work; never anything but a deny. */
export function broken(set: string, why: string, rule: string | null = null): Decision {
  const message = rule === null ? why : `the policy \`${rule}\` failed: ${why}`
  const finding = { rule: 'policy-error', message: message.replaceAll(/\s+/g, ' ') }
  return {
    verdict: { kind: 'deny', findings: [finding] },
    policies: ['policy-error'],
    set,
    approvals: 1,
    graceMs: 0,
    needsRecoveryPoint: true,
  }
}

/** True for what `broken` gave: it is no judgement of the facts, so it is not kept. */
export function isBroken({ verdict }: Decision): boolean {
  return verdict.findings.some(({ rule }) => rule === 'policy-error')
}

/**
 * The decision that the matching rules make together. Laws: a failed answer denies; a guard's forbid denies; a hold's
 * forbid holds unless it is loosened; what the guard does not permit is denied, and what nothing lets run is held. The
 * approvals and the grace are the most that any holding rule asks, and one that asks for a passkey is enough. A loosened rule takes its question back, not its
 * recovery point.
 */
export function merge(answer: Answer, rules: readonly Rule[], set: string): Decision {
  if (answer.kind === 'failed') return broken(set, answer.why, answer.rule)
  const ids = new Set(answer.rules)
  const sorted = sort(rules.filter(({ id }) => ids.has(id)))
  const { guard, run, hold, loosen, holding } = sorted
  const all = [...guard, ...hold, ...loosen, ...run]
  const verdict = verdictOf(sorted)
  const unjudged = verdict.findings.some(({ rule }) => rule === 'unjudged')
  return {
    verdict,
    policies: [...all.map(({ id }) => id), ...(unjudged ? ['unjudged'] : [])],
    set,
    approvals: Math.max(verdict.kind === 'allow' ? 0 : 1, ...holding.map((rule) => rule.approvals)),
    graceMs: Math.max(0, ...holding.map((rule) => rule.graceMs)),
    needsRecoveryPoint: all.some(({ recovery }) => recovery !== 'none'),
    ...(holding.some((rule) => rule.asksPasskey) ? { factor: 'passkey' as const } : {}),
  }
}

/** The rules that matched, by set and in the order of their files; `holding` are the holds that nothing loosens. */
type Sorted = Readonly<Record<RuleSet | 'holding', readonly Rule[]>>

function sort(matched: readonly Rule[]): Sorted {
  const of = (set: RuleSet): readonly Rule[] => matched.filter((rule) => rule.set === set)
  const hold = of('hold')
  const loosen = of('loosen').filter((rule) => hold.some((other) => loosens(rule, other)))
  const holding = hold.filter((rule) => !loosen.some((other) => loosens(other, rule)))
  return { guard: of('guard'), run: of('run'), hold, loosen, holding }
}

function verdictOf({ guard, run, hold, loosen, holding }: Sorted): Verdict {
  if (guard.length === 0) return unjudged('deny', 'no policy permits this')
  const denying = guard.filter(({ effect }) => effect === 'forbid')
  if (denying.length > 0) return { kind: 'deny', findings: findings(denying) }
  if (holding.length > 0) return { kind: 'hold', findings: findings([...holding, ...loosen]) }
  if (hold.length === 0 && run.length === 0)
    return unjudged('hold', 'no policy says that this may run without a person')
  return { kind: 'allow', findings: findings([...loosen, ...run]) }
}

/** Only a default that is not fixed can be loosened: the check at start says so too, this keeps it. */
function loosens(rule: Rule, other: Rule): boolean {
  return rule.loosens === other.id && !other.fixed && !other.own
}

function findings(rules: readonly Rule[]): readonly Finding[] {
  return rules.flatMap(({ id, message }) => (message === '' ? [] : [{ rule: id, message }]))
}

function unjudged(kind: 'hold' | 'deny', message: string): Verdict {
  return { kind, findings: [{ rule: 'unjudged', message }] }
}
