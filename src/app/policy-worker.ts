/** The thread in which policies are tried before they are used: one that breaks the engine breaks it there, not here. */
import { Worker, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../base/error.ts'
import { checkPolicies } from '../policy/check.ts'
import type { Checked, PolicyHouse } from '../policy/check.ts'
import { parseDuration } from './duration.ts'

const mark = 'firebreak policies'

type Given = Pick<PolicyHouse, 'schema' | 'texts' | 'known'>

interface Task extends Given {
  readonly mark: typeof mark
  readonly approvers: number | null
}

/**
 * What `checkPolicies` says, from a thread of its own. Never rejects: a thread that dies, or is not done after
 * `deadlineMs`, is an error of the policies. `approvers` is how many people could sign; null: not known.
 */
export async function checkApart(
  given: Given,
  approvers: number | null = null,
  deadlineMs = 15_000,
): Promise<Checked> {
  const task: Task = { mark, ...given, approvers }
  const worker = new Worker(new URL(import.meta.url), {
    workerData: task,
    env: {},
    // Less stack than the main thread has: what is not too deep here is not too deep there.
    resourceLimits: { stackSizeMb: 0.75, maxOldGenerationSizeMb: 256 },
  })
  const { promise, resolve } = Promise.withResolvers<Checked>()
  const fail = (why: string): void =>
    resolve({
      rules: [],
      issues: [{ level: 'error', file: ownFile(given.texts), line: 1, message: why }],
    })
  const alarm = setTimeout(() => fail('the check of the policies took too long'), deadlineMs)
  worker.once('message', (checked: Checked) => resolve(checked))
  worker.once('error', (thrown) => fail(`the check of the policies broke: ${messageOf(thrown)}`))
  worker.once('exit', () => fail('the check of the policies ended without a word'))
  try {
    return await promise
  } finally {
    clearTimeout(alarm)
    await worker.terminate()
  }
}

function ownFile(texts: PolicyHouse['texts']): string {
  return texts.at(-1)?.file ?? ''
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'mark' in value && value.mark === mark
}

if (isTask(workerData)) {
  const { mark: _, approvers, ...given } = workerData
  const checked = checkPolicies({ ...given, duration: parseDuration }, approvers)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(checked)
}
