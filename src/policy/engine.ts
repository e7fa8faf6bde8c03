/** The engine: Cedar with its sets prepared once, asked without parsing, and every doubt of its answer made plain. */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { FirebreakError } from '../base/error.ts'
import type { Request } from './facts.ts'
import type { Rule } from './rule.ts'

/** The ids of the rules that match, none where nothing does. Any doubt at all is `failed`. */
export type Answer =
  | { readonly kind: 'answered'; readonly rules: readonly string[] }
  | { readonly kind: 'failed'; readonly rule: string | null; readonly why: string }

/** Asks all rules. */
export type Ask = (request: Request) => Answer

/**
 * Prepares the rules under `name` and gives what asks them. The engine keeps them by name for as long as the process
 * lives, so the name is the digest of the texts: the same name always means the same policies.
 *
 * Cedar tells the forbids that match, or, where none does, the permits. So one question is enough for what may run,
 * and only where a forbid matches are the permits and the loosenings asked too.
 */
export function prepare(name: string, rules: readonly Rule[]): Ask {
  const usual = rules.filter(({ set }) => set !== 'loosen')
  const first = preparedSet(`all ${name}`, usual)
  const permits = preparedSet(
    `permits ${name}`,
    usual.filter(({ effect }) => effect === 'permit'),
  )
  const loosen = preparedSet(
    `loosen ${name}`,
    rules.filter(({ set }) => set === 'loosen'),
  )
  const forbids = new Set(usual.filter(({ effect }) => effect === 'forbid').map(({ id }) => id))
  return (request) => {
    const answer = first(request)
    if (answer.kind === 'failed' || !answer.rules.some((id) => forbids.has(id))) return answer
    return both(answer, both(permits(request), loosen(request)))
  }
}

function preparedSet(name: string, rules: readonly Rule[]): Ask {
  if (rules.length === 0) return () => ({ kind: 'answered', rules: [] })
  const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const answer = preparsePolicySet(name, { staticPolicies })
  if (answer.type === 'failure')
    throw new FirebreakError('bad_policy', answer.errors[0]?.message ?? 'cannot be parsed')
  return (request) =>
    readAnswer(
      statefulIsAuthorized({
        ...request,
        preparsedPolicySetId: name,
        validateRequest: false,
        entities: [],
      }),
    )
}

/** INVARIANT (no error passes): Cedar skips a policy that errs and goes on; here that is a failure of the whole answer. */
function readAnswer(answer: ReturnType<typeof statefulIsAuthorized>): Answer {
  if (answer.type === 'failure')
    return { kind: 'failed', rule: null, why: answer.errors[0]?.message ?? 'no reason was given' }
  const { diagnostics } = answer.response
  const [error] = diagnostics.errors
  if (error !== undefined) return { kind: 'failed', rule: error.policyId, why: error.error.message }
  return { kind: 'answered', rules: diagnostics.reason }
}

function both(a: Answer, b: Answer): Answer {
  if (a.kind === 'failed') return a
  return b.kind === 'failed' ? b : { kind: 'answered', rules: [...a.rules, ...b.rules] }
}
