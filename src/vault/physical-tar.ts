/** Reads the tar archives of a base backup as they pass: what is in them, in which order; nothing of them is kept. */
import { FirebreakError } from '../base/error.ts'

export interface TarEntry {
  /** Relative, `/` between its parts, without one at the end. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'link'
  readonly size: number
  readonly mode: number
}

export interface TarEar {
  /** `at`: where in the archive its bytes begin. */
  begins(entry: TarEntry, at: number): void
  /** Bytes of the file that has begun: a view, good for the call; `at`: where in what was pushed. */
  takes(bytes: Uint8Array, at: number): void
  /** All of it has come. */
  ends(entry: TarEntry): void
}

export interface Tar {
  push(bytes: Uint8Array): void
  /** Throws `broken_store` where the archive was cut off. */
  end(): void
}

const blockBytes = 512

/**
 * The form that PostgreSQL writes (POSIX ustar, sizes from 8 GiB on in base 256). Throws `broken_store` for a damaged header
 * and for a path that leaves its folder.
 */
export function openTar(ear: TarEar): Tar {
  let head: Buffer = Buffer.alloc(0)
  let entry: TarEntry | null = null
  let left = 0
  let padding = 0
  let over = false
  /** What has been read of the archive. */
  let read = 0

  const begin = (): void => {
    over = head.every((byte) => byte === 0)
    if (over) return
    entry = entryOf(head)
    left = entry.size
    padding = (blockBytes - (entry.size % blockBytes)) % blockBytes
    ear.begins(entry, read)
    if (left === 0) finish()
  }
  const finish = (): void => {
    if (entry !== null) ear.ends(entry)
    entry = null
  }
  /** What is taken of the chunk from `at` on. */
  const step = (bytes: Uint8Array, at: number): number => {
    if (left > 0) {
      const taken = Math.min(left, bytes.length - at)
      ear.takes(bytes.subarray(at, at + taken), at)
      left -= taken
      read += taken
      if (left === 0) finish()
      return taken
    }
    if (padding > 0) {
      const taken = Math.min(padding, bytes.length - at)
      padding -= taken
      read += taken
      return taken
    }
    const taken = Math.min(blockBytes - head.length, bytes.length - at)
    head = Buffer.concat([head, bytes.subarray(at, at + taken)])
    read += taken
    if (head.length < blockBytes) return taken
    begin()
    head = Buffer.alloc(0)
    return taken
  }
  return {
    push: (bytes) => {
      // Behind two empty blocks there is nothing more.
      for (let at = 0; at < bytes.length;) at += over ? bytes.length : step(bytes, at)
    },
    end: () => {
      if (left > 0 || padding > 0 || head.length > 0) throw broken('it was cut off')
    },
  }
}

function entryOf(head: Buffer): TarEntry {
  const sum = head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== numberAt(head, 148, 8)) throw broken('a header is damaged')
  const prefix = textAt(head, 345, 155)
  // The server writes some of its folders as `./name`.
  const name = textAt(head, 0, 100).replace(/^\.\//, '').replace(/\/$/, '')
  const path = prefix === '' ? name : `${prefix}/${name}`
  const kind = kinds[String.fromCharCode(head[156] ?? 0)]
  if (kind === undefined) throw broken(`\`${shown(path)}\` is of a kind that is not known`)
  if (path.split('/').some((part) => ['', '.', '..'].includes(part)))
    throw broken(`\`${shown(path)}\` leaves its folder`)
  const size = kind === 'file' ? numberAt(head, 124, 12) : 0
  return { path, kind, size, mode: numberAt(head, 100, 8) & 0o777 }
}

const kinds: { readonly [flag: string]: TarEntry['kind'] } = {
  '0': 'file',
  '\0': 'file',
  '2': 'link',
  '5': 'directory',
}

function textAt(head: Buffer, at: number, length: number): string {
  const field = head.subarray(at, at + length)
  const zero = field.indexOf(0)
  return field.subarray(0, zero === -1 ? length : zero).toString('utf8')
}

/** Octal, or base 256 where the first bit is set. */
function numberAt(head: Buffer, at: number, length: number): number {
  if (((head[at] ?? 0) & 0x80) !== 0) return head.readUIntBE(at + length - 6, 6)
  const text = textAt(head, at, length).trim()
  if (!/^[0-7]+$/.test(text)) throw broken('a header is damaged')
  return Number.parseInt(text, 8)
}

function shown(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, '?')
}

function broken(why: string): FirebreakError {
  return new FirebreakError('broken_store', `an archive of a base backup cannot be read: ${why}`)
}
