/**
 * Reads what a plan would take away: `terraform show -json PLAN` (format 1.x, https://developer.hashicorp.com/terraform/internals/json-format) and
 * `pulumi preview --json` or `--save-plan`. A plan is data: nothing is run, and nothing is asked.
 */
import { digest, isObject, parseJson, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import { planned, unread } from './change.ts'
import type { Change } from './change.ts'
import { droppedGuards } from './kinds.ts'
import { pulumiChanges } from './pulumi.ts'

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
  const { resource_changes: changes, format_version: format, errored } = plan
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
  return pulumiChanges(plan)
}

function each(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.map((one) => (isObject(one) ? one : {})) : []
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function parsed(text: string): Json {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
