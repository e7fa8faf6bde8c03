/** Where the one key comes from: a file for its owner only, a variable's value, or a systemd credential. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { FirebreakError, messageOf } from '../base/error.ts'
import { keyBytes } from './seal.ts'

/** The key in a file as 64 hex digits; throws `custody_locked` for a link, another owner, another mode than 0600 or 0400, or another length. */
export function readKeyFile(file: string, uid: number | null): Uint8Array {
  return fromFile(file, (fd) => {
    const { mode, uid: owner } = fstatSync(fd)
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

/** Makes a new key file, readable for this user only; fails where one exists. */
export function createKeyFile(file: string): void {
  const fd = openSync(
    file,
    constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    writeSync(fd, `${randomBytes(keyBytes).toString('hex')}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function fromFile(file: string, check: (fd: number) => void): Uint8Array {
  const fd = open(file)
  try {
    check(fd)
    return parseKey(readFileSync(fd, 'utf8'), `the key file \`${file}\``)
  } finally {
    closeSync(fd)
  }
}

function open(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    throw locked(`the key file \`${file}\` cannot be opened: ${messageOf(cause)}`, null, cause)
  }
}

function locked(message: string, hint: string | null = null, cause?: unknown): FirebreakError {
  return new FirebreakError('custody_locked', message, hint, cause)
}
