/** Whether tables hold nothing, so that emptying them takes nothing: asked where they are locked, as the statement itself would. */
import type { Desk } from './seam.ts'

/**
 * By the size of the file: rows that this session or its role does not see count too. Only of tables for which that is all:
 * no partitions or children, no trigger that hears of it, rows kept as PostgreSQL itself keeps them.
 */
const question = `SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_am m ON m.oid OPERATOR(pg_catalog.=) c.relam
WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.regclass
AND c.relkind OPERATOR(pg_catalog.=) 'r' AND m.amname OPERATOR(pg_catalog.=) 'heap'
AND pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog.=) 0
AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid)
AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid
AND (t.tgtype OPERATOR(pg_catalog.&) 32::pg_catalog.int2) OPERATOR(pg_catalog.<>) 0)`

/** More tables in one statement are not looked at. */
const most = 100

/** True where all of them are empty, and stay so until the transaction that is open ends. Names are quoted already. */
export async function areEmpty(
  desk: Pick<Desk, 'ask'>,
  tables: readonly string[],
): Promise<boolean> {
  if (tables.length > most) return false
  if ((await desk.ask(['SAVEPOINT firebreak_empty'])).error !== null) return false
  const isEmpty = await found(desk, tables)
  // What was locked for nothing is let go again.
  const back = isEmpty ? [] : ['ROLLBACK TO SAVEPOINT firebreak_empty']
  const left = await desk.ask([...back, 'RELEASE SAVEPOINT firebreak_empty'])
  return isEmpty && left.error === null
}

/** Looked at before it is locked: a table with rows, which others use, is not locked at all. */
async function found(desk: Pick<Desk, 'ask'>, tables: readonly string[]): Promise<boolean> {
  if (!(await holdNothing(desk, tables))) return false
  const list = tables.map((table) => `ONLY ${table}`).join(', ')
  const { error } = await desk.ask([`LOCK TABLE ${list} IN ACCESS EXCLUSIVE MODE`])
  return error === null && (await holdNothing(desk, tables))
}

async function holdNothing(desk: Pick<Desk, 'ask'>, tables: readonly string[]): Promise<boolean> {
  for (const table of tables) {
    const { error, rows } = await desk.ask([question], [table])
    if (error !== null || rows[0]?.[0] !== '1') return false
  }
  return true
}
