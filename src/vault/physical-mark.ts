/** A restore point before an act: named in the WAL of the database, and on the vault's disk before anybody goes on. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import { told } from '../platforms/postgres/questions.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Receiver } from './physical-receiver.ts'

export interface Mark {
  /** What `recovery_target_name` takes. */
  readonly name: string
  /** All that was committed when it was asked for lies before. */
  readonly lsn: Lsn
  readonly at: number
  /** What it was set on: the number of a place means another place after a failover. */
  readonly timeline: number
  readonly history?: string
}

export interface Marking {
  /** A session as a role that may call `pg_create_restore_point`, outside of any transaction. */
  readonly ask: Session['ask']
  readonly receiver: Pick<Receiver, 'durable' | 'of'>
  readonly clock: Clock
  readonly chance: Chance
  /** How long it may take until the vault has it. */
  readonly maxMs: number
}

/**
 * INVARIANT (recovery-first): it comes back when the WAL up to the mark is on the vault's disk; else it throws. The message is
 * of a transaction: its commit makes the server write the mark to its disk at once, and not when its WAL writer comes around.
 * A name that leads elsewhere by now leads the session there at once, and the receiver when its connection breaks: what is
 * marked there is not in the WAL that is received, whatever its numbers say.
 */
export async function markNow({ ask, receiver, clock, chance, maxMs }: Marking): Promise<Mark> {
  const at = clock.now()
  const name = newId('firebreak', at, chance)
  const [row] = await ask(
    `SELECT set_config('synchronous_commit', 'local', true), pg_create_restore_point($1) AS mark,
      pg_logical_emit_message(true, 'firebreak', $1) AS message,
      (SELECT system_identifier FROM pg_control_system()) AS system, pg_walfile_name(pg_current_wal_insert_lsn()) AS file`,
    [name],
  )
  const { system, timeline, history } = receiver.of
  if (
    told(row, 'system') !== system ||
    Number.parseInt(told(row, 'file').slice(0, 8), 16) !== timeline
  )
    throw new FirebreakError(
      'wrong_state',
      'the mark was set in another server than the one whose WAL is received',
      'see that the name of the database leads to one server only',
    )
  await receiver.durable(parseLsn(told(row, 'message')), maxMs)
  const line = { timeline, ...(history === undefined ? {} : { history }) }
  return { name, lsn: parseLsn(told(row, 'mark')), at, ...line }
}
