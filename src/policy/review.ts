/** The review of rules beside each other: doubled ids, loosened defaults, more approvers than there are. */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { Rule } from './rule.ts'

/** An `error` refuses to start; a `warning` is a policy that does not do what it seems to; a `note` is a loosened default. */
export interface Issue {
  readonly level: 'error' | 'warning' | 'note'
  readonly file: string
  readonly line: number
  readonly message: string
}

/** What is wrong or worth a look between rules. `approvers` is how many people could sign; null: not known. */
export function together(rules: readonly Rule[], approvers: number | null): readonly Issue[] {
  return rules.flatMap((rule, index) => [
    ...doubled(rule, rules.slice(0, index)),
    ...loosening(rule, rules),
    ...reachable(rule, approvers),
  ])
}

/** A loosening that names no principal, target or condition takes the default away everywhere. */
export function broad(
  rule: Rule,
  { principal, resource, conditions }: PolicyJson,
): readonly Issue[] {
  const unbounded = principal.op === 'All' && resource.op === 'All' && conditions.length === 0
  if (rule.loosens === null || !unbounded) return []
  const where = 'name an operation, an environment, a target or a principal'
  return [issue('warning', rule, `it takes \`${rule.loosens}\` away everywhere: ${where}`)]
}

function doubled(rule: Rule, before: readonly Rule[]): readonly Issue[] {
  const first = before.find(({ id }) => id === rule.id)
  if (first === undefined) return []
  return [issue('error', rule, `the id is used twice, first in ${first.file}:${first.line}`)]
}

function loosening(rule: Rule, rules: readonly Rule[]): readonly Issue[] {
  if (rule.loosens === null) return []
  const other = rules.find(({ id, own }) => id === rule.loosens && !own)
  const wrong = ((): string | null => {
    if (other === undefined) return 'is no default rule'
    if (other.set !== 'hold') return 'is no hold: only a hold can be loosened'
    return other.fixed ? 'is fixed: what is not understood is never passed' : null
  })()
  if (wrong !== null)
    return [issue('error', rule, `it loosens \`${rule.loosens}\`, which ${wrong}`)]
  const unasked = `a destroy in a protected environment runs without a person where this matches`
  const isDestroy = other?.text.includes('action == Action::"destroy"') ?? false
  return [
    ...(isDestroy ? [issue('warning', rule, unasked)] : []),
    issue('note', rule, rule.message),
  ]
}

function reachable(rule: Rule, approvers: number | null): readonly Issue[] {
  if (approvers === null || rule.set !== 'hold' || rule.approvals <= approvers) return []
  const asks = `it asks for ${rule.approvals} people, and ${approvers} can sign`
  return [issue('warning', rule, asks)]
}

function issue(level: Issue['level'], { id, file, line }: Rule, message: string): Issue {
  return { level, file, line, message: `\`${id}\`: ${message}` }
}
