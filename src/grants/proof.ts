/** Proof of possession: a grant bound to a key works only with a signature of its holder (DPoP, RFC 9449). */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { canonical, isObject, parseJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'

export interface ProofFacts {
  readonly method: string
  /** The URL without query and fragment (RFC 9449 §4.2 `htu`). */
  readonly url: string
  readonly token: string
  readonly now: number
  /** Since when ids are remembered (ms): of an earlier proof nobody knows whether it was used. */
  readonly since: number
  /** Remembers an id until the time; false where it was seen before. */
  readonly fresh: (jti: string, until: number) => boolean
}

/** How old or early a proof may be. */
const windowMs = 60_000

/** Null when the proof is by the key of that thumbprint, for this very request, and new; else why not. Total. */
export function checkProof(proof: string, holder: string, facts: ProofFacts): string | null {
  const [head = '', body = '', signature = '', ...rest] = proof.split('.')
  const [header, claims] = [decode(head), decode(body)]
  if (header === null || claims === null || rest.length > 0 || proof.length > 4096)
    return 'the proof is no DPoP token'
  const jwk = header['jwk']
  if (header['typ'] !== 'dpop+jwt' || !isObject(jwk)) return 'the proof is no DPoP token'
  if (thumbprint(jwk) !== holder) return 'the proof is by another key than the grant names'
  if (!signed(`${head}.${body}`, signature, { jwk, alg: header['alg'] }))
    return 'the signature of the proof does not fit'
  return claimFault(claims, facts)
}

/** The JWK thumbprint (RFC 7638) of an Ed25519 or P-256 key; null for any other. */
export function thumbprint(jwk: JsonObject): string | null {
  const { kty, crv, x, y } = jwk
  const okp = kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string'
  const ec = kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string'
  if (!okp && !ec) return null
  const members: JsonObject = okp ? { crv, kty, x } : { crv, kty, x: x ?? null, y: y ?? null }
  return createHash('sha256').update(canonical(members)).digest('base64url')
}

function claimFault(claims: JsonObject, facts: ProofFacts): string | null {
  const { htm, htu, iat, jti, ath } = claims
  if (htm !== facts.method || htu !== facts.url) return 'the proof is for another request'
  if (ath !== createHash('sha256').update(facts.token).digest('base64url'))
    return 'the proof is for another grant'
  if (typeof iat !== 'number' || Math.abs(facts.now - iat * 1000) > windowMs)
    return 'the proof is too old, or the clocks differ'
  if (iat * 1000 < facts.since)
    return 'the proof is from before Firebreak started, and might have been used then: make a new one'
  if (typeof jti !== 'string' || jti.length < 8 || jti.length > 100) return 'the proof has no id'
  return facts.fresh(jti, facts.now + 2 * windowMs) ? null : 'the proof was used already'
}

function signed(
  text: string,
  signature: string,
  { jwk, alg }: { readonly jwk: JsonObject; readonly alg: Json | undefined },
): boolean {
  const wanted = jwk['kty'] === 'OKP' ? 'EdDSA' : 'ES256'
  if (alg !== wanted) return false
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const bytes = Buffer.from(signature, 'base64url')
    const hash = wanted === 'ES256' ? 'sha256' : null
    return verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes)
  } catch {
    // A key that is no key signs nothing.
    return false
  }
}

function decode(part: string): JsonObject | null {
  try {
    const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : null
  } catch {
    // What does not parse is no proof.
    return null
  }
}
