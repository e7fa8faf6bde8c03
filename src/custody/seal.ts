/** The seal: AES-256-GCM under a key of its own per purpose, bound to a context, so that sealed text cannot be moved. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import type { Seal } from '../guard/ports.ts'

export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const version = 'fbs1'

export interface OpenSeal extends Seal {
  /** A key of its own for another purpose (HKDF-SHA-256, RFC 5869): grants, the ledger's signature, the vault. */
  derive(purpose: string): Uint8Array
}

/** A seal under a 32-byte key. Sealed text is `fbs1.` and base64url of nonce, ciphertext and tag. */
export function openSeal(key: Uint8Array): OpenSeal {
  if (key.length !== keyBytes)
    throw new FirebreakError('custody_locked', `the key must have ${keyBytes} bytes`)
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `firebreak ${purpose}`, keyBytes))
  const own = derive('seal')
  return {
    derive,
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', own, nonce)
      cipher.setAAD(Buffer.from(context))
      const body = Buffer.concat([
        nonce,
        cipher.update(text, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return `${version}.${body.toString('base64url')}`
    },
    open: (sealed, context) => {
      const [label, text = '', ...rest] = sealed.split('.')
      const body = Buffer.from(text, 'base64url')
      if (label !== version || rest.length > 0 || body.length < nonceBytes + tagBytes)
        throw new FirebreakError('custody_locked', 'this is not sealed text')
      try {
        const decipher = createDecipheriv('aes-256-gcm', own, body.subarray(0, nonceBytes))
        decipher.setAAD(Buffer.from(context))
        decipher.setAuthTag(body.subarray(-tagBytes))
        const plain = decipher.update(body.subarray(nonceBytes, -tagBytes))
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new FirebreakError(
          'custody_locked',
          'sealed text does not open: another key, another place, or a changed bit',
          'start with the key that sealed it',
          cause,
        )
      }
    },
  }
}
