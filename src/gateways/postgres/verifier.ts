/** What PostgreSQL keeps of a password, worked out on our side (RFC 5803, as `pg_authid.rolpassword` has it): the server, its log and its statistics never see the password. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Chance } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'

/** The server's own default (`scram_iterations`). */
const rounds = 4096
const saltBytes = 16

/** `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`: holds no sign that would have to be escaped in SQL. */
export function scramVerifier(secret: Secret, chance: Chance): string {
  const salt = Buffer.from(chance(saltBytes))
  const salted = pbkdf2Sync(secret.reveal().normalize('NFKC'), salt, rounds, 32, 'sha256')
  const client = hmac(salted, 'Client Key')
  const stored = createHash('sha256').update(client).digest('base64')
  const server = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${server}`
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
