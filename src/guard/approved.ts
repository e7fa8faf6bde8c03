/** Whether a hold's approvals vouch for it: each is sealed when it is given, so a row that somebody wrote into the state is none. */
import { textOf } from '../base/json.ts'
import type { Seal } from './ports.ts'
import type { Signer } from './house.ts'
import type { ApprovalRow, HoldRow } from './rows.ts'

/** The approval with its seal: over the hold, the digest, the person, the time and the factor. */
export function sealApproval(seal: Seal, hold: string, approval: ApprovalRow): ApprovalRow {
  const sealed = seal.seal(said(approval), `approval:${hold}`)
  return { ...approval, evidence: { ...approval.evidence, sealed } }
}

/** Whose voice it is: who stands in for somebody speaks with theirs, and the two are one. */
export function voiceOf({ name, for: place }: Signer): string {
  return place ?? name
}

/** Those who may sign at that time: what is lent has an end. */
export function signingAt(signers: readonly Signer[], now: number): readonly Signer[] {
  return signers.filter(({ until }) => until === undefined || now < until)
}

/** How many different voices there are. */
export function voices(signers: readonly Signer[]): number {
  return new Set(signers.map(voiceOf)).size
}

/** The approvals by a factor that counts here, of those who may still sign: who was removed after a yes has none, nor who stood in and was called back. */
export function stillCounting(
  { approvals, factor: asked }: Pick<HoldRow, 'approvals' | 'factor'>,
  signers: readonly Signer[],
): readonly ApprovalRow[] {
  return approvals
    .filter(({ factor }) => asked === undefined || factor === asked)
    .filter(({ approver, at, for: place }) =>
      signingAt(signers, at).some(
        (signer) =>
          signer.name === approver &&
          voiceOf(signer) === (place ?? approver) &&
          signer.enrolledAt <= at,
      ),
    )
}

/**
 * INVARIANT (E1): the digest that enough different approvers signed who may still sign, or null when one differs, is
 * missing, or is not sealed.
 */
export function approvedDigest(
  seal: Seal,
  hold: HoldRow,
  signers: readonly Signer[],
): string | null {
  const counting = stillCounting(hold, signers)
  const names = new Set(counting.map(({ approver, for: place }) => place ?? approver))
  const good = hold.approvals.every(
    (approval) => approval.digest === hold.digest && isSealed(seal, hold.id, approval),
  )
  const needed = Math.max(1, hold.approvalsNeeded)
  return good && names.size >= needed ? hold.digest : null
}

function isSealed(seal: Seal, hold: string, approval: ApprovalRow): boolean {
  try {
    return seal.open(textOf(approval.evidence['sealed']), `approval:${hold}`) === said(approval)
  } catch {
    // It does not open: nobody here has given this approval.
    return false
  }
}

/** A code's says no factor, and one's own voice no other: those of before there was a choice read the same. */
function said({ digest, approver, at, factor, for: place }: ApprovalRow): string {
  const by = factor === 'totp' ? '' : ` ${factor}`
  return `${digest} ${approver} ${at}${by}${place === undefined ? '' : ` for ${place}`}`
}
