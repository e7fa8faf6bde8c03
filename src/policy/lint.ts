/** The second look at a user's policies: names that nothing has, and rules that another one stands before. Only warnings. */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { Issue } from './review.ts'
import type { Rule } from './rule.ts'

/** What the config's targets have; an empty list is not compared with. */
export interface Known {
  readonly operations: readonly string[]
  readonly environments: readonly string[]
}

/** A rule with what Cedar read. */
export interface ReadRule {
  readonly rule: Rule
  readonly json: PolicyJson
}

/** Every warning about the user's own rules. */
export function secondLook(all: readonly ReadRule[], known: Known | null): readonly Issue[] {
  return all.flatMap((each, index) =>
    each.rule.own
      ? [...shadowed(each, all, index), ...(known === null ? [] : nowhere(each, known))]
      : [],
  )
}

/** A rule that says word for word when another one does, and no more: it never decides anything. */
function shadowed(
  { rule, json }: ReadRule,
  all: readonly ReadRule[],
  index: number,
): readonly Issue[] {
  const mine = bodyOf(json)
  const before = all.find(
    (other, at) =>
      other.rule !== rule && bodyOf(other.json) === mine && hides(other.rule, rule, at < index),
  )
  if (before === undefined) return []
  const verb = before.rule.set === 'guard' ? 'denies' : 'holds'
  return [warning(rule, `it never decides: \`${before.rule.id}\` ${verb} just that`)]
}

function hides(other: Rule, rule: Rule, isEarlier: boolean): boolean {
  if (other.effect !== 'forbid') return false
  if (other.set === 'guard') return rule.set !== 'guard' || isEarlier
  if (rule.set === 'loosen') return other.own
  const asksMore =
    rule.approvals > other.approvals ||
    rule.graceMs > other.graceMs ||
    rule.recovery !== other.recovery ||
    (rule.asksPasskey && !other.asksPasskey)
  return rule.set === 'hold' && isEarlier && !asksMore
}

function bodyOf({ principal, action, resource, conditions }: PolicyJson): string {
  return JSON.stringify([principal, action, resource, conditions])
}

/** Names that are compared with a fact and that no target of the config has. */
function nowhere({ rule, json }: ReadRule, known: Known): readonly Issue[] {
  const asked = named(json.conditions)
  const { operations, environments } = known
  const noOperation = asked.operations.filter((name) => !isKnown(name, operations))
  const noEnvironment = asked.environments.filter((name) => !isKnown(name, environments))
  return [
    ...noOperation.map((name) => warning(rule, `no target has an operation \`${name}\``)),
    ...noEnvironment.map((name) => warning(rule, `no target declares an environment \`${name}\``)),
  ]
}

/** A name, or a pattern with `*`. What is no GraphQL field (`GET /x`) stands in no table. */
function isKnown(name: string, all: readonly string[]): boolean {
  if (all.length === 0 || /^[A-Z]+ \//.test(name)) return true
  const parts = name
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  const pattern = new RegExp(`^${parts.join('.*')}$`)
  return all.some((each) => pattern.test(each))
}

/** The texts that any comparison in these conditions puts beside the two facts. A policy may be deep: no recursion. */
function named(conditions: unknown): Known {
  const operations = new Set<string>()
  const environments = new Set<string>()
  const waiting = [conditions]
  // What is pushed while it is walked through is walked through too.
  for (const node of waiting)
    for (const [key, inner] of entriesOf(node)) {
      waiting.push(inner)
      if (!comparisons.has(key)) continue
      const sides = ['left', 'right', 'pattern'].map((side) => memberOf(inner, side))
      const facts = sides.map((side) => memberOf(memberOf(side, '.'), 'attr'))
      const texts = sides.flatMap(textsOf)
      if (facts.includes('operation')) texts.forEach((text) => operations.add(text))
      if (facts.includes('environments')) texts.forEach((text) => environments.add(text))
    }
  return { operations: [...operations], environments: [...environments] }
}

const comparisons: ReadonlySet<string> = new Set([
  '==',
  '!=',
  'like',
  'contains',
  'containsAll',
  'containsAny',
])

/** A text, each text of a set, or a pattern as it is written. */
function textsOf(side: unknown): readonly string[] {
  if (Array.isArray(side)) return [side.map(pieceOf).join('')]
  const value = memberOf(side, 'Value')
  if (typeof value === 'string') return [value]
  const texts = entriesOf(memberOf(side, 'Set')).map(([, each]) => memberOf(each, 'Value'))
  return texts.filter((text) => typeof text === 'string')
}

function pieceOf(piece: unknown): string {
  const literal = memberOf(piece, 'Literal')
  return typeof literal === 'string' ? literal : '*'
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries<unknown>({ ...value }) : []
}

function memberOf(value: unknown, name: string): unknown {
  return entriesOf(value).find(([key]) => key === name)?.[1]
}

function warning({ id, file, line }: Rule, message: string): Issue {
  return { level: 'warning', file, line, message: `\`${id}\`: ${message}` }
}
