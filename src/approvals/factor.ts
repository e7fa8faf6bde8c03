/** The factor: what proves that an approver, and nobody else, says yes. A port: one-time codes and passkeys fill it. */
import { FirebreakError } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import { plain } from '../base/plain.ts'
import type { Tx } from '../guard/ports.ts'
import { readStatement, signedFrom } from './statement.ts'
import type { Assertion } from './assertion.ts'
import type { ApprovalRow, ApproverRow } from '../guard/rows.ts'

/** What a person gives: who they say they are, and a code or a passkey's signature. */
export type Proof = { readonly approver: string } & Given
export type Given = { readonly code: string } | { readonly assertion: Assertion }

export interface Factor<G extends Given = Given> {
  readonly kind: ApprovalRow['factor']
  /**
   * Whether the proof is this approver's, for this digest, and new; spends it in the caller's transaction. A refusal is a
   * line for the person, and a value, since its count must be stored too.
   */
  check(
    tx: Tx,
    row: ApproverRow,
    given: G & { readonly digest: string; readonly shown: string | null },
  ): Promise<Checked | string>
}

export interface Factors {
  readonly totp: Factor<{ readonly code: string }>
  readonly passkey: Factor<{ readonly assertion: Assertion }>
}

export interface Checked {
  readonly approver: ApproverRow
  /** What is kept as evidence; holds no secret. */
  readonly evidence: JsonObject
}

export interface Proven extends Checked {
  /** In whose place they sign; absent where it is their own voice. */
  readonly for?: string
  readonly kind: Factor['kind']
  /** What it was given for: it serves nothing else. */
  readonly digest: string
}

/** What a proof is given for, and who may give it. */
export interface Bound {
  readonly digest: string
  /** SHA-256 of the text that it is given for; null where there is none. */
  readonly shown: string | null
  readonly role: Power
  /** In whose place somebody signs now, who has no voice of their own; null where in nobody's. */
  readonly standsFor?: (seat: ApproverRow) => Promise<Place | null>
}

/** In whose place somebody signs, and since when. */
export interface Place {
  readonly name: string
  readonly since: number
}

/**
 * Checks a proof for one purpose, in the caller's transaction, and spends it; whoever throws inside that transaction
 * takes the count of a refusal back. A proof that was accepted for one digest is spent for every other.
 */
export async function prove(
  { totp, passkey }: Factors,
  tx: Tx,
  proof: Proof,
  { digest, shown, role, standsFor }: Bound,
): Promise<Proven | string> {
  const row = await approverByName(tx, proof.approver)
  if (row === null) return `no approver \`${plain(proof.approver)}\` is enrolled`
  const place =
    role === 'stand-in' && row.role === 'viewer' ? ((await standsFor?.(row)) ?? null) : null
  if (place === null && ranks.indexOf(row.role) < ranks.indexOf(role))
    return `\`${row.name}\` is a ${row.role}: this takes ${role === 'admin' ? 'an admin' : 'an approver'}`
  const checked =
    'code' in proof
      ? await totp.check(tx, row, { code: proof.code, digest, shown })
      : await passkey.check(tx, row, { assertion: proof.assertion, digest, shown })
  if (typeof checked === 'string') return checked
  const kind = 'code' in proof ? totp.kind : passkey.kind
  return inPlace({ ...checked, kind, digest }, place)
}

/** INVARIANT (approval-binds): a statement names no place: it is for the one in which its person signed when it was put. */
function inPlace(proven: Proven, place: Place | null): Proven | string {
  if (place === null) return proven
  const read = readStatement(proven.evidence['statement'])
  const { name } = proven.approver
  return read !== null && signedFrom(read) < place.since
    ? `that was put before \`${name}\` stood in for \`${place.name}\`: begin again`
    : { ...proven, for: place.name }
}

/** What an entry says of how a person gave their word, beside their name: enough to check a passkey's again. */
export function wordOf({
  kind,
  evidence,
  for: place,
}: Pick<Proven, 'kind' | 'evidence' | 'for'>): JsonObject {
  return { factor: kind, evidence, ...(place === undefined ? {} : { for: place }) }
}

/** What an act takes: a role, or at least that one stands in for an approver. */
export type Power = ApproverRow['role'] | 'stand-in'

/** Each may what those before may. */
export const ranks: readonly Power[] = ['viewer', 'stand-in', 'approver', 'admin']

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
    'give the code that your authenticator shows now, or sign with your passkey',
  )
}
