/** The policy, opened: a question in, a decision out; what errs denies. */
import { preparsePolicySet, statefulIsAuthorized, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { FirebreakError, messageOf } from '../base/error.ts'
import { canonical, digest, toJson } from '../base/json.ts'
import { allow, deny, hold } from '../core/verdict.ts'
import type { Finding } from '../core/verdict.ts'
import type { Decision, Policy, Question } from '../guard/ports.ts'
import { openCache } from './cache.ts'
import { bases, readRules } from './texts.ts'
import type { PolicyText, Rule, SetName } from './texts.ts'

export interface PolicyHouse {
  readonly schema: string
  readonly texts: readonly PolicyText[]
  /** Milliseconds of a duration that a rule's `@grace` names. */
  readonly duration: (text: string) => number | null
}

const setNames: readonly SetName[] = ['guard', 'hold', 'loosen']

/** Validates and prepares everything; throws `bad_policy` for what does not hold together. Decisions see no clock, so they are kept. */
export function openPolicy(house: PolicyHouse): Policy & { readonly rules: readonly Rule[] } {
  const rules = readRules(house.texts)
  check(house.schema, rules)
  const set = digest(toJson([house.schema, rules.map(({ set: name, text }) => [name, text])]))
  const names = new Map(setNames.map((name) => [name, `${set}/${name}`]))
  for (const [name, prepared] of names)
    prepare(
      prepared,
      rules.filter((rule) => rule.set === name),
    )

  const ask = (name: SetName, question: Question): readonly Rule[] => {
    const matched = new Set(asked(names.get(name) ?? '', question))
    return rules.filter(({ id }) => matched.has(id))
  }
  const judge = (question: Question): Decision => {
    const wrong = oddFact(question)
    if (wrong !== null) return denied(set, [{ rule: 'policy-error', message: wrong }])
    const forbidden = ask('guard', question).filter(isForbid)
    if (forbidden.length > 0) return denied(set, forbidden.map(finding))
    const loosened = ask('loosen', question)
    const reasons = ask('hold', question).filter(isForbid)
    const holding = reasons.filter(({ id }) => !loosened.some(({ loosens }) => loosens === id))
    return decided(house, { set, question, reasons: holding, loosened })
  }
  const decide = (question: Question): Decision => {
    try {
      return judge(question)
    } catch (thrown) {
      // INVARIANT (broken-is-closed): Cedar skips a forbid that errs, so any error denies.
      return denied(set, [{ rule: 'policy-error', message: messageOf(thrown) }])
    }
  }
  const kept = openCache<Decision>(4096)
  return {
    set,
    rules,
    decide: (question) => kept(JSON.stringify(question), () => decide(question)),
  }
}

interface Reasons {
  readonly set: string
  readonly question: Question
  readonly reasons: readonly Rule[]
  readonly loosened: readonly Rule[]
}

function decided(house: PolicyHouse, { set, question, reasons, loosened }: Reasons): Decision {
  const outage = question.effect === 'destroy' && question.kinds.includes('outage')
  const soft: readonly Finding[] = [
    ...(outage && question.protected
      ? [{ rule: 'outage', message: 'something that serves stops or changes' }]
      : []),
    ...loosened.map(({ id, message }) => ({ rule: id, message: `loosened: ${message}` })),
  ]
  const findings = [...reasons.map(finding), ...soft]
  const wantsCopy =
    question.effect === 'destroy' &&
    ['data', 'container', 'overwrite'].some((kind) => question.kinds.some((each) => each === kind))
  return {
    verdict: reasons.length > 0 ? hold(...findings) : { kind: allow.kind, findings },
    policies: [...reasons, ...loosened].map(({ id }) => id),
    set,
    approvals: Math.max(1, ...reasons.map(({ approvals }) => approvals)),
    graceMs: Math.max(
      0,
      ...reasons.map(({ grace }) => (grace === null ? 0 : (house.duration(grace) ?? 0))),
    ),
    // Without a hold a copy is taken where it is cheap; with one, where the rule asks for it.
    needsRecoveryPoint: reasons.length > 0 ? reasons.some(({ recovery }) => recovery) : wantsCopy,
  }
}

/** The ids of the rules of a prepared set that match; throws on any diagnostics error. */
function asked(prepared: string, question: Question): readonly string[] {
  const { principal, target, effect, ...facts } = question
  const answer = statefulIsAuthorized({
    principal: { type: 'Agent', id: principal },
    action: { type: 'Action', id: effect },
    resource: { type: 'Target', id: target },
    context: { ...facts, kinds: [...facts.kinds], environments: [...facts.environments] },
    preparsedPolicySetId: prepared,
    entities: [],
  })
  if (answer.type === 'failure')
    throw new FirebreakError('bad_policy', answer.errors.map(({ message }) => message).join('; '))
  const { reason, errors } = answer.response.diagnostics
  const [error] = errors
  if (error !== undefined)
    throw new FirebreakError('bad_policy', `\`${error.policyId}\`: ${error.error.message}`)
  return reason
}

function prepare(name: string, rules: readonly Rule[]): void {
  const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const prepared = preparsePolicySet(name, { staticPolicies })
  if (prepared.type === 'failure')
    throw new FirebreakError('bad_policy', prepared.errors.map(({ message }) => message).join('; '))
}

function check(schema: string, rules: readonly Rule[]): void {
  const answer = validate({
    schema,
    policies: { staticPolicies: Object.fromEntries(rules.map(({ id, text }) => [id, text])) },
  })
  const faults =
    answer.type === 'failure'
      ? answer.errors.map(({ message }) => message)
      : answer.validationErrors.map(({ policyId, error }) => `\`${policyId}\`: ${error.message}`)
  if (faults.length > 0)
    throw new FirebreakError(
      'bad_policy',
      faults.join('; '),
      'the facts a rule may use are in schema.cedarschema',
    )
  const ids = new Set(rules.filter(({ set }) => set === 'hold').map(({ id }) => id))
  const lost = rules.find(({ loosens }) => loosens !== null && !ids.has(loosens))
  if (lost !== undefined)
    throw new FirebreakError(
      'bad_policy',
      `${lost.file}: \`${lost.id}\` loosens \`${lost.loosens ?? ''}\`, which is no hold rule`,
    )
}

/** A fact that is no whole number would vanish or err: it denies, in words. */
function oddFact(question: Question): string | null {
  canonical(toJson(question))
  const numbers = [question.bytes, question.rows, question.backupsLost, question.backupsLeft]
  return numbers.every(Number.isSafeInteger) ? null : 'a fact is no whole number'
}

function isForbid(rule: Rule): boolean {
  return !bases.includes(rule.id)
}

function finding({ id, message }: Rule): Finding {
  return { rule: id, message }
}

function denied(set: string, findings: readonly Finding[]): Decision {
  const policies = findings.map(({ rule }) => rule)
  return {
    verdict: deny(...findings),
    policies,
    set,
    approvals: 1,
    graceMs: 0,
    needsRecoveryPoint: false,
  }
}
