/** Which rows of which tables an act takes or changes, as far as keys and partitions carry it, and the question that counts them. */
import type { ForeignKey, Relation, SqlCatalog } from './catalog.ts'

/** What an act takes, in the words of the catalog: filled by whoever has read the SQL. */
export interface SqlLoss {
  readonly how: 'delete' | 'update' | 'truncate' | 'drop' | 'drop column'
  /** Oids of the relations that it names; of a schema, of all that is in it. */
  readonly relations: readonly number[]
  /** The columns that are dropped or set. */
  readonly columns: readonly string[]
  readonly cascade: boolean
  /** Which rows: FROM and WHERE with whole names, where counting them runs nothing but reads; null: all, or not to be told. */
  readonly rows: CountedRows | 'all' | 'unclear'
  /** What else it names. */
  readonly objects?: readonly SqlObject[]
}

/** A function by its oid; a type or a schema by its whole name in quotes. What the server does not find under it is nothing. */
export interface SqlObject {
  readonly in: 'pg_proc' | 'pg_type' | 'pg_namespace'
  readonly id: string
}

export interface CountedRows {
  /** `"shop"."bookings" AS b`; what USING or FROM joins follows. */
  readonly from: string
  /** How the rows' table is called in it: `b`. */
  readonly alias: string
  readonly where: string
  readonly values: readonly (string | null)[]
}

/** A table whose rows go or change with an act. */
export interface Reached {
  readonly relation: Relation
  readonly change: 'go' | 'change'
  /** The keys by which it was reached, and from where; empty for what the act names. */
  readonly by: readonly { readonly key: ForeignKey; readonly from: number }[]
}

/** Every table with rows at stake, those that the act names first; partitions are within what they are partitions of. */
export function reachedBy(loss: SqlLoss, catalog: SqlCatalog): readonly Reached[] {
  const found = new Map<number, Reached>()
  const first = loss.how === 'update' || loss.how === 'drop column' ? 'change' : 'go'
  const named = loss.relations.flatMap((oid) => catalog.relations.get(oid) ?? []).filter(holdsRows)
  const oids = new Set(named.map(({ oid }) => oid))
  const waiting: Reached[] = []
  const reach = (reached: Reached): void => {
    const { oid } = reached.relation
    const before = found.get(oid)
    found.set(oid, {
      relation: reached.relation,
      change: before?.change === 'go' ? 'go' : reached.change,
      by: [...(before?.by ?? []), ...reached.by],
    })
    if (before === undefined || (before.change === 'change' && reached.change === 'go'))
      waiting.push(reached)
  }
  for (const relation of named)
    if (!isWithin(relation, oids, catalog)) reach({ relation, change: first, by: [] })
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    for (const step of stepsFrom(next, loss, catalog)) reach(step)
  return [...found.values()]
}

/** Oids of the tables that really hold the rows: of a partitioned table its partitions. */
export function holdersOf(reached: readonly Reached[], catalog: SqlCatalog): readonly number[] {
  const all = reached.flatMap(({ relation }) => withChildren(relation, catalog))
  const tables = all.filter(({ kind }) => kind === 'table' || kind === 'foreign')
  return [...new Set(tables.map(({ oid }) => oid))]
}

export function withChildren(relation: Relation, catalog: SqlCatalog): readonly Relation[] {
  const below = relation.children.flatMap((oid) => catalog.relations.get(oid) ?? [])
  return [relation, ...below.flatMap((child) => withChildren(child, catalog))]
}

/** Where rows go along from one table: by the action of each key that points at it, or at what it is part of. */
function stepsFrom(
  { relation, change }: Reached,
  loss: SqlLoss,
  catalog: SqlCatalog,
): readonly Reached[] {
  if (loss.how === 'drop' || loss.how === 'drop column') return []
  const keys = [relation, ...above(relation, catalog)].flatMap((one) =>
    one.pointedAtBy.map((key) => ({ key, from: one.oid })),
  )
  return keys.flatMap(({ key, from }) => {
    const next = catalog.relations.get(key.from)
    // A partition's key is its table's, told again.
    if (
      next === undefined ||
      (next.parent !== null && keys.some((it) => it.key.from === next.parent))
    )
      return []
    const carried = carriedBy(key, change, loss)
    return carried === null ? [] : [{ relation: next, change: carried, by: [{ key, from }] }]
  })
}

function carriedBy(
  key: ForeignKey,
  change: Reached['change'],
  { how, cascade }: SqlLoss,
): Reached['change'] | null {
  if (how === 'truncate') return cascade ? 'go' : null
  const action = change === 'go' ? key.onDelete : key.onUpdate
  if (action === 'cascade') return change
  return action === 'set null' || action === 'set default' ? 'change' : null
}

function above(relation: Relation, catalog: SqlCatalog): readonly Relation[] {
  const parent = relation.parent === null ? undefined : catalog.relations.get(relation.parent)
  return parent === undefined ? [] : [parent, ...above(parent, catalog)]
}

function isWithin(relation: Relation, named: ReadonlySet<number>, catalog: SqlCatalog): boolean {
  return above(relation, catalog).some(({ oid }) => named.has(oid))
}

function holdsRows({ kind }: Relation): boolean {
  return kind === 'table' || kind === 'partitioned' || kind === 'foreign' || kind === 'materialized'
}
