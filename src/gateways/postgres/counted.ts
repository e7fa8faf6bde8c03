/**
 * Bounded writes, counted before they are kept: the server does the work inside a transaction, and says itself how many
 * rows were changed or deleted, by the statement, by foreign keys that cascade and by triggers. No estimate.
 */
import { refusal } from './refusal.ts'
import type { Answer, Desk, Refusal } from './seam.ts'

/** What may still change, and what did. Rows as the server counts them: each update and each delete of one is one. */
export interface Budget {
  readonly left: () => number
  readonly spend: (rows: number) => void
}

/** One explicit transaction, from its first bounded write on. */
export interface Counting {
  /** The server's counter when it began; what it tells grows with the session, so only the difference counts. */
  readonly base: number
  /** What it has changed, as it was counted last. */
  readonly rows: number
}

export type Counted =
  /** It stands; what the transaction has changed by now. Null where the client gets the server's own error. */
  | { readonly kind: 'kept'; readonly counting: Counting | null }
  /** Too many: it was rolled back, or will be since the client is told of an error. */
  | { readonly kind: 'over'; readonly rows: number }
  | { readonly kind: 'broken'; readonly why: Refusal }

/**
 * `pg_stat_xact_all_tables` counts what the running transaction did, rolled back to a savepoint or not, and beside it what the
 * session did before that was not reported yet (so: differences). Every name is qualified, or a `search_path` could name others.
 */
const question = `SELECT pg_catalog.current_setting('track_counts'), pg_catalog.sum(n_tup_upd OPERATOR(pg_catalog.+) n_tup_del)
FROM pg_catalog.pg_stat_xact_all_tables WHERE schemaname OPERATOR(pg_catalog.!~) '^pg_'`

/** A write of its own: begun, run, counted, and kept only within the budget. */
export async function runAlone(desk: Desk, budget: Budget): Promise<Counted> {
  const begun = await desk.ask('BEGIN')
  if (begun.error !== null) return { kind: 'broken', why: begun.error }
  const counted = await runWithin(desk, { budget, counting: null })
  if (counted.kind !== 'kept' || counted.counting === null) {
    await desk.ask('ROLLBACK')
    return counted
  }
  const now = await rowsOf(desk)
  const kept = await desk.ask('COMMIT')
  // A deferred constraint speaks up only here.
  if (kept.error !== null) return { kind: 'broken', why: kept.error }
  if (typeof now === 'number') budget.spend(now - counted.counting.base)
  return { kind: 'kept', counting: null }
}

/** A write inside the client's own transaction, which counts as a whole: `counting` is where it stood before its first. */
export async function runWithin(
  desk: Desk,
  { budget, counting }: { readonly budget: Budget; readonly counting: Counting | null },
): Promise<Counted> {
  const base = counting?.base ?? (await rowsOf(desk))
  if (typeof base !== 'number') return { kind: 'broken', why: base }
  const ran = await desk.send()
  if (ran.error !== null) return { kind: 'kept', counting: null }
  if (ran.overflow) return { kind: 'broken', why: overflown }
  const now = await rowsOf(desk)
  if (typeof now !== 'number') return { kind: 'broken', why: now }
  const rows = now - base
  return rows <= budget.left() ? { kind: 'kept', counting: { base, rows } } : { kind: 'over', rows }
}

/** The server's counter now, or why it cannot be had: what cannot be counted is not kept. */
export async function rowsOf(desk: Desk): Promise<number | Refusal> {
  const answer = await desk.ask(question)
  return answer.error ?? counterIn(answer)
}

function counterIn({ rows }: Answer): number | Refusal {
  const [tracks, sum] = rows[0] ?? []
  if (tracks !== 'on') return uncounted
  const counter = Number(sum ?? '0')
  return Number.isSafeInteger(counter) ? counter : uncounted
}

const uncounted: Refusal = {
  code: '42501',
  message: 'Firebreak cannot count what this would change, so it was not kept',
  detail: 'the server does not count its rows: `track_counts` is off',
  hint: 'a person who runs the server turns `track_counts` on',
}

const overflown = refusal(
  '54000',
  'Firebreak cannot keep back so large an answer until the rows are counted; nothing was kept',
  'leave out RETURNING, or change fewer rows at a time',
)
