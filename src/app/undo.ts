/** Undo: before the act it does not happen; after it, what the recovery points hold comes back. */
import { FirebreakError } from '../base/error.ts'
import { holdById } from '../guard/hold.ts'
import type { Firebreak } from './compose.ts'

/** One line for each thing that was done. Throws `wrong_state` where there is nothing to take back. */
export async function undoHold(
  firebreak: Firebreak,
  id: string,
  by: string,
): Promise<readonly string[]> {
  const hold = await firebreak.state.transact((tx) => holdById(tx, id))
  if (hold.state === 'approved' || hold.state === 'scheduled') {
    await firebreak.guard.deferral.undo(id, by)
    return [`${id} will not run: nothing had been sent to ${hold.action.target}`]
  }
  if (hold.state !== 'executed' || hold.recoveryPoints.length === 0)
    throw new FirebreakError('wrong_state', `\`${id}\` is ${hold.state}: there is nothing to undo`)
  const done: string[] = []
  for (const point of hold.recoveryPoints) done.push(await firebreak.vault.restore(point))
  await firebreak.state.transact((tx) =>
    firebreak.ledger.append(tx, [
      {
        kind: 'restored',
        at: firebreak.clock.now(),
        subject: id,
        principal: null,
        body: { by, points: [...hold.recoveryPoints], done },
      },
    ]),
  )
  return done
}
