/**
 * HMAC-SHA-256 (RFC 2104) for keys of 32 bytes, out of two one-shot hashes: a grant is verified on every request,
 * and an Hmac object of `node:crypto` costs several times what the hashing does.
 */
import { hash } from 'node:crypto'

export const keyBytes = 32
const blockBytes = 64

/** The 32 bytes of the code. The key has exactly 32 bytes: the caller has seen to it. */
export function mac(key: Uint8Array, message: Uint8Array): Buffer {
  const inner = padded(key, 0x36, blockBytes + message.length)
  inner.set(message, blockBytes)
  const outer = padded(key, 0x5c, blockBytes + keyBytes)
  outer.set(hash('sha256', inner, 'buffer'), blockBytes)
  return hash('sha256', outer, 'buffer')
}

/** A block of the key against the pad, and room behind it. */
function padded(key: Uint8Array, pad: number, length: number): Buffer {
  const block = Buffer.alloc(length, pad)
  for (let at = 0; at < keyBytes; at += 1) block[at] = (key[at] ?? 0) ^ pad
  return block
}
