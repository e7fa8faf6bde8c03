/** The vault's sealed bytes: AES-256-GCM in chunks, so that a file of any size is read back in order, whole, or not at all. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'

/** Plain bytes in a chunk; only the last may hold fewer. */
const chunkBytes = 65_536
const tagBytes = 16
export const saltBytes = 32
const magic = Buffer.from('fbvault1', 'latin1')

/** Bytes as they come; the pieces' borders mean nothing. */
export type Bytes = AsyncIterable<Uint8Array>

/** What the bytes are sealed under: the vault's key, and what they are (a sealed file passes for nothing else). */
export interface SealKey {
  readonly key: Uint8Array
  readonly context: string
}

/** One use of a key. */
export interface Sealing {
  readonly by: SealKey
  readonly salt: Uint8Array
}

/** Magic, salt, then each chunk with its tag (docs/formats/recovery-point.md §2). The salt is fresh for each file. */
export async function* sealBytes(
  plain: Bytes,
  by: SealKey,
  salt: Uint8Array,
): Bytes & AsyncGenerator<Uint8Array> {
  const key = fileKey(by, salt)
  yield Buffer.concat([magic, salt])
  for await (const { block, index, last } of blocks(plain, chunkBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(index, last))
    yield Buffer.concat([cipher.update(block), cipher.final(), cipher.getAuthTag()])
  }
}

/** The plain bytes again; throws `broken_store` for another key, a changed bit, a missing, added or moved chunk. */
export async function* openBytes(sealed: Bytes, by: SealKey): Bytes & AsyncGenerator<Uint8Array> {
  const pieces = sealed[Symbol.asyncIterator]()
  try {
    const [head, rest] = await cut(pieces, magic.length + saltBytes)
    if (!head.subarray(0, magic.length).equals(magic) || head.length < magic.length + saltBytes)
      throw damaged('is no sealed file of the vault')
    const key = fileKey(by, head.subarray(magic.length))
    for await (const { block, index, last } of blocks(rest, chunkBytes + tagBytes)) {
      const end = block.length - tagBytes
      if (end < 0) throw damaged('ends within a chunk')
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(index, last))
      decipher.setAuthTag(block.subarray(end))
      yield opened(decipher, block.subarray(0, end), index)
    }
  } finally {
    // Wherever it ends, the file is closed.
    await pieces.return?.()
  }
}

interface Opener {
  update(bytes: Uint8Array): Buffer
  final(): Buffer
}

function opened(decipher: Opener, body: Uint8Array, index: number): Uint8Array {
  try {
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch (cause) {
    throw damaged(`does not open at chunk ${index}`, cause)
  }
}

function fileKey({ key, context }: SealKey, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, `firebreak vault ${context}`, 32))
}

/** Eleven bytes of the chunk's index and one that marks the last: a cut or a shuffle does not open. */
function nonce(index: number, last: boolean): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes.writeUIntBE(index, 5, 6)
  bytes[11] = last ? 1 : 0
  return bytes
}

/** The same bytes in blocks of one size; there is always a last one, also where there are no bytes. */
async function* blocks(
  bytes: Bytes,
  size: number,
): AsyncGenerator<{ readonly block: Buffer; readonly index: number; readonly last: boolean }> {
  let kept: Uint8Array[] = []
  let length = 0
  let index = 0
  for await (const piece of bytes) {
    kept.push(piece)
    length += piece.length
    // More than a block must be there before one is given: only then is it known not to be the last.
    if (length <= size) continue
    const all = Buffer.concat(kept)
    let at = 0
    for (; all.length - at > size; at += size, index += 1)
      yield { block: all.subarray(at, at + size), index, last: false }
    kept = [all.subarray(at)]
    length = all.length - at
  }
  yield { block: Buffer.concat(kept), index, last: true }
}

/** The first `size` bytes (fewer where there are no more), and the rest. */
async function cut(
  pieces: AsyncIterator<Uint8Array>,
  size: number,
): Promise<readonly [Buffer, Bytes]> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < size) {
    const { value, done } = await pieces.next()
    if (done === true) break
    head = Buffer.concat([head, value])
  }
  const tail = head.subarray(size)
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield tail
    yield* { [Symbol.asyncIterator]: () => pieces }
  }
  return [head.subarray(0, size), rest()]
}

function damaged(what: string, cause?: unknown): FirebreakError {
  const hint = 'another key, or the store was damaged: use an older recovery point'
  return new FirebreakError('broken_store', `a file in the vault ${what}`, hint, cause)
}
