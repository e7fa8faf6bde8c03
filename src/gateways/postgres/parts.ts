/**
 * A batch cut where a transaction begins or ends, so that what it changes can be counted before it is kept. Each part is sent
 * such that the server answers as it would have to the whole: in a text even the places of its errors are the same.
 */
import { joined } from '../../wire/postgres/frame.ts'
import { query, sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import { changesRows, isQuiet } from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { Batch, Step } from './seam.ts'

export interface Part {
  /** `tx` begins, ends or marks a transaction, `counted` changes rows, `free` does neither. */
  readonly kind: 'tx' | 'counted' | 'free'
  readonly batch: Batch
  readonly runs: Reading['runs']
  /** What a `tx` does, in the words of SQL. */
  readonly name: string
  /** True where all of it reads, as far as the catalog tells: its answer is not kept back until it is counted. */
  readonly isRead: boolean
  /** True where something in it was let run that destroys: it counts for nothing. */
  readonly isPardoned: boolean
}

/** More than this is no text that people or programs write. */
const mostParts = 100
const mostCharacters = 4_000_000

/** Null where it cannot be cut. */
export function partsOf(
  batch: Batch,
  reading: Reading,
  isCounted: (statement: ReadStatement) => boolean = changesRows,
): readonly Part[] | null {
  const { runs } = reading
  const kindOf = (run: readonly ReadStatement[]): Part['kind'] => {
    if (run.some(({ kind }) => kind === 'tx')) return 'tx'
    return run.some(isCounted) ? 'counted' : 'free'
  }
  const partOf = (some: readonly (readonly ReadStatement[])[], made: Batch): Part => {
    const kinds = some.map(kindOf)
    return {
      kind: kinds.includes('tx') ? 'tx' : kinds.includes('counted') ? 'counted' : 'free',
      batch: made,
      runs: some,
      name: some[0]?.[0]?.operation.name ?? '',
      isRead: some.flat().every(({ operation }) => operation.effect === 'read'),
      isPardoned: some.flat().some((each) => !isQuiet(each)),
    }
  }
  const isTx = runs.map((run) => kindOf(run) === 'tx')
  const starts = isTx.flatMap((is, at) => (at === 0 || is || isTx[at - 1] === true ? [at] : []))
  if (starts.length <= 1) return [partOf(runs, batch)]
  const cuts = starts.map((from, at) => ({ from, to: starts[at + 1] ?? runs.length }))
  const batches = batch.kind === 'query' ? cutText(batch.text, runs, cuts) : cutSteps(batch, cuts)
  if (batches === null || batches.length !== cuts.length) return null
  return cuts.flatMap(({ from, to }, at) => {
    const made = batches[at]
    return made === undefined ? [] : [partOf(runs.slice(from, to), made)]
  })
}

interface Cut {
  readonly from: number
  readonly to: number
}

/** What stands before a part becomes space, so that the server counts its characters alike. */
function cutText(
  text: string,
  runs: Reading['runs'],
  cuts: readonly Cut[],
): readonly Batch[] | null {
  if (cuts.length > mostParts || cuts.length * text.length > mostCharacters) return null
  const places: { readonly start: number; readonly end: number }[] = []
  let at = 0
  for (const [statement] of runs) {
    const start = statement === undefined ? -1 : text.indexOf(statement.text, at)
    if (statement === undefined || start === -1) return null
    at = start + statement.text.length
    places.push({ start, end: at })
  }
  return cuts.flatMap(({ from, to }): readonly Batch[] => {
    const [first, last] = [places[from], places[to - 1]]
    if (first === undefined || last === undefined) return []
    const before = ' '.repeat(charactersIn(text.slice(0, first.start)))
    const part = before + text.slice(first.start, last.end)
    return [{ kind: 'query', text: part, bytes: query(part) }]
  })
}

/** Each part but the last ends in a Sync of ours; in a transaction it ends nothing. */
function cutSteps(batch: Batch, cuts: readonly Cut[]): readonly Batch[] | null {
  if (batch.kind !== 'extended' || batch.closes === 'flush' || cuts.length > mostParts) return null
  const ends = batch.steps.flatMap(({ kind }, at) => (kind === 'execute' ? [at + 1] : []))
  return cuts.map(({ from, to }): Batch => {
    const start = from === 0 ? 0 : ends[from - 1]
    const end = to === ends.length ? batch.steps.length : ends[to - 1]
    return extended(batch.steps.slice(start, end))
  })
}

/** The same up to the first step that runs something; null where that is its first. */
export function preparing(part: Part): Part | null {
  const { batch } = part
  if (batch.kind !== 'extended') return null
  const steps = batch.steps.slice(
    0,
    batch.steps.findIndex(({ kind }) => kind === 'execute'),
  )
  return steps.length === 0 ? null : { ...part, batch: extended(steps), runs: [] }
}

function extended(steps: readonly Step[]): Batch {
  return {
    kind: 'extended',
    steps,
    closes: 'sync',
    bytes: joined([...steps.map(writeStep), sync]),
  }
}

/** As the server counts them. */
function charactersIn(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
