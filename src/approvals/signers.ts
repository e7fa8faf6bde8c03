/** Who can sign: approvers for themselves, and viewers in the place of one who is away. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import type { Signer } from '../guard/house.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import { readPasskey } from './assertion.ts'
import { lendings, standsFor } from './delegate.ts'
import { approvers } from './enrol.ts'
import { wordOf } from './factor.ts'
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

/**
 * What an entry says of the word of who has proven themselves, in the transaction that acts by it. INVARIANT (power-widens-with-a-person):
 * who was removed since, or whose passkey or lent voice was taken away since, does nothing any more. Throws `factor_refused`.
 */
export async function wordStill(
  { seal, clock }: { readonly seal: Seal; readonly clock: Pick<Clock, 'now'> },
  tx: Tx,
  proven: Proven,
): Promise<JsonObject> {
  const { id, name } = proven.approver
  const seat = await tx.get('approver', id)
  const place =
    proven.for === undefined ? null : await standsFor(seal, tx, { id, now: clock.now() })
  if (seat?.removedAt === null && place?.name === proven.for && (await hasKeyStill(tx, proven)))
    return wordOf(proven)
  const whose = proven.for === undefined ? 'any more' : `in the place of \`${proven.for}\` any more`
  throw new FirebreakError('factor_refused', `\`${name}\` does not sign ${whose}`)
}

async function hasKeyStill(tx: Tx, { evidence, approver }: Proven): Promise<boolean> {
  const used = readPasskey(evidence['key'])
  if (used === null) return true
  const key = await tx.get('passkey', used.id)
  return key?.removedAt === null && key.approver === approver.id
}
