/** Makes a passkey for whoever was invited (WebAuthn Level 3, §5.1.3). */
import type { Opened } from './answers.ts'
import { base64urlOf, bytesOf, sha256 } from './bytes.ts'
import { Refusal } from './call.ts'
import type { JsonObject } from './json.ts'

/** ES256, EdDSA, RS256. */
const algorithms = [-7, -8, -257]

/** What the API takes of a new key; throws a `Refusal` where none was made. */
export async function register({ name, challenge, rpId }: Opened): Promise<JsonObject> {
  const credential = await navigator.credentials
    .create({
      publicKey: {
        challenge: bytesOf(challenge),
        rp: { id: rpId, name: 'Firebreak' },
        user: { id: await sha256(name), name, displayName: name },
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        attestation: 'none',
      },
    })
    .catch(() => null)
  if (
    !(credential instanceof PublicKeyCredential) ||
    !(credential.response instanceof AuthenticatorAttestationResponse)
  )
    throw new Refusal('not_made', 'no passkey was made', 'the invitation still counts: try again')
  const { response } = credential
  const publicKey = response.getPublicKey()
  if (publicKey === null)
    throw new Refusal('not_made', 'this browser cannot read the key that it made')
  return {
    id: credential.id,
    clientDataJSON: base64urlOf(response.clientDataJSON),
    authenticatorData: base64urlOf(response.getAuthenticatorData()),
    publicKey: base64urlOf(publicKey),
    publicKeyAlgorithm: response.getPublicKeyAlgorithm(),
  }
}
