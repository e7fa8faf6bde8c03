/** Files read on threads of their own: as many as there are cores; one that dies takes its batch with it and nothing else. */
import { Worker, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../base/error.ts'
import { eye } from './eye.ts'
import { openFileReader } from './file.ts'
import type { FileBounds, FileStep, Outcome } from './file.ts'

const mark = 'firebreak scan'

export interface Threads {
  /** An outcome for each file; none of them once it was closed. */
  read(files: readonly FileStep[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}

interface Task {
  readonly mark: typeof mark
  readonly bounds: FileBounds
}

interface Thread {
  readonly worker: Worker
  /** Ends the batch that it is at, where it ends without a word. */
  fail: (why: string) => void
}

/** `count` threads, which start when there is something to read. Batches that are more than the threads wait in line. */
export function openThreads(count: number, bounds: FileBounds): Threads {
  /** Null is a thread that has not started. */
  const idle: (Thread | null)[] = Array.from({ length: count }, () => null)
  const waiting: ((thread: Thread | null) => void)[] = []
  const all = new Set<Worker>()
  let isClosed = false

  const take = async (): Promise<Thread | null> => {
    const { promise, resolve } = Promise.withResolvers<Thread | null>()
    const free = idle.pop()
    if (free === undefined) waiting.push(resolve)
    else resolve(free)
    const thread = await promise
    return isClosed ? null : (thread ?? start())
  }
  const give = (thread: Thread | null): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(thread)
    else next(thread)
  }
  const start = (): Thread => {
    const task: Task = { mark, bounds }
    const worker = new Worker(new URL(import.meta.url), { workerData: task, env: {} })
    const thread: Thread = { worker, fail: () => {} }
    worker.once('error', (thrown) => thread.fail(messageOf(thrown)))
    worker.once('exit', () => thread.fail('it ended'))
    all.add(worker)
    return thread
  }
  return {
    read: async (files) => {
      const thread = await take()
      // Nobody waits for it any more.
      if (thread === null) return []
      const { promise, resolve } = Promise.withResolvers<readonly Outcome[] | string>()
      thread.fail = resolve
      thread.worker.once('message', resolve)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.worker.postMessage(files)
      const outcomes = await promise
      if (typeof outcomes !== 'string') {
        give(thread)
        return outcomes
      }
      all.delete(thread.worker)
      give(null)
      const why = `the thread that read it broke: ${outcomes}`
      return files.map(() => ({ kind: 'unreadable', why, placed: [] }))
    },
    close: async () => {
      isClosed = true
      await Promise.all([...all].map(async (worker) => await worker.terminate()))
    },
  }
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'mark' in value && value.mark === mark
}

if (isTask(workerData)) {
  const reader = openFileReader(eye(), workerData.bounds)
  parentPort?.on('message', (files: readonly FileStep[]) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(reader.read(files))
  })
}
