/** Reads a tar archive as it comes, and gives the files in it piece by piece: ustar, with the long names of pax and of GNU. */
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'

export type TarPart =
  /** `path`: its bytes, one character each. */
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }

const block = 512
/** Names are not longer than a few thousand bytes; what says more is damaged. */
const maxNameBytes = 1024 * 1024

/** What is no file is passed over. Throws `broken_store` for a damaged header, and for an archive that was cut off. */
export async function* filesInTar(bytes: Bytes): AsyncGenerator<TarPart> {
  const input = openInput(bytes)
  try {
    let long: Buffer | null = null
    for (let head = await headIn(input); head !== null; head = await headIn(input)) {
      if (isFile(head)) yield* fileIn(input, head, long)
      long = isFile(head) ? null : await passedOver(input, head, long)
      await input.take((block - (head.size % block)) % block)
    }
    await input.drain()
  } finally {
    await input.close()
  }
}

interface Head {
  readonly flag: string
  readonly name: Buffer
  readonly size: number
}

function isFile({ flag }: Head): boolean {
  return flag === '0' || flag === '\0'
}

async function* fileIn(
  input: Input,
  { name, size }: Head,
  long: Buffer | null,
): AsyncGenerator<TarPart> {
  yield { kind: 'file', path: (long ?? name).toString('latin1'), size }
  for await (const bytes of input.pieces(size)) yield { kind: 'bytes', bytes }
  yield { kind: 'end' }
}

/** The long name of what comes next; null where it has none. */
async function passedOver(
  input: Input,
  { flag, size }: Head,
  long: Buffer | null,
): Promise<Buffer | null> {
  if (flag !== 'x' && flag !== 'L') {
    for await (const _ of input.pieces(size));
    return flag === 'g' || flag === 'K' ? long : null
  }
  if (size > maxNameBytes) throw broken('a name in it is too long')
  const told = await input.take(size)
  return flag === 'L' ? untilZero(told) : (paxPath(told) ?? long)
}

interface Input {
  take(count: number): Promise<Buffer>
  pieces(count: number): AsyncGenerator<Uint8Array>
  drain(): Promise<void>
  /** Whoever gives the bytes hears that no more are wanted. */
  close(): Promise<void>
}

function openInput(bytes: Bytes): Input {
  const source = bytes[Symbol.asyncIterator]()
  let had: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const next = await source.next()
    if (next.done === true) return false
    had = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    return true
  }
  const some = async (most: number): Promise<Buffer> => {
    while (had.length === 0) if (!(await more())) throw broken('it was cut off')
    const piece = had.subarray(0, most)
    had = had.subarray(piece.length)
    return piece
  }
  return {
    take: async (count) => {
      const parts: Buffer[] = []
      for (let left = count; left > 0;) {
        const piece = await some(left)
        parts.push(piece)
        left -= piece.length
      }
      return Buffer.concat(parts)
    },
    pieces: async function* (count) {
      for (let left = count; left > 0;) {
        const piece = await some(left)
        left -= piece.length
        yield piece
      }
    },
    drain: async () => {
      while (await more());
    },
    close: async () => {
      await source.return?.(null)
    },
  }
}

/** Null at the end: two empty blocks. What is cut off before them is not whole. */
async function headIn(input: Input): Promise<Head | null> {
  const head = await input.take(block)
  if (head.every((byte) => byte === 0)) return null
  const sum = head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== numberAt(head, 148, 8)) throw broken('a header is damaged')
  const name = untilZero(head.subarray(0, 100))
  // GNU has other things where ustar has the beginning of a long path.
  const prefix =
    head.toString('latin1', 257, 263) === 'ustar\0'
      ? untilZero(head.subarray(345, 500))
      : Buffer.alloc(0)
  return {
    flag: String.fromCharCode(head[156] ?? 0),
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    size: numberAt(head, 124, 12),
  }
}

/** Records are `LENGTH KEY=VALUE` and a line end; null where none is of the path. */
function paxPath(told: Buffer): Buffer | null {
  let path: Buffer | null = null
  for (let at = 0; at < told.length;) {
    const blank = told.indexOf(' ', at)
    const length = Number(told.toString('latin1', at, Math.max(at, blank)))
    if (!Number.isSafeInteger(length) || length < 5 || at + length > told.length)
      throw broken('a header is damaged')
    const record = told.subarray(blank + 1, at + length - 1)
    if (record.toString('latin1', 0, 5) === 'path=') path = record.subarray(5)
    at += length
  }
  return path
}

function untilZero(field: Buffer): Buffer {
  const zero = field.indexOf(0)
  return field.subarray(0, zero === -1 ? field.length : zero)
}

/** Octal, or base 256 where the first bit is set. */
function numberAt(head: Buffer, at: number, length: number): number {
  if (((head[at] ?? 0) & 0x80) !== 0) return head.readUIntBE(at + length - 6, 6)
  const text = untilZero(head.subarray(at, at + length))
    .toString('latin1')
    .trim()
  if (!/^[0-7]+$/.test(text)) throw broken('a header is damaged')
  return Number.parseInt(text, 8)
}

function broken(why: string): FirebreakError {
  return new FirebreakError('broken_store', `what restic gives back cannot be read: ${why}`)
}
