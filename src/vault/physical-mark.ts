/** A restore point before an act: named in the WAL of the database, and on the vault's disk before anybody goes on. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
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
}

export interface Marking {
  /** A session as a role that may call `pg_create_restore_point`, outside of any transaction. */
  readonly ask: Session['ask']
  readonly receiver: Pick<Receiver, 'durable'>
  readonly clock: Clock
  readonly chance: Chance
  /** How long it may take until the vault has it. */
  readonly maxMs: number
}

/**
 * INVARIANT (recovery-first): it comes back when the WAL up to the mark is on the vault's disk; else it throws. The message is
 * of a transaction: its commit makes the server write the mark to its disk at once, and not when its WAL writer comes around.
 */
export async function markNow({ ask, receiver, clock, chance, maxMs }: Marking): Promise<Mark> {
  const at = clock.now()
  const name = newId('firebreak', at, chance)
  const [row] = await ask(
    `SELECT set_config('synchronous_commit', 'local', true), pg_create_restore_point($1) AS mark,
      pg_logical_emit_message(true, 'firebreak', $1) AS message`,
    [name],
  )
  await receiver.durable(parseLsn(told(row, 'message')), maxMs)
  return { name, lsn: parseLsn(told(row, 'mark')), at }
}
