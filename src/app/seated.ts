/** Whether the ledger knows who signs: where another hand has written into the state, its rows alone do not say who that is. */
import { readPasskey } from '../approvals/assertion.ts'
import type { Proven } from '../approvals/factor.ts'
import type { Tx } from '../guard/ports.ts'
import { historyOf } from './history.ts'

/** INVARIANT (power-widens-with-a-person): one line where the seat, or the key, of who has proven themselves is none by the ledger; null where it is. */
export async function unseatedLine(
  tx: Tx,
  { approver: { id, name, role }, evidence }: Pick<Proven, 'approver' | 'evidence'>,
): Promise<string | null> {
  const { approvers, passkeys } = await historyOf(tx.log)
  const seat = approvers.get(id)
  const used = readPasskey(evidence['key'])
  const key = used === null ? null : passkeys.get(used.id)
  const isSeat = seat?.removed === false && seat.name === name && seat.role === role
  const isKey = key === null || (key?.removed === false && key.seat === id)
  return isSeat && isKey
    ? null
    : `the ledger knows no such \`${name}\`: somebody has written them into the state`
}
