/** By what a database knows afterwards whether a transaction was kept: its number, and which history of which server it belongs to. */
import { told } from '../../platforms/postgres/questions.ts'
import type { Ask } from '../../platforms/postgres/questions.ts'

/** The mark of what runs outside of a transaction: whether that has happened nobody can say afterwards. */
export const bareMark = 'bare'

/** Asked before the transaction, since a server may refuse to say. */
export async function historyOf(ask: Ask): Promise<string> {
  try {
    const [row] = await ask(
      `SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS history FROM pg_control_system()`,
    )
    return told(row, 'history')
  } catch {
    // Some providers keep it to themselves: then the number alone must do.
    return ''
  }
}

/** In the transaction, before it is final. */
export async function markOf(ask: Ask, history: string): Promise<string> {
  const [row] = await ask('SELECT pg_current_xact_id() AS xid')
  return `${told(row, 'xid')} ${history}`
}

/** Another history may have given the same number to another transaction: then it is not known. */
export async function hasHappened(ask: Ask, mark: string): Promise<'yes' | 'no' | 'unknown'> {
  const [, xid, history] = /^(\d+) (.*)$/.exec(mark) ?? []
  if (xid === undefined || history === undefined) return 'unknown'
  if ((await historyOf(ask)) !== history) return 'unknown'
  const [row] = await ask('SELECT pg_xact_status($1::xid8) AS status', [xid])
  const status = told(row, 'status')
  if (status === 'committed') return 'yes'
  return status === 'aborted' ? 'no' : 'unknown'
}
