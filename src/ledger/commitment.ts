/** Personal data as salted commitments: the ledger keeps what can be proved later, and forgotten when the salt goes. */
import { createHmac } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { sameHash } from './hash.ts'

const fewestSaltBytes = 16
const prefix = 'hmac-sha256:'

/**
 * `hmac-sha256:` and the HMAC-SHA-256 of the value under the salt, in hex. Who has the salt can prove the value or try
 * guesses; who has not learns nothing. The salt stays outside the ledger, one for each person and purpose, 16 random bytes
 * or more (`bad_input` for fewer), and deleting it is what forgets the person.
 */
export function commit(value: string, salt: Uint8Array): string {
  if (salt.length < fewestSaltBytes)
    throw new FirebreakError('bad_input', `a salt has at least ${fewestSaltBytes} bytes`)
  const mac = createHmac('sha256', salt).update(`firebreak commitment 1\n${value}`, 'utf8')
  return `${prefix}${mac.digest('hex')}`
}

/** True when the commitment is to this value under this salt. */
export function isCommitted(commitment: string, value: string, salt: Uint8Array): boolean {
  return sameHash(Buffer.from(commitment), Buffer.from(commit(value, salt)))
}
