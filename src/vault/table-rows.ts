/** The rows of a table: out into the vault, in again, and the sum by which they are known whatever their order. */
import { FirebreakError } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { hashed } from './box.ts'
import type { Box } from './box.ts'
import type { Budget } from './budget.ts'
import type { Bytes } from './chunks.ts'
import type { Staging } from './store.ts'

/** How many rows there are and what they sum up to: two tables with the same one hold the same rows. */
export type Sum = string

export interface Columns {
  /** Quoted; what COPY moves: generated columns are computed anew. */
  readonly moved: readonly string[]
  readonly all: readonly string[]
}

export async function columnsOf(ask: Ask, table: string): Promise<Columns> {
  const rows = await ask(
    `SELECT quote_ident(attname) AS name, attgenerated <> '' AS generated FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  )
  return {
    all: rows.map((row) => told(row, 'name')),
    moved: rows.filter((row) => row['generated'] === 'f').map((row) => told(row, 'name')),
  }
}

/** Read on the server; needs `pinned` settings, since it is taken over the rows' text. */
export async function sumOf(ask: Ask, table: string, columns: readonly string[]): Promise<Sum> {
  const [row] = await ask(
    `SELECT count(*) AS rows, sum(hashtextextended(r, 0)::numeric) AS one, sum(hashtextextended(r, 7)::numeric) AS two
     FROM (SELECT ROW(${columns.join(', ')})::text COLLATE "C" AS r FROM ONLY ${table}) x`,
  )
  return `${told(row, 'rows')} ${told(row, 'one')} ${told(row, 'two')}`
}

/**
 * Reads every value of every row, those out of line too, and says how many rows there are. By the server's own hash functions where the type has one, which
 * takes a fifth of the time that text does; needs `pinned` settings.
 */
export async function readRows(ask: Ask, table: string): Promise<number> {
  const columns = await ask(
    `SELECT quote_ident(a.attname) AS name, current_setting('server_version_num')::int >= 140000 AND t.oid < 16384
        AND EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'hash'
          JOIN pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype AND p.amprocnum = 2
          WHERE o.opcdefault AND o.oid < 16384 AND p.amproc < 16384 AND o.opcintype = CASE t.typname WHEN 'varchar' THEN 'text'::regtype ELSE t.oid END) AS hashed
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table],
  )
  const named = (hashed: string): readonly string[] =>
    columns.filter((row) => told(row, 'hashed') === hashed).map((row) => told(row, 'name'))
  const [hashed, others] = [named('t'), named('f')]
  const values = [
    ...(hashed.length > 0 ? [`count(hash_record_extended(ROW(${hashed.join(', ')}), 0))`] : []),
    ...(others.length > 0 ? [`count(ROW(${others.join(', ')})::text)`] : []),
  ]
  const [row] = await ask(`SELECT ${['count(*) AS rows', ...values].join(', ')} FROM ONLY ${table}`)
  return Number(told(row, 'rows'))
}

export function countIn(sum: Sum): number {
  return Number(sum.slice(0, sum.indexOf(' ')))
}

export interface Kept {
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
}

/** Streams a table's rows, sealed, into the staging. */
export async function keepRows(
  session: Session,
  { table, moved }: Moved,
  {
    box,
    staging,
    budget,
  }: { readonly box: Box; readonly staging: Staging; readonly budget: Budget },
): Promise<Kept> {
  let [sha256, bytes, rows] = ['', 0, 0]
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of session.copyOut(`COPY ${table}${listed(moved)} TO STDOUT`)) {
      budget.bytes(piece.length)
      bytes += piece.length
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) rows += 1
      yield piece
    }
  }
  const all = hashed(counted(), (hash) => {
    sha256 = hash
  })
  await staging.putLate(box.seal(all), () => box.name(sha256))
  return { sha256, bytes, rows }
}

export interface Moved {
  readonly table: string
  readonly moved: readonly string[]
}

export async function bringRows(
  session: Session,
  { table, moved }: Moved,
  bytes: Bytes,
): Promise<void> {
  await session.copyIn(`COPY ${table}${listed(moved)} FROM STDIN`, bytes)
}

/** Reads what the vault has of a table into a table that only this session sees, and compares; throws `broken_store` where it is not the same. */
export async function compareKept(session: Session, from: Moved, kept: Bytes): Promise<void> {
  const { table, moved } = from
  const { ask } = session
  await ask('SAVEPOINT firebreak_compare')
  await ask(
    `CREATE TEMP TABLE firebreak_compare AS SELECT ${moved.join(', ')} FROM ONLY ${table} WITH NO DATA`,
  )
  await bringRows(session, { table: 'pg_temp.firebreak_compare', moved }, kept)
  const there = await sumOf(ask, table, moved)
  const back = await sumOf(ask, 'pg_temp.firebreak_compare', moved)
  await ask('ROLLBACK TO SAVEPOINT firebreak_compare')
  await ask('RELEASE SAVEPOINT firebreak_compare')
  if (there !== back)
    throw new FirebreakError('broken_store', `the copy of \`${table}\` in the vault is another`)
}

function listed(columns: readonly string[]): string {
  return columns.length === 0 ? '' : ` (${columns.join(', ')})`
}
