/** The patrol of a checkout in a thread of its own: a slow disk, a huge folder or a file system that hangs keeps no request and no halt waiting. */
import { usualBounds } from '../../scan/file.ts'
import { join } from 'node:path'
import { Worker, parentPort, workerData } from 'node:worker_threads'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { Secret } from '../../base/secret.ts'
import type { Found } from '../../scan/found.ts'
import { openPatrol } from '../../scan/patrol.ts'
import type { Change } from '../../scan/patrol.ts'
import { walk } from '../../scan/walk.ts'
import { foreign } from '../setup/seen.ts'
import { looksLikeGrant } from '../../grants/token.ts'

const mark = 'firebreak raw credentials'

export interface Patrolled {
  readonly checkout: string
  /** Whole paths that are left out. */
  readonly own: readonly string[]
  readonly salt: string
}

export interface Apart {
  /** `isFirst`: nothing was seen before it, so all that is there has come. Throws where the thread breaks or hangs; the next call starts another. */
  look: () => Promise<{ readonly isFirst: boolean; readonly changes: readonly Change[] }>
  close: () => void
}

/** As it goes from one thread to another: a secret stays in the process. */
interface Sent {
  readonly kind: Change['kind']
  readonly found: Omit<Found, 'secret' | 'within'>
  readonly secret: string
}

interface Task extends Patrolled {
  readonly mark: typeof mark
}

const hangsMs = 10 * 60_000

export function openApart(patrolled: Patrolled): Apart {
  let worker: Worker | null = null
  const drop = (): void => {
    // Not waited for: one that hangs in the system does not end.
    void worker?.terminate()
    worker = null
  }
  return {
    close: drop,
    look: async () => {
      const isFirst = worker === null
      worker ??= start(patrolled, (dead) => {
        if (worker === dead) worker = null
      })
      const { promise, resolve, reject } = Promise.withResolvers<readonly Sent[]>()
      const fail = (why: string): void =>
        reject(new FirebreakError('internal', `the thread that looks ${why}`))
      const alarm = setTimeout(() => fail('took too long'), hangsMs).unref()
      const broke = (thrown: unknown): void => fail(`broke: ${messageOf(thrown)}`)
      const ended = (): void => fail('ended')
      const own = worker
      own.once('message', resolve).once('error', broke).once('exit', ended)
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        own.postMessage('look')
        const sent = await promise
        return { isFirst, changes: sent.map(received) }
      } catch (thrown) {
        drop()
        throw thrown
      } finally {
        own.off('error', broke).off('exit', ended)
        clearTimeout(alarm)
      }
    },
  }
}

/** One that breaks between two looks is missed at the next, and breaks nothing else. */
function start(patrolled: Patrolled, gone: (dead: Worker) => void): Worker {
  const task: Task = { mark, ...patrolled }
  const limits = { resourceLimits: { maxOldGenerationSizeMb: 256 } }
  const worker = new Worker(new URL(import.meta.url), { workerData: task, env: {}, ...limits })
  worker.unref()
  for (const end of ['error', 'exit']) worker.on(end, () => gone(worker))
  return worker
}

const received = ({ kind, found, secret }: Sent): Change => ({
  kind,
  found: { ...found, secret: new Secret(secret), within: null },
})

function sent({ kind, found }: Change): Sent {
  const { id, rule, provider, masked, at, name, source, commit, low } = found
  const told = { id, rule, provider, masked, at, name, source, commit, low }
  return { kind, found: told, secret: found.secret.reveal() }
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'mark' in value && value.mark === mark
}

if (isTask(workerData)) {
  const { checkout, own, salt } = workerData
  const skipped = new Set(own)
  const skip = (shown: string): boolean => foreign.test(shown) || skipped.has(join(checkout, shown))
  const look = openPatrol([{ source: 'checkout', steps: () => walk(checkout, skip) }], {
    salt,
    bounds: { ...usualBounds, maxFileBytes: 1024 * 1024 },
    // A grant is what shall stand there.
    passes: ({ secret }) => !looksLikeGrant(secret.reveal()),
    now: Date.now,
  })
  parentPort?.on('message', () => {
    look().then(
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      ({ changes }) => parentPort?.postMessage(changes.map(sent)),
      (thrown: unknown) => {
        throw thrown
      },
    )
  })
}
