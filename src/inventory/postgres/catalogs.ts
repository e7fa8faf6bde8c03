/** The catalog of a database, kept as new as what was done through the gateway, and looked at anew by time. */
import type { SqlCatalog } from '../../platforms/postgres/catalog.ts'
import { told } from '../../platforms/postgres/questions.ts'
import type { Ask } from '../../platforms/postgres/questions.ts'
import { readCatalog, withNumbers } from './snapshot.ts'

export interface Catalogs {
  /** What was read last; null before the first time. */
  current(): SqlCatalog | null
  /** Null where `current` is as new as the last `changed`; else fulfils when it is. Rejects with what the server says. */
  settled(): Promise<void> | null
  /** Something was made, altered or dropped, and is committed. */
  changed(): void
  /** Looks again which numbers the sequences have given: those change without a change of the catalog. */
  numbers(): Promise<void>
  /** Asks whether anything is other than it was read, whoever did it, and reads again where it is. */
  look(): Promise<void>
  /** Called at a look at `current`; what comes back says at the act whether the catalog, as others see it, is still that one. */
  stands(): () => Promise<boolean>
}

export function openCatalogs(ask: Ask): Catalogs {
  let catalog: SqlCatalog | null = null
  let mark = ''
  /** Counts what has changed; what was read is as new as `read` says. */
  let wanted = 1
  let read = 0
  let reading: Promise<void> | null = null

  const readOnce = async (): Promise<void> => {
    const upTo = wanted
    const now = await markOf(ask)
    if (catalog === null || now !== mark) {
      // The mark is older than what is read behind it: at worst the next look reads once too often.
      catalog = await readCatalog(ask)
      mark = now
    }
    read = upTo
  }
  /** One reading at a time; who wants a newer one than is under way waits for the next. */
  const settle = async (): Promise<void> => {
    reading ??= readOnce().finally(() => (reading = null))
    await reading
    if (read < wanted) await settle()
  }
  return {
    current: () => catalog,
    settled: () => (read < wanted ? settle() : null),
    changed: () => {
      wanted += 1
    },
    numbers: async () => {
      await settle()
      const before = catalog
      if (before === null) return
      const found = await withNumbers(before, ask)
      // One that was read meanwhile is newer in all.
      if (catalog === before) catalog = found
    },
    look: () => {
      wanted += 1
      return settle()
    },
    stands: () => {
      const seen = mark
      return async () => (await markOf(ask)) === seen
    },
  }
}

async function markOf(ask: Ask): Promise<string> {
  const [row] = await ask(question)
  return told(row, 'mark')
}

const ofTable = (table: string, column: string): string =>
  `${table} c JOIN pg_catalog.pg_class r ON r.oid = c.${column} WHERE r.relpersistence <> 't'`
const ofSchema = (table: string, column: string): string =>
  `${table} c JOIN pg_catalog.pg_namespace n ON n.oid = c.${column} WHERE n.nspname !~ '^pg_(toast_)?temp_'`

/**
 * A number for the whole catalog: each row of it carries the transaction that wrote it. What a session has for itself alone
 * (temporary tables) is no part of it.
 */
const question = `SELECT string_agg(m.mark, ' ') AS mark FROM (${[
  ofSchema('pg_namespace', 'oid'),
  ofTable('pg_class', 'oid'),
  ofTable('pg_attribute', 'attrelid'),
  ofTable('pg_attrdef', 'adrelid'),
  ofTable('pg_trigger', 'tgrelid'),
  ofTable('pg_policy', 'polrelid'),
  ofTable('pg_inherits', 'inhrelid'),
  ofSchema('pg_constraint', 'connamespace'),
  // The row type of a table is the table's own.
  `${ofSchema('pg_type', 'typnamespace')} AND c.typrelid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = c.typelem AND e.typrelid <> 0)`,
  'pg_rewrite c',
  'pg_proc c',
  'pg_operator c',
  'pg_cast c',
  "pg_depend c WHERE c.deptype = 'e'",
]
  .map(
    (from) =>
      `SELECT count(*) || ':' || coalesce(sum(hashint8(c.xmin::text::bigint)), 0) AS mark FROM pg_catalog.${from}`,
  )
  .join(' UNION ALL ')}) m`
