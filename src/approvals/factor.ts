/** The factor: what proves that an approver, and nobody else, says yes. TOTP is the first; passkeys fill the same port. */
import { FirebreakError } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow } from '../guard/rows.ts'
import { matchCode } from './totp.ts'

/** What a person gives: who they say they are, and the proof. */
export interface Proof {
  readonly approver: string
  readonly code: string
}

export interface Proven {
  readonly approver: ApproverRow
  readonly kind: 'totp'
  /** What is kept as evidence; holds no secret. */
  readonly evidence: JsonObject
}

export interface FactorHouse {
  readonly seal: Seal
  readonly now: () => number
}

/** Wrong codes are free up to here; then each one doubles the wait, from 30 seconds to an hour. */
const freeFailures = 5
const firstLockMs = 30_000
const longestLockMs = 3_600_000

/**
 * Checks a proof for one purpose, in the caller's transaction, and spends it: a refusal is a value, since its count
 * must be stored too. A one-time code that was accepted for one digest is spent for every other.
 * Locking is per approver and by failures alone, so a flood of wrong codes delays that approver's yes for at most an
 * hour at a time, and never touches deny, undo, revoke or halt, which ask for no factor.
 */
export async function prove(
  house: FactorHouse,
  tx: Tx,
  proof: Proof,
  purpose: { readonly digest: string; readonly role: 'approver' | 'admin' },
): Promise<Proven | string> {
  const row = await approverByName(tx, proof.approver)
  const now = house.now()
  if (row === null) return `no approver \`${proof.approver}\` is enrolled`
  if (row.role === 'viewer' || (purpose.role === 'admin' && row.role !== 'admin'))
    return `\`${row.name}\` is a ${row.role}: this takes ${purpose.role === 'admin' ? 'an admin' : 'an approver'}`
  if (now < row.lockedUntil)
    return `\`${row.name}\` gave too many wrong codes: wait ${Math.ceil((row.lockedUntil - now) / 1000)} s`
  const secret = Buffer.from(house.seal.open(row.totp, `totp:${row.id}`), 'hex')
  const step = matchCode(secret, proof.code, { now, lastStep: row.lastStep })
  if (step === null) {
    const failures = row.failures + 1
    const lockedUntil = failures < freeFailures ? 0 : now + lockMs(failures)
    await tx.put('approver', { ...row, failures, lockedUntil })
    return 'that code is wrong, too old, or used already'
  }
  const proven = { ...row, failures: 0, lockedUntil: 0, lastStep: step }
  await tx.put('approver', proven)
  return { approver: proven, kind: 'totp', evidence: { step, digest: purpose.digest } }
}

/** The approver of that name who was not removed, or null. */
export async function approverByName(tx: Tx, name: string): Promise<ApproverRow | null> {
  const [row] = await tx.find('approver', { name, removedAt: null })
  return row ?? null
}

/** The proven approver, or the refusal as a fault: call it outside the transaction that must keep the failure's count. */
export function provenOrThrow(result: Proven | string): Proven {
  if (typeof result !== 'string') return result
  throw new FirebreakError(
    'factor_refused',
    result,
    'give the code that your authenticator shows now',
  )
}

function lockMs(failures: number): number {
  return Math.min(longestLockMs, firstLockMs * 2 ** (failures - freeFailures))
}
