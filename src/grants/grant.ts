/** Grants: minted with the root key, narrowed by anyone who holds one, verified by the gateway alone. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import type { Principal } from '../core/principal.ts'
import { scopeOf } from './caveat.ts'
import type { Caveat } from './caveat.ts'
import { firstTail, nextTail, parseToken, refused, tokenText } from './token.ts'
import type { Parsed, Refused } from './token.ts'

/** A new grant. Throws `bad_input` without an expiry and an environment: no grant is for ever or for everywhere by neglect. */
export function mintGrant(rootKey: Uint8Array, id: string, caveats: readonly Caveat[]): string {
  if (!isRooted(caveats))
    throw new FirebreakError(
      'bad_input',
      'a grant needs environments, operations and an expiry',
      'see `firebreak help grant`',
    )
  const tail = caveats.reduce(nextTail, firstTail(rootKey, id))
  return checked(tokenText({ id, caveats, tail }))
}

/** The grant with more caveats: offline, without any key. Throws `grant_refused` for what is no grant. */
export function attenuate(
  token: string,
  caveats: readonly Caveat[],
  delegate: string | null,
): string {
  const parsed = parseToken(token)
  if (parsed.kind === 'refused') throw new FirebreakError('grant_refused', parsed.why)
  const added: readonly Caveat[] = [['hop', delegate], ...caveats]
  const tail = added.reduce(nextTail, parsed.tail)
  return checked(tokenText({ id: parsed.id, caveats: [...parsed.caveats, ...added], tail }))
}

export interface Verified {
  readonly kind: 'verified'
  readonly principal: Principal
  /** Thumbprints of the keys whose holder must sign each request; usually none. */
  readonly holders: readonly string[]
}

export interface GrantFacts {
  readonly now: number
  /** The minted grant of that id, or null. */
  readonly minted: (id: string) => { readonly principal: string; readonly mintedBy: string } | null
  readonly revoked: (hop: string) => boolean
}

/**
 * Whether the token was minted here, is in time, and no hop of it was revoked. INVARIANT (narrows-only): caveats can
 * only be added, and `Scope` lets every one of them refuse.
 */
export function verifyGrant(
  parsed: Parsed,
  rootKey: Uint8Array,
  facts: GrantFacts,
): Verified | Refused {
  const tails = [firstTail(rootKey, parsed.id)]
  for (const caveat of parsed.caveats) tails.push(nextTail(tails.at(-1) ?? rootKey, caveat))
  if (!timingSafeEqual(tails.at(-1) ?? new Uint8Array(32), parsed.tail))
    return refused('the grant was not minted here')
  const minted = facts.minted(parsed.id)
  if (minted === null) return refused('the grant is not known here')
  const scope = scopeOf(parsed.caveats)
  if (!isRooted(parsed.caveats))
    return refused('the grant has no environment, no operation or no expiry')
  if (facts.now >= scope.expiresAt)
    return refused(`the grant expired at ${new Date(scope.expiresAt).toISOString()}`)
  const hops = hopIds(parsed, tails)
  if (hops.some(facts.revoked)) return refused('the grant was revoked')
  const chain = parsed.caveats.flatMap(([word, value]) =>
    word === 'hop' && typeof value === 'string' ? [value] : [],
  )
  const holders = parsed.caveats.flatMap(([word, value]) =>
    word === 'holder' && typeof value === 'string' ? [value] : [],
  )
  const principal = {
    name: minted.principal,
    root: parsed.id,
    hops,
    chain,
    mintedBy: minted.mintedBy,
    scope,
  }
  return { kind: 'verified', principal, holders }
}

/** Ids of every hop: the grant's own, then a hash of the tail where each later hop ends. Revoking one revokes what follows. */
function hopIds({ id, caveats }: Parsed, tails: readonly Uint8Array[]): readonly string[] {
  const starts = caveats.flatMap(([word], index) => (word === 'hop' ? [index] : []))
  return [id, ...starts.map((_, nth) => hopId(tails[starts[nth + 1] ?? caveats.length]))]
}

/** The hop's id of a whole token, for revoking it by the token alone: its last hop. */
export function lastHop(token: string): string | null {
  const parsed = parseToken(token)
  if (parsed.kind === 'refused') return null
  return parsed.caveats.some(([word]) => word === 'hop') ? hopId(parsed.tail) : parsed.id
}

function hopId(tail: Uint8Array | undefined): string {
  return `hop_${createHash('sha256')
    .update(tail ?? '')
    .digest('hex')
    .slice(0, 32)}`
}

/** True when the caveats before the first hop name environments, operations and an expiry. */
function isRooted(caveats: readonly Caveat[]): boolean {
  const end = caveats.findIndex(([word]) => word === 'hop')
  const words = new Set(caveats.slice(0, end === -1 ? undefined : end).map(([word]) => word))
  return words.has('environments') && words.has('expires') && words.has('operations')
}

function checked(token: string): string {
  if (parseToken(token).kind === 'refused')
    throw new FirebreakError('bad_input', 'the grant would be too long, or a caveat is odd')
  return token
}
