/** Argument values of a document: read once into a plan, filled with the variables of each call. */
import { Kind } from 'graphql'
import type { ArgumentNode, ValueNode } from 'graphql'
import { FirebreakError } from '../base/error.ts'
import { isObject, setMember } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { survives } from './json-scan.ts'

/** Deeper values than this are not read. */
const maxDepth = 64

export type PlanValue =
  | { readonly kind: 'const'; readonly value: Json }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly PlanValue[] }
  | { readonly kind: 'object'; readonly members: PlanArguments }

export type PlanArguments = readonly (readonly [name: string, value: PlanValue])[]

/** The arguments in order of their names; throws `bad_input` for a name that stands twice. */
export function planArguments(nodes: readonly ArgumentNode[] | undefined): PlanArguments {
  return planMembers((nodes ?? []).map((node) => [node.name.value, node.value]))
}

function planMembers(nodes: readonly (readonly [string, ValueNode])[]): PlanArguments {
  const members = new Map<string, PlanValue>()
  for (const [name, value] of nodes) {
    if (members.has(name)) throw new FirebreakError('bad_input', `\`${name}\` stands twice`)
    members.set(name, planValue(value))
  }
  return [...members].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** One value; whatever holds no variable becomes plain JSON at once. Throws `bad_input` for a number that does not survive. */
export function planValue(node: ValueNode): PlanValue {
  switch (node.kind) {
    case Kind.VARIABLE:
      return { kind: 'variable', name: node.name.value }
    case Kind.NULL:
      return { kind: 'const', value: null }
    case Kind.INT:
    case Kind.FLOAT:
      if (!survives(node.value))
        throw new FirebreakError('bad_input', 'a number is too large to be read exactly')
      return { kind: 'const', value: Number(node.value) }
    case Kind.LIST: {
      const items = node.values.map(planValue)
      return folded({ kind: 'list', items }, items)
    }
    case Kind.OBJECT: {
      const members = planMembers(node.fields.map((field) => [field.name.value, field.value]))
      return folded(
        { kind: 'object', members },
        members.map(([, value]) => value),
      )
    }
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return { kind: 'const', value: node.value }
  }
}

function folded(plan: PlanValue, parts: readonly PlanValue[]): PlanValue {
  if (!parts.every((part) => part.kind === 'const')) return plan
  return { kind: 'const', value: fill(plan, new Map()) ?? null }
}

/** The values of an operation's declared variables in one call; undefined for one that was left out. */
export type Variables = ReadonlyMap<string, Json | undefined>

/** Arguments with their variables filled in; one whose variable was left out is left out (GraphQL §6.4.1). */
export function fillArguments(plans: PlanArguments, variables: Variables): JsonObject {
  const filled: { [name: string]: Json } = {}
  for (const [name, plan] of plans) {
    const value = fill(plan, variables)
    if (value !== undefined) setMember(filled, name, value)
  }
  return filled
}

function fill(plan: PlanValue, variables: Variables): Json | undefined {
  switch (plan.kind) {
    case 'const':
      return plan.value
    case 'variable':
      if (!variables.has(plan.name))
        throw new FirebreakError('bad_input', 'a variable is used that is not declared')
      return variables.get(plan.name)
    case 'list':
      return plan.items.map((item) => fill(item, variables) ?? null)
    case 'object':
      return fillArguments(plan.members, variables)
  }
}

/** True for JSON that can be written down again: no lone surrogate, no odd number, no great depth. */
export function isSound(value: Json, depth = 0): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= maxDepth) return false
  if (!isObject(value)) return value.every((item) => isSound(item, depth + 1))
  for (const key of Object.keys(value))
    if (!key.isWellFormed() || !isSound(value[key] ?? null, depth + 1)) return false
  return true
}
