/** What takes nothing, by the catalog or because it is empty, is kept only where that still holds: another session may just have named something so. */
import type { Otherwise } from './asking.ts'
import { areEmpty } from './empty.ts'
import type { Answer, Desk, Refusal } from './seam.ts'
import { refusal } from './refusal.ts'

export type Voided =
  /** It took nothing, and is kept. */
  | { readonly kind: 'void' }
  /** The client gets the server's own error. */
  | { readonly kind: 'failed' }
  /** It may have taken something: it was rolled back. */
  | { readonly kind: 'took' }
  | { readonly kind: 'broken'; readonly why: Refusal }

/** Rows that the running transaction has written, those of the catalog among them; so: differences. */
const question = `SELECT pg_catalog.current_setting('track_counts'),
pg_catalog.sum(n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd OPERATOR(pg_catalog.+) n_tup_del)
FROM pg_catalog.pg_stat_xact_all_tables`

/** What cannot run inside a transaction says so (ACTIVE_SQL_TRANSACTION). */
const notInside = '25001'

/**
 * INVARIANT (unread is held): in a transaction of its own it has written nothing, or nobody has changed the catalog since the
 * look; else it is as if it was never sent. What it names is locked by then, so nobody can before it is kept.
 */
export async function runVoid(
  desk: Desk,
  send: () => Promise<Answer>,
  how: Otherwise,
): Promise<Voided> {
  const { error } = await desk.ask(['BEGIN'])
  if (error !== null) return { kind: 'broken', why: error }
  const voided =
    'empties' in how ? await runEmpty(desk, send, how.empties) : await run(desk, send, how.stands)
  const ended = await desk.ask([voided.kind === 'void' ? 'COMMIT' : 'ROLLBACK'])
  return ended.error === null ? voided : { kind: 'broken', why: ended.error }
}

async function run(
  desk: Desk,
  send: () => Promise<Answer>,
  stands: () => Promise<boolean>,
): Promise<Voided> {
  const base = await writtenBy(desk)
  if (base === null) return { kind: 'broken', why: uncounted }
  const { error, overflow } = await send()
  if (error !== null) return { kind: error.code === notInside ? 'took' : 'failed' }
  if (overflow) return { kind: 'took' }
  const isVoid = (await writtenBy(desk)) === base || (await stands().catch(() => false))
  return { kind: isVoid ? 'void' : 'took' }
}

/** The lock keeps them empty until it is kept. */
async function runEmpty(
  desk: Desk,
  send: () => Promise<Answer>,
  empties: readonly string[],
): Promise<Voided> {
  if (!(await areEmpty(desk, empties))) return { kind: 'took' }
  const { error, overflow } = await send()
  if (error !== null) return { kind: 'failed' }
  return { kind: overflow ? 'took' : 'void' }
}

async function writtenBy(desk: Desk): Promise<string | null> {
  const { rows, error } = await desk.ask([question])
  const [tracks, sum] = rows[0] ?? []
  return error === null && tracks === 'on' ? (sum ?? '0') : null
}

const uncounted = refusal(
  '42501',
  'Firebreak cannot tell whether this takes anything: the server does not count its rows (`track_counts` is off)',
  'a person who runs the server turns `track_counts` on',
)
