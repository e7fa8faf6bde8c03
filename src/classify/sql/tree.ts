/** Looking into the tree that PostgreSQL's grammar gives: JSON, where `{ "Name": { … } }` is a node. */
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

export const nothing: JsonObject = {}

/** A member as an object; an empty one where it is something else. */
export function child(node: JsonObject, name: string): JsonObject {
  const found = node[name]
  return isObject(found) ? found : nothing
}

/** A member as a list; an empty one where it is something else. */
export function children(node: JsonObject, name: string): readonly Json[] {
  const found = node[name]
  return isList(found) ? found : []
}

/** A member as text; an empty one where it is something else. */
export function word(node: JsonObject, name: string): string {
  return textOf(node[name])
}

/** The name of a node: its only key, with a capital. Null where the value is no node. */
export function nodeName(value: Json | undefined): string | null {
  if (!isObject(value)) return null
  for (const key in value) return key >= 'A' && key < '[' ? key : null
  return null
}

/** What a node of that name holds; null for any other value. */
export function under(value: Json | undefined, name: string): JsonObject | null {
  if (!isObject(value)) return null
  const found = value[name]
  return isObject(found) ? found : null
}

/** The texts of a list of `String` nodes: the parts of a name. */
export function names(list: readonly Json[]): readonly string[] {
  return list.map((each) => word(under(each, 'String') ?? nothing, 'sval'))
}

/** The parts of an object's name in a DROP or COMMENT: a string, a list, a type, or a function with its arguments. */
export function objectName(value: Json): readonly string[] {
  const list = under(value, 'List')
  if (list !== null) return names(children(list, 'items'))
  const plain = under(value, 'String')
  if (plain !== null) return [word(plain, 'sval')]
  const type = under(value, 'TypeName')
  if (type !== null) return names(children(type, 'names'))
  const called = under(value, 'ObjectWithArgs')
  return called === null ? [] : names(children(called, 'objname'))
}

/** A constant as the text that the server would read; null for NULL, undefined for what is no constant. */
export function constant(value: Json | undefined): string | null | undefined {
  const node = under(value, 'A_Const')
  if (node === null) {
    const cast = under(value, 'TypeCast')
    return cast === null ? undefined : constant(cast['arg'])
  }
  if (node['isnull'] === true) return null
  if ('ival' in node) return numeral(child(node, 'ival')['ival'])
  if ('fval' in node) return word(child(node, 'fval'), 'fval')
  if ('boolval' in node) return child(node, 'boolval')['boolval'] === true ? 'true' : 'false'
  if ('sval' in node) return word(child(node, 'sval'), 'sval')
  return 'bsval' in node ? word(child(node, 'bsval'), 'bsval') : undefined
}

/** The grammar leaves a zero out. */
function numeral(value: Json | undefined): string {
  return typeof value === 'number' ? value.toString() : '0'
}

/** The value of an option by its name, of a list of `DefElem`; undefined where it is not given. The last one counts. */
export function option(list: readonly Json[], name: string): JsonObject | undefined {
  return list
    .map((each) => under(each, 'DefElem') ?? nothing)
    .findLast((each) => word(each, 'defname') === name)
}

/**
 * Shows every object under a value, without recursion; below one for which `visit` says `stop`, and below a constant, nothing is
 * shown. A text may hold a hundred thousand of those, and is gone through several times.
 */
export function each(
  root: Json | undefined,
  visit: (node: JsonObject) => 'stop' | undefined | void,
): void {
  const open: (JsonObject | readonly Json[])[] = []
  const add = (value: Json | undefined): void => {
    if (typeof value === 'object' && value !== null) open.push(value)
  }
  add(root)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) for (const item of next) add(item)
    else if (visit(next) !== 'stop' && !('A_Const' in next)) for (const key in next) add(next[key])
  }
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
