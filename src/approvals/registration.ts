/** A new passkey, as a browser hands it over (WebAuthn Level 3, §7.1, attestation `none`): what it says is checked, that its key signs is shown by its first signature. */
import { createPublicKey } from 'node:crypto'
import type { Passkey } from './assertion.ts'
import { authenticatorFlaw, newIdIn } from './authenticator-data.ts'
import { clientFlaw } from './client-data.ts'

/** What `PublicKeyCredential.toJSON()` gives of a new one, all base64url but the number. */
export interface Registration {
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  /** DER of its SubjectPublicKeyInfo. */
  readonly publicKey: string
  readonly publicKeyAlgorithm: number
}

/** The key, or why it is none, one line. */
export function keyOf(given: Registration, { challenge, rpId, origin }: Site): Passkey | string {
  const { id, publicKey: spki, publicKeyAlgorithm: algorithm } = given
  const data = Buffer.from(given.authenticatorData, 'base64url')
  const flaw =
    clientFlaw(given.clientDataJSON, { type: 'webauthn.create', challenge, origin }) ??
    authenticatorFlaw(data, rpId)
  if (flaw !== null) return flaw
  if (newIdIn(data)?.equals(Buffer.from(id, 'base64url')) !== true) return 'it names another key'
  if (!isKey(spki, algorithm)) return 'its public key is of no kind that is taken'
  return { id, spki, algorithm, rpId, origin }
}

export interface Site {
  readonly challenge: string
  readonly rpId: string
  readonly origin: string
}

const kinds: ReadonlyMap<number, string> = new Map([
  [-7, 'ec prime256v1'],
  [-8, 'ed25519'],
  [-257, 'rsa'],
])

function isKey(spki: string, algorithm: number): boolean {
  try {
    const der = Buffer.from(spki, 'base64url')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const { namedCurve = '', modulusLength = 2048 } = key.asymmetricKeyDetails ?? {}
    const kind = `${key.asymmetricKeyType ?? ''} ${namedCurve}`.trim()
    return kinds.get(algorithm) === kind && modulusLength >= 2048
  } catch {
    // It cannot be read as a key.
    return false
  }
}
