/** How many rows a change can touch at most, where a unique key says so: then there is nothing to wait for before it is kept. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { Scope } from './scope.ts'
import { typeCalls } from './types.ts'
import { child, children, each, isList, names, nothing, under, word } from './tree.ts'

/** More than this is counted by the server. */
const mostRows = 1000

/**
 * The most rows that an UPDATE or DELETE changes or deletes, triggers and keys that cascade in it; null where that is not known
 * from the text and the catalog. It is known for a plain table without such triggers and keys, whose unique key is set equal
 * to constants or parameters: those hold for the table itself, whatever else the condition says. A session that has made
 * temporary tables or functions may mean those by the same names: there it says nothing.
 */
export function atMost(node: JsonObject, event: 'update' | 'delete', scope: Scope): number | null {
  const range = child(node, 'relation')
  if ('usingClause' in node || 'fromClause' in node || 'withClause' in node) return null
  if (callsOwn(node, scope) || sharesParameter(node)) return null
  const all = scope.namesakes(range)
  if (all.length === 0) return null
  const alias = word(child(range, 'alias'), 'aliasname') || word(range, 'relname')
  const pinned = pinnedIn(node['whereClause'], alias)
  const set = event === 'update' ? settled(node) : []
  const most = all.map((relation) =>
    isAlone(relation, event, set) && !runsMore(relation, event, scope)
      ? rowsOf(relation, pinned)
      : null,
  )
  return most.includes(null) ? null : Math.max(...most.map((rows) => rows ?? 0))
}

/** True where nothing else changes with its rows. */
function isAlone(relation: Relation, event: 'update' | 'delete', set: readonly string[]): boolean {
  const { kind, children: heirs, triggers, rules, pointedAtBy, uniqueKeys } = relation
  if (kind !== 'table' || heirs.length > 0 || rules.length > 0) return false
  if (triggers.some(({ enabled, events }) => enabled && events.includes(event))) return false
  const stays = pointedAtBy.every(({ onDelete, onUpdate }) =>
    ['no action', 'restrict'].includes(event === 'delete' ? onDelete : onUpdate),
  )
  // A key that cascades on update does so where what it points at is changed.
  return stays || (event === 'update' && !set.some((name) => uniqueKeys.flat().includes(name)))
}

/** What is called for each row may change others. */
function runsMore(relation: Relation, event: 'update' | 'delete', scope: Scope): boolean {
  return relation.calls.length > 0 || (event === 'update' && typeCalls(relation, scope).length > 0)
}

/** The columns that an UPDATE sets. */
export function settled(node: JsonObject): readonly string[] {
  return children(node, 'targetList').map((target) =>
    word(under(target, 'ResTarget') ?? nothing, 'name'),
  )
}

/** The fewest rows that any of its unique keys lets through; null where none is pinned whole. */
function rowsOf(relation: Relation, pinned: ReadonlyMap<string, number>): number | null {
  const types = new Map(relation.columns.map(({ name, type }) => [name, type]))
  const counts = relation.uniqueKeys.flatMap((key) => {
    const rows = key.map((name) =>
      exact.test(types.get(name) ?? '') ? (pinned.get(name) ?? 0) : 0,
    )
    return rows.includes(0) ? [] : [rows.reduce((product, each) => product * each, 1)]
  })
  const fewest = Math.min(...counts)
  return fewest <= mostRows ? fewest : null
}

/** Types of which one value equals no other: what a parameter's type may be, the enforcer looks at. */
const exact = /^(?:smallint|integer|bigint|uuid|text|character varying(?:\(\d+\))?|date)$/

/** Columns that the condition sets equal to so many values, by an AND at its top. */
function pinnedIn(condition: Json | undefined, alias: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const open: (Json | undefined)[] = [condition]
  while (open.length > 0) {
    const next = open.pop()
    const both = under(next, 'BoolExpr')
    if (both !== null && word(both, 'boolop') === 'AND_EXPR') open.push(...children(both, 'args'))
    const compared = under(next, 'A_Expr')
    if (compared === null || names(children(compared, 'name')).join('.') !== '=') continue
    const column = columnIn(compared['lexpr'], alias) ?? columnIn(compared['rexpr'], alias)
    const rows = valuesIn(compared, columnIn(compared['lexpr'], alias) === null)
    if (column !== null && rows !== null)
      found.set(column, Math.min(rows, found.get(column) ?? Number.POSITIVE_INFINITY))
  }
  return found
}

function columnIn(value: Json | undefined, alias: string): string | null {
  const parts = names(children(under(value, 'ColumnRef') ?? nothing, 'fields'))
  if (parts.includes('')) return null
  if (parts.length === 1) return parts[0] ?? null
  return parts.length === 2 && parts[0] === alias ? (parts[1] ?? null) : null
}

/** How many values stand on the other side; null where they are none, or not to be told. */
function valuesIn(compared: JsonObject, isTurned: boolean): number | null {
  const kind = word(compared, 'kind')
  const other = isTurned ? compared['lexpr'] : compared['rexpr']
  if (kind === 'AEXPR_OP') return isValue(other) ? 1 : null
  if (kind !== 'AEXPR_IN' || isTurned) return null
  const items = children(under(other, 'List') ?? nothing, 'items')
  const list = items.length > 0 ? items : isList(other) ? other : []
  return list.length > 0 && list.every(isValue) ? list.length : null
}

const castable: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'uuid',
  'text',
  'varchar',
  'date',
])

/** A constant or a parameter as it is, or cast to a type of which one value equals no other. */
function isValue(value: Json | undefined): boolean {
  if (under(value, 'A_Const') !== null || under(value, 'ParamRef') !== null) return true
  const cast = under(value, 'TypeCast')
  if (cast === null) return false
  const type = child(cast, 'typeName')
  return (
    castable.has(names(children(type, 'names')).at(-1) ?? '') &&
    !('arrayBounds' in type) &&
    isValue(cast['arg'])
  )
}

/** True where a parameter stands in two places: the other one may have given it a type of which one value equals many. */
function sharesParameter(node: JsonObject): boolean {
  const seen = new Set<unknown>()
  let shares = false
  each(node, (inner) => {
    const parameter = under(inner, 'ParamRef')
    if (parameter === null) return
    shares ||= seen.has(parameter['number'])
    seen.add(parameter['number'])
  })
  return shares
}

/** True where it runs a function that is not the server's own, or a query: those may change rows too. */
function callsOwn(node: JsonObject, scope: Scope): boolean {
  let found = false
  each(node, (inner) => {
    // A default may run anything.
    if (under(inner, 'SubLink') !== null || under(inner, 'SetToDefault') !== null) found = true
    const call = under(inner, 'FuncCall')
    if (call === null) return
    const parts = names(children(call, 'funcname'))
    const name = parts.at(-1) ?? ''
    const schema = parts.length > 1 ? (parts[0] ?? '') : null
    if (schema !== null && schema !== 'pg_catalog') found = true
    if (schema === null && scope.functions(null, name).length > 0) found = true
  })
  return found
}
