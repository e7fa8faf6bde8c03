/** The ways in which a patch takes something away: null for a member, `isDeleted`, or a member that nobody knows. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { DestroyKind } from '../../core/effect.ts'
import { member } from './row.ts'
import type { Named, Reason } from './row.ts'
import { printable } from './shape.ts'

/** Members of a map by id; null for the map itself takes all of it away. */
export function each(
  value: Json,
  path: string,
  gone: Reason,
  read: (id: string, inner: Json) => readonly Reason[],
): readonly Reason[] {
  if (value === null) return [gone]
  if (!isObject(value)) return [unknownPart(path)]
  return Object.entries(value).flatMap(([id, inner]) => read(id, inner))
}

export function lost(kinds: readonly DestroyKind[], why: string, ...names: Named[]): Reason {
  return { effect: 'destroy', kinds, rule: 'patch-removes', why, names }
}

export function unknownPart(path: string): Reason {
  return {
    effect: 'unread',
    rule: 'patch-not-read',
    why: `changes \`${printable(path)}\` in a way that is not known here`,
    instead: ['make the change with the mutation that is meant for it'],
  }
}

/** `isDeleted: true` deletes; false and null do not; anything else is not known. */
export function deletion(value: JsonObject, path: string, gone: Reason): readonly Reason[] {
  const mark = member(value, 'isDeleted')
  if (mark === true) return [gone]
  return mark === undefined || mark === null || mark === false
    ? []
    : [unknownPart(`${path}.isDeleted`)]
}

export function unknownMembers(
  value: JsonObject,
  known: ReadonlySet<string>,
  path: string,
): readonly Reason[] {
  return Object.keys(value)
    .filter((key) => !known.has(key))
    .map((key) => unknownPart(`${path}.${key}`))
}

/** A variable set to null, or to a value of null, is deleted. */
export function variablesPatch(value: Json, what: string): readonly Reason[] {
  return each(value, 'variables', lost(['key'], `deletes every ${what}`), (name, inner) => {
    const removed = inner === null || member(inner, 'value') === null
    if (removed) return [lost(['key'], `deletes the ${what} \`${printable(name)}\``)]
    const value = isObject(inner) ? member(inner, 'value') : inner
    return typeof value === 'string' ? [] : [unknownPart(`variables.${name}`)]
  })
}
