/** The sources of a query: what stands in FROM and USING, by the names that columns are qualified with. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { Scope } from './scope.ts'
import { children, names, nodeName, nothing, under } from './tree.ts'

export interface Source {
  readonly alias: string
  /** As the catalog has it; null where that is not known or it is no table. */
  readonly relation: Relation | null
  /** True where it gives few rows, so that its columns count as values. */
  readonly limited: boolean
}

/** Sources, and the one whose rows are asked about. */
export interface Sources {
  readonly all: readonly Source[]
  readonly target: Source
}

/** Where a column comes from: the target, a limited source or a variable (`value`), or somewhere that cannot be told. */
export function originOf(
  fields: readonly Json[],
  sources: Sources,
  scope: Scope,
): 'target' | 'value' | 'unknown' {
  if (nodeName(fields.at(-1)) !== 'String') return 'unknown'
  const parts = names(fields)
  const column = parts.at(-1) ?? ''
  const qualifier = parts.at(-2)
  if (qualifier === undefined) {
    if (scope.variables.has(column)) return 'value'
    return sided(owner(column, sources.all), sources)
  }
  const found = sources.all.find(({ alias }) => alias === qualifier)
  if (found !== undefined) return sided(found, sources)
  return scope.variables.has(qualifier) ? 'value' : 'unknown'
}

function sided(found: Source | null, { target }: Sources): 'target' | 'value' | 'unknown' {
  if (found === null) return 'unknown'
  if (found === target) return 'target'
  return found.limited ? 'value' : 'unknown'
}

/** The only source that can have an unqualified column; null where that cannot be told. */
function owner(column: string, all: readonly Source[]): Source | null {
  const possible = all.filter(
    ({ relation }) => relation === null || relation.columns.some(({ name }) => name === column),
  )
  return possible.length === 1 ? (possible[0] ?? null) : null
}

/** Queries of one row: aggregates of everything. */
const aggregates: ReadonlySet<string> = new Set(['max', 'min', 'count', 'sum', 'avg'])

/** True for a query of one row. */
export function isAggregate(select: JsonObject): boolean {
  const targets = children(select, 'targetList')
  return (
    children(select, 'groupClause').length === 0 &&
    targets.length > 0 &&
    targets.every((target) => {
      const call = under((under(target, 'ResTarget') ?? nothing)['val'], 'FuncCall') ?? nothing
      return aggregates.has(names(children(call, 'funcname')).at(-1) ?? '') && !('over' in call)
    })
  )
}

/** An unqualified column (or `*`) that one of the sources can have. */
export function isInside(
  column: string,
  inside: ReadonlySet<string>,
  all: readonly Source[],
): boolean {
  if (column === '' || inside.has(column)) return true
  return all.some(
    ({ relation }) => relation === null || relation.columns.some(({ name }) => name === column),
  )
}
