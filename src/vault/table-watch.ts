/** What is looked at around an act: whether tables can be imaged at all, what hangs on them, and what else the act wrote to. */
import { arrayOf, told } from '../platforms/postgres/questions.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import type { Description } from './table-describe.ts'
import { ours } from './table-relations.ts'
import type { SequenceImage } from './table-manifest.ts'
import { columnsOf, sumOf } from './table-rows.ts'
import type { Sum } from './table-rows.ts'

/** Why these tables could not come back exactly, one line each; empty where they can. */
export async function restorable(
  ask: Ask,
  tables: readonly string[],
  description: Description,
): Promise<readonly string[]> {
  const why: string[] = []
  const [row] = await ask(`SELECT current_setting('transaction_isolation') AS isolation`)
  if (told(row, 'isolation') !== 'read committed')
    why.push(
      'an image is of the moment of the act: use a transaction of isolation level read committed',
    )
  for (const table of tables) {
    const part = description.get(`table ${table}`)
    if (part === undefined) why.push(`there is no table \`${table}\` of the user's`)
    else if (!part.exact)
      why.push(
        `\`${table}\` is a foreign, typed or inheriting table, which could not be made again`,
      )
  }
  return why
}

/** Every sequence of the user's that may be read, as it stands, by its name. */
export async function sequencesOf(ask: Ask): Promise<ReadonlyMap<string, SequenceState>> {
  const names = await ask(
    `SELECT c.oid::regclass::text AS name, c.relfilenode AS file FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND ${ours} AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END`,
  )
  const found = new Map<string, SequenceState>()
  for (let at = 0; at < names.length; at += 200) {
    const some = names.slice(at, at + 200)
    const reads = some.map(
      (row, index) =>
        `SELECT ${index} AS at, last_value AS last, is_called AS called FROM ${told(row, 'name')}`,
    )
    for (const row of await ask(reads.join(' UNION ALL '))) {
      const named = some[Number(row['at'])]
      const sequence = told(named, 'name')
      const [file, last] = [told(named, 'file'), told(row, 'last')]
      found.set(sequence, { sequence, file, last, called: row['called'] === 't' })
    }
  }
  return found
}

/** A sequence that is made anew or set back has another file; one that goes on has the same. */
export type SequenceState = SequenceImage & { readonly file: string }

/** Sets where a sequence goes on, such that a rollback takes it back: alone, `setval` stays whatever becomes of the transaction. */
export async function setSequence(
  ask: Ask,
  { sequence, last, called }: SequenceImage,
): Promise<void> {
  await ask(`ALTER SEQUENCE ${sequence} RESTART`)
  await ask('SELECT setval($1::regclass, $2::bigint, $3::boolean)', [
    sequence,
    last,
    String(called),
  ])
}

export interface StoredView {
  readonly view: string
  readonly columns: readonly string[]
  readonly sum: Sum
}

/** Materialized views that hang on the tables, however far: they hold rows of their own. */
export async function storedViewsOf(
  ask: Ask,
  tables: readonly string[],
): Promise<readonly StoredView[]> {
  const rows = await ask(
    `WITH RECURSIVE hangs AS (
       SELECT unnest($1::regclass[])::oid AS oid
       UNION SELECT inhparent FROM hangs JOIN pg_inherits ON inhrelid = oid),
     views AS (
       SELECT r.ev_class AS oid FROM hangs h JOIN pg_depend d ON d.refobjid = h.oid AND d.classid = 'pg_rewrite'::regclass
         JOIN pg_rewrite r ON r.oid = d.objid
       UNION SELECT r.ev_class FROM views v JOIN pg_depend d ON d.refobjid = v.oid AND d.classid = 'pg_rewrite'::regclass
         JOIN pg_rewrite r ON r.oid = d.objid)
     SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.oid IN (SELECT oid FROM views)
       AND c.relkind = 'm' AND c.relispopulated`,
    [arrayOf(tables)],
  )
  const found: StoredView[] = []
  for (const row of rows) {
    const view = told(row, 'name')
    const { all } = await columnsOf(ask, view)
    found.push({ view, columns: all, sum: await sumOf(ask, view, all) })
  }
  return found
}

/**
 * Tables outside the image that this transaction may have written to: whatever writes holds a lock until the end.
 * A table that is only locked since something that hung on it went has its old file still.
 */
export async function writtenBeside(
  ask: Ask,
  imaged: ReadonlySet<string>,
  files: {
    readonly before: ReadonlyMap<string, string>
    readonly after: ReadonlyMap<string, string>
  },
): Promise<readonly string[]> {
  const rows = await ask(
    `SELECT c.oid::regclass::text AS name, bool_or(l.mode = 'RowExclusiveLock') AS rows FROM pg_locks l
       JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'm') AND l.database <> 0
       AND (${ours} OR c.relname = 'pg_largeobject')
       AND l.mode NOT IN ('AccessShareLock', 'RowShareLock') GROUP BY c.oid`,
  )
  return rows
    .map((row) => ({ name: told(row, 'name'), rows: row['rows'] === 't' }))
    .filter(({ name }) => !imaged.has(name) && files.before.has(name))
    .filter(({ name, rows }) => rows || files.before.get(name) !== files.after.get(name))
    .map(({ name }) => name)
}
