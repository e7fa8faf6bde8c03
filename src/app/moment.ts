/** The moment before an action, by the id of its hold: what a restore goes back to. */
import { FirebreakError } from '../base/error.ts'
import { holdById } from '../guard/hold.ts'
import type { LogRows } from '../guard/ports.ts'
import type { HoldRow } from '../guard/rows.ts'
import { readLeaf } from '../ledger/leaf.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Until } from '../vault/physical-config.ts'
import { isMarkId, untilMark } from '../vault/mark-manifest.ts'
import { asTaken } from './as-taken.ts'
import type { Firebreak } from './compose.ts'
import { boxOf } from './physical.ts'

export interface Moment {
  readonly target: string
  /** By our clock. */
  readonly at: number
  /** The base backup that the mark stands upon; null where any will do. */
  readonly base: string | null
  readonly until: Until
  /** In words, with what it leans on. */
  readonly said: string
}

/**
 * The mark that was set in the WAL before it ran, where there is one; else the time at which its intent was written down, before
 * it was sent, by the clock of the database. Throws `wrong_state` for what has not run.
 */
export async function momentBefore(firebreak: Firebreak, id: string): Promise<Moment> {
  const { hold, at } = await firebreak.state.transact(async (tx) => {
    const found = await holdById(tx, id)
    return { hold: found, at: await sentAt(tx.log, found) }
  })
  const { target } = hold.action
  if (at === null)
    throw new FirebreakError('wrong_state', `\`${id}\` has not run: there is no moment before it`)
  const mark = hold.recoveryPoints.find(isMarkId)
  if (mark !== undefined) {
    await asTaken(firebreak, mark)
    const { base, until } = await untilMark(boxOf(firebreak), mark)
    return { target, at, base, until, said: `\`${mark}\`, which was set before \`${id}\` ran` }
  }
  const ahead = await aheadOf(firebreak, target)
  const time = at + (ahead ?? 0)
  const clock =
    ahead === null
      ? 'by this machine’s clock, since the database does not answer: where that one was ahead, it is too late'
      : 'by the clock of the database'
  const said = `${new Date(time).toISOString()}, when \`${id}\` was about to be sent, ${clock}`
  return { target, at, base: null, until: { kind: 'time', time }, said }
}

const pageSize = 512

/** When its first intent was written down: one that was cut off may have been begun again. */
async function sentAt(
  log: Pick<LogRows, 'size' | 'leaves'>,
  hold: HoldRow,
): Promise<number | null> {
  const size = await log.size()
  let found: number | null = null
  for (let at = hold.entry; at < size; at += pageSize)
    for (const leaf of await log.leaves(at, Math.min(size, at + pageSize))) {
      const entry = readLeaf(leaf)
      if (entry?.subject === hold.id && entry.kind === 'intent') found ??= entry.at
    }
  return found
}

/** How far the clock of the database is ahead of ours; null where it cannot be asked. */
async function aheadOf({ databases, clock }: Firebreak, target: string): Promise<number | null> {
  try {
    const client = await databases.get(target)?.connect()
    if (client === undefined) return null
    try {
      const before = clock.now()
      const [row] = await client.ask(
        'SELECT floor(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000) AS ms',
      )
      const ahead = Number(told(row, 'ms')) - (before + clock.now()) / 2
      // What is less than a second is the way to there and back: earlier is safe.
      return Math.abs(ahead) < 1000 ? Math.min(0, Math.floor(ahead)) : Math.floor(ahead)
    } finally {
      await client.close()
    }
  } catch {
    // A database that is gone is why people restore.
    return null
  }
}
