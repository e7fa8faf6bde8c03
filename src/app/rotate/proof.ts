/** Whether a credential whose place another has taken still opens: one read with it, and one with the other, so that a refusal means what it says. */
import { Secret } from '../../base/secret.ts'
import { buryReplaced, replacedOf } from '../../custody/replaced.ts'
import type { Firebreak } from '../compose.ts'
import { keptOf } from './ways.ts'
import type { Way } from './way.ts'

export type Proof =
  | { readonly kind: 'dead'; readonly at: number; readonly said: string }
  | { readonly kind: 'alive'; readonly said: string }
  | { readonly kind: 'unclear'; readonly said: string }

/** Of the newest old one; null where there is none. What is found dead is written down, once, and forgotten. */
export async function proveOld(
  firebreak: Firebreak,
  target: string,
  way: Way | null,
): Promise<Proof | null> {
  const { state, seal } = firebreak
  const all = await state.transact((tx) => replacedOf(seal, tx, target))
  const proofs: Proof[] = []
  for (const { secret, dead } of all)
    if (secret !== null) proofs.push(await proveOne(firebreak, { target, secret }, way))
    else if (dead !== null) proofs.push({ kind: 'dead', ...dead })
  // The worst of them counts, and of the dead ones the last.
  return (
    proofs.find(({ kind }) => kind === 'alive') ??
    proofs.find(({ kind }) => kind === 'unclear') ??
    proofs.at(-1) ??
    null
  )
}

async function proveOne(
  firebreak: Firebreak,
  { target, secret }: { readonly target: string; readonly secret: string },
  way: Way | null,
): Promise<Proof> {
  if (way === null)
    return { kind: 'unclear', said: 'Firebreak has no read for it: look at its platform' }
  const kept = await keptOf(firebreak, target)
  const asked = await way.ask(new Secret(secret))
  if (asked.kind === 'in')
    return { kind: 'alive', said: (await way.open()) ?? 'it is let in like the new one' }
  if (asked.kind === 'unclear') return asked
  const other = await way.ask(kept)
  if (other.kind !== 'in')
    return { kind: 'unclear', said: 'the one that is kept is not let in either' }
  return await buried(firebreak, { target, secret, said: asked.said })
}

async function buried(
  { state, seal, ledger, clock }: Firebreak,
  told: { readonly target: string; readonly secret: string; readonly said: string },
): Promise<Proof> {
  const at = clock.now()
  await state.transact(async (tx) => {
    if (!(await buryReplaced(seal, tx, { ...told, at }))) return
    const body = { what: 'the old one is dead', said: told.said }
    await ledger.append(tx, [{ kind: 'custody', at, subject: told.target, principal: null, body }])
  })
  return { kind: 'dead', at, said: told.said }
}
