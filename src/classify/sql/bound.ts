/** Whether a WHERE is a real bound: it pins a column of the table to values, or to a limited query. What it cannot tell is none. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Scope } from './scope.ts'
import { isAggregate, isInside, originOf } from './sources.ts'
import type { Source, Sources } from './sources.ts'
import { folded, nullTest, opposite, truthOf, valueOf } from './truth.ts'
import type { Bound } from './truth.ts'
import {
  child,
  children,
  constant,
  each,
  isList,
  names,
  nodeName,
  nothing,
  under,
  word,
} from './tree.ts'

/** What a condition says of the rows of the target among the sources. */
export function boundOf(condition: Json | undefined, sources: Sources, scope: Scope): Bound {
  const name = nodeName(condition)
  const node = under(condition, name ?? '') ?? nothing
  switch (name) {
    case null:
      return 'always'
    case 'BoolExpr':
      return joined(node, sources, scope)
    case 'A_Expr':
      return compared(node, sources, scope)
    case 'NullTest':
      return nullTest(node, scope)
    case 'CurrentOfExpr':
      return 'pins'
    case 'SubLink':
      return isIn(node, sources, scope) ? 'pins' : 'open'
    default:
      return truthOf(valueOf(condition, scope))
  }
}

function joined(node: JsonObject, sources: Sources, scope: Scope): Bound {
  const parts = children(node, 'args').map((part) => boundOf(part, sources, scope))
  switch (word(node, 'boolop')) {
    case 'AND_EXPR':
      if (parts.includes('never')) return 'never'
      if (parts.includes('pins')) return 'pins'
      return parts.every((part) => part === 'always') ? 'always' : 'open'
    case 'OR_EXPR': {
      const left = parts.filter((part) => part !== 'never')
      if (left.length === 0) return 'never'
      if (left.includes('always')) return 'always'
      return left.every((part) => part === 'pins') ? 'pins' : 'open'
    }
    default:
      return parts[0] === 'never' ? 'always' : parts[0] === 'always' ? 'never' : 'open'
  }
}

const pinning: ReadonlySet<string> = new Set(['AEXPR_OP', 'AEXPR_IN', 'AEXPR_OP_ANY'])

function compared(node: JsonObject, sources: Sources, scope: Scope): Bound {
  const kind = word(node, 'kind')
  if (!pinning.has(kind)) return 'open'
  const [left, right] = [node['lexpr'], node['rexpr']]
  switch (ownOperator(node) ?? '') {
    case '=':
      if (isPinned(left, right, sources, scope)) return 'pins'
      if (kind !== 'AEXPR_OP') return 'open'
      return isPinned(right, left, sources, scope) ? 'pins' : folded(left, right, scope)
    case '<>':
      return kind === 'AEXPR_OP' ? opposite(folded(left, right, scope)) : 'open'
    default:
      return 'open'
  }
}

/** The symbol of an operator of `pg_catalog`; null for one of another schema. */
function ownOperator(node: JsonObject): string | null {
  const parts = names(children(node, 'name'))
  return parts.length === 1 || parts[0] === 'pg_catalog' ? (parts.at(-1) ?? null) : null
}

/** A column, or a row with a column, on one side and values on the other. */
function isPinned(
  side: Json | undefined,
  other: Json | undefined,
  sources: Sources,
  scope: Scope,
): boolean {
  const row = under(side, 'RowExpr')
  if (row !== null) {
    const cells = children(row, 'args')
    const rows = isList(under(other, 'List')?.['items'])
      ? children(under(other, 'List') ?? nothing, 'items')
      : [other]
    return (
      cells.some((cell) => isOpenColumn(cell, sources, scope)) &&
      rows.every((each) => isValue(each, sources, scope))
    )
  }
  return (
    isOpenColumn(side, sources, scope) && constant(other) !== null && isValue(other, sources, scope)
  )
}

/** A column of a source whose rows are many; a cast of it too. */
function isOpenColumn(value: Json | undefined, sources: Sources, scope: Scope): boolean {
  const cast = under(value, 'TypeCast')
  if (cast !== null) return isOpenColumn(cast['arg'], sources, scope)
  const column = under(value, 'ColumnRef')
  if (column === null) return false
  return originOf(children(column, 'fields'), sources, scope) === 'target'
}

/** An expression that hangs on no open column: constants, parameters, variables, columns of limited sources, limited queries. */
export function isValue(value: Json | undefined, sources: Sources, scope: Scope): boolean {
  let isOne = true
  each(value, (node) => {
    if (!isOne) return 'stop'
    const column = under(node, 'ColumnRef')
    const link = under(node, 'SubLink')
    if (column !== null) isOne = originOf(children(column, 'fields'), sources, scope) === 'value'
    if (link !== null)
      isOne =
        isLimited(under(link['subselect'], 'SelectStmt') ?? nothing, scope) &&
        isValue(link['testexpr'], sources, scope)
    return column === null && link === null ? undefined : 'stop'
  })
  return isOne
}

/** `column IN (SELECT …)`, `= ANY (SELECT …)` of a limited query. */
function isIn(node: JsonObject, sources: Sources, scope: Scope): boolean {
  if (word(node, 'subLinkType') !== 'ANY_SUBLINK') return false
  const operator = names(children(node, 'operName')).at(-1) ?? '='
  const tested = node['testexpr']
  const cells =
    under(tested, 'RowExpr') === null
      ? [tested]
      : children(under(tested, 'RowExpr') ?? nothing, 'args')
  return (
    operator === '=' &&
    cells.some((cell) => isOpenColumn(cell, sources, scope)) &&
    isLimited(under(node['subselect'], 'SelectStmt') ?? nothing, scope)
  )
}

const mostSources = 40

/** A LIMIT of more rows than this is none. */
const mostLimited = 10_000

/** True for a query of few rows that hangs on nothing outside it. */
export function isLimited(select: JsonObject, scope: Scope): boolean {
  if (select === nothing) return false
  // Queries nest, and each is asked about many times.
  const known = scope.limited.get(select)
  if (known !== undefined) return known
  const limited = givesFew(select, scope)
  scope.limited.set(select, limited)
  return limited
}

function givesFew(select: JsonObject, scope: Scope): boolean {
  switch (word(select, 'op')) {
    case 'SETOP_NONE':
      break
    case 'SETOP_UNION':
      return isLimited(child(select, 'larg'), scope) && isLimited(child(select, 'rarg'), scope)
    default:
      return isLimited(child(select, 'larg'), scope)
  }
  const values = children(select, 'valuesLists')
  if (values.length > 0) return isValue(values, noSources, scope)
  const from = children(select, 'fromClause')
  if (from.length === 0) return isValue(children(select, 'targetList'), noSources, scope)
  if (!isClosed(select, from, scope)) return false
  if (hasLimit(select, scope) || isAggregate(select)) return true
  const { all, conditions } = sourcesOf(from, scope)
  return settle(all, [...conditions, select['whereClause']], scope).every(({ limited }) => limited)
}

const nowhere: Source = { alias: '', relation: null, limited: false }
const noSources: Sources = { all: [], target: nowhere }

function hasLimit(select: JsonObject, scope: Scope): boolean {
  const limit = select['limitCount']
  if (limit === undefined) return false
  const count = constant(limit)
  if (typeof count === 'string') return Number(count) <= mostLimited
  return count === undefined && isValue(limit, noSources, scope)
}

/** False where a column of it can come from outside: then each outer row has an answer of its own. */
function isClosed(select: JsonObject, from: readonly Json[], scope: Scope): boolean {
  const inside = new Set<string>(scope.variables)
  const columns: (readonly Json[])[] = []
  each(select, (node) => {
    for (const name of [node['relname'], node['aliasname']])
      if (typeof name === 'string') inside.add(name)
    const column = under(node, 'ColumnRef')
    if (column !== null) columns.push(children(column, 'fields'))
  })
  const { all } = sourcesOf(from, scope)
  return columns.every((fields) => {
    const parts = names(fields)
    const qualifier = parts.at(-2)
    return qualifier === undefined ? isInside(parts[0] ?? '', inside, all) : inside.has(qualifier)
  })
}

/** The sources of a FROM, with the conditions of its inner joins. */
export function sourcesOf(
  from: readonly Json[],
  scope: Scope,
): { readonly all: readonly Source[]; readonly conditions: readonly (Json | undefined)[] } {
  const all: Source[] = []
  const conditions: (Json | undefined)[] = []
  const open: (Json | undefined)[] = [...from]
  while (open.length > 0) {
    const next = open.pop()
    const join = under(next, 'JoinExpr')
    if (join === null) {
      all.push(sourceOf(next, scope))
      continue
    }
    open.push(join['larg'], join['rarg'])
    if (word(join, 'jointype') === 'JOIN_INNER') conditions.push(join['quals'])
    if ('alias' in join) all.push({ ...nowhere, alias: word(child(join, 'alias'), 'aliasname') })
  }
  return { all, conditions }
}

function sourceOf(item: Json | undefined, scope: Scope): Source {
  const name = nodeName(item) ?? ''
  const node = under(item, name) ?? nothing
  const alias = word(child(node, 'alias'), 'aliasname')
  switch (name) {
    case 'RangeVar':
      return tableSource(node, scope)
    case 'RangeSubselect':
      return {
        alias,
        relation: null,
        limited: isLimited(under(node['subquery'], 'SelectStmt') ?? nothing, scope),
      }
    case 'RangeFunction':
      return { alias, relation: null, limited: isValue(node['functions'], noSources, scope) }
    default:
      return { alias, relation: null, limited: false }
  }
}

/** A table, or a query of WITH by its name. */
export function tableSource(range: JsonObject, scope: Scope): Source {
  const name = word(range, 'relname')
  const given = word(child(range, 'alias'), 'aliasname')
  const alias = given === '' ? name : given
  const cte = word(range, 'schemaname') === '' ? scope.ctes.get(name) : undefined
  if (cte === undefined) return { alias, relation: scope.relation(range), limited: false }
  const limited = cte !== null && isLimitedCte(cte, name, scope)
  return { alias, relation: null, limited }
}

/** A recursive query names itself, and is no limited one. */
function isLimitedCte(query: JsonObject, name: string, scope: Scope): boolean {
  const kept = scope.ctes.get(name) ?? null
  scope.ctes.set(name, null)
  const limited =
    isLimited(under(query, 'SelectStmt') ?? nothing, scope) || isLimitedChange(query, scope)
  scope.ctes.set(name, kept)
  return limited
}

/** What a bounded change returns is few. */
function isLimitedChange(query: JsonObject, scope: Scope): boolean {
  const node = under(query, 'DeleteStmt') ?? under(query, 'UpdateStmt')
  if (node === null) return false
  const known = scope.limited.get(node)
  if (known !== undefined) return known
  const limited = isFew(boundOfChange(node, scope))
  scope.limited.set(node, limited)
  return limited
}

/** The bound of an UPDATE or DELETE: by its WHERE, and by what it joins. */
export function boundOfChange(node: JsonObject, scope: Scope): Bound {
  const target = tableSource(child(node, 'relation'), scope)
  const { all, conditions } = sourcesOf(
    [...children(node, 'usingClause'), ...children(node, 'fromClause')],
    scope,
  )
  return boundAmong(target, all, [...conditions, node['whereClause']], scope)
}

/** What conditions say of a target beside other sources. */
export function boundAmong(
  target: Source,
  others: readonly Source[],
  conditions: readonly (Json | undefined)[],
  scope: Scope,
): Bound {
  const settled = settle(others, conditions, scope)
  const bounds = conditions.map((condition) =>
    boundOf(condition, { all: [target, ...settled], target }, scope),
  )
  if (bounds.includes('never')) return 'never'
  return bounds.includes('pins') ? 'pins' : 'open'
}

/** Marks the sources that the conditions pin, until no more are found. */
function settle(
  all: readonly Source[],
  conditions: readonly (Json | undefined)[],
  scope: Scope,
): readonly Source[] {
  let settled = all
  // Each round asks about each source; nobody joins so many by hand.
  if (all.length > mostSources) return all
  for (;;) {
    const found = settled.find(
      (target) =>
        !target.limited &&
        conditions.some((condition) => isFew(boundOf(condition, { all: settled, target }, scope))),
    )
    if (found === undefined) return settled
    settled = settled.map((each) => (each === found ? { ...each, limited: true } : each))
  }
}

function isFew(bound: Bound): boolean {
  return bound === 'pins' || bound === 'never'
}
