/** Grants as the daemon keeps them: which were minted, which hops were revoked; in memory, since each request asks. */
import { openCache } from '../base/cache.ts'
import type { Clock } from '../base/clock.ts'
import type { Principal } from '../core/principal.ts'
import type { GrantUse } from '../gateways/http/house.ts'
import { verifyGrant } from '../grants/grant.ts'
import { parseToken } from '../grants/token.ts'
import type { State } from '../guard/ports.ts'
import type { GrantRow } from '../guard/rows.ts'

export interface Grants {
  readonly load: () => Promise<void>
  /** Whose grant it is, or one line why not. */
  readonly authenticate: (use: GrantUse) => Principal | string
  readonly revoked: (hop: string) => boolean
}

const mostProofs = 100_000
const kept = { most: 2000, characters: 2_000_000 } as const

export function openGrants(state: State, rootKey: Uint8Array, clock: Clock): Grants {
  let minted: ReadonlyMap<string, GrantRow> = new Map()
  let gone: ReadonlySet<string> = new Set()
  const proofs = new Map<string, number>()
  const since = clock.now()
  // INVARIANT (revoked at once): forgotten whenever the grants are loaded anew. What needs a proof is never kept.
  const verified = openCache<Principal>(kept)

  /** INVARIANT (a proof works once): ids are kept for their window; a full memory refuses rather than forgets. */
  const fresh = (jti: string, until: number): boolean => {
    if (proofs.size >= mostProofs)
      for (const [id, end] of proofs) if (end < clock.now()) proofs.delete(id)
    if (proofs.has(jti) || proofs.size >= mostProofs) return false
    proofs.set(jti, until)
    return true
  }

  return {
    revoked: (hop) => gone.has(hop),
    load: async () => {
      const [grants, revoked] = await state.transact(async (tx) => [
        await tx.find('grant', {}),
        await tx.find('revoked', {}),
      ])
      verified.clear()
      minted = new Map(grants.map((row) => [row.id, row]))
      gone = new Set(
        [...grants.filter(({ revokedAt }) => revokedAt !== null), ...revoked].map(({ id }) => id),
      )
    },
    authenticate: (use) => {
      const known = verified.get(use.token)
      if (known !== null && clock.now() < known.scope.expiresAt) return known
      const parsed = parseToken(use.token)
      if (parsed.kind === 'refused') return parsed.why
      const { proof, method, url } = use
      const now = verifyGrant(parsed, rootKey, {
        now: clock.now(),
        minted: (id) => minted.get(id) ?? null,
        revoked: (hop) => gone.has(hop),
        proof: proof === null ? null : { text: proof, method, url, fresh, since },
      })
      if (now.kind === 'refused') return now.why
      if (now.holders.length === 0) verified.put(use.token, now.principal)
      return now.principal
    },
  }
}
