/** The bytes of an open file as UTF-8, block by block: as they are, or out of the UTF-16 that editors of Windows write. */
import { readSync } from 'node:fs'

export interface Bytes {
  /** Fills the memory from a place on; `ended` when the file has no more. */
  fill(memory: Buffer, from: number): { readonly filled: number; readonly ended: boolean }
}

export type Unicode = 'utf-8' | 'utf-16le' | 'utf-16be'

/** By the mark at the beginning (RFC 2781 §3.2); without one by its zeros, as every second byte of plain words has them; else UTF-8. */
export function unicodeOf(head: Buffer): Unicode {
  const mark = head.toString('hex', 0, 2)
  if (mark === 'fffe') return 'utf-16le'
  if (mark === 'feff') return 'utf-16be'
  if (!head.subarray(0, 2).includes(0)) return 'utf-8'
  const start = head.subarray(0, Math.min(head.length & ~1, 512))
  const zeros = (odd: 0 | 1): boolean =>
    start.every((byte, at) => (at % 2 === odd ? byte === 0 : byte >= 9 && byte < 127))
  return start.length < 8 ? 'utf-8' : zeros(1) ? 'utf-16le' : zeros(0) ? 'utf-16be' : 'utf-8'
}

/** So far into a file a zero byte tells that it is no text; git looks as far. */
const firstLook = 8000
/** A slip of an editor leaves one or two; what is no text has more, or other bytes that no text has. */
const fewZeros = 3

/** True for what is no text in UTF-8. */
export function isBinary(head: Buffer): boolean {
  const start = head.subarray(0, firstLook)
  if (!start.includes(0)) return false
  const zeros = start.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0)
  return zeros > fewZeros || start.some((byte) => byte > 0 && byte < 7)
}

interface Begun {
  readonly unicode: Unicode
  /** Bytes that were read already; they are in the memory where it is UTF-8. */
  readonly head: number
  /** As the file says; 0 where it does not know. */
  readonly size: number
}

export function bytesOf(fd: number, { unicode, head, size }: Begun): Bytes {
  const next = readFrom(fd, { offset: unicode === 'utf-8' ? head : 0, size })
  if (unicode === 'utf-8') return { fill: (memory, from) => next(memory, from, memory.length) }
  const decoder = new TextDecoder(unicode)
  return {
    fill: (memory, from) => {
      // Two bytes become three at most, and a half character may wait.
      const raw = Buffer.alloc(Math.floor((memory.length - from) / 3) * 2 - 4)
      const { filled, ended } = next(raw, 0, raw.length)
      const text = decoder.decode(raw.subarray(0, filled), { stream: !ended })
      return { filled: from + memory.write(text, from), ended }
    },
  }
}

function readFrom(fd: number, start: { readonly offset: number; readonly size: number }) {
  let { offset } = start
  return (memory: Buffer, from: number, to: number): ReturnType<Bytes['fill']> => {
    let filled = from
    while (filled < to) {
      const count =
        offset > 0 && offset === start.size ? 0 : readSync(fd, memory, filled, to - filled, offset)
      if (count === 0) return { filled, ended: true }
      filled += count
      offset += count
    }
    return { filled, ended: false }
  }
}
