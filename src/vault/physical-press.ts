/** The threads that pack: pieces are summed, compressed, hashed and sealed there, and the one that receives goes on receiving. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker, parentPort, workerData } from 'node:worker_threads'
import { constants, zstdCompressSync } from 'node:zlib'
import { FirebreakError, messageOf } from '../base/error.ts'
import { openBytes, sealBytes } from './chunks.ts'
import type { Bytes, Sealing } from './chunks.ts'
import { openCrc32c } from './crc32c.ts'
import type { Span } from './physical-sums.ts'

const mark = 'firebreak press'

export interface Unpacked {
  /** Shared: not written to until it is packed. */
  readonly plain: Uint8Array<SharedArrayBuffer>
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
}

export interface Press {
  /** How many pieces are packed at the same time. */
  readonly atOnce: number
  pack(piece: Unpacked): Promise<Packed>
  /** Hash of what these sealed bytes hold; null where they do not open. They are handed over. */
  check(sealed: Uint8Array<ArrayBuffer>, sealing: Sealing): Promise<string | null>
  /** What is under way is given up. */
  stop(): Promise<void>
}

type Task =
  | ({ readonly kind: 'pack' } & Unpacked)
  | { readonly kind: 'check'; readonly sealed: Uint8Array<ArrayBuffer>; readonly sealing: Sealing }

type Answer = Packed | { readonly sha256: string | null } | { readonly fault: string }

/** As many threads as there are cores beside the one that receives; they keep no process from ending. */
export function openPress(threads = Math.max(1, Math.min(4, availableParallelism() - 1))): Press {
  const lanes = Array.from({ length: threads }, () => openLane())
  /** To whom has least to do; each answers in turn. */
  const ask = async (task: Task, handed: ArrayBuffer[]): Promise<Answer> => {
    const lane = lanes.reduce((least, one) => (one.waiting() < least.waiting() ? one : least))
    return await lane.ask(task, handed)
  }
  return {
    // One is worked on in each thread; the others lie ready, or are on their way to the disk.
    atOnce: threads + 3,
    pack: async (piece) => {
      const answer = await ask({ kind: 'pack', ...piece }, [])
      if ('sealed' in answer) return answer
      throw given('fault' in answer ? answer.fault : '')
    },
    check: async (sealed, sealing) => {
      const answer = await ask({ kind: 'check', sealed, sealing }, [sealed.buffer])
      if ('fault' in answer) throw given(answer.fault)
      return answer.sha256
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
  return new FirebreakError('internal', `a piece for the vault could not be packed: ${why}`)
}

/** Of speed more than of size: what is stored is stored once. */
const quick = { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: 1 << 20 }

async function work(): Promise<void> {
  const crc = openCrc32c()
  const pack = async ({ plain, spans, sealing: { by, salt } }: Unpacked): Promise<Packed> => {
    const sums = spans.map(([from, to]) => crc(plain.subarray(from, to)))
    const packed = zstdCompressSync(plain, quick)
    const sha256 = createHash('sha256').update(packed).digest('hex')
    const sealed: Uint8Array[] = []
    for await (const part of sealBytes(once(packed), by, salt)) sealed.push(part)
    return { sealed: inOne(sealed), sha256, sums }
  }
  const check = async (sealed: Uint8Array, { by }: Sealing): Promise<string | null> => {
    const hash = createHash('sha256')
    try {
      for await (const part of openBytes(once(sealed), by)) hash.update(part)
      return hash.digest('hex')
    } catch {
      // Whatever keeps it from being opened, it is not what was put.
      return null
    }
  }
  const answer = async (task: Task): Promise<void> => {
    try {
      if (task.kind === 'pack') {
        const packed = await pack(task)
        say(packed, [packed.sealed.buffer])
      } else say({ sha256: await check(task.sealed, task.sealing) }, [])
    } catch (thrown) {
      say({ fault: messageOf(thrown) }, [])
    }
  }
  let turn = Promise.resolve()
  parentPort?.on('message', (task: Task) => {
    turn = turn.then(() => answer(task))
  })
}

function say(answer: Answer, handed: ArrayBuffer[]): void {
  parentPort?.postMessage(answer, handed)
}

async function* once(bytes: Uint8Array): Bytes & AsyncGenerator<Uint8Array> {
  yield bytes
}

if (workerData === mark) await work()
