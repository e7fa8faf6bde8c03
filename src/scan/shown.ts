/** How a secret is told from another without telling it: a mask for people, a keyed hash for `seen again`. */
import { createHmac, scryptSync } from 'node:crypto'
import { remembered } from '../base/cache.ts'

/**
 * A mask: the start that the platform puts before each such token, and the last four of one so long that they give nothing away.
 * A password shows nothing, not even its length. INVARIANT (mask): at most four characters past a public start.
 */
export function mask(
  secret: string,
  { starts, guessable }: { readonly starts: readonly string[]; readonly guessable: boolean },
): string {
  if (guessable || /[^\x21-\x7e]/.test(secret)) return '…'
  const shown = starts.find((start) => secret.startsWith(start)) ?? ''
  return secret.length - shown.length >= 28 ? `${shown}…${secret.slice(-4)}` : `${shown}…`
}

/**
 * A finding's id: stable for this rule, secret and salt. A password that can be guessed is stretched first (scrypt, RFC 7914),
 * since ids are written into files that others read.
 */
export function idOf(
  rule: string,
  secret: string,
  { salt, guessable }: { readonly salt: string; readonly guessable: boolean },
): string {
  const key = guessable ? stretched(`${salt}\0${secret}`) : secret
  const hash = createHmac('sha256', `firebreak scan ${salt}`).update(key).digest('hex')
  return `${rule}-${hash.slice(0, 12)}`
}

/** The id of a finding about things, which no secret is in. */
export function idAbout(rule: string, subject: string, salt: string): string {
  const hash = createHmac('sha256', `firebreak scan ${salt}`).update(subject).digest('hex')
  return `${rule}-${hash.slice(0, 12)}`
}

/** Milliseconds each; a file that says the same thousands of times must not cost seconds. */
const stretched = remembered({ most: 2000, characters: 400_000 }, (text) => {
  const [salt = '', ...secret] = text.split('\0')
  return scryptSync(secret.join('\0'), `firebreak scan ${salt}`, 32, { N: 1024, r: 8, p: 1 })
})
