/** A grant, or a hop that was narrowed from one, works no more from now on. */
import type { Firebreak } from './compose.ts'

export async function revokeGrant(
  { state, ledger, grants, clock }: Pick<Firebreak, 'state' | 'ledger' | 'grants' | 'clock'>,
  id: string,
  by: string,
): Promise<void> {
  const at = clock.now()
  await state.transact(async (tx) => {
    const row = await tx.get('grant', id)
    if (row !== null) await tx.put('grant', { ...row, revokedAt: at })
    await tx.put('revoked', { id, at, by })
    const principal = row?.principal ?? null
    await ledger.append(tx, [{ kind: 'revoked', at, subject: id, principal, body: { by } }])
  })
  await grants.load()
}

/** Grants whose code nobody has taken in time: nobody holds them, and nobody shall. */
export async function revokeLapsed(firebreak: Firebreak): Promise<void> {
  for (const id of firebreak.codes.lapsed())
    await revokeGrant(firebreak, id, 'console: nobody took it')
}
