/** SHA-256 as the ledger's tree uses it (RFC 6962 §2.1), and its text form. */
import { hash as digestOf } from 'node:crypto'

/** 32 bytes. */
export type Hash = Uint8Array

export const hashBytes = 32

/** Gives a stored hash, or null where none is: level 0 are the leaves, level n covers 2^n of them; only complete ones are stored. */
export type HashAt = (level: number, index: number) => Promise<Hash | null>

/** `SHA-256(0x00 ‖ leaf)`. */
export function leafHash(leaf: Uint8Array): Hash {
  const bytes = new Uint8Array(1 + leaf.length)
  bytes.set(leaf, 1)
  return digestOf('sha256', bytes, 'buffer')
}

/** `SHA-256(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = new Uint8Array(1 + 2 * hashBytes)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + hashBytes)
  return digestOf('sha256', bytes, 'buffer')
}

/** The root of a tree without leaves: the hash of nothing. */
export function emptyRoot(): Hash {
  return digestOf('sha256', new Uint8Array(), 'buffer')
}

/** True for two hashes of the same bytes; never for a missing one. */
export function sameHash(a: Hash | null, b: Hash | null): boolean {
  return a !== null && b !== null && Buffer.compare(a, b) === 0
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** The bytes of standard base64 with its padding (RFC 4648 §4), or null for any other text: each value has one text. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null
}

/** A hash from its base64, or null. */
export function hashFrom(text: string): Hash | null {
  const bytes = fromBase64(text)
  return bytes?.length === hashBytes ? bytes : null
}
