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
    let told = nothing
    for (let next = await headIn(input); next !== null; next = await headIn(input)) {
      const head = isAbout(next) ? next : { ...next, size: told.size ?? next.size }
      if (isFile(head)) yield* fileIn(input, head, told.path)
      told = isFile(head) ? nothing : await passedOver(input, head, told)
      await input.take((block - (head.size % block)) % block)
    }
    await input.drain()
  } finally {
    await input.close()
  }
}

/** What is said beforehand of what comes next; what its head has no room for: a long name, a size of 8 GiB and more. */
interface Told {
  readonly path: Buffer | null
  readonly size: number | null
}

const nothing: Told = { path: null, size: null }

interface Head {
  readonly flag: string
  readonly name: Buffer
  readonly size: number
}

function isFile({ flag }: Head): boolean {
  return flag === '0' || flag === '\0'
}

/** What speaks of others, and comes as long as its own head says. */
function isAbout({ flag }: Head): boolean {
  return 'xgLK'.includes(flag)
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

/** What it says of what comes next. */
async function passedOver(input: Input, { flag, size }: Head, told: Told): Promise<Told> {
  if (flag !== 'x' && flag !== 'L') {
    for await (const _ of input.pieces(size));
    return flag === 'g' || flag === 'K' ? told : nothing
  }
  if (size > maxNameBytes) throw broken('a name in it is too long')
  const bytes = await input.take(size)
  return flag === 'L' ? { ...told, path: untilZero(bytes) } : paxIn(bytes, told)
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

/** Records are `LENGTH KEY=VALUE` and a line end. */
function paxIn(bytes: Buffer, told: Told): Told {
  let { path, size } = told
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(' ', at)
    const length = Number(bytes.toString('latin1', at, Math.max(at, blank)))
    if (!Number.isSafeInteger(length) || length < 5 || at + length > bytes.length)
      throw broken('a header is damaged')
    const record = bytes.subarray(blank + 1, at + length - 1)
    if (record.toString('latin1', 0, 5) === 'path=') path = record.subarray(5)
    if (record.toString('latin1', 0, 5) === 'size=') size = countOf(record.toString('latin1', 5))
    at += length
  }
  return { path, size }
}

function countOf(digits: string): number {
  const count = /^\d+$/.test(digits) ? Number(digits) : NaN
  if (!Number.isSafeInteger(count)) throw broken('a header is damaged')
  return count
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
