/**
 * What Pulumi says that it would do: `pulumi preview --json`, and the file of `pulumi preview --save-plan`, which `pulumi up --plan` is held to
 * (pulumi/pulumi sdk/go/common/apitype, `DeploymentPlanV1` and `VersionedDeploymentPlan`; the acts are its `OpType`).
 */
import { isObject, objectOf, parseJson, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Change, PlanRead } from './change.ts'
import { droppedGuards } from './kinds.ts'

/** Null for what is neither. */
export function pulumiChanges(plan: JsonObject): readonly Change[] | null {
  if (Array.isArray(plan['steps'])) return plan['steps'].map((one) => stepOf(objectOf(one)))
  const { version, plan: inner } = plan
  if (version !== undefined && version !== 1) return null
  const told = isObject(inner) ? inner : plan
  const { resourcePlans, manifest } = told
  if (isOdd(plan) || isOdd(told)) return null
  // A stack without a resource has no such member.
  if (!isObject(manifest) || !isObject(resourcePlans ?? {})) return null
  return Object.entries(objectOf(resourcePlans)).flatMap(([urn, told]) =>
    savedOf(urn, objectOf(told)),
  )
}

/** The file of `--save-plan`. Never throws: why it cannot be read is said. */
export function readSavedPlan(bytes: Uint8Array): PlanRead {
  try {
    const plan = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const changes = isObject(plan) && !Array.isArray(plan['steps']) ? pulumiChanges(plan) : null
    return changes === null ? { why: 'it is no plan of `pulumi preview --save-plan`' } : { changes }
  } catch {
    return { why: 'it is no plan of `pulumi preview --save-plan`' }
  }
}

/** A replaced thing has more acts than one: it is told once, as replaced. */
function savedOf(urn: string, saved: JsonObject): readonly Change[] {
  const { goal, steps } = saved
  const diff = objectOf(objectOf(goal)['inputDiff'])
  const isRead = Array.isArray(steps) && ![saved, objectOf(goal), diff].some(isOdd)
  const listed = isRead ? steps.map((step) => actsOf(textOf(step))) : [['unknown']]
  const acts = [...new Set(listed.flat())].filter((act) => act !== 'no-op')
  const { adds, deletes, updates } = diff
  const after = { ...objectOf(adds), ...objectOf(updates) }
  const gone = Array.isArray(deletes) ? deletes.map((name) => textOf(name)) : []
  // What it was before does not stand there: whatever it was, it is changed.
  const before = Object.fromEntries(Object.keys(after).map((name) => [name, null]))
  const dropped = droppedGuards(
    { ...before, ...Object.fromEntries(gone.map((name) => [name, true])) },
    { ...after, ...Object.fromEntries(gone.map((name) => [name, null])) },
  )
  return [{ ...named(urn, null), acts, dropped }]
}

/** Go takes a member by its name in any letters, and the last of two: one that is written otherwise would be read there and not here. */
function isOdd(object: JsonObject): boolean {
  return Object.keys(object).some((name) => {
    const known = members.get(name.toLowerCase())
    return known !== undefined && known !== name
  })
}
const members = new Map(
  'version plan manifest resourcePlans goal steps inputDiff adds deletes updates'
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
)

function stepOf({ op, urn, oldState, newState }: JsonObject): Change {
  const inputs = objectOf(within(oldState, 'inputs'))
  const isFreed = within(oldState, 'protect') === true && within(newState, 'protect') !== true
  const none = Object.fromEntries(Object.keys(inputs).map((name) => [name, null]))
  const after = within(newState, 'inputs')
  return {
    ...named(textOf(urn ?? null), within(oldState, 'type')),
    acts: actsOf(textOf(op ?? null)),
    dropped: [
      ...droppedGuards(inputs, isObject(after) ? { ...none, ...after } : after),
      ...(isFreed && isObject(newState) ? ['protect'] : []),
    ],
  }
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME`; the type of a child has its parents' before it. */
function named(urn: string, type: Json): Pick<Change, 'address' | 'type'> {
  const parts = urn.split('::')
  return {
    address: parts.at(-1) ?? '',
    type: textOf(type ?? parts.at(-2)?.split('$').at(-1) ?? null),
  }
}

const known: Readonly<Record<string, readonly string[]>> = {
  delete: ['delete'],
  'delete-replaced': ['delete'],
  replace: ['delete', 'create'],
  create: ['create'],
  'create-replacement': ['create'],
  update: ['update'],
  discard: ['forget'],
  'discard-replaced': ['forget'],
  'remove-pending-replace': ['no-op'],
}
const silent = new Set([
  'same',
  'read',
  'read-replacement',
  'refresh',
  'import',
  'import-replacement',
])

function actsOf(op: string): readonly string[] {
  return known[op] ?? [silent.has(op) ? 'no-op' : 'unknown']
}

function within(state: Json | undefined, name: string): Json {
  return objectOf(state)[name] ?? null
}
