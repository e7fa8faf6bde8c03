/**
 * A restic repository that opens quickly. `restic init` makes the work of guessing its password as large as half a second of
 * this machine allows, and each command does it again; here nobody guesses. How a key lies in `keys/` is told by restic's own
 * "Design" (restic.readthedocs.io): the master key as JSON, by AES-256 in counter mode, authenticated by Poly1305-AES.
 */
import { execFileSync } from 'node:child_process'
import { createCipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let first: { readonly password: string; readonly at: string } | null = null

/** Makes one there: the first is made, the others are copies of it. */
export function initCheaply(repository: string, password: string): void {
  if (first?.password !== password) {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-restic-first-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    first = { password, at: join(folder, 'repository') }
    make(first.at, password)
  }
  cpSync(first.at, repository, { recursive: true })
}

function make(repository: string, password: string): void {
  const restic = (...args: readonly string[]): string =>
    execFileSync('restic', ['-r', repository, '--no-cache', ...args], {
      encoding: 'utf8',
      env: { ...process.env, RESTIC_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  restic('init')
  const master = restic('cat', 'masterkey')
  const keys = join(repository, 'keys')
  const before = readdirSync(keys)
  const text = wrapped(Buffer.from(master), password)
  writeFileSync(join(keys, createHash('sha256').update(text).digest('hex')), text, { mode: 0o400 })
  for (const name of before) rmSync(join(keys, name), { force: true })
}

function wrapped(master: Uint8Array, password: string): string {
  const salt = randomBytes(64)
  const cost = { N: 2, r: 8, p: 1 }
  const key = scryptSync(password, salt, 64, cost)
  return JSON.stringify({
    created: '2026-01-01T00:00:00Z',
    username: 'test',
    hostname: 'test',
    kdf: 'scrypt',
    ...cost,
    salt: salt.toString('base64'),
    data: sealed(master, key).toString('base64'),
  })
}

/** Under a key of 64 bytes: of the cipher, of the block that hides the sum, and what the sum multiplies by. */
function sealed(plain: Uint8Array, key: Uint8Array): Buffer {
  const start = randomBytes(16)
  const cipher = createCipheriv('aes-256-ctr', key.subarray(0, 32), start)
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  const hides = createCipheriv('aes-128-ecb', key.subarray(32, 48), null).setAutoPadding(false)
  return Buffer.concat([start, text, poly1305(text, key.subarray(48), hides.update(start))])
}

function poly1305(text: Uint8Array, multiplier: Uint8Array, hides: Uint8Array): Uint8Array {
  const by = number(multiplier) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  let sum = 0n
  for (let at = 0; at < text.length; at += 16) {
    const block = text.subarray(at, at + 16)
    sum = ((sum + number(block) + (1n << BigInt(8 * block.length))) * by) % ((1n << 130n) - 5n)
  }
  const tag = (sum + number(hides)) & ((1n << 128n) - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').toReversed()
}

/** Little end first. */
function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
}
