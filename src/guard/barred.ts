/** What stops a principal at this very moment, whatever it asks: a halt, a grant that was revoked, or one that has ended. */
import type { Principal } from '../core/principal.ts'
import type { Finding } from '../core/verdict.ts'
import type { Halts } from './halt.ts'
import type { House } from './house.ts'

/**
 * The finding that stops it now, or null. Memory only. INVARIANT (halt-halts): a body, a survey and a transaction take
 * time, so it is asked again after each of them, and nothing is cleared before it was asked last.
 */
export function barred(
  house: Pick<House, 'revoked' | 'clock'>,
  halts: Halts,
  { name, hops, scope }: Principal,
): Finding | null {
  const halted = halts.stops(name)
  if (halted !== null) return halted
  if (hops.some(house.revoked)) return { rule: 'grant', message: 'the grant was revoked' }
  return house.clock.now() < scope.expiresAt
    ? null
    : { rule: 'grant', message: 'the grant has expired' }
}
