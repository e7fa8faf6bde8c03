/** The rounds in which credentials that somebody has logged in for are renewed. */
import { messageOf } from '../../base/error.ts'
import type { Firebreak } from '../compose.ts'
import { every } from '../rounds.ts'

const roundMs = 15_000

/** The first round at once: what ended while nothing ran is renewed before somebody calls. Gives what stops it. */
export function keepLogins({ renewals }: Firebreak, log: (line: string) => void): () => void {
  const failed = (thrown: unknown): void => log(`logins: ${messageOf(thrown)}`)
  renewals.round().catch(failed)
  return every(roundMs, renewals.round, failed)
}
