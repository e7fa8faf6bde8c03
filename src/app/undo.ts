/** Undo: before the act it does not happen; after it, what the recovery points hold comes back. */
import { FirebreakError } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import { holdById } from '../guard/hold.ts'
import type { HoldRow } from '../guard/rows.ts'
import type { Firebreak } from './compose.ts'
import { sayDuration } from './duration.ts'
import { takePassBack } from './hook-asked.ts'

/**
 * INVARIANT (power-widens-with-a-person): taking back what has not run asks nobody, and neither does filling a place that is
 * empty; what would be written over living data asks for an approver.
 */
export async function undoAsks(firebreak: Firebreak, id: string): Promise<boolean> {
  const hold = await firebreak.state.transact((tx) => holdById(tx, id))
  if (!hasRun(hold)) return false
  for (const point of hold.recoveryPoints)
    if (await firebreak.vault.isOverLiving(point)) return true
  return false
}

/** One line for each thing that was done. Throws `wrong_state` where there is nothing to take back. */
export async function undoHold(
  firebreak: Firebreak,
  id: string,
  { by, word }: { readonly by: string; readonly word: JsonObject },
): Promise<readonly string[]> {
  const hold = await firebreak.state.transact((tx) => holdById(tx, id))
  if (hold.state === 'approved' || hold.state === 'scheduled') {
    const left = (hold.executesAt ?? 0) - firebreak.clock.now()
    await firebreak.guard.deferral.undo(id, by)
    const when = left > 0 ? `; ${sayDuration(left)} were left` : ''
    return [`${id} will not run: nothing had been sent to ${hold.action.target}${when}`]
  }
  const back = await takePassBack(firebreak, hold, by)
  if (back !== null) return [back]
  if (!hasRun(hold)) throw await nothing(firebreak, hold)
  const done: string[] = []
  try {
    for (const point of hold.recoveryPoints) done.push(await firebreak.vault.restore(point))
  } finally {
    // What came back is written down, also where the next thing did not.
    if (done.length > 0) await writeDown(firebreak, hold, { by, word, done })
  }
  return done
}

async function nothing({ state, pushes }: Firebreak, hold: HoldRow): Promise<FirebreakError> {
  const saved = await state.transact((tx) => pushes.of(tx, hold.id))
  const why = saved === null ? 'there is nothing to undo' : 'a push is put back at a terminal'
  const hint = saved === null ? null : `firebreak undo ${hold.id}`
  return new FirebreakError('wrong_state', `\`${hold.id}\` is ${hold.state}: ${why}`, hint)
}

function hasRun({ state, recoveryPoints }: HoldRow): boolean {
  return state === 'executed' && recoveryPoints.length > 0
}

async function writeDown(
  { state, ledger, clock }: Firebreak,
  { id, recoveryPoints }: HoldRow,
  {
    by,
    word,
    done,
  }: { readonly by: string; readonly word: JsonObject; readonly done: readonly string[] },
): Promise<void> {
  const points = recoveryPoints.slice(0, done.length)
  const body = { by, ...word, points, done: [...done] }
  const entry = { kind: 'restored', at: clock.now(), subject: id, principal: null, body } as const
  await state.transact((tx) => ledger.append(tx, [entry]))
}
