/** One approver's yes to one held action, and how many are enough. */
import { FirebreakError } from '../base/error.ts'
import type { ApprovalRow, HoldRow } from '../guard/rows.ts'
import type { Proven } from './factor.ts'

/** Why this person may not approve this hold; null when they may. Checked before a code is spent. */
export function objection(hold: HoldRow, approver: string, now: number): string | null {
  if (hold.state !== 'open') return `\`${hold.id}\` is ${hold.state}`
  if (hold.expiresAt <= now) return `\`${hold.id}\` has expired`
  if (askedBy(hold, approver))
    return `\`${approver}\` asked for it, or handed it on: who asks never approves`
  const twice = hold.approvals.some((approval) => approval.approver === approver)
  return twice ? `\`${approver}\` has approved it already: another person must` : null
}

/** The hold's approvals with this one; `enough` when the last that was needed has come. */
export function withApproval(
  hold: HoldRow,
  proven: Proven,
  { now, shown }: { readonly now: number; readonly shown: string },
): { readonly approvals: readonly ApprovalRow[]; readonly enough: boolean } {
  const why = objection(hold, proven.approver.name, now)
  if (why !== null) throw new FirebreakError('factor_refused', why)
  const approval: ApprovalRow = {
    approver: proven.approver.name,
    factor: proven.kind,
    at: now,
    digest: hold.digest,
    shown,
    evidence: proven.evidence,
  }
  const approvals = [...hold.approvals, approval]
  return { approvals, enough: approvals.length >= hold.approvalsNeeded }
}

/** INVARIANT (requester-never-approves): the principal and every name along its delegation; the minter may. */
function askedBy(hold: HoldRow, approver: string): boolean {
  const names = [hold.principal.name, ...hold.principal.chain].flatMap((name) => [
    name,
    name.slice(name.indexOf(':') + 1),
  ])
  return names.some((name) => name.toLowerCase() === approver.toLowerCase())
}
