/** Credentials for tests, each drawn by a fixed seed and put together here, so that no scanner of a forge takes this file for a leak. */
import { createHash } from 'node:crypto'

/** So many characters of an alphabet, the same each time for the same label. */
export function drawn(label: string, length: number, alphabet = alphanumeric): string {
  let text = ''
  for (let round = 0; text.length < length; round++)
    for (const byte of createHash('sha512').update(`${label} ${round}`).digest())
      text += alphabet[byte % alphabet.length] ?? ''
  return text.slice(0, length)
}

export const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const hex = '0123456789abcdef'
export const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function uuid(label: string): string {
  const text = drawn(label, 32, hex)
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    `4${text.slice(13, 16)}`,
    `a${text.slice(17, 20)}`,
    text.slice(20),
  ].join('-')
}

/** A JSON Web Token with these claims and a signature of nobody's. */
export function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return [part({ alg: 'HS256', typ: 'JWT' }), part(claims), drawn('signature', 43)].join('.')
}
