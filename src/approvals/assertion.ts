/** A passkey's signature, checked with nothing but `node:crypto`: the same by the daemon that takes it and by whoever looks at the ledger years later. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import * as v from 'valibot'
import type { Json } from '../base/json.ts'
import { authenticatorFlaw, countIn } from './authenticator-data.ts'
import { clientData, clientFlaw } from './client-data.ts'
import { challengeOf } from './statement.ts'
import type { Statement } from './statement.ts'

/** What an authenticator answers, all base64url (WebAuthn Level 3, §5.2.2). */
export interface Assertion {
  /** The credential's id. */
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
}

/** A public key and where it may be used. */
export interface Passkey {
  readonly id: string
  /** DER of its SubjectPublicKeyInfo, base64url. */
  readonly spki: string
  /** COSE algorithm: -7 ES256, -8 EdDSA, -257 RS256. */
  readonly algorithm: number
  readonly rpId: string
  /** `https://firebreak.example` or `http://localhost:7078`. */
  readonly origin: string
}

const form = v.strictObject({
  id: v.string(),
  spki: v.string(),
  algorithm: v.number(),
  rpId: v.string(),
  origin: v.string(),
})

/** Written in one way only: other letters for the same bytes are a change. */
const bytes = v.pipe(
  v.string(),
  v.check((text) => bytesOf(text).toString('base64url') === text),
)
const assertionForm = v.strictObject({
  id: bytes,
  clientDataJSON: bytes,
  authenticatorData: bytes,
  signature: bytes,
})

/** The assertion, if it is exactly of that form; else null. */
export function readAssertion(value: Json | undefined): Assertion | null {
  const read = v.safeParse(assertionForm, value)
  return read.success ? read.output : null
}

/** The passkey, if it is exactly of that form; else null. */
export function readPasskey(value: Json | undefined): Passkey | null {
  const read = v.safeParse(form, value)
  return read.success ? read.output : null
}

/** Algorithms that are taken, and how Node names their hash. */
export const algorithms: ReadonlyMap<number, string | null> = new Map([
  [-7, 'sha256'],
  [-8, null],
  [-257, 'sha256'],
])

/**
 * Why this is no signature of this statement by this key (§7.2, steps 11 to 21, without the counter), one line; null where it is one.
 */
export function flawIn(assertion: Assertion, statement: Statement, key: Passkey): string | null {
  if (assertion.id !== key.id) return 'it is of another passkey'
  const challenge = challengeOf(statement)
  const { clientDataJSON, authenticatorData } = assertion
  return (
    clientFlaw(clientDataJSON, { type: 'webauthn.get', challenge, origin: key.origin }) ??
    authenticatorFlaw(bytesOf(authenticatorData), key.rpId) ??
    (isSigned(assertion, key) ? null : 'its signature is not by that passkey')
  )
}

/** How often the authenticator says that it has signed; 0 where it does not count. */
export function countOf(assertion: Assertion): number {
  return countIn(bytesOf(assertion.authenticatorData))
}

/** The challenge that a browser says it was given; null where that cannot be read. */
export function challengeIn({ clientDataJSON }: Assertion): string | null {
  const challenge = clientData(clientDataJSON)?.['challenge']
  return typeof challenge === 'string' ? challenge : null
}

function isSigned(
  { clientDataJSON, authenticatorData, signature }: Assertion,
  { spki, algorithm }: Passkey,
): boolean {
  const hash = algorithms.get(algorithm)
  if (hash === undefined) return false
  try {
    const key = createPublicKey({ key: bytesOf(spki), format: 'der', type: 'spki' })
    const client = createHash('sha256').update(bytesOf(clientDataJSON)).digest()
    return verify(
      hash,
      Buffer.concat([bytesOf(authenticatorData), client]),
      key,
      bytesOf(signature),
    )
  } catch {
    // What is no key or no signature verifies nothing.
    return false
  }
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64url')
}
