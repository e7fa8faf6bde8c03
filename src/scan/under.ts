/** The files of a walk, read in batches, told in the walk's order: the first ones here, the rest on threads. */
import { openThreads } from './apart.ts'
import type { Threads } from './apart.ts'
import type { FileBounds, FileReader, FileStep, Outcome } from './file.ts'
import type { Step } from './walk.ts'

export interface Read {
  readonly step: Step
  /** Null for a step that was no file. */
  readonly outcome: Outcome | null
}

export interface ReadOptions {
  readonly reader: FileReader
  readonly threads: number
  readonly bounds: FileBounds
}

/** A small checkout is read before a thread would have started. */
const firstFiles = 3000
const batchFiles = 100

export async function* readAll(
  steps: Iterable<Step>,
  { reader, threads, bounds }: ReadOptions,
): AsyncGenerator<Read> {
  const iterator = steps[Symbol.iterator]()
  const here = threads < 2 ? Infinity : firstFiles
  for (let count = 0; count < here; count += batchFiles) {
    const batch = take(iterator)
    if (batch.length === 0) return
    yield* together(batch, reader.read(filesOf(batch)))
  }
  const pool = openThreads(threads, bounds)
  try {
    yield* inBatches(iterator, pool, threads * 3)
  } finally {
    await pool.close()
  }
}

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

const readBatch = async (batch: readonly Step[], pool: Threads): Promise<readonly Read[]> =>
  together(batch, await pool.read(filesOf(batch)))

const filesOf = (batch: readonly Step[]): readonly FileStep[] =>
  batch.filter((step) => step.kind === 'file')

function together(batch: readonly Step[], outcomes: readonly Outcome[]): readonly Read[] {
  let at = 0
  return batch.map((step) => ({
    step,
    outcome: step.kind === 'file' ? (outcomes[at++] ?? null) : null,
  }))
}
