/** As the seal, for bytes that are too many for a text: AES-256-GCM, bound to what they are. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'

const nonceBytes = 12
const tagBytes = 16

/** Nonce, what is sealed, tag. */
export function sealBytes(key: Uint8Array, bytes: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Throws `custody_locked` for another key or context, or a bit that has changed. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    const plain = decipher.update(sealed.subarray(nonceBytes, -tagBytes))
    return Buffer.concat([plain, decipher.final()])
  } catch (cause) {
    throw new FirebreakError(
      'custody_locked',
      'what was saved does not open: a bit has changed, or it was sealed under another key',
      null,
      cause,
    )
  }
}
