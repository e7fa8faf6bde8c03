/** How late it was already: the ledger's last entry says so, and a clock behind it would let what has expired live again. */
import { FirebreakError } from '../base/error.ts'
import type { State } from '../guard/ports.ts'
import { readLeaf, timeText } from '../ledger/leaf.ts'

/** A clock may be set back by this much between two starts: a time service does, and it harms nobody. */
const slackMs = 60_000

/** The time of the last entry in ms since 1970, 0 where there is none. Throws `wrong_state` where the clock is well behind it. */
export async function timeSince(state: State, now: number): Promise<number> {
  const leaf = await state.read(async ({ log }) => {
    const size = await log.size()
    return (await log.leaves(Math.max(0, size - 1), size))[0]
  })
  const at = leaf === undefined ? 0 : (readLeaf(leaf)?.at ?? 0)
  if (now >= at - slackMs) return at
  throw new FirebreakError(
    'wrong_state',
    `the clock says ${timeText(now)}, and it was ${timeText(at)} already when the ledger was written last`,
    'set the clock; if it is right now and was wrong then, take the `head-` file in the vault (or the state folder) away, start, and look before you `firebreak accept`',
  )
}
