/**
 * How wrong codes are slowed down. What must hold together: guessing a code is hopeless, and an agent that hammers
 * cannot take a person's yes away.
 *
 * Six digits with a window of three steps are guessed with 3 in a million. Five wrong codes lock the approver for 30
 * seconds, each further one twice as long, up to an hour; thirty in an hour over all approvers lock everyone. So the best
 * that guessing gets is some thirty tries an hour, and people are told of it long before one fits.
 *
 * A lock alone would let the agent decide when a person may say yes: one wrong code an hour keeps it shut. Therefore a lock
 * does not shut the door, it asks for more: two codes that follow each other, which whoever has the authenticator can
 * read within a minute and nobody can guess (3 in a million million). While locked, a single code is not looked at and a
 * wrong pair is not counted: hammering prolongs nothing, and writes nothing. Deny, undo, revoke and halt ask for no
 * code at all, so nothing here can slow them down.
 */
import { isObject } from '../base/json.ts'
import type { Tx } from '../guard/ports.ts'
import type { ApproverRow } from '../guard/rows.ts'

const freeFailures = 5
const firstLockMs = 30_000
const longestLockMs = 3_600_000
const mostInWindow = 30
const windowMs = 3_600_000
const counter = 'wrong-codes'

/** Until when only two codes in a row count for this approver; not after now where one is enough. */
export async function lockedUntil(tx: Tx, row: ApproverRow, now: number): Promise<number> {
  const { since, count } = await wrongCodes(tx, now)
  const forAll = count >= mostInWindow ? since + windowMs : 0
  // A clock that was set back must not stretch a lock.
  return Math.min(Math.max(row.lockedUntil, forAll), now + longestLockMs)
}

/** Counts one wrong code, for its approver and over all. */
export async function countWrong(tx: Tx, row: ApproverRow, now: number): Promise<void> {
  const failures = row.failures + 1
  const until = failures < freeFailures ? 0 : now + lockMs(failures)
  await tx.put('approver', { ...row, failures, lockedUntil: until })
  const { since, count } = await wrongCodes(tx, now)
  await tx.put('meta', { id: counter, value: { since, count: count + 1 } })
}

async function wrongCodes(
  tx: Tx,
  now: number,
): Promise<{ readonly since: number; readonly count: number }> {
  const value = (await tx.get('meta', counter))?.value
  const { since, count } = isObject(value) ? value : {}
  const counts = typeof since === 'number' && typeof count === 'number' && now - since < windowMs
  return counts ? { since, count } : { since: now, count: 0 }
}

function lockMs(failures: number): number {
  return Math.min(longestLockMs, firstLockMs * 2 ** (failures - freeFailures))
}
