/** How many rows a transaction has changed or deleted, as the server itself has counted them. No estimate. */
import { refusal } from './refusal.ts'
import type { Answer, Desk, Refusal } from './seam.ts'

/**
 * What the running transaction did, by the statement, by foreign keys that cascade and by triggers, rolled back to a savepoint
 * or not; and beside it what the session did before that was not reported yet, so only differences count. The server's own
 * tables and temporary ones are no loss. Every name is qualified, or a `search_path` could name others.
 */
const question = `SELECT 'tracks', pg_catalog.current_setting('track_counts')
UNION ALL SELECT oid::pg_catalog.text, n::pg_catalog.text FROM (
SELECT oid, pg_catalog.pg_stat_get_xact_tuples_updated(oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(oid) AS n
FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
AND relkind OPERATOR(pg_catalog.=) ANY ('{r,m}'::pg_catalog."char"[]) AND relpersistence OPERATOR(pg_catalog.<>) 't') c
WHERE n OPERATOR(pg_catalog.>) 0`

/** The server's counter of each table that has one. */
export type Counters = ReadonlyMap<string, number>

/** The server's counters now, after these statements; or why they cannot be had: what cannot be counted is not kept. */
export async function countersOf(
  desk: Pick<Desk, 'ask'>,
  before: readonly string[] = [],
): Promise<Counters | Refusal> {
  const answer = await desk.ask([...before, question])
  return answer.error ?? countersIn(answer)
}

/** Table by table: one that is gone by now, as where it was made behind a savepoint, takes nothing from what the others have. */
export function rowsSince(base: Counters, now: Counters): number {
  let rows = 0
  for (const [table, counter] of now) rows += Math.max(0, counter - (base.get(table) ?? 0))
  return rows
}

/** The rows that the statement itself has changed, as its tag says: foreign tables are counted nowhere else. */
export function rowsByTag(tag: string): number {
  const found = /^(?:UPDATE|DELETE|MERGE) (\d+)$/.exec(tag)
  return found === null ? 0 : Number(found[1])
}

function countersIn({ rows, overflow }: Answer): Counters | Refusal {
  const counters = new Map<string, number>()
  let tracks = false
  for (const [table, counter] of rows) {
    if (table === 'tracks') tracks = counter === 'on'
    else if (table === null || table === undefined || !Number.isSafeInteger(Number(counter)))
      return uncounted
    else counters.set(table, Number(counter))
  }
  return tracks && !overflow ? counters : uncounted
}

export function tooMany(rows: number, left: number): Refusal {
  return {
    code: '42501',
    message: `Firebreak refuses this transaction: it would change or delete ${rows} rows, and ${left} are left of the budget`,
    detail: 'nothing of it was kept',
    hint: 'send the statement by itself, outside a transaction: then a person can approve it',
  }
}

const uncounted: Refusal = {
  code: '42501',
  message: 'Firebreak cannot count what this would change, so it was not kept',
  detail: 'the server does not count its rows: `track_counts` is off',
  hint: 'a person who runs the server turns `track_counts` on',
}

export const overflown = refusal(
  '54000',
  'Firebreak cannot keep back so large an answer until the rows are counted; nothing was kept',
  'leave out RETURNING, or change fewer rows at a time',
)
