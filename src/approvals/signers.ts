/** Who can sign: approvers for themselves, and viewers in the place of one who is away. */
import type { Signer } from '../guard/house.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import { lendings } from './delegate.ts'
import { approvers } from './enrol.ts'

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
