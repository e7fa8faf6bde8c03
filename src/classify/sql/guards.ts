/** Judges what disarms a guard without dropping it: its function replaced, a policy beside it that lets more through. */
import type { JsonObject } from '../../base/json.ts'
import type { SqlFunction } from '../../platforms/postgres/catalog.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, names, nothing, option, under, word } from './tree.ts'
import { walk } from './walk.ts'

export const disarmed = {
  effect: 'destroy',
  kinds: ['guard'],
  rule: 'sql-guard',
  why: 'replaces a function that guards rows: a trigger that may refuse, a check, or a policy calls it',
} as const

/** True for a `CREATE OR REPLACE` with another body of what may refuse a change, or of what checks and policies call. */
export function disarms(node: JsonObject, scope: Scope): boolean {
  const { catalog } = scope
  if (catalog === null || node['replace'] !== true) return false
  const parts = names(children(node, 'funcname'))
  const found = scope.functions(parts.at(-2) ?? null, parts.at(-1) ?? '')
  const body = bodyOf(node)
  const others = found.filter(({ definition }) => body === '' || !isSame(definition, body))
  if (others.length === 0) return false
  const relations = [...catalog.relations.values()]
  return others.some(
    (one) =>
      relations.some(({ calls }) => calls.some(({ runs }) => runs === one.oid)) ||
      (mayRefuse(one) &&
        relations.some(({ triggers }) => triggers.some(({ runs }) => runs === one.oid))),
  )
}

function isSame(definition: string | null, body: string): boolean {
  return definition?.includes(body) === true
}

function bodyOf(node: JsonObject): string {
  const as = child(option(children(node, 'options'), 'as') ?? nothing, 'arg')
  const parts = children(under(as, 'List') ?? nothing, 'items')
  return parts.map((part) => word(under(part, 'String') ?? nothing, 'sval')).join('')
}

/** It raises an error, or leaves a row as it was. */
function mayRefuse({ definition }: SqlFunction): boolean {
  return (
    definition === null ||
    /\b(?:raise\b(?!\s+(?:notice|debug|log|info|warning)\b)|assert\b|return\s+null\b)/i.test(
      definition,
    )
  )
}

/** Where policies say which rows are seen, a permissive one more lets more be seen; a restrictive one never does. */
export function judgeNewPolicy(node: JsonObject, scope: Scope): Heading {
  const table = child(node, 'table')
  const isSecured = scope.namesakes(table).some(({ rowSecurity }) => rowSecurity)
  scope.add(
    isSecured && node['permissive'] === true
      ? { effect: 'expose', rule: 'sql-reach', why: 'lets more rows be seen or changed' }
      : { effect: 'write', rule: 'sql-write', why: 'adds a policy for rows' },
  )
  scope.touch(table)
  if (scope.catalog !== null) walk(Object.values(node), scope)
  return { words: 'CREATE POLICY' }
}
