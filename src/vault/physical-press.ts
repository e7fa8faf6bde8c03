/** The threads that pack: pieces are summed, compressed, hashed and sealed there, and the one that receives goes on receiving. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker, parentPort, workerData } from 'node:worker_threads'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { FirebreakError, messageOf } from '../base/error.ts'
import { openBytes, sealBytes } from './chunks.ts'
import type { Bytes, Opening, Sealing } from './chunks.ts'
import { openCrc32c } from './crc32c.ts'
import type { Span } from './physical-sums.ts'

const mark = 'firebreak press'

/** What a piece holds at most before it is compressed. */
export const pieceBytes = 4 << 20

export interface Unpacked {
  /** Handed over, and back when it is packed. */
  readonly plain: Uint8Array<ArrayBuffer>
  /** The parts of it that are summed. */
  readonly spans: readonly Span[]
  readonly sealing: Sealing
}

export interface Packed {
  readonly sealed: Uint8Array<ArrayBuffer>
  /** Of the compressed bytes. */
  readonly sha256: string
  /** CRC-32C of each span. */
  readonly sums: readonly number[]
  /** The memory of what was packed. */
  readonly memory: ArrayBuffer
}

export interface Press {
  /** How many pieces are packed at the same time. */
  readonly atOnce: number
  pack(piece: Unpacked): Promise<Packed>
  /** Hash of what these sealed bytes hold; null where they do not open. They are handed over. */
  check(sealed: Uint8Array<ArrayBuffer>, sealing: Sealing): Promise<string | null>
  /** The plain bytes of a piece; throws `broken_store` where these are not it. They are handed over. */
  open(
    sealed: Uint8Array<ArrayBuffer>,
    opening: PieceOpening,
    piece: Piece,
  ): Promise<Laying['plain']>
  /** Writes it down and sums each part: its CRC-32C. The bytes are handed over. */
  lay(laying: Laying): Promise<readonly number[]>
  /** What is under way is given up. */
  stop(): Promise<void>
}

export interface Piece {
  /** Of the compressed bytes: what the box knows it by. */
  readonly sha256: string
  /** Before they were compressed. */
  readonly bytes: number
}

export type PieceOpening = Pick<Opening, 'keys' | 'context'>

/** Plain bytes, and where each part of them goes. */
export interface Laying {
  readonly plain: Uint8Array<ArrayBuffer>
  readonly parts: readonly Part[]
}

export interface Part {
  readonly span: Span
  /** A file that is open, and the place in it; or the path of one that is made and closed again. */
  readonly to: { readonly fd: number; readonly at: number } | string
}

type Task =
  | ({ readonly kind: 'pack' } & Unpacked)
  | { readonly kind: 'check'; readonly sealed: Uint8Array<ArrayBuffer>; readonly sealing: Sealing }
  | {
      readonly kind: 'open'
      readonly sealed: Uint8Array<ArrayBuffer>
      readonly opening: PieceOpening
      readonly piece: Piece
      readonly into: ArrayBuffer
    }
  | ({ readonly kind: 'lay' } & Laying)

type Answer =
  | ({ readonly kind: 'packed' } & Packed)
  | { readonly kind: 'checked'; readonly sha256: string | null }
  | { readonly kind: 'opened'; readonly into: ArrayBuffer }
  | { readonly kind: 'laid'; readonly sums: readonly number[]; readonly memory: ArrayBuffer }
  | { readonly kind: 'fault'; readonly fault: Fault }

/** What was thrown on the thread, as far as others branch on it. */
interface Fault {
  readonly message: string
  /** Of the system. */
  readonly code: string | null
  /** Of a store that does not give what was put. */
  readonly broken: { readonly hint: string | null } | null
}

/** As many threads as there are cores: the one that receives mostly waits. They keep no process from ending. */
export function openPress(threads = Math.min(4, availableParallelism())): Press {
  const lanes = Array.from({ length: threads }, () => openLane())
  /** Used again and again: memory that comes and goes in such pieces keeps the collector busy. */
  const free: ArrayBuffer[] = []
  /** To whom has least to do; each answers in turn. */
  const ask = async (task: Task, handed: ArrayBuffer[]): Promise<Answer> => {
    const lane = lanes.reduce((least, one) => (one.waiting() < least.waiting() ? one : least))
    return await lane.ask(task, handed)
  }
  return {
    // One is worked on in each thread; the others lie ready, or are on their way to the disk.
    atOnce: threads + 3,
    pack: async (piece) => {
      const answer = await ask({ kind: 'pack', ...piece }, [piece.plain.buffer])
      if (answer.kind === 'packed') return answer
      throw thrownOn(answer)
    },
    check: async (sealed, sealing) => {
      const answer = await ask({ kind: 'check', sealed, sealing }, [sealed.buffer])
      if (answer.kind === 'checked') return answer.sha256
      throw thrownOn(answer)
    },
    open: async (sealed, opening, piece) => {
      const into = free.pop() ?? new ArrayBuffer(pieceBytes)
      const task = { kind: 'open', sealed, opening, piece, into } as const
      const answer = await ask(task, [sealed.buffer, into])
      if (answer.kind === 'opened') return new Uint8Array(answer.into, 0, piece.bytes)
      throw thrownOn(answer)
    },
    lay: async (laying) => {
      const answer = await ask({ kind: 'lay', ...laying }, [laying.plain.buffer])
      if (answer.kind !== 'laid') throw thrownOn(answer)
      if (answer.memory.byteLength === pieceBytes) free.push(answer.memory)
      return answer.sums
    },
    stop: async () => {
      await Promise.all(lanes.map((lane) => lane.stop()))
    },
  }
}

/** The same bytes in memory of their own, that can be handed over. */
export function inOne(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

interface Lane {
  waiting(): number
  ask(task: Task, handed: ArrayBuffer[]): Promise<Answer>
  stop(): Promise<void>
}

/** A thread begins with its first task. */
function openLane(): Lane {
  const waiting: { resolve: (answer: Answer) => void; reject: (why: Error) => void }[] = []
  let worker: Worker | null = null
  let stopped = false
  const fail = (why: string): void => {
    worker = null
    for (const one of waiting.splice(0)) one.reject(given(why))
  }
  const begin = (): Worker => {
    const made = new Worker(new URL(import.meta.url), { workerData: mark, env: {} })
    made.unref()
    made.on('message', (answer: Answer) => waiting.shift()?.resolve(answer))
    made.once('error', (thrown) => fail(messageOf(thrown)))
    made.once('exit', () => fail('its thread has ended'))
    return made
  }
  return {
    waiting: () => waiting.length,
    ask: async (task, handed) => {
      if (stopped) throw given('it was stopped')
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      worker ??= begin()
      waiting.push({ resolve, reject })
      worker.postMessage(task, handed)
      return await promise
    },
    stop: async () => {
      stopped = true
      await worker?.terminate()
    },
  }
}

function given(why: string): FirebreakError {
  return new FirebreakError('internal', `a piece of the vault could not be worked on: ${why}`)
}

function thrownOn(answer: Answer): Error {
  if (answer.kind !== 'fault') return given('it was answered otherwise than asked')
  const { message, code, broken } = answer.fault
  if (broken !== null) return new FirebreakError('broken_store', message, broken.hint)
  return code === null ? given(message) : Object.assign(new Error(message), { code })
}

/** The plain bytes; throws `broken_store` for a piece that is not as it was. */
export async function openPiece(
  sealed: Bytes,
  opening: PieceOpening,
  { sha256, bytes }: Piece,
): Promise<Uint8Array> {
  const hash = createHash('sha256')
  const packed: Uint8Array[] = []
  for await (const part of openBytes(sealed, opening)) {
    hash.update(part)
    packed.push(part)
  }
  if (hash.digest('hex') !== sha256)
    throw new FirebreakError('broken_store', 'a file in the vault holds other bytes than were put')
  if (bytes > pieceBytes)
    throw new FirebreakError('broken_store', 'a piece in the vault is larger than any is')
  // A little more than it needs: then all of it comes in one.
  const bounded = { maxOutputLength: bytes + 64, chunkSize: bytes + 64 }
  const plain = zstdDecompressSync(inOne(packed), bounded)
  if (plain.length === bytes) return plain
  throw new FirebreakError('broken_store', 'a piece in the vault has another size than it had')
}

/** Of speed more than of size: what is stored is stored once. */
const quick = {
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  // Room for the worst (`ZSTD_compressBound`): then zstd goes over the piece once, without a copy of its own.
  chunkSize: pieceBytes + (pieceBytes >> 8) + 1024,
}

async function work(): Promise<void> {
  const crc = openCrc32c()
  const pack = async ({ plain, spans, sealing: { by, salt } }: Unpacked): Promise<Packed> => {
    const sums = spans.map(([from, to]) => crc(plain.subarray(from, to)))
    const packed = zstdCompressSync(plain, quick)
    const sha256 = createHash('sha256').update(packed).digest('hex')
    const sealed: Uint8Array[] = []
    for await (const part of sealBytes(once(packed), by, salt)) sealed.push(part)
    return { sealed: inOne(sealed), sha256, sums, memory: plain.buffer }
  }
  const check = async (sealed: Uint8Array, { by }: Sealing): Promise<string | null> => {
    const hash = createHash('sha256')
    try {
      for await (const part of openBytes(once(sealed), { keys: [by], context: by.context }))
        hash.update(part)
      return hash.digest('hex')
    } catch {
      // Whatever keeps it from being opened, it is not what was put.
      return null
    }
  }
  const lay = ({ plain, parts }: Laying): readonly number[] =>
    parts.map(({ span: [from, end], to }) => {
      const part = plain.subarray(from, end)
      if (typeof to === 'string') makeFile(to, part)
      else writeAll(to.fd, part, to.at)
      return crc(part)
    })
  const answer = async (task: Task): Promise<void> => {
    switch (task.kind) {
      case 'pack': {
        const packed = await pack(task)
        say({ kind: 'packed', ...packed }, [packed.sealed.buffer, packed.memory])
        return
      }
      case 'check':
        say({ kind: 'checked', sha256: await check(task.sealed, task.sealing) }, [])
        return
      case 'open': {
        const plain = await openPiece(once(task.sealed), task.opening, task.piece)
        new Uint8Array(task.into).set(plain)
        say({ kind: 'opened', into: task.into }, [task.into])
        return
      }
      case 'lay':
        say({ kind: 'laid', sums: lay(task), memory: task.plain.buffer }, [task.plain.buffer])
    }
  }
  let turn = Promise.resolve()
  parentPort?.on('message', (task: Task) => {
    turn = turn
      .then(() => answer(task))
      .catch((thrown: unknown) => say({ kind: 'fault', fault: faultOf(thrown) }, []))
  })
}

function faultOf(thrown: unknown): Fault {
  const message = messageOf(thrown)
  if (thrown instanceof FirebreakError && thrown.code === 'broken_store')
    return { message, code: null, broken: { hint: thrown.hint } }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null
  return { message, code, broken: null }
}

function makeFile(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o600)
  try {
    writeAll(fd, bytes, 0)
  } finally {
    closeSync(fd)
  }
}

function writeAll(fd: number, bytes: Uint8Array, place: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, bytes.length - done, place + done)
}

function say(answer: Answer, handed: ArrayBuffer[]): void {
  parentPort?.postMessage(answer, handed)
}

async function* once(bytes: Uint8Array): Bytes & AsyncGenerator<Uint8Array> {
  yield bytes
}

if (workerData === mark) await work()
