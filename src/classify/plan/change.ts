/** One change of a plan, in whatever form it came, and what it does. */
import { isObject, textOf } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import { kindOf } from './kinds.ts'

export interface Change {
  readonly address: string
  readonly type: string
  /** `create`, `update`, `delete`… in their order; what is not known is unread. */
  readonly acts: readonly string[]
  /** Settings that protect before it and not after it. */
  readonly dropped: readonly string[]
}

/** What a file of a plan says; why nobody can tell. */
export type PlanRead = { readonly changes: readonly Change[] } | { readonly why: string }

const known = new Set(['no-op', 'create', 'read', 'update', 'delete', 'forget'])

/** Nothing where it takes nothing away. */
export function operationsOf({ address, type, acts, dropped }: Change): readonly Operation[] {
  const isReplaced = acts.includes('create') && acts.includes('delete')
  const name = `${isReplaced ? 'replace' : (acts[0] ?? '')} ${address}`
  const [odd] = acts.filter((act) => !known.has(act))
  if (odd !== undefined) return [unread(`it would \`${odd}\` \`${address}\`, which is not known`)]
  if (acts.includes('delete')) {
    const how = acts.includes('create') ? 'is taken away and made anew' : 'is taken away'
    return [destroys(name, kindOf(type), `\`${address}\` (${type}) ${how}`)]
  }
  if (acts.includes('forget'))
    return [destroys(name, 'guard', `\`${address}\` is left alone, and nobody knows it any more`)]
  return dropped.length === 0 || !acts.includes('update')
    ? []
    : [destroys(name, 'guard', `\`${address}\` loses its protection: ${dropped.join(', ')}`)]
}

/** What a whole plan does, an operation for each thing; one ordinary operation where it takes nothing away. */
export function planned(read: PlanRead): readonly Operation[] {
  if ('why' in read) return [unread(`the plan cannot be read: ${read.why}`)]
  const found = read.changes.flatMap(operationsOf)
  return found.length > 0 ? found : [made('plan', { effect: 'write', kinds: [], findings: [] })]
}

/** More of them are counted, not named. */
const mostNamed = 20

/** A whole plan as one operation: what it takes away goes by one command. Nothing where it takes nothing away. */
export function applied(name: string, read: PlanRead): Operation | null {
  if ('why' in read) return { ...unread(`what the plan does is not known: ${read.why}`), name }
  const grave = read.changes.flatMap((change) =>
    operationsOf(change).map((operation) => ({ change, operation })),
  )
  if (grave.length === 0) return null
  const findings = grave.flatMap(({ operation }) => operation.findings)
  const more = findings.length - mostNamed
  const rest = { rule: 'plan-destroys', message: `and ${more} more` }
  const isRead = grave.every(({ operation }) => operation.effect === 'destroy')
  const kinds = [...new Set(grave.flatMap(({ operation }) => operation.kinds))]
  return {
    ...made(name, {
      effect: isRead ? 'destroy' : 'unread',
      kinds: isRead ? kinds : [],
      findings: more > 0 ? [...findings.slice(0, mostNamed), rest] : findings,
    }),
    names: grave.map(({ change: { type, address } }) => ({
      target: 'shell',
      type: /^[\w-]+$/.test(type) ? type : 'resource',
      id: address,
    })),
  }
}

/** As it was written to be sent; null for what is none. */
export function planReadIn(value: Json | undefined): PlanRead | null {
  if (!isObject(value)) return null
  const { why, changes } = value
  if (typeof why === 'string') return { why }
  if (!Array.isArray(changes)) return null
  return {
    changes: changes.map((each) => {
      const { address, type, acts, dropped } = isObject(each) ? each : {}
      const told = textsIn(acts)
      return {
        address: textOf(address),
        type: textOf(type),
        acts: told.length === 0 ? ['unknown'] : told,
        dropped: textsIn(dropped),
      }
    }),
  }
}

function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map((one) => textOf(one)) : []
}

function destroys(name: string, kind: ReturnType<typeof kindOf>, message: string): Operation {
  return made(name, {
    effect: 'destroy',
    kinds: [kind],
    findings: [{ rule: 'plan-destroys', message }],
  })
}

export function unread(message: string): Operation {
  return made('plan', { effect: 'unread', kinds: [], findings: [{ rule: 'plan-unread', message }] })
}

export function made(
  name: string,
  told: Pick<Operation, 'effect' | 'kinds' | 'findings'>,
): Operation {
  return {
    name,
    ...told,
    parameters: {},
    shown: {},
    selects: null,
    names: [],
    environments: [],
    alternatives: [],
  }
}
