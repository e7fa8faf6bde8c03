/** One approver's yes to one held action, and how many are enough. */
import { FirebreakError } from '../base/error.ts'
import { stillCounting } from '../guard/approved.ts'
import type { Signer } from '../guard/house.ts'
import type { ApprovalRow, HoldRow } from '../guard/rows.ts'
import type { Proven } from './factor.ts'

/** Why this person may not approve this hold; null when they may. Checked before a code is spent. */
export function objection(hold: HoldRow, approver: string, now: number): string | null {
  if (hold.state !== 'open') return `\`${hold.id}\` is ${hold.state}`
  if (hold.expiresAt <= now) return `\`${hold.id}\` has expired`
  if (isAsker(hold.principal, approver))
    return `\`${approver}\` asked for it, or handed it on: who asks never approves`
  const twice = hold.approvals.some((approval) => approval.approver === approver)
  return twice ? `\`${approver}\` has approved it already: another person must` : null
}

/** What is said to a one-time code where the policy wants more. */
export const tooWeak =
  'the policy asks for a passkey here: a one-time code can be read and typed by others, and does not say what it is for'

interface Signing {
  readonly now: number
  /** SHA-256 of what was shown. */
  readonly shown: string
  /** Who may sign now: who was removed since counts no more. */
  readonly signers: readonly Signer[]
}

/** The hold's approvals with this one; `enough` when the last that was needed has come. */
export function withApproval(
  hold: HoldRow,
  proven: Proven,
  { now, shown, signers }: Signing,
): { readonly approvals: readonly ApprovalRow[]; readonly enough: boolean } {
  const why = objection(hold, proven.approver.name, now)
  if (why !== null) throw new FirebreakError('factor_refused', why)
  // INVARIANT (approval-binds): a factor that was given for something else approves nothing here.
  if (proven.digest !== hold.digest)
    throw new FirebreakError('factor_refused', 'that code was given for another action')
  if (hold.factor === 'passkey' && proven.kind !== 'passkey')
    throw new FirebreakError('factor_refused', tooWeak)
  const approval: ApprovalRow = {
    approver: proven.approver.name,
    factor: proven.kind,
    at: now,
    digest: hold.digest,
    shown,
    evidence: proven.evidence,
  }
  const approvals = [...hold.approvals, approval]
  const counting = stillCounting({ ...hold, approvals }, signers)
  return { approvals, enough: counting.length >= hold.approvalsNeeded }
}

/** One line where fewer than must approve still can: the count was sealed when it opened, and a removal lowers it for the next hold alone. */
export function shortOf(hold: HoldRow, signers: readonly Signer[]): string | null {
  const lost = hold.approvals.filter((one) => !stillCounting(hold, signers).includes(one))
  const able = signers
    .filter(({ hasPasskey }) => hold.factor === undefined || hasPasskey === true)
    .filter(
      ({ name }) =>
        !isAsker(hold.principal, name) && lost.every(({ approver }) => approver !== name),
    )
  if (hold.state !== 'open' || able.length >= hold.approvalsNeeded) return null
  const how = hold.factor === undefined ? '' : ' with a passkey'
  return `${hold.approvalsNeeded} must approve${how}, and ${able.length} can: enrol another, or it expires`
}

/**
 * INVARIANT (requester-never-approves): the principal and every name along its delegation; the minter may. A name counts with and without
 * the kinds before it (`agent:`, `person:team:`), in any letters; what looks the same is the same.
 */
export function isAsker({ name: asker, chain }: HoldRow['principal'], approver: string): boolean {
  const mine = folded(approver)
  return [asker, ...chain].some((name) => {
    const parts = folded(name).split(':')
    return parts.some((_, from) => parts.slice(from).join(':') === mine)
  })
}

/** Compatibility forms made one, invisible characters and spaces gone, lower case. */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
}
