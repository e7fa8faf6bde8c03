/** An authenticator in software: keys and signatures as a browser hands them over, with each part open to be bent. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Assertion } from '../src/approvals/assertion.ts'
import type { Registration } from '../src/approvals/registration.ts'

export interface Bent {
  readonly type?: string
  readonly challenge?: string
  readonly origin?: string
  readonly rpId?: string
  readonly flags?: number
  readonly crossOrigin?: boolean
  readonly by?: KeyObject
}

export interface Authenticator {
  readonly id: string
  readonly spki: string
  readonly create: (challenge: string, bent?: Bent) => Registration
  readonly get: (challenge: string, bent?: Bent) => Assertion
  /** COSE_Key (RFC 9053, §7.1.1), as another library wants it. */
  readonly cose: Uint8Array<ArrayBuffer>
}

const site = { rpId: 'localhost', origin: 'http://localhost:7078' }

/** ES256, counting. */
export function openAuthenticator(): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let count = 0
  const client = (type: string, challenge: string, bent: Bent): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: bent.type ?? type,
        challenge: bent.challenge ?? challenge,
        origin: bent.origin ?? site.origin,
        crossOrigin: bent.crossOrigin ?? false,
      }),
    )
  const data = (flags: number, bent: Bent, more: Buffer): Buffer => {
    count += 1
    const head = Buffer.alloc(5)
    head[0] = bent.flags ?? flags
    head.writeUInt32BE(count, 1)
    const rp = createHash('sha256')
      .update(bent.rpId ?? site.rpId)
      .digest()
    return Buffer.concat([rp, head, more])
  }
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ])
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url')
  return {
    id: id.toString('base64url'),
    spki,
    cose: new Uint8Array(cose),
    create: (challenge, bent = {}) => {
      const length = Buffer.from([0, id.length])
      const attested = Buffer.concat([Buffer.alloc(16), length, id, cose])
      return {
        id: id.toString('base64url'),
        clientDataJSON: client('webauthn.create', challenge, bent).toString('base64url'),
        authenticatorData: data(0x45, bent, attested).toString('base64url'),
        publicKey: spki,
        publicKeyAlgorithm: -7,
      }
    },
    get: (challenge, bent = {}) => {
      const clientDataJSON = client('webauthn.get', challenge, bent)
      const authenticatorData = data(0x05, bent, Buffer.alloc(0))
      const hash = createHash('sha256').update(clientDataJSON).digest()
      const signed = Buffer.concat([authenticatorData, hash])
      return {
        id: id.toString('base64url'),
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: sign('sha256', signed, bent.by ?? privateKey).toString('base64url'),
      }
    },
  }
}
