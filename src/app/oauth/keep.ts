/** The rounds of what is only good for a while: credentials that somebody has logged in for are renewed, grants that nobody has fetched go. */
import { messageOf } from '../../base/error.ts'
import type { Firebreak } from '../compose.ts'
import { revokeLapsed } from '../revoke.ts'
import { every } from '../rounds.ts'

const roundMs = 15_000

/** The first round at once: what ended while nothing ran is renewed before somebody calls. Gives what stops it. */
export function keepLogins(firebreak: Firebreak, log: (line: string) => void): () => void {
  const failed = (thrown: unknown): void => log(`logins: ${messageOf(thrown)}`)
  const round = async (): Promise<void> => {
    await firebreak.renewals.round()
    await revokeLapsed(firebreak)
  }
  round().catch(failed)
  return every(roundMs, round, failed)
}
