/** The blast radius of an act in SQL, by asking its server: tables, rows, sizes, and what goes with them. Reads only. */
import { messageOf } from '../../base/error.ts'
import { noRadius } from '../../core/blast-radius.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Resource } from '../../core/resource.ts'
import type { Relation, SqlCatalog } from './catalog.ts'
import { arrayOf, questions, told } from './questions.ts'
import type { Ask, Row } from './questions.ts'
import { countQuestion, nameOf } from './radius-count.ts'
import type { CountedRows } from './radius-rows.ts'
import { reachedBy, withChildren } from './radius-rows.ts'
import type { Reached, SqlLoss } from './radius-rows.ts'

export interface Asked {
  readonly target: string
  /** Every environment that lives in this database, as the config declares them. */
  readonly environments: readonly string[]
  readonly catalog: SqlCatalog
  /** A session without an open transaction: counts run in one that only reads. */
  readonly ask: Ask
  /** The most that one count may take on the server. */
  readonly countMs: number
}

/** Never less than what the act names. What was estimated or could not be asked stands in `unknown`. */
export async function radiusOf(loss: SqlLoss, asked: Asked): Promise<BlastRadius> {
  const reached = reachedBy(loss, asked.catalog)
  const { counts, unknown } = await counted(loss, reached, asked)
  const lost = loss.relations.filter((oid) => !asked.catalog.relations.has(oid))
  const dependents = loss.how.startsWith('drop') ? await dependentsOf(loss, asked) : []
  const tables = reached.map((one) => tableOf(one, counts.get(one.relation.oid) ?? null, asked))
  const rest = dependents.filter(({ id }) => tables.every((table) => table.id !== id))
  const why = [
    ...unknown,
    ...lost.map((oid) => `relation ${oid} is not in the catalog that was read`),
    ...triggersOf(loss, reached, asked.catalog),
  ]
  return {
    ...noRadius,
    known: why.length === 0,
    environments: asked.environments,
    resources: [...tables, ...rest],
    rows: sumOf(reached, counts),
    unknown: why,
  }
}

interface Counts {
  readonly counts: ReadonlyMap<number, number>
  readonly unknown: readonly string[]
}

async function counted(loss: SqlLoss, reached: readonly Reached[], asked: Asked): Promise<Counts> {
  if (loss.rows === 'unclear')
    return estimated(reached, asked, 'which rows is not clear from the text')
  try {
    if (loss.rows === 'all') return { counts: await countAll(reached, asked), unknown: [] }
    const counts = await countSome(reached, loss.rows, asked)
    return counts === null
      ? estimated(reached, asked, 'foreign keys go in a circle')
      : { counts, unknown: [] }
  } catch (thrown) {
    // A count that takes too long, or that this user may not make, is an estimate and is said to be one.
    return estimated(reached, asked, messageOf(thrown))
  }
}

async function countAll(
  reached: readonly Reached[],
  asked: Asked,
): Promise<ReadonlyMap<number, number>> {
  const counts = reached.map(
    ({ relation }, at) => `(SELECT count(*) FROM ${nameOf(relation)}) AS n${at}`,
  )
  if (counts.length === 0) return new Map()
  const row = await readOnly(asked, `SELECT ${counts.join(', ')}`, [])
  return new Map(reached.map(({ relation }, at) => [relation.oid, Number(row[`n${at}`])]))
}

async function countSome(
  reached: readonly Reached[],
  rows: CountedRows,
  asked: Asked,
): Promise<ReadonlyMap<number, number> | null> {
  const oids = reached.map(({ relation }) => relation.oid)
  const keys = (await asked.ask(questions.keyColumns, [`{${oids.join(',')}}`])).map(
    (row) =>
      [
        `${told(row, 'oid')}.${told(row, 'name')}`,
        { from: told(row, 'from'), to: told(row, 'to') },
      ] as const,
  )
  const question = countQuestion(reached, rows, new Map(keys))
  if (question === null) return null
  const row = await readOnly(asked, question.sql, question.values)
  return new Map(question.counts.map(({ relation }, at) => [relation.oid, Number(row[`n${at}`])]))
}

/** One row, asked in a transaction that cannot write and ends in time. */
async function readOnly(
  { ask, countMs }: Asked,
  sql: string,
  values: readonly (string | null)[],
): Promise<Row> {
  await ask('BEGIN READ ONLY')
  try {
    await ask(`SELECT set_config('statement_timeout', $1, true)`, [`${countMs}ms`])
    const [row] = await ask(sql, values)
    return row ?? {}
  } finally {
    await ask('ROLLBACK')
  }
}

function estimated(reached: readonly Reached[], { catalog }: Asked, why: string): Counts {
  const counts = new Map<number, number>()
  for (const { relation } of reached) {
    const all = withChildren(relation, catalog).filter(({ kind }) => kind !== 'partitioned')
    // What was never counted is not nothing.
    if (all.every((one) => one.estimatedRows >= 0 || one.bytes === 0))
      counts.set(
        relation.oid,
        all.reduce((sum, one) => sum + Math.max(one.estimatedRows, 0), 0),
      )
  }
  return { counts, unknown: [`rows are an estimate of whole tables: ${why}`] }
}

/** Rows that go; of what only changes, those are meant. */
function sumOf(reached: readonly Reached[], counts: ReadonlyMap<number, number>): number | null {
  if (reached.length === 0 || reached.some(({ relation }) => !counts.has(relation.oid))) return null
  return reached.reduce((sum, { relation }) => sum + (counts.get(relation.oid) ?? 0), 0)
}

function tableOf({ relation, change }: Reached, rows: number | null, asked: Asked): Resource {
  const id = `${relation.schema}.${relation.name}`
  const all = withChildren(relation, asked.catalog)
  const what = change === 'go' ? 'go' : 'change'
  return {
    target: asked.target,
    type: relation.kind === 'materialized' ? 'materializedView' : 'table',
    id,
    self: String(relation.oid),
    name: rows === null ? id : `${id} (${rows} rows ${what})`,
    environment: asked.environments[0] ?? null,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    protects: null,
  }
}

async function dependentsOf(loss: SqlLoss, asked: Asked): Promise<readonly Resource[]> {
  const columns = loss.how === 'drop column' ? loss.columns : []
  const rows = await asked.ask(questions.dependents, [
    `{${loss.relations.join(',')}}`,
    arrayOf(columns),
    JSON.stringify(loss.objects ?? []),
  ])
  return rows.map((row) => ({
    target: asked.target,
    type: told(row, 'type').replaceAll(/ (\w)/g, (_, letter: string) => letter.toUpperCase()),
    id: told(row, 'identity'),
    self: told(row, 'self'),
    name: told(row, 'identity'),
    environment: asked.environments[0] ?? null,
    bytes: row['bytes'] === null || row['bytes'] === undefined ? null : Number(row['bytes']),
    protects: null,
  }))
}

/** Triggers that fire on these rows and whose functions may write elsewhere: that is not in the count. */
function triggersOf(
  loss: SqlLoss,
  reached: readonly Reached[],
  catalog: SqlCatalog,
): readonly string[] {
  if (loss.how.startsWith('drop')) return []
  return reached.flatMap(({ relation, change }) => {
    const event = loss.how === 'truncate' ? 'truncate' : change === 'go' ? 'delete' : 'update'
    return relation.triggers
      .filter(
        ({ enabled, events, runs }) => enabled && events.includes(event) && writes(runs, catalog),
      )
      .map((trigger) => toldTrigger(relation, trigger.name))
  })
}

function writes(runs: number, catalog: SqlCatalog): boolean {
  const text = catalog.functions.get(runs)?.definition ?? null
  return (
    text === null ||
    /\b(insert|update|delete|merge|truncate|execute|perform|call|copy|drop|alter|select)\b/i.test(
      bodyOf(text),
    )
  )
}

/** `EXECUTE` and the like also stand in the head of a definition. */
function bodyOf(definition: string): string {
  const at = definition.indexOf(' AS ')
  return at < 0 ? definition : definition.slice(at)
}

function toldTrigger({ schema, name }: Relation, trigger: string): string {
  return `trigger \`${trigger}\` of \`${schema}.${name}\` runs code that may change more rows than are counted`
}
