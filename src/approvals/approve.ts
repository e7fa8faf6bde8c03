/** One approver's yes to one held action, and how many are enough. */
import { FirebreakError } from '../base/error.ts'
import { signingAt, stillCounting, voiceOf } from '../guard/approved.ts'
import type { Signer } from '../guard/house.ts'
import type { ApprovalRow, HoldRow } from '../guard/rows.ts'
import type { Proven } from './factor.ts'

/** Why this person may not approve this hold; null when they may. Checked before a code is spent. */
export function objection(
  hold: HoldRow,
  approver: string,
  { now, signers }: Pick<Signing, 'now' | 'signers'>,
): string | null {
  if (hold.state !== 'open') return `\`${hold.id}\` is ${hold.state}`
  if (hold.expiresAt <= now) return `\`${hold.id}\` has expired`
  const me = signerNamed(signers, approver, now)
  const voice = me === undefined ? approver : voiceOf(me)
  const asker = [approver, voice].find((name) => isAsker(hold.principal, name))
  if (asker !== undefined)
    return `\`${asker}\` asked for it, or handed it on: who asks never approves`
  const has = (name: string): string => `\`${name}\` has approved it already: another person must`
  if (hold.approvals.some((one) => one.approver === approver)) return has(approver)
  const given = stillCounting(hold, signers).find((one) => voiceIn(one) === voice)
  if (given === undefined) return null
  const of = `\`${given.approver}\` and \`${approver}\` are one voice`
  return `${has(given.approver)} (${of}: that of \`${voice}\`)`
}

/** Who may sign under that name now; undefined where nobody may. */
export function signerNamed(
  signers: readonly Signer[],
  approver: string,
  now: number,
): Signer | undefined {
  return signingAt(signers, now).find(({ name }) => name === approver)
}

function voiceIn({ approver, for: place }: ApprovalRow): string {
  return place ?? approver
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
  const why = objection(hold, proven.approver.name, { now, signers })
  if (why !== null) throw new FirebreakError('factor_refused', why)
  // It was proven in a transaction before this one: who was removed or called back in between says nothing any more.
  const me = signerNamed(signers, proven.approver.name, now)
  if (me === undefined || me.for !== proven.for)
    throw new FirebreakError(
      'factor_refused',
      `\`${proven.approver.name}\` cannot sign that any more: somebody has changed who signs`,
    )
  // INVARIANT (approval-binds): a factor that was given for something else approves nothing here.
  if (proven.digest !== hold.digest)
    throw new FirebreakError('factor_refused', 'that code was given for another action')
  if (hold.factor === 'passkey' && proven.kind !== 'passkey')
    throw new FirebreakError('factor_refused', tooWeak)
  const approval: ApprovalRow = {
    approver: proven.approver.name,
    ...(proven.for === undefined ? {} : { for: proven.for }),
    factor: proven.kind,
    at: now,
    digest: hold.digest,
    shown,
    evidence: proven.evidence,
  }
  const approvals = [...hold.approvals, approval]
  const counting = new Set(stillCounting({ ...hold, approvals }, signers).map(voiceIn))
  return { approvals, enough: counting.size >= hold.approvalsNeeded }
}

/** One line where fewer than must approve still can: the count was sealed when it opened, and a removal lowers it for the next hold alone. */
export function shortOf(
  hold: HoldRow,
  { now, signers }: Pick<Signing, 'now' | 'signers'>,
): string | null {
  const counting = stillCounting(hold, signers)
  const can = signingAt(signers, now)
    .filter(({ hasPasskey }) => hold.factor === undefined || hasPasskey === true)
    .filter(
      (one) =>
        ![one.name, voiceOf(one)].some((name) => isAsker(hold.principal, name)) &&
        hold.approvals.every(({ approver }) => approver !== one.name),
    )
  // A yes that was given in time counts also when who gave it can sign no more, and as the voice that it was given in.
  const able = new Set([...can.map(voiceOf), ...counting.map(voiceIn)]).size
  if (hold.state !== 'open' || able >= hold.approvalsNeeded) return null
  const how = hold.factor === undefined ? '' : ' with a passkey'
  return `${hold.approvalsNeeded} must approve${how}, and ${able} can: enrol another, or it expires`
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
