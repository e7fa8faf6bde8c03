/** Private keys as text: PEM (RFC 7468) and OpenSSH's own form of it. */
import type { Groups } from './rule.ts'

/** In JSON the line ends are written `\n`. */
const body = String.raw`(?:[A-Za-z0-9+/=\s]|\\[nr]){64,12000}`

export const privateKey = String.raw`(?<secret>-----BEGIN (?<kind>(?:RSA |EC |DSA |OPENSSH )?PRIVATE KEY)-----${body}-----END \k<kind>-----)`

/** False where a passphrase closes it: who finds it has nothing yet. OpenSSH tells its cipher after its magic word. */
export function isOpen({ secret = '' }: Groups): boolean {
  if (!secret.includes('OPENSSH')) return true
  const text = secret.replaceAll(/-----[^-]*-----|\\[nr]|\s/g, '').slice(0, 80)
  const bytes = Buffer.from(text, 'base64').toString('latin1')
  return !bytes.startsWith('openssh-key-v1\0') || bytes.slice(19, 23) === 'none'
}
