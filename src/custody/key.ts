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
const longestFile = 256

/** The key in a file as 64 hex digits; throws `custody_locked` for a link, another owner, another mode than 0600 or 0400, or another length. */
export function readKeyFile(file: string, uid: number | null): Uint8Array {
  return fromFile(file, ({ mode, uid: owner }) => {
    if (uid !== null && owner !== uid)
      throw locked(`the key file \`${file}\` belongs to another user`)
    if ((mode & 0o177) !== 0)
      throw locked(`the key file \`${file}\` may be read by others`, `chmod 600 ${file}`)
  })
}

/** A systemd credential (`LoadCredential=`): the folder is systemd's own, and protects it. */
export function readCredential(directory: string | null, name: string): Uint8Array {
  if (directory === null)
    throw locked('systemd gave no credential directory', 'add `LoadCredential=` to the unit')
  return fromFile(join(directory, name), () => {})
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

/** Not blocking: a pipe in the key's place must not make the start wait for ever. */
function fromFile(file: string, check: (stats: Stats) => void): Uint8Array {
  const fd = open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw locked(`the key file \`${file}\` is not a plain file`)
    check(stats)
    const bytes = Buffer.alloc(longestFile)
    const length = readSync(fd, bytes, 0, longestFile, 0)
    return parseKey(bytes.toString('latin1', 0, length), `the key file \`${file}\``)
  } finally {
    closeSync(fd)
  }
}

function open(file: string, flags: number): number {
  try {
    return openSync(file, flags, 0o600)
  } catch (cause) {
    throw locked(`the key file \`${file}\` cannot be opened: ${messageOf(cause)}`, null, cause)
  }
}

function locked(message: string, hint: string | null = null, cause?: unknown): FirebreakError {
  return new FirebreakError('custody_locked', message, hint, cause)
}
