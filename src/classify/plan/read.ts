/**
 * Reads what a plan would take away: `terraform show -json PLAN` (format 1.x, https://developer.hashicorp.com/terraform/internals/json-format) and
 * `pulumi preview --json`. A plan is data: nothing is run, and nothing is asked.
 */
import { digest, isObject, parseJson, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import { planned, unread } from './change.ts'
import type { Change } from './change.ts'
import { droppedGuards } from './kinds.ts'

export interface Plan {
  /** SHA-256 of the canonical plan: another plan is another. */
  readonly digest: string
  readonly operations: readonly Operation[]
}

/** Never throws: what is no plan, or one of another form, is `unread`. A plan that takes nothing away is one ordinary operation. */
export function readPlan(text: string): Plan {
  const plan = parsed(text)
  const found = isObject(plan) ? changesIn(plan) : null
  if (found === null)
    return {
      digest: digest(text),
      operations: [
        unread('it is no plan as `terraform show -json` or `pulumi preview --json` gives it'),
      ],
    }
  return { digest: digest(plan), operations: planned({ changes: found }) }
}

function changesIn(plan: JsonObject): readonly Change[] | null {
  const { resource_changes: changes, steps, format_version: format, errored } = plan
  if (typeof format === 'string' && format.startsWith('1.')) {
    // Without changes there is no such member; a plan that failed is none.
    if (errored === true || !isList(changes ?? [])) return null
    return each(changes).map(({ address, type, change }) => {
      const { actions, before = null, after = null } = isObject(change) ? change : {}
      const acts = Array.isArray(actions) ? actions.map((one) => textOf(one)) : ['unknown']
      const dropped = droppedGuards(before, after)
      return { address: textOf(address ?? null), type: textOf(type ?? null), acts, dropped }
    })
  }
  return Array.isArray(steps) ? each(steps).map(stepOf) : null
}

function each(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.map((one) => (isObject(one) ? one : {})) : []
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

const acts: Readonly<Record<string, readonly string[]>> = {
  delete: ['delete'],
  'delete-replaced': ['delete'],
  replace: ['delete', 'create'],
  discard: ['forget'],
}
const silent = new Set([
  'same',
  'create',
  'create-replacement',
  'read',
  'refresh',
  'import',
  'update',
])

function stepOf({ op, urn, oldState, newState }: JsonObject): Change {
  const parts = textOf(urn ?? null).split('::')
  const type = within(oldState, 'type') ?? parts.at(-2) ?? null
  return {
    address: parts.at(-1) ?? '',
    type: textOf(type),
    acts: actsOf(textOf(op ?? null)),
    dropped: droppedGuards(within(oldState, 'inputs'), within(newState, 'inputs')),
  }
}

function actsOf(op: string): readonly string[] {
  return acts[op] ?? (silent.has(op) ? [op === 'update' ? 'update' : 'no-op'] : ['unknown'])
}

function within(state: Json | undefined, name: string): Json {
  return isObject(state) ? (state[name] ?? null) : null
}

function parsed(text: string): Json {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
