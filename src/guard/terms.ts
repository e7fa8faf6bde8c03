/** The terms of a hold: all of its row that never changes after it was opened, sealed with the request, so that no hand can rewrite them. */
import { digest, toJson } from '../base/json.ts'
import type { HoldRow } from './rows.ts'

/** What an approver is shown, who asks, and what must be met before it runs. */
type Terms = Omit<
  HoldRow,
  | 'sealed'
  | 'state'
  | 'approvals'
  | 'executesAt'
  | 'last'
  | 'recoveryPoints'
  | 'mark'
  | 'settledAt'
  | 'outcome'
  | 'closing'
>

/** SHA-256 over the terms; a row whose terms give another than was sealed is not the hold that was opened. */
export function termsDigest(terms: Terms): string {
  return digest(
    toJson({
      id: terms.id,
      digest: terms.digest,
      principal: terms.principal,
      action: terms.action,
      radius: terms.radius,
      findings: terms.findings,
      alternatives: terms.alternatives,
      reason: terms.reason,
      entry: terms.entry,
      requestedAt: terms.requestedAt,
      expiresAt: terms.expiresAt,
      approvalsAsked: terms.approvalsAsked,
      approvalsNeeded: terms.approvalsNeeded,
      graceMs: terms.graceMs,
      needsRecoveryPoint: terms.needsRecoveryPoint,
      // Absent where any factor counts: what was sealed before there was a choice reads the same.
      ...(terms.factor === undefined ? {} : { factor: terms.factor }),
    }),
  )
}

/** INVARIANT (E2): no earlier than the grace after the last approval, whatever time the row was given. */
export function earliest(hold: HoldRow): number {
  const last = Math.max(...hold.approvals.map(({ at }) => at))
  return Math.max(hold.executesAt ?? Number.POSITIVE_INFINITY, last + hold.graceMs)
}
