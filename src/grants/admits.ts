/** Whether a scope reaches what is wished: `scope` for the operation, target, resource; `separation` for the environment. */
import type { Effect } from '../core/effect.ts'
import type { Scope } from '../core/principal.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'

interface Wished {
  readonly target: string
  readonly operation: string
  readonly effect: Effect
  readonly environments: readonly string[]
  readonly environmentsKnown: boolean
  readonly nowhere: boolean
  readonly resources: readonly ResourceRef[]
}

/** The finding that refuses, or null. Every list of the scope must admit. */
export function admits(scope: Scope, wish: Wished): Finding | null {
  return (
    targetFinding(scope, wish) ??
    operationFinding(scope, wish) ??
    resourceFinding(scope, wish) ??
    environmentFinding(scope, wish)
  )
}

function targetFinding({ targets }: Scope, { target }: Wished): Finding | null {
  if (targets === null || targets.includes(target)) return null
  return { rule: 'scope', message: `the grant does not reach \`${target}\`` }
}

function operationFinding({ operations }: Scope, { operation, effect }: Wished): Finding | null {
  const admitted = operations.every((list) =>
    list.some((pattern) =>
      // The word is for the effect alone: an operation that calls itself `read` is not one for that.
      pattern === 'read' ? effect === 'read' : matches(pattern, operation),
    ),
  )
  if (admitted) return null
  const wanted = operations.map((list) => list.join(', ')).join(' and ')
  return { rule: 'scope', message: `\`${operation}\` is not in the grant, which is for ${wanted}` }
}

function resourceFinding(
  { resources }: Scope,
  { resources: named, operation }: Wished,
): Finding | null {
  if (resources.length === 0) return null
  const keys = named.map(({ type, id }) => `${type}/${id}`)
  const beyond = keys.find(
    (key) => !resources.every((list) => list.some((pattern) => matches(pattern, key))),
  )
  if (beyond !== undefined) return { rule: 'scope', message: `\`${beyond}\` is not in the grant` }
  if (keys.length > 0) return null
  return {
    rule: 'scope',
    message: `\`${operation}\` names no resource, and the grant is for named ones alone`,
  }
}

/**
 * INVARIANT (separation): what is no read stays inside the grant's environments; where they are not known, it does not run.
 * What stands in no environment (an account, a workspace, a new project) belongs to all of them: only a grant for `*`
 * reaches it, also where the grant names the very operation. Naming it says what may be done, not where.
 */
function environmentFinding(scope: Scope, wish: Wished): Finding | null {
  const lists = scope.environments.filter((list) => !list.includes('*'))
  if (wish.effect === 'read' || lists.length === 0) return null
  const allowed = lists.map((list) => list.join(', ')).join(' and ')
  const outside = wish.environments.filter((name) => !lists.every((list) => list.includes(name)))
  if (outside.length > 0)
    return {
      rule: 'separation',
      message: `\`${wish.operation}\` reaches ${outside.join(', ')}; the grant is for ${allowed}`,
    }
  const why = !wish.environmentsKnown
    ? `which environments \`${wish.operation}\` reaches is not known`
    : `\`${wish.operation}\` stands in no environment, so it counts as all of them`
  const inside = wish.environmentsKnown && !wish.nowhere
  return inside ? null : { rule: 'separation', message: `${why}; the grant is for ${allowed}` }
}

/** Exact, or a prefix where the pattern ends in `*`. */
function matches(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text
}
