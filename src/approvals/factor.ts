/** The factor: what proves that an approver, and nobody else, says yes. TOTP is the first; passkeys fill the same port. */
import { FirebreakError } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow } from '../guard/rows.ts'
import { plain } from '../base/plain.ts'
import { countWrong, lockedUntil } from './throttle.ts'
import { matchCode, matchPair } from './totp.ts'

/** What a person gives: who they say they are, and the proof. */
export interface Proof {
  readonly approver: string
  readonly code: string
}

export interface Proven {
  readonly approver: ApproverRow
  readonly kind: 'totp'
  /** What it was given for: it serves nothing else. */
  readonly digest: string
  /** What is kept as evidence; holds no secret. */
  readonly evidence: JsonObject
}

export interface FactorHouse {
  readonly seal: Seal
  readonly now: () => number
}

/**
 * Checks a proof for one purpose, in the caller's transaction, and spends it: a refusal is a value, since its count
 * must be stored too; whoever throws inside that transaction takes the count back. A one-time code that was accepted for
 * one digest is spent for every other. `throttle.ts` says how guessing is slowed down without shutting people out.
 */
export async function prove(
  house: FactorHouse,
  tx: Tx,
  proof: Proof,
  purpose: { readonly digest: string; readonly role: 'approver' | 'admin' },
): Promise<Proven | string> {
  const row = await approverByName(tx, proof.approver)
  const now = house.now()
  if (row === null) return `no approver \`${plain(proof.approver)}\` is enrolled`
  if (row.role === 'viewer' || (purpose.role === 'admin' && row.role !== 'admin'))
    return `\`${row.name}\` is a ${row.role}: this takes ${purpose.role === 'admin' ? 'an admin' : 'an approver'}`
  const until = await lockedUntil(tx, row, now)
  const secret = Buffer.from(house.seal.open(row.totp, seatOf(row)), 'hex')
  const at = { now, lastStep: row.lastStep }
  const pair = matchPair(secret, proof.code, at)
  if (pair === null && now < until)
    return `too many wrong codes for \`${row.name}\`: wait ${Math.ceil((until - now) / 1000)} s, or give two codes in a row: this one, a space, the next one`
  const step = pair ?? matchCode(secret, proof.code, at)
  if (step === null) {
    if (!isSpent(secret, proof.code, now)) await countWrong(tx, row, now)
    return 'that code is wrong, too old, or used already'
  }
  const proven = { ...row, failures: 0, lockedUntil: 0, lastStep: step }
  await tx.put('approver', proven)
  const { digest } = purpose
  return { approver: proven, kind: 'totp', digest, evidence: { step, digest } }
}

/** What a secret is sealed to: a row that was given another name or role by hand opens it no more. */
export function seatOf({ id, name, role }: Pick<ApproverRow, 'id' | 'name' | 'role'>): string {
  return `totp:${id} ${role} ${name}`
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

/** A right code that was used already is a person's second try, not a guess: it is refused, and not counted. */
function isSpent(secret: Uint8Array, code: string, now: number): boolean {
  const at = { now, lastStep: 0 }
  return (matchCode(secret, code, at) ?? matchPair(secret, code, at)) !== null
}
