/** The policy that the guard asks: checked texts, prepared once, answered from memory where the facts are the same. */
import { openCache } from '../base/cache.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { Decision, Policy, Question } from '../guard/ports.ts'
import { checkPolicies, hasErrors } from './check.ts'
import type { PolicyHouse } from './check.ts'
import { prepare } from './engine.ts'
import type { Ask } from './engine.ts'
import { factsKey, requestOf, unfit } from './facts.ts'
import { broken, isBroken, merge } from './merge.ts'
import type { Issue } from './review.ts'
import type { Rule } from './rule.ts'
import { textsDigest } from './texts.ts'

export interface OpenPolicy extends Policy {
  /** Every rule that counts, the defaults first. */
  readonly rules: readonly Rule[]
  /** Warnings and notes of the check, for a person; no errors. */
  readonly issues: readonly Issue[]
}

/** Decisions that are kept, and how long the text of their facts may be: what an agent says may not fill the memory. */
const kept = { most: 4096, characters: 4_000_000 } as const
const longestKey = 2048

/**
 * Checks the texts and gives the policy. Throws `bad_policy` with file and line of the first error.
 * INVARIANT (broken-is-closed): `decide` never throws; whatever fails in it is a deny with rule `policy-error`.
 * Policies see no clock and no chance, so the same facts have the same decision and it may be kept.
 */
export function openPolicy(house: PolicyHouse): OpenPolicy {
  const { issues, rules } = checkPolicies(house)
  if (hasErrors(issues)) throw refused(issues)
  const set = textsDigest(house.schema, house.texts)
  const judge = judging(prepare(set, rules), rules, set)
  const cache = openCache<Decision>(kept)
  const decide = (question: Question): Decision => {
    try {
      const key = factsKey(question)
      const known = cache.get(key)
      if (known !== null) return known
      const decision = judge(question)
      if (!isBroken(decision) && key.length <= longestKey) cache.put(key, decision)
      return decision
    } catch (thrown) {
      // The guard needs an answer whatever happens here, and the only safe one is no.
      return broken(set, messageOf(thrown))
    }
  }
  return { set, rules, issues, decide }
}

function judging(ask: Ask, rules: readonly Rule[], set: string): (question: Question) => Decision {
  return (question) => {
    const why = unfit(question)
    if (why !== null) return broken(set, why)
    return merge(ask(requestOf(question)), rules, set)
  }
}

function refused(issues: readonly Issue[]): FirebreakError {
  const errors = issues.filter(({ level }) => level === 'error')
  const [first] = errors
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new FirebreakError(
    'bad_policy',
    `${first?.file ?? ''}:${first?.line ?? 1}: ${first?.message ?? ''}${more}`,
    'see all of it with `firebreak policy check`; the policies that were accepted last stay in force',
  )
}
