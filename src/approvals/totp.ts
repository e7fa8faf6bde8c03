/** Time-based one-time passwords (RFC 6238) and the URI that enrols an authenticator. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Seconds that one code stands for (RFC 6238 §5.2 recommends 30), and its digits. */
export const stepSeconds = 30
export const digits = 6

/** The time step of a moment in milliseconds. */
export function stepAt(ms: number): number {
  return Math.floor(ms / 1000 / stepSeconds)
}

/** The code of one step, padded to `length` digits (RFC 4226 §5.3). */
export function codeAt(secret: Uint8Array, step: number, length: number = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** length).padStart(length, '0')
}

/**
 * The step that a code belongs to, or null. A step at or before `lastStep` is spent (RFC 6238 §5.2: a code works once);
 * one step of clock difference either way is allowed. Every candidate is compared, in constant time.
 */
export function matchCode(
  secret: Uint8Array,
  code: string,
  { now, lastStep }: { readonly now: number; readonly lastStep: number },
): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const here = stepAt(now)
  // A machine whose clock starts at 1970 has no step before the first one.
  const steps = [here - 1, here, here + 1].filter((step) => step >= 0)
  const matches = steps.filter((step) => sameText(codeAt(secret, step), code))
  return matches.find((step) => step > lastStep) ?? null
}

/**
 * The later step of two codes that follow each other (`123456 654321`), or null: harder to guess than one by six digits.
 * Both must be unspent, and the later one within one step of now.
 */
export function matchPair(
  secret: Uint8Array,
  codes: string,
  { now, lastStep }: { readonly now: number; readonly lastStep: number },
): number | null {
  const [, first, second] = /^(\d{6}) (\d{6})$/.exec(codes) ?? []
  if (first === undefined || second === undefined) return null
  const here = stepAt(now)
  const steps = [here - 1, here, here + 1].filter((step) => step >= 1)
  const matches = steps.filter((step) =>
    sameText(`${codeAt(secret, step - 1)}${codeAt(secret, step)}`, `${first}${second}`),
  )
  return matches.find((step) => step - 1 > lastStep) ?? null
}

/** `otpauth://totp/…`, as authenticators read it from a QR code. */
export function enrolmentUri(name: string, secret: Uint8Array): string {
  const label = encodeURIComponent(`Firebreak:${name}`)
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Firebreak&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
}

/** RFC 4648 §6 without padding. */
export function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('')
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
