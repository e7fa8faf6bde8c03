/** The question that counts what an act takes: the rows that it names, and those that hang on them by keys. */
import type { Relation } from './catalog.ts'
import type { CountedRows, Reached } from './radius-rows.ts'

export interface CountQuestion {
  readonly sql: string
  readonly values: readonly (string | null)[]
  /** What each column `n0`, `n1`, … counts. */
  readonly counts: readonly Reached[]
}

/** The columns of each key by `table oid.name`: the pointing ones and those that they point at, as quoted lists. */
export type KeyColumns = ReadonlyMap<string, { readonly from: string; readonly to: string }>

/** One SELECT for all; null where the keys go in a circle, which no such question follows. */
export function countQuestion(
  reached: readonly Reached[],
  rows: CountedRows,
  keys: KeyColumns,
): CountQuestion | null {
  const ordered = inOrder(reached)
  if (ordered === null) return null
  const names = new Map(ordered.map(({ relation }, at) => [relation.oid, `t${at}`]))
  const parts = ordered.map((one, at) => {
    if (one.by.length === 0)
      return `t0 AS (SELECT ${rows.alias}.* FROM ${rows.from} WHERE ${rows.where})`
    const wheres = one.by.map(({ key, from }) => {
      const columns = keys.get(`${key.from}.${key.name}`)
      return `(${columns?.from}) IN (SELECT ${columns?.to} FROM ${names.get(from)})`
    })
    return `t${at} AS (SELECT * FROM ${nameOf(one.relation)} WHERE ${wheres.join(' OR ')})`
  })
  const counts = ordered.map((_, at) => `(SELECT count(*) FROM t${at}) AS n${at}`)
  return {
    sql: `WITH ${parts.join(', ')} SELECT ${counts.join(', ')}`,
    values: rows.values,
    counts: ordered,
  }
}

/** Each table after those that it was reached from; null for a circle, or where more than one table is named. */
function inOrder(reached: readonly Reached[]): readonly Reached[] | null {
  if (reached.filter(({ by }) => by.length === 0).length !== 1) return null
  const placed: Reached[] = []
  const done = new Set<number>()
  while (placed.length < reached.length) {
    const next = reached.find(
      ({ relation, by }) => !done.has(relation.oid) && by.every(({ from }) => done.has(from)),
    )
    if (next === undefined) return null
    placed.push(next)
    done.add(next.relation.oid)
  }
  return placed
}

/** The name of a relation as SQL takes it, whatever letters are in it. */
export function nameOf({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `${quoted(schema)}.${quoted(name)}`
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
