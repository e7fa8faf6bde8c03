/** Whether an expression is at least the highest number that a sequence has given: of what it serves, all of it. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Column, Relation } from '../../platforms/postgres/catalog.ts'
import { rangeOfText } from './regclass.ts'
import type { Scope } from './scope.ts'
import { children, constant, names, nothing, under, word } from './tree.ts'

/** The sequence that an argument names, also as `pg_get_serial_sequence(table, column)`; null where that is not known. */
export function sequenceOf(value: Json | undefined, scope: Scope): Relation | null {
  const cast = under(value, 'TypeCast')
  const call = under(cast === null ? value : cast['arg'], 'FuncCall')
  if (call === null) return named(constant(value), scope)
  if (calledIn(call) !== 'pg_get_serial_sequence') return null
  const [table, column] = children(call, 'args').map(constant)
  const found = named(table, scope)?.columns.find(({ name }) => name === column)
  return scope.catalog?.relations.get(found?.sequence ?? -1) ?? null
}

/** True where the names of the catalog may mean other things by now. */
export function isRenamed(scope: Scope): boolean {
  scope.hangsOnSession = true
  return (scope.about.session?.renamed?.size ?? 0) > 0
}

function named(name: string | null | undefined, scope: Scope): Relation | null {
  const range = rangeOfText(name)
  return range === null ? null : scope.relation(range)
}

/** Without a catalog it is believed of any column that its sequence is meant. */
export function isHighest(
  value: Json | undefined,
  sequence: Relation | null,
  scope: Scope,
): boolean {
  if (scope.catalog !== null && (sequence === null || isRenamed(scope))) return false
  return isHigh(value, under(scope.query, 'SelectStmt') ?? nothing, { sequence, scope })
}

interface Wanted {
  readonly sequence: Relation | null
  readonly scope: Scope
}

/** `select` is the query in which it stands. */
function isHigh(value: Json | undefined, select: JsonObject, wanted: Wanted): boolean {
  const high = (one: Json | undefined): boolean => isHigh(one, select, wanted)
  const cast = under(value, 'TypeCast')
  if (cast !== null) return high(cast['arg'])
  const first = under(value, 'CoalesceExpr')
  if (first !== null) return high(children(first, 'args')[0])
  const most = under(value, 'MinMaxExpr')
  if (most !== null) return word(most, 'op') === 'IS_GREATEST' && children(most, 'args').some(high)
  const sum = under(value, 'A_Expr')
  if (sum !== null) return isMore(sum, high)
  const inner = under(value, 'SubLink')
  if (inner !== null) return isHighIn(inner, wanted)
  const call = under(value, 'FuncCall')
  if (call !== null) return isHighCall(call, select, wanted)
  return isLast(value, select, wanted)
}

/** Nothing is taken off: what is added is a number without a sign, or high itself. */
function isMore(sum: JsonObject, high: (one: Json | undefined) => boolean): boolean {
  const isAdded = (one: Json | undefined): boolean => /^\d+$/.test(constant(one) ?? '') || high(one)
  const sides = [sum['lexpr'], sum['rexpr']]
  return names(children(sum, 'name')).join('.') === '+' && sides.some(high) && sides.every(isAdded)
}

function isHighIn(link: JsonObject, wanted: Wanted): boolean {
  const select = under(link['subselect'], 'SelectStmt')
  if (select === null || word(link, 'subLinkType') !== 'EXPR_SUBLINK') return false
  const [target, ...more] = children(select, 'targetList')
  const value = under(target, 'ResTarget')?.['val']
  return more.length === 0 && isHigh(value, select, wanted)
}

function isHighCall(call: JsonObject, select: JsonObject, wanted: Wanted): boolean {
  const { sequence, scope } = wanted
  const [arg, ...more] = children(call, 'args')
  const name = calledIn(call)
  if (more.length > 0 || scope.functions(null, name).length > 0) return false
  if (name === 'nextval' || name === 'currval')
    return sequence === null || sequenceOf(arg, scope)?.oid === sequence.oid
  if (name !== 'max' || 'agg_filter' in call || 'over' in call) return false
  const column = names(children(under(arg, 'ColumnRef') ?? nothing, 'fields')).at(-1)
  return column !== undefined && serves(onlyRange(select), column, wanted)
}

/** `last_value` of the sequence itself. */
function isLast(value: Json | undefined, select: JsonObject, { sequence, scope }: Wanted): boolean {
  const column = names(children(under(value, 'ColumnRef') ?? nothing, 'fields')).at(-1)
  const range = onlyRange(select)
  if (column !== 'last_value' || range === null) return false
  return sequence === null || scope.relation(range)?.oid === sequence.oid
}

/** The one table of a query that takes all of its rows; null for any other. */
function onlyRange(select: JsonObject): JsonObject | null {
  const [from, ...more] = children(select, 'fromClause')
  const range = under(from, 'RangeVar')
  const isAll = narrowing.every((part) => !(part in select))
  return range !== null && more.length === 0 && isAll && range['inh'] === true ? range : null
}

const narrowing =
  'whereClause havingClause groupClause limitCount limitOffset withClause larg'.split(' ')

/** True for the only column that takes its numbers from the sequence. */
function serves(range: JsonObject | null, column: string, { sequence, scope }: Wanted): boolean {
  if (range === null) return false
  const { catalog } = scope
  if (catalog === null || sequence === null) return catalog === null
  const table = scope.relation(range)
  if (table === null || table.rowSecurity || scope.isTemporary(range)) return false
  if (scope.about.session?.temporary.has(word(range, 'relname')) === true) return false
  const parts = partsOf(table, scope)
  const takes = (one: Column): boolean => takesFrom(one, sequence, scope)
  const isAlone = [...catalog.relations.values()].every(
    (other) => parts.has(other.oid) || !other.columns.some(takes),
  )
  return (
    isAlone &&
    table.columns.filter(takes).every(({ name }) => name === column) &&
    table.columns.some((one) => one.name === column && takes(one))
  )
}

/** A table with its partitions and heirs, whose rows it tells too. */
function partsOf(table: Relation, scope: Scope): ReadonlySet<number> {
  const found = new Set<number>()
  const open: number[] = [table.oid]
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (found.has(oid)) continue
    found.add(oid)
    open.push(...(scope.catalog?.relations.get(oid)?.children ?? []))
  }
  return found
}

function takesFrom(column: Column, sequence: Relation, scope: Scope): boolean {
  if (column.sequence === sequence.oid) return true
  const text = /nextval\('((?:[^']|'')+)'/.exec(column.default ?? '')?.[1]
  return named(text?.replaceAll("''", "'"), scope)?.oid === sequence.oid
}

function calledIn(call: JsonObject): string {
  const parts = names(children(call, 'funcname'))
  return parts.length === 1 || parts[0] === 'pg_catalog' ? (parts.at(-1) ?? '') : ''
}
