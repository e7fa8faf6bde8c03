/** A folder and a home looked at again and again: only what has changed is read, and what came, went and came back is told by its id. */
import { hash, randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { eye } from './eye.ts'
import { openFileReader } from './file.ts'
import type { FileBounds, FileReader } from './file.ts'
import { foundOf, usual } from './find.ts'
import type { Found, Source } from './found.ts'
import type { Step } from './walk.ts'

export interface Beat {
  readonly source: Source
  /** The files, each time anew. What it throws counts as no files: a folder may go away. */
  readonly steps: () => Iterable<Step>
}

export interface Change {
  /** `back`: it was here before, and was taken out. */
  readonly kind: 'came' | 'back' | 'gone'
  readonly found: Found
}

export interface Round {
  readonly changes: readonly Change[]
  /** Folders with files in them, for whoever wants to be woken by them. */
  readonly folders: ReadonlySet<string>
  /** So many files were there, and so many of them read. */
  readonly files: number
  readonly read: number
  /** Why a part of it could not be walked. */
  readonly lost: readonly string[]
}

export interface PatrolOptions {
  readonly salt: string
  readonly bounds: FileBounds
  /** True for what is no finding here. */
  readonly passes: (found: Found) => boolean
  readonly now: () => number
  /** So many credentials are remembered, and so many of what reaches little or stands in a second file; of more it is told that there are more. */
  readonly most?: number
}

const usualMost = 20_000
/** So long it works before others may. */
const sliceMs = 2
/** A file that was written a moment before it was read may change again within the same tick of its clock: it is read once more. */
const freshMs = 100

/** Gives a function that looks once around; the first time whatever is there has come. Never to be run beside itself. */
export function openPatrol(
  beats: readonly Beat[],
  { salt, bounds, passes, now, most = usualMost }: PatrolOptions,
): () => Promise<Round> {
  const reader = openFileReader(eye(), bounds)
  const own = randomUUID()
  /** What was read: a file by its path and state, as a number that nobody can foresee. */
  let looked = new Set<number>()
  let standing = new Map<string, readonly Found[]>()
  const left = new Set<string>()

  return async () => {
    const state = { looked: new Set<number>(), standing: new Map<string, readonly Found[]>() }
    const counts = { files: 0, read: 0 }
    const folders = new Set<string>()
    const lost: string[] = []
    const memory = openMemory(state.standing, most)
    let since = performance.now()
    for (const { source, steps } of beats)
      for (const step of carefully(steps, lost)) {
        if (step.kind !== 'file') continue
        counts.files += 1
        folders.add(dirname(step.path))
        const key = `${source} ${step.shown}`
        const mark = markOf(step.path, own, now())
        let isWhole = true
        if (mark !== null && looked.has(mark.value)) isWhole = memory.keep(key, standing.get(key))
        else if (mark !== null) {
          counts.read += 1
          isWhole = memory.keep(key, foundIn(step, { reader, source, salt, passes }))
        }
        // Of which something was left is read again: there may be room by then.
        if (mark?.isOld === true && isWhole) state.looked.add(mark.value)
        if (performance.now() - since > sliceMs) {
          await breathe()
          since = performance.now()
        }
      }
    if (memory.isCut())
      lost.push(`more findings than ${most} are not remembered: what comes beyond them is not told`)
    const changes = differences(standing, state.standing, { left, most })
    looked = state.looked
    standing = state.standing
    return { changes, folders, ...counts, lost }
  }
}

function* carefully(steps: () => Iterable<Step>, lost: string[]): Generator<Step> {
  try {
    yield* steps()
  } catch (thrown) {
    // It was there a moment ago, perhaps: what is gone is told as gone.
    lost.push(thrown instanceof Error ? (thrown.message.split(',')[0] ?? '') : '')
  }
}

function markOf(
  path: string,
  own: string,
  now: number,
): { readonly value: number; readonly isOld: boolean } | null {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    const text = `${own} ${path} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
    const value = hash('sha256', text, 'buffer').readUIntBE(0, 6)
    return { value, isOld: Number(ctimeNs / 1_000_000n) < now - freshMs }
  } catch {
    // Gone between the walk and now.
    return null
  }
}

/** What reaches little, and what stands in another file already, takes no place from what is new. */
function openMemory(standing: Map<string, readonly Found[]>, most: number) {
  const ids = new Set<string>()
  const counts = { worth: 0, other: 0 }
  let isCut = false
  const takes = ({ id, low }: Found): boolean => {
    const kind = low || ids.has(id) ? 'other' : 'worth'
    isCut ||= counts[kind] >= most
    if (counts[kind] >= most) return false
    counts[kind] += 1
    ids.add(id)
    return true
  }
  return {
    keep: (key: string, found: readonly Found[] = []): boolean => {
      const kept = found.filter(takes)
      if (kept.length > 0) standing.set(key, kept)
      return kept.length === found.length
    },
    isCut: (): boolean => isCut,
  }
}

interface Reading extends Pick<PatrolOptions, 'salt' | 'passes'> {
  readonly reader: FileReader
  readonly source: Source
}

function foundIn(
  { path, shown }: { readonly path: string; readonly shown: string },
  { reader, source, salt, passes }: Reading,
): readonly Found[] {
  const [outcome] = reader.read([{ path, shown }])
  if (outcome === undefined || outcome.kind === 'binary') return []
  const options = { ...usual, source, salt }
  const all = outcome.placed.map((placed) => foundOf(placed, options)).filter(passes)
  // One of each is enough to know it by.
  return [...byId([all]).values()]
}

function differences(
  before: ReadonlyMap<string, readonly Found[]>,
  after: ReadonlyMap<string, readonly Found[]>,
  { left, most }: { readonly left: Set<string>; readonly most: number },
): readonly Change[] {
  const [was, is] = [byId(before.values()), byId(after.values())]
  const gone = [...was.values()].filter(({ id }) => !is.has(id))
  const came = [...is.values()].filter(({ id }) => !was.has(id))
  const changes = [
    ...gone.map((found): Change => ({ kind: 'gone', found })),
    ...came.map((found): Change => ({ kind: left.has(found.id) ? 'back' : 'came', found })),
  ]
  for (const { id } of came) left.delete(id)
  for (const { id } of gone) if (left.size < most) left.add(id)
  return changes
}

function byId(all: Iterable<readonly Found[]>): ReadonlyMap<string, Found> {
  const ids = new Map<string, Found>()
  for (const some of all) for (const found of some) if (!ids.has(found.id)) ids.set(found.id, found)
  return ids
}
