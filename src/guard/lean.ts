/** What an act leans on where its runner has the way back taken within it: made durable before the act is final. */
import { FirebreakError } from '../base/error.ts'
import type { Json } from '../base/json.ts'
import { holdById } from './hold.ts'
import type { House } from './house.ts'
import type { Leant } from './ports.ts'
import type { HoldRow } from './rows.ts'

/**
 * INVARIANT (E4): only a hold that still executes, and has not leant yet, goes on: whoever asked meanwhile and was told `not
 * happened` was told the truth. INVARIANT (E6): the leases are taken with it.
 */
export async function lean(house: House, id: string, { points, mark }: Leant): Promise<void> {
  await house.state.transact(async (tx) => {
    const hold = await holdById(tx, id)
    if (hold.state !== 'executing' || hold.mark !== undefined)
      throw new FirebreakError('wrong_state', `\`${id}\` does not execute any more`)
    // INVARIANT (recovery-first).
    if (hold.needsRecoveryPoint && points.length === 0)
      throw new FirebreakError('internal', `\`${id}\` has no way back to lean on`)
    for (const point of points) await house.lease(tx, point, id)
    await tx.put('hold', { ...hold, recoveryPoints: points, mark })
  })
}

/** For the ledger: the points that were not there yet when the intent was written. */
export function leant({ mark, recoveryPoints }: HoldRow): { readonly [key: string]: Json } {
  return mark === undefined ? {} : { points: recoveryPoints }
}
