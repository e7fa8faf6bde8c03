/** What a statement takes, in the words of the catalog: the losses that the blast radius is measured by. */
import type { JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import { nameOf, quoted } from '../../platforms/postgres/radius-count.ts'
import type { CountedRows, SqlLoss, SqlObject } from '../../platforms/postgres/radius-rows.ts'
import { filled, printed } from './print.ts'
import type { Printing } from './print.ts'
import { fromOf, printedQuery } from './print-query.ts'
import { Scope } from './scope.ts'
import { child, children, names, under, nothing, word } from './tree.ts'

/** A loss of what the ranges name; null where one of them is not known. A temporary table is no loss. */
export function lossOf(
  ranges: readonly JsonObject[],
  how: SqlLoss['how'],
  scope: Scope,
  more: Partial<SqlLoss> = {},
): readonly SqlLoss[] | null {
  const found = ranges
    .filter((range) => !scope.isTemporary(range))
    .map((range) => scope.relation(range))
  if (found.includes(null)) return null
  const relations = found.flatMap((relation) => relation?.oid ?? [])
  if (relations.length === 0) return []
  return [{ how, relations, columns: [], cascade: false, rows: 'all', ...more }]
}

/** Schemas by their names, with all that is in them. */
export function lossOfSchemas(
  schemas: readonly string[],
  cascade: boolean,
  { catalog }: Scope,
): readonly SqlLoss[] | null {
  if (catalog === null) return null
  const relations = [...catalog.relations.values()]
    .filter(({ schema }) => schemas.includes(schema))
    .map(({ oid }) => oid)
  const objects = schemas.map((name) => ({ in: 'pg_namespace', id: quoted(name) }) as const)
  return [{ ...dropping, relations, cascade, objects }]
}

/** Functions, or types, by the parts of their names; null where one of them is not known. */
export function lossOfCode(
  kind: 'function' | 'type',
  named: readonly (readonly string[])[],
  cascade: boolean,
  scope: Scope,
): readonly SqlLoss[] | null {
  const found = named.map((parts) =>
    kind === 'function' ? functionsOf(parts, scope) : typesOf(parts, scope),
  )
  if (found.some((each) => each.length === 0)) return null
  return [{ ...dropping, relations: [], cascade, objects: found.flat() }]
}

const dropping = { how: 'drop', columns: [], rows: 'all' } as const

/** All of that name: which one the arguments mean, the server may see otherwise. */
function functionsOf(parts: readonly string[], scope: Scope): readonly SqlObject[] {
  return scope
    .functions(parts.at(-2) ?? null, parts.at(-1) ?? '')
    .map(({ oid }) => ({ in: 'pg_proc', id: oid.toString() }))
}

function typesOf(parts: readonly string[], { catalog }: Scope): readonly SqlObject[] {
  const name = parts.at(-1) ?? ''
  if (catalog?.typeNames.has(name) !== true) return []
  const schema = parts.at(-2)
  const path = schema === undefined ? catalog.searchPath : [schema]
  return path.map((each) => ({ in: 'pg_type', id: `${quoted(each)}.${quoted(name)}` }))
}

/** The rows of an UPDATE or DELETE. */
export function lossOfChange(
  node: JsonObject,
  how: 'update' | 'delete',
  scope: Scope,
): readonly SqlLoss[] | null {
  const range = child(node, 'relation')
  const relation = scope.relation(range)
  if (scope.isTemporary(range)) return []
  if (relation === null) return null
  const columns = how === 'update' ? names(columnsOf(node)) : []
  const tables = tablesBehind(relation, scope, new Set())
  const rows = tables.includes(relation) ? rowsOf(node, relation, scope) : 'unclear'
  const relations = tables.map(({ oid }) => oid)
  return relations.length === 0 ? null : [{ how, relations, columns, cascade: false, rows }]
}

function columnsOf(node: JsonObject): readonly JsonObject[] {
  return children(node, 'targetList').map((each) => ({
    String: { sval: word(under(each, 'ResTarget') ?? nothing, 'name') },
  }))
}

/** A table is itself; the rows of a view lie in what it reads. */
export function tablesBehind(
  relation: Relation,
  scope: Scope,
  seen: Set<number>,
): readonly Relation[] {
  if (relation.kind !== 'view') return [relation]
  if (seen.has(relation.oid)) return []
  seen.add(relation.oid)
  return scope.runner.ranges(relation.definition ?? '').flatMap((range) => {
    const found = scope.relation(range)
    return found === null ? [] : tablesBehind(found, scope, seen)
  })
}

function rowsOf(node: JsonObject, relation: Relation, scope: Scope): SqlLoss['rows'] {
  const range = child(node, 'relation')
  const others = [...children(node, 'usingClause'), ...children(node, 'fromClause')]
  const { whereClause } = node
  if (whereClause === undefined && others.length === 0 && range['inh'] === true) return 'all'
  const given = word(child(range, 'alias'), 'aliasname')
  const alias = given === '' ? word(range, 'relname') : given
  const printing: Printing = {
    scope,
    values: [],
    numbers: new Map(),
    query: printedQuery,
    target: { relation, alias },
  }
  if (
    !onlyReads({ fromClause: others, ...(whereClause === undefined ? {} : { whereClause }) }, scope)
  )
    return 'unclear'
  const condition = whereClause === undefined ? 'true' : printed(whereClause, printing)
  const where = others.length === 0 ? condition : joined(others, condition, printing)
  return where === null ? 'unclear' : counted({ range, relation, alias, where, printing })
}

/** Each row counts once, however often the others match it. */
function joined(
  others: readonly JsonObject[string][],
  condition: string | null,
  printing: Printing,
): string | null {
  return filled`EXISTS (SELECT${fromOf({ fromClause: others }, printing)} WHERE ${condition})`
}

function counted(of: {
  readonly range: JsonObject
  readonly relation: Relation
  readonly alias: string
  readonly where: string
  readonly printing: Printing
}): CountedRows {
  const only = of.range['inh'] === true ? '' : 'ONLY '
  const alias = quoted(of.alias)
  const from = `${only}${nameOf(of.relation)} AS ${alias}`
  return { from, alias, where: of.where, values: of.printing.values }
}

/** The condition by itself: a count must run nothing that the statement would be held for. */
function onlyReads(parts: JsonObject, scope: Scope): boolean {
  const probe = Scope.of(scope.about, scope.runner)
  scope.runner.node({ SelectStmt: { ...parts, op: 'SETOP_NONE' } }, '', probe)
  return probe.reasons.every(({ effect }) => effect === 'read')
}
