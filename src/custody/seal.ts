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

/**
 * A seal under a 32-byte key. Sealed text is `fbs1.`, the key's id (16 hex digits of a key derived for that, so it tells
 * nothing of the key), a dot, and base64url of nonce, ciphertext and tag. The id tells another key from a changed bit.
 */
export function openSeal(key: Uint8Array): OpenSeal {
  if (key.length !== keyBytes)
    throw new FirebreakError('custody_locked', `the key must have ${keyBytes} bytes`)
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `firebreak ${purpose}`, keyBytes))
  const own = derive('seal')
  const id = Buffer.from(derive('key id')).toString('hex', 0, 8)
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
      return `${version}.${id}.${body.toString('base64url')}`
    },
    open: (sealed, context) => {
      const [label, by, text = '', ...rest] = sealed.split('.')
      const body = Buffer.from(text, 'base64url')
      const whole = body.length >= nonceBytes + tagBytes && body.toString('base64url') === text
      if (label !== version || rest.length > 0 || !whole) throw locked('this is not sealed text')
      if (by !== id)
        throw locked(
          'this was sealed under another key',
          'start with the key file that Firebreak had when it was written',
        )
      try {
        const nonce = body.subarray(0, nonceBytes)
        const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: tagBytes })
        decipher.setAAD(Buffer.from(context))
        decipher.setAuthTag(body.subarray(-tagBytes))
        const plain = decipher.update(body.subarray(nonceBytes, -tagBytes))
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw locked(
          'sealed text does not open: a bit has changed, or it was moved from another place',
          'restore the last good copy of the state',
          cause,
        )
      }
    },
  }
}

function locked(message: string, hint: string | null = null, cause?: unknown): FirebreakError {
  return new FirebreakError('custody_locked', message, hint, cause)
}
