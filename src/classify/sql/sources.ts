/** The sources of a query: what stands in FROM and USING, by the names that columns are qualified with. */
import type { Json } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { Scope } from './scope.ts'
import { names, nodeName } from './tree.ts'

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
