/** What one root field does, by its row, its arguments and what it asks back. */
import { distinct } from '../../base/distinct.ts'
import type { Json } from '../../base/json.ts'
import { effects, worstEffect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { resourceKey } from '../../core/resource.ts'
import type { ResourceRef } from '../../core/resource.ts'
import type { RootField, Selection } from '../platform.ts'
import { accountRows } from './account-rows.ts'
import { environmentRows } from './environment-rows.ts'
import { shownOf } from './mask.ts'
import { mutationShapes } from './mutation-shapes.ts'
import { namedBy } from './named.ts'
import { networkRows } from './network-rows.ts'
import { exposedQueries } from './query-rows.ts'
import { queryShapes } from './query-shapes.ts'
import type { Named, Reason, Row, Rows } from './row.ts'
import { secretsIn } from './secrets.ts'
import { serviceRows } from './service-rows.ts'
import { misshapen, printable } from './shape.ts'
import { subscriptionShapes } from './subscription-shapes.ts'
import { volumeRows } from './volume-rows.ts'
import { workspaceRows } from './workspace-rows.ts'

/** The tables, by family; the test holds them to the schema: none missing, none twice. */
export const families: readonly Rows[] = [
  volumeRows,
  serviceRows,
  environmentRows,
  networkRows,
  accountRows,
  workspaceRows,
]

const shapes = {
  mutation: mutationShapes,
  query: queryShapes,
  subscription: subscriptionShapes,
} as const

const reading: Row = { effect: 'read', why: 'reads' }

/** Every root field of the schema. */
export function knownFields(): readonly string[] {
  return Object.values(shapes).flatMap((fields) => Object.keys(fields))
}

/** The row of a root field; null where the table has none. No prototype is searched. */
export function rowOf(field: Pick<RootField, 'operation' | 'name'>): Row | null {
  const { operation, name } = field
  if (operation === 'mutation') {
    const family = families.find((rows) => Object.hasOwn(rows, name))
    return family?.[name] ?? null
  }
  if (!Object.hasOwn(shapes[operation], name)) return null
  return operation === 'query' && Object.hasOwn(exposedQueries, name)
    ? (exposedQueries[name] ?? null)
    : reading
}

/**
 * The operation that a root field is. Pure and total. INVARIANT (unknown is unread): a field, an
 * argument or a shape that the schema does not have is `unread`, with the kinds of loss its row knows.
 */
export function judgeField(target: string, field: RootField): Operation {
  const row = rowOf(field)
  if (row === null) return build(target, field, null, [unknownField(field)])
  const problem = misshapen(field.arguments, shapes[field.operation], field.name)
  const own: Reason = { ...row, rule: isQuiet(row) ? '' : kebab(field.name) }
  const hanging = problem === null ? (row.more?.(field.arguments) ?? []) : [notShaped(problem)]
  return build(target, field, row, [own, ...(row.also ?? []), ...hanging])
}

/** An operation judged again with further reasons and facts: what a survey has found. */
export function judgedAgain(operation: Operation, reasons: readonly Reason[]): Operation {
  const { name, findings, kinds, effect, alternatives } = operation
  const graver = [...reasons].toSorted(graverFirst)
  return {
    ...operation,
    effect: worstEffect([effect, ...graver.map((reason) => reason.effect)]),
    kinds: distinct([...kinds, ...graver.flatMap((reason) => reason.kinds ?? [])]),
    findings: [...graver.flatMap((reason) => finding(name, reason)), ...findings],
    alternatives: distinct([...alternatives, ...graver.flatMap((reason) => reason.instead ?? [])]),
  }
}

function build(
  target: string,
  field: RootField,
  row: Row | null,
  reasons: readonly Reason[],
): Operation {
  const secrets = secretsIn(field)
  const tooMany = reasons.length > mostReasons
  const effect = worstEffect([
    ...(tooMany ? (['unread'] as const) : []),
    ...reasons.map((reason) => reason.effect),
    ...(secrets.length > 0 ? (['expose'] as const) : []),
  ])
  const graver = reasons.length < 2 ? reasons : reasons.toSorted(graverFirst)
  const told = tooMany ? graver.slice(0, mostReasons) : graver
  const names = refsOf(target, namedBy(field.arguments, row?.id ?? null), reasons)
  return {
    name: field.name,
    effect,
    kinds: distinct(gathered(graver, ({ kinds }) => kinds)),
    parameters: field.arguments,
    shown: shownOf(field.arguments),
    selects: effect === 'read' ? null : asked(field.selects),
    names,
    environments: names.filter(({ type }) => type === 'environment').map(({ id }) => id),
    findings: [
      ...(tooMany ? finding(field.name, tooMuch) : []),
      ...gathered(told, (reason) => finding(field.name, reason)),
      ...secrets,
    ],
    alternatives: distinct(gathered(told, ({ instead }) => instead)),
  }
}

/** More reasons than a person reads at a time are not told one by one. */
const mostReasons = 100

const tooMuch: Reason = {
  effect: 'unread',
  rule: 'too-much-at-once',
  why: `does more than ${mostReasons} things that are no ordinary change`,
  instead: ['send the changes in smaller parts'],
}

/** What the arguments name, and what a reason names in a place of its own; each thing once. */
function refsOf(
  target: string,
  named: readonly Named[],
  reasons: readonly Reason[],
): readonly ResourceRef[] {
  const more = gathered(reasons, ({ names }) => names)
  const both = more.length === 0 ? named : [...named, ...more]
  const all = both.map(([type, id]) => ({ target, type, id }))
  if (more.length === 0) return all
  return [...new Map(all.map((ref) => [resourceKey(ref), ref])).values()]
}

/** What comes back, for the digest: by which fragment it was asked makes no difference. */
function asked(selects: Selection): Json {
  return selects.map(({ name, arguments: args, selects: below }) =>
    below.length === 0 && Object.keys(args).length === 0
      ? name
      : { name, arguments: args, selects: asked(below) },
  )
}

/** An ordinary read or write has no finding. */
function finding(name: string, reason: Reason): Operation['findings'] {
  if (isQuiet(reason)) return []
  return [{ rule: reason.rule, message: `\`${printable(name)}\` ${reason.why}` }]
}

function isQuiet({ effect }: Pick<Reason, 'effect'>): boolean {
  return effect === 'read' || effect === 'write'
}

function graverFirst(a: Reason, b: Reason): number {
  return effects.indexOf(b.effect) - effects.indexOf(a.effect)
}

function unknownField(field: RootField): Reason {
  return {
    effect: 'unread',
    rule: 'unknown-field',
    why: `is no ${field.operation} that is known here`,
    instead: ['check the name against the schema of the platform'],
  }
}

function notShaped(problem: string): Reason {
  return {
    effect: 'unread',
    rule: 'unknown-shape',
    why: `does not have the shape of the schema: ${problem}`,
    instead: ['check the arguments against the schema of the platform'],
  }
}

/** What all reasons say of one thing, in their order; an ordinary request has one reason. */
function gathered<T>(
  reasons: readonly Reason[],
  of: (reason: Reason) => readonly T[] | undefined,
): readonly T[] {
  const [first] = reasons
  if (reasons.length === 1 && first !== undefined) return of(first) ?? []
  return reasons.flatMap((reason) => of(reason) ?? [])
}

/** `volumeDelete` as a rule id: `volume-delete`. */
function kebab(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (upper) => `-${upper.toLowerCase()}`)
}
