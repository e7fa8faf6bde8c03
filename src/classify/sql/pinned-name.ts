/** A column that is set equal to a constant is that constant: `set_config(name, …) FROM pg_settings WHERE name = '…'`, as pg_dump asks. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Scope } from './scope.ts'
import { children, constant, each, names, nothing, under, word } from './tree.ts'

/** Notes the arguments of `set_config` that the query's own condition pins: of one table, by an AND at the top of its WHERE. */
export function notePinned(select: JsonObject, scope: Scope): void {
  const [only, more] = children(select, 'fromClause')
  if (under(only, 'RangeVar') === null || more !== undefined || !('whereClause' in select)) return
  each(select['targetList'], (node) => {
    // Another query has columns of its own.
    if (under(node, 'SubLink') !== null) return 'stop'
    const call = under(node, 'FuncCall')
    if (names(children(call ?? nothing, 'funcname')).at(-1) !== 'set_config') return undefined
    const [first] = children(call ?? nothing, 'args')
    const column = columnIn(first)
    const value = column === null ? null : valueOf(column, select['whereClause'])
    if (value !== null && first !== undefined) scope.pinned.set(first, value)
    return undefined
  })
}

function columnIn(value: Json | undefined): string | null {
  const parts = names(children(under(value, 'ColumnRef') ?? nothing, 'fields'))
  return parts.length === 1 && parts[0] !== '' ? (parts[0] ?? null) : null
}

function valueOf(column: string, condition: Json | undefined): string | null {
  const both = under(condition, 'BoolExpr')
  if (both !== null && word(both, 'boolop') === 'AND_EXPR')
    return children(both, 'args').reduce<string | null>(
      (found, part) => found ?? valueOf(column, part),
      null,
    )
  const compared = under(condition, 'A_Expr')
  const isEqual =
    compared !== null &&
    word(compared, 'kind') === 'AEXPR_OP' &&
    names(children(compared, 'name')).join('.') === '='
  if (!isEqual || columnIn(compared['lexpr']) !== column) return null
  return under(compared['rexpr'], 'A_Const') === null ? null : (constant(compared['rexpr']) ?? null)
}
