/** SCRAM-SHA-256 for a client (RFC 5802, RFC 7677), with and without channel binding (RFC 5929 §4.1). */
import { createHash, createHmac, pbkdf2, timingSafeEqual, type X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../../base/secret.ts'
import { fatal, type Fatal } from './refusal.ts'

const derive = promisify(pbkdf2)

/** More than any server asks for; each costs a hash. */
const mostRounds = 1_000_000

export interface Scram {
  readonly mechanism: string
  readonly first: Uint8Array
  /** Answers the server's first message. */
  answer(server: Uint8Array): Promise<Uint8Array>
  /** True if the server has shown that it knows the password as well. */
  proves(server: Uint8Array): boolean
}

/**
 * `bound` is the hash of the server's certificate where the connection is encrypted and it can be had. What comes back is
 * null if the server offers no mechanism that is spoken here.
 */
export function openScram(
  offered: readonly string[],
  secret: Secret,
  nonce: string,
  channel: { readonly bound: Uint8Array | null },
): Scram | null {
  const plus = channel.bound !== null && offered.includes('SCRAM-SHA-256-PLUS')
  if (!plus && !offered.includes('SCRAM-SHA-256')) return null
  // `y` says: I could, and you did not offer; so a server that did offer notices who took it away.
  const header = plus ? 'p=tls-server-end-point,,' : channel.bound === null ? 'n,,' : 'y,,'
  const first = `n=,r=${nonce}`
  let signature: Buffer | null = null
  const answer = async (server: Uint8Array): Promise<Uint8Array> => {
    const text = Buffer.from(server).toString('utf8')
    const { theirs, salt, rounds } = readFirst(text, nonce)
    const binding = Buffer.concat([Buffer.from(header), (plus && channel.bound) || Buffer.of()])
    const bare = `c=${binding.toString('base64')},r=${theirs}`
    const all = `${first},${text},${bare}`
    const salted = await derive(secret.reveal().normalize('NFKC'), salt, rounds, 32, 'sha256')
    const key = hmac(salted, 'Client Key')
    const mask = hmac(createHash('sha256').update(key).digest(), all)
    signature = hmac(hmac(salted, 'Server Key'), all)
    const proof = Buffer.from(key.map((byte, at) => byte ^ (mask[at] ?? 0)))
    return Buffer.from(`${bare},p=${proof.toString('base64')}`)
  }
  return {
    mechanism: plus ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256',
    first: Buffer.from(`${header}${first}`),
    answer,
    proves: (server) => {
      const shown = /^v=([^,]+)/.exec(Buffer.from(server).toString('utf8'))?.[1]
      const bytes = Buffer.from(shown ?? '', 'base64')
      return (
        signature !== null && bytes.length === signature.length && timingSafeEqual(bytes, signature)
      )
    },
  }
}

/** The hash of a certificate to which the login is bound; null where the specification names none. */
export function channelHash(certificate: X509Certificate | undefined): Uint8Array | null {
  const name = /sha-?(1|224|256|384|512)|md5/i.exec(certificate?.signatureAlgorithm ?? '')?.[0]
  if (certificate === undefined || name === undefined) return null
  const hash = name.toLowerCase().replace('-', '')
  // MD5 and SHA-1 are replaced by SHA-256 (RFC 5929 §4.1).
  return createHash(hash === 'md5' || hash === 'sha1' ? 'sha256' : hash)
    .update(certificate.raw)
    .digest()
}

interface First {
  readonly theirs: string
  readonly salt: Buffer
  readonly rounds: number
}

function readFirst(text: string, nonce: string): First {
  const [, theirs = '', salt = '', rounds = ''] =
    /^r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=([0-9]{1,7})$/.exec(text) ?? []
  const count = Number(rounds)
  if (!theirs.startsWith(nonce) || theirs.length === nonce.length) throw strange()
  if (count < 1 || count > mostRounds) throw strange()
  return { theirs, salt: Buffer.from(salt, 'base64'), rounds: count }
}

function strange(): Fatal {
  return fatal('08P01', 'the database behind this gateway answers the login strangely')
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
