/** The files of a walk, read in batches, told in the walk's order: the first ones here, the rest on threads. */
import { openThreads } from './apart.ts'
import type { Threads } from './apart.ts'
import type { FileReader, Outcome } from './file.ts'
import type { Step } from './walk.ts'

export interface Read {
  readonly step: Step
  /** Null for a step that was no file. */
  readonly outcome: Outcome | null
}

export interface ReadOptions {
  readonly reader: FileReader
  readonly threads: number
  readonly maxFileBytes: number
}

/** A small checkout is read before a thread would have started. */
const firstFiles = 3000
const batchFiles = 100

export async function* readAll(
  steps: Iterable<Step>,
  { reader, threads, maxFileBytes }: ReadOptions,
): AsyncGenerator<Read> {
  const iterator = steps[Symbol.iterator]()
  const here = threads < 2 ? Infinity : firstFiles
  for (let count = 0; count < here; count++) {
    const next = iterator.next()
    if (next.done === true) return
    yield { step: next.value, outcome: outcomeOf(next.value, reader) }
  }
  const pool = openThreads(threads, maxFileBytes)
  try {
    yield* inBatches(iterator, pool, threads * 3)
  } finally {
    await pool.close()
  }
}

const outcomeOf = (step: Step, reader: FileReader): Outcome | null =>
  step.kind === 'file' ? reader.read(step.path, step.shown) : null

/** So many batches are under way that no thread waits, and the walk is never far ahead. */
async function* inBatches(
  steps: Iterator<Step>,
  pool: Threads,
  ahead: number,
): AsyncGenerator<Read> {
  const line: Promise<readonly Read[]>[] = []
  for (;;) {
    while (line.length < ahead) {
      const batch = take(steps)
      if (batch.length === 0) break
      line.push(readBatch(batch, pool))
    }
    const first = line.shift()
    if (first === undefined) return
    yield* await first
  }
}

function take(steps: Iterator<Step>): readonly Step[] {
  const batch: Step[] = []
  while (batch.length < batchFiles) {
    const next = steps.next()
    if (next.done === true) break
    batch.push(next.value)
  }
  return batch
}

async function readBatch(batch: readonly Step[], pool: Threads): Promise<readonly Read[]> {
  const outcomes = await pool.read(batch.filter((step) => step.kind === 'file'))
  let at = 0
  return batch.map((step) => ({
    step,
    outcome: step.kind === 'file' ? (outcomes[at++] ?? null) : null,
  }))
}
