/** Where the one key comes from: a file for its owner only, a variable's value, or a systemd credential. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { FirebreakError, messageOf } from '../base/error.ts'
import { keyBytes } from './seal.ts'

/** Longer than a key with white space around it: what fills it is no key. */
const longestKey = 256
/** Longer than any identities that a person keeps in one file. */
const longestIdentity = 65_536

/** The key in a file as 64 hex digits; throws `custody_locked` for a link, another owner, another mode than 0600 or 0400, or another length. */
export function readKeyFile(file: string, uid: number | null): Uint8Array {
  const what = `the key file \`${file}\``
  return parseKey(
    fromFile(file, what, { longest: longestKey, check: owned(file, what, uid) }),
    what,
  )
}

/** The text of a file with a person's private key; held to the same as a key file is. */
export function readIdentityFile(file: string, uid: number | null): string {
  const what = `the identity file \`${file}\``
  return fromFile(file, what, { longest: longestIdentity, check: owned(file, what, uid) })
}

/** A systemd credential (`LoadCredential=`): the folder is systemd's own, and protects it. */
export function readCredential(directory: string | null, name: string): Uint8Array {
  if (directory === null)
    throw locked('systemd gave no credential directory', 'add `LoadCredential=` to the unit')
  const file = join(directory, name)
  const what = `the key file \`${file}\``
  return parseKey(fromFile(file, what, { longest: longestKey, check: () => {} }), what)
}

function owned(file: string, what: string, uid: number | null): (stats: Stats) => void {
  return ({ mode, uid: owner }) => {
    if (uid !== null && owner !== uid) throw locked(`${what} belongs to another user`)
    if ((mode & 0o177) !== 0) throw locked(`${what} may be read by others`, `chmod 600 ${file}`)
  }
}

/** A key as text: 64 hex digits, white space around them aside. */
export function parseKey(text: string, where: string): Uint8Array {
  const hex = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw locked(`${where} must hold 64 hex digits`, 'make one with `openssl rand -hex 32`')
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** Makes a new key file, readable for this user only, durable with its folder's entry; throws `custody_locked` where one exists. */
export function createKeyFile(file: string): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  const fd = open(file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW)
  try {
    writeFileSync(fd, `${randomBytes(keyBytes).toString('hex')}\n`)
    fsyncSync(fd)
  } catch (cause) {
    // Half a key is no key: the next start would only stumble over it.
    unlinkSync(file)
    throw locked(`the key file \`${file}\` cannot be written: ${messageOf(cause)}`, null, cause)
  } finally {
    closeSync(fd)
  }
  const folder = openSync(dirname(file), constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

interface Reading {
  readonly longest: number
  readonly check: (stats: Stats) => void
}

/** Not blocking: a pipe in the key's place must not make the start wait for ever. */
function fromFile(file: string, what: string, { longest, check }: Reading): string {
  const fd = open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, what)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw locked(`${what} is not a plain file`)
    check(stats)
    const bytes = Buffer.alloc(longest)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, longest, 0))
  } finally {
    closeSync(fd)
  }
}

function open(file: string, flags: number, what = `the key file \`${file}\``): number {
  try {
    return openSync(file, flags, 0o600)
  } catch (cause) {
    throw locked(`${what} cannot be opened: ${messageOf(cause)}`, null, cause)
  }
}

function locked(message: string, hint: string | null = null, cause?: unknown): FirebreakError {
  return new FirebreakError('custody_locked', message, hint, cause)
}
