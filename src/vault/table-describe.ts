/** A database told as its parts: each by its name, with the statement that makes it and the one that takes it away. */
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Row } from '../platforms/postgres/questions.ts'
import { guardQuestions } from './table-guards.ts'
import { markQuestions } from './table-marks.ts'
import { relationQuestions } from './table-relations.ts'

export interface Part {
  /** `table shop.bookings`, `trigger shop.bookings.audit`: no two parts have the same. */
  readonly id: string
  /** What is made first has the lower number; rows stand at `rowRank`. */
  readonly rank: number
  readonly kind: string
  /** The table or view that it hangs on; null for the rest. */
  readonly rel: string | null
  /** Of a foreign key: the table that it points at. */
  readonly other: string | null
  readonly make: string
  readonly unmake: string | null
  /** False where `make` would not bring it back as it is. */
  readonly exact: boolean
}

/** A table holds its rows before keys, indexes and triggers come to it. */
export const rowRank = 20

/** Parts by id, in the order in which they can be made. Names are whole: ask within `pinned`. */
export type Description = ReadonlyMap<string, Part>

export async function describe(ask: Ask): Promise<Description> {
  const parts: Part[] = []
  for (const [rank, kind, sql] of [...relationQuestions, ...guardQuestions, ...markQuestions])
    for (const row of await ask(sql)) parts.push(partOf(rank, kind, row))
  return new Map(parts.toSorted((a, b) => a.rank - b.rank).map((part) => [part.id, part]))
}

/** Runs `work` with the settings that make text the same everywhere, and puts back what was set before. */
export async function pinned<T>(ask: Ask, work: () => Promise<T>): Promise<T> {
  const names = Object.keys(pins)
  const before = await ask(
    `SELECT ${names.map((name, at) => `current_setting('${name}') AS s${at}`).join(', ')}`,
  )
  const set = async (values: readonly string[]): Promise<void> => {
    const sets = names.map((name, at) => `set_config('${name}', $${at + 1}, true) AS s${at}`)
    await ask(`SELECT ${sets.join(', ')}`, values)
  }
  await set(Object.values(pins))
  const result = await work()
  // Not where `work` throws: the transaction has failed then, and its end puts them back.
  await set(names.map((_, at) => told(before[0], `s${at}`)))
  return result
}

/** The same settings for the rest of the session. */
export async function pin(ask: Ask): Promise<void> {
  for (const [name, value] of Object.entries(pins))
    await ask('SELECT set_config($1, $2, false)', [name, value])
}

const pins = {
  // Whole names for all that is the user's. Named last, since it would come first: else a temporary `pg_class` of the act's would be looked at.
  search_path: 'pg_catalog, pg_temp',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  row_security: 'off',
  check_function_bodies: 'off',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  synchronize_seqscans: 'off',
  lock_timeout: '10s',
}

/** True for a table that has rows of its own: a partitioned one has not. */
export function holdsRows({ kind, make }: Part): boolean {
  return kind === 'table' && !make.includes(') PARTITION BY ')
}

/** True for a view that keeps the rows of its query: made again it has those of today, so they must have been summed. */
export function isStored({ kind, make }: Part): boolean {
  return (
    kind === 'view' && make.startsWith('CREATE MATERIALIZED') && !make.endsWith(' WITH NO DATA')
  )
}

/** Ids of the parts that are in one of the two only, or told otherwise. */
export function differences(before: Description, after: Description): readonly string[] {
  const ids = new Set([...before.keys(), ...after.keys()])
  return [...ids].filter((id) => before.get(id)?.make !== after.get(id)?.make)
}

function partOf(rank: number, kind: string, row: Row): Part {
  const late = told(row, 'late') === 't'
  return {
    id: `${kind} ${told(row, 'id')}`,
    rank: late ? 35 : rank,
    kind,
    rel: row['rel'] ?? null,
    other: row['other'] ?? null,
    make: told(row, 'make'),
    unmake: row['unmake'] ?? null,
    exact: told(row, 'exact') === 't',
  }
}
