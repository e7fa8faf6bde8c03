/** What an authenticator signs beside the browser's words (WebAuthn Level 3, §6.1). */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Flags: somebody was there, was verified, and a new credential is in it. */
const [present, verified, attested] = [0x01, 0x04, 0x40]

/** Hash of the site, flags, counter. */
const shortest = 37

/** Why this authenticator data is not of a verified person at this site, one line; null where it is. */
export function authenticatorFlaw(data: Buffer, rpId: string): string | null {
  if (data.length < shortest) return 'its authenticator data is too short'
  const site = createHash('sha256').update(rpId, 'utf8').digest()
  if (!timingSafeEqual(data.subarray(0, 32), site)) return 'it is for another site'
  const flags = flagsOf(data)
  if ((flags & present) === 0) return 'nobody was there'
  return (flags & verified) === 0 ? 'the person was not verified (by PIN, finger or face)' : null
}

/** How often the authenticator says that it has signed (§6.1.1); 0 where it does not count. */
export function countIn(data: Buffer): number {
  return data.readUInt32BE(33)
}

/** The id of the new credential (§6.5.1); null where there is none. */
export function newIdIn(data: Buffer): Buffer | null {
  // The kind of the authenticator takes 16 bytes, the id's length two.
  if ((flagsOf(data) & attested) === 0 || data.length < shortest + 18) return null
  const length = data.readUInt16BE(shortest + 16)
  const id = data.subarray(shortest + 18, shortest + 18 + length)
  return length <= 1023 && id.length === length ? id : null
}

function flagsOf(data: Buffer): number {
  return data[32] ?? 0
}
