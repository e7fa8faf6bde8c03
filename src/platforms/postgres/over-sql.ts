/** What a role must be allowed so that a whole cluster can be copied by plain SQL, where its server refuses replication. */
import { quoted } from './radius-count.ts'
import { arrayOf, told } from './questions.ts'
import type { Ask } from './questions.ts'

/** Given to superusers alone until somebody grants them. By them a role reads below the data directory and nowhere else. */
export const readingFunctions = [
  'pg_backup_start(text, boolean)',
  'pg_backup_stop(boolean)',
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
] as const

/** Those of them that the role may not call, or that the server does not have. */
export async function missingFunctions(ask: Ask): Promise<readonly string[]> {
  const rows = await ask(
    `SELECT f FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY u (f, at)
      WHERE NOT coalesce(pg_catalog.has_function_privilege(pg_catalog.to_regprocedure('pg_catalog.' || f)::oid, 'EXECUTE'), false)
      ORDER BY at`,
    [arrayOf(readingFunctions)],
  )
  return rows.map((row) => told(row, 'f'))
}

/** The one statement that gives them. */
export function grantOf(functions: readonly string[], role: string): string {
  return `GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO ${quoted(role)};`
}
