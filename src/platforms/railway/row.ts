/** A row of the table: what one mutation does, why, and what hangs on its arguments. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { DestroyKind, Effect } from '../../core/effect.ts'

/** One thing that an operation does. */
export interface Reason {
  readonly effect: Effect
  /** Only for a destroy. */
  readonly kinds?: readonly DestroyKind[]
  /** The finding's rule id. */
  readonly rule: string
  /** The finding's sentence: the operation is its subject. */
  readonly why: string
  /** What to do instead. */
  readonly instead?: readonly string[]
  /** Things that it names in a place of its own: type and id. */
  readonly names?: readonly Named[]
}

export type Named = readonly [type: string, id: string]

export interface Row {
  readonly effect: Effect
  readonly kinds?: readonly DestroyKind[]
  /** The reason, as the end of a sentence that begins with the operation's name. */
  readonly why: string
  readonly instead?: readonly string[]
  /** What the argument `id` names; absent where there is none or it names nothing that can be lost. */
  readonly id?: string
  /** Further things that it does beside the row's own effect. */
  readonly also?: readonly Reason[]
  /** What hangs on the arguments; called only when their shape is right. */
  readonly more?: (args: JsonObject) => readonly Reason[]
}

export interface Rows {
  readonly [mutation: string]: Row
}

/** A member of an object; undefined where it was left out, which is another thing than null. No prototype is searched. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** True where a member was given and is not null. */
export function given(value: Json | undefined, name: string): boolean {
  const found = member(value, name)
  return found !== undefined && found !== null
}

/** True where a member was left out or is null. */
export function lacks(value: Json | undefined, name: string): boolean {
  return !given(value, name)
}

/** A list; a single value stands for a list of one, as GraphQL has it; nothing for none. */
export function items(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return []
  return isList(value) ? value : [value]
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** The reasons whose condition holds. */
export function when(...pairs: readonly (readonly [boolean, Reason])[]): readonly Reason[] {
  return pairs.filter(([holds]) => holds).map(([, reason]) => reason)
}

/** A text as it is; anything else as the empty text. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** True for a text with nothing in it. */
export function isEmptyText(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() === ''
}
