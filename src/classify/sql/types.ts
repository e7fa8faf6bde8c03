/** What runs where a value becomes of a type: its casts, its input, the checks of a domain. */
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { Scope } from './scope.ts'

/** Oids of the functions that the types of its columns call, of rows in rows too. */
export function typeCalls({ columns }: Relation, scope: Scope): readonly number[] {
  return typesCall(
    columns.map(({ type }) => type),
    scope,
  )
}

/** The same of types as the catalog prints them. */
export function typesCall(types: readonly string[], { catalog }: Scope): readonly number[] {
  if (catalog === null || catalog.types.size === 0) return []
  const found = new Set<number>()
  const seen = new Set<string>()
  const open = [...types]
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    const name = /([^."()[\]]+)"?(?:\(.*\))?(?:\[\])*$/.exec(type)?.[1] ?? type
    if (seen.has(name)) continue
    seen.add(name)
    for (const oid of catalog.types.get(name) ?? []) found.add(oid)
    for (const row of catalog.relationsByName.get(name) ?? [])
      open.push(...row.columns.map((column) => column.type))
  }
  return [...found]
}
