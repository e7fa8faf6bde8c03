/** Grants: minted with the root key, narrowed by anyone who holds one, verified by the gateway alone. */
import { hash, timingSafeEqual } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import type { Principal } from '../core/principal.ts'
import { scopeOf, textsOf } from './caveat.ts'
import type { Caveat } from './caveat.ts'
import { keyBytes } from './mac.ts'
import { checkProof } from './proof.ts'
import type { ProofFacts } from './proof.ts'
import {
  firstTail,
  hopBytes,
  nextTail,
  parseToken,
  refused,
  rootBytes,
  tokenText,
} from './token.ts'
import type { Parsed, Refused } from './token.ts'

/** A new grant. Throws `bad_input` without an expiry and an environment: no grant is for ever or for everywhere by neglect. */
export function mintGrant(rootKey: Uint8Array, id: string, caveats: readonly Caveat[]): string {
  keyOf(rootKey)
  if (!isRooted(caveats))
    throw new FirebreakError(
      'bad_input',
      'a grant needs environments, operations and an expiry',
      'see `firebreak help grant`',
    )
  const root = rootBytes(id, caveats)
  return checked(root === null ? null : tokenText([root], firstTail(rootKey, root)))
}

/** The grant with one more hop: offline, without any key. Throws `grant_refused` for what is no grant. */
export function attenuate(
  token: string,
  caveats: readonly Caveat[],
  delegate: string | null,
): string {
  const parsed = parseToken(token)
  if (parsed.kind === 'refused') throw new FirebreakError('grant_refused', parsed.why)
  const hop = hopBytes(delegate === null ? caveats : [...caveats, ['delegate', delegate]])
  return checked(
    hop === null ? null : tokenText([...parsed.bytes, hop], nextTail(parsed.tail, hop)),
  )
}

/** Proof that a grant is good now: only `verifyGrant` makes one, so nothing unverified has a principal. */
export class Verified {
  readonly kind = 'verified'
  readonly #principal: Principal
  /** Thumbprints of the keys whose holder signed this request; usually none. */
  readonly holders: readonly string[]

  private constructor(principal: Principal, holders: readonly string[]) {
    this.#principal = principal
    this.holders = holders
  }

  get principal(): Principal {
    return this.#principal
  }

  static verify(parsed: Parsed, rootKey: Uint8Array, facts: GrantFacts): Verified | Refused {
    const tails = tailsOf(parsed, keyOf(rootKey))
    if (!timingSafeEqual(tails.at(-1) ?? Buffer.alloc(keyBytes), parsed.tail))
      return refused('the grant was not minted here')
    const minted = facts.minted(parsed.id)
    if (minted === null) return refused('the grant is not known here')
    const caveats = parsed.hops.flat()
    const scope = scopeOf(caveats)
    const hops = hopIds(parsed, tails)
    const holders = [...new Set(textsOf(caveats, 'holder'))]
    const why =
      timeFault(parsed, scope.expiresAt, facts.now) ??
      (hops.some(facts.revoked) ? 'the grant was revoked' : null) ??
      holderFault(parsed, holders, facts)
    if (why !== null) return refused(why)
    const { principal: name, mintedBy } = minted
    const chain = textsOf(caveats, 'delegate')
    return new Verified({ name, root: parsed.id, hops, chain, mintedBy, scope }, holders)
  }
}

/** What the request shows for a grant that is bound to a key. */
export type ShownProof = Pick<ProofFacts, 'method' | 'url' | 'since' | 'fresh'> & {
  /** The DPoP header as it came. */
  readonly text: string
}

export interface GrantFacts {
  readonly now: number
  /** The minted grant of that id, or null. */
  readonly minted: (id: string) => { readonly principal: string; readonly mintedBy: string } | null
  readonly revoked: (hop: string) => boolean
  /** Absent or null: nothing was shown, and a grant bound to a key is refused. */
  readonly proof?: ShownProof | null
}

/**
 * Whether the token was minted here, is in time, no hop of it was revoked, and its holder signs where a key is named.
 * INVARIANT (narrows-only): hops can only be added, and `Scope` lets every caveat of every hop refuse.
 */
export function verifyGrant(
  parsed: Parsed,
  rootKey: Uint8Array,
  facts: GrantFacts,
): Verified | Refused {
  return Verified.verify(parsed, rootKey, facts)
}

/** The hop's id of a whole token, for revoking it by the token alone: its last hop. Null for what is no grant. */
export function lastHop(token: string): string | null {
  const parsed = parseToken(token)
  if (parsed.kind === 'refused') return null
  return parsed.hops.length > 1 ? hopId(parsed.tail) : parsed.id
}

function keyOf(rootKey: Uint8Array): Uint8Array {
  if (rootKey.length === keyBytes) return rootKey
  throw new FirebreakError('internal', `a root key has ${keyBytes} bytes`)
}

function tailsOf({ bytes }: Parsed, rootKey: Uint8Array): readonly Buffer[] {
  const tails: Buffer[] = []
  for (const hop of bytes) {
    const before = tails.at(-1)
    tails.push(before === undefined ? firstTail(rootKey, hop) : nextTail(before, hop))
  }
  return tails
}

/**
 * Ids of every hop: the grant's own, then a hash of the tail of each later hop. INVARIANT (revoked-with-children): a
 * tail is what was handed on, so nothing can be added to a hop without its id staying in the list.
 */
function hopIds({ id }: Parsed, tails: readonly Buffer[]): readonly string[] {
  return [id, ...tails.slice(1).map(hopId)]
}

function hopId(tail: Buffer): string {
  return `hop_${hash('sha256', tail, 'hex').slice(0, 32)}`
}

/** A clock that gives no number is after every expiry. */
function timeFault({ hops }: Parsed, expiresAt: number, now: number): string | null {
  if (!isRooted(hops[0] ?? [])) return 'the grant has no environment, no operation or no expiry'
  return now < expiresAt ? null : `the grant expired at ${new Date(expiresAt).toISOString()}`
}

/** INVARIANT (holder-signs): a key in any hop asks for its proof on every request; two keys cannot sign one. */
function holderFault(
  { bytes, tail }: Parsed,
  holders: readonly string[],
  { proof, now }: GrantFacts,
): string | null {
  const [holder, ...others] = holders
  if (holder === undefined) return null
  if (others.length > 0) return 'the grant is bound to two keys, so nobody can show it'
  if (proof === undefined || proof === null)
    return 'the grant is bound to a key: the request needs a proof of its holder'
  return checkProof(proof.text, holder, { ...proof, token: tokenText(bytes, tail), now })
}

/** True when the root's own caveats name environments, operations and an expiry. */
function isRooted(caveats: readonly Caveat[]): boolean {
  const has = (word: Caveat[0]): boolean => caveats.some((caveat) => caveat[0] === word)
  return has('environments') && has('expires') && has('operations')
}

function checked(token: string | null): string {
  if (token === null || parseToken(token).kind === 'refused')
    throw new FirebreakError('bad_input', 'the grant would be too long, or a caveat is odd')
  return token
}
