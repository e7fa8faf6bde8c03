/** Who can sign: approvers for themselves, and viewers in the place of one who is away. */
import { FirebreakError } from '../base/error.ts'
import type { Signer } from '../guard/house.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import { lendings, standsFor } from './delegate.ts'
import { approvers } from './enrol.ts'
import type { Proven } from './factor.ts'

/** Those who can sign, for themselves or in somebody's place: how many approvals can be had at all, and whose still count. */
export async function signers(seal: Seal, tx: Tx): Promise<readonly Signer[]> {
  const rows = (await approvers(tx)).filter((row) => row.role !== 'viewer')
  const keys = await tx.find('passkey', { removedAt: null })
  const holders = new Set(keys.map(({ approver }) => approver))
  const own = rows.map(({ id, name, enrolledAt }) => ({
    name,
    enrolledAt,
    hasPasskey: holders.has(id),
  }))
  const lent = (await lendings(seal, tx)).map(({ row: { at, until }, from, to }) => ({
    name: to.name,
    for: from.name,
    enrolledAt: at,
    until,
    hasPasskey: holders.has(to.id),
  }))
  return [...own, ...lent]
}

/** In the transaction that acts: who has proven it is still enrolled, and their voice was not taken back since. Throws `factor_refused`. */
export async function mustSignStill(
  seal: Seal,
  tx: Tx,
  { proven, now }: { readonly proven: Pick<Proven, 'approver' | 'for'>; readonly now: number },
): Promise<void> {
  const { id, name } = proven.approver
  const seat = await tx.get('approver', id)
  const place = proven.for === undefined ? null : await standsFor(seal, tx, { id, now })
  if (seat?.removedAt === null && place?.name === proven.for) return
  const whose = proven.for === undefined ? 'any more' : `in the place of \`${proven.for}\` any more`
  throw new FirebreakError('factor_refused', `\`${name}\` does not sign ${whose}`)
}
