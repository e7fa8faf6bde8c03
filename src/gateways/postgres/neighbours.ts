/** What the sessions of one database have under way at the same time, as far as one bears on how another is judged. */
import type { Timer } from '../../base/clock.ts'
import type { Heard } from './seam.ts'

interface Named {
  readonly operation: { readonly name: string }
}

/** A session among the others of its database. */
export interface Neighbour {
  /** A batch is read, and judged by what the catalog tells now. */
  reads(): void
  /** True where another one may have built since then what the catalog did not tell, or is about to. */
  readonly isBlind: boolean
  /**
   * From now on nobody else's write goes on uncounted. Fulfils when those are answered that went before: what takes long has its
   * locks already, or waits for one that was taken by building. Null where there is nothing to wait for.
   */
  builds(statements: readonly Named[]): Promise<void> | null
  /** A write goes on uncounted, and is not answered yet. */
  goes(): void
  heard(message: Heard, isAnswered: boolean): void
  closed(): void
}

/** One per database: each session enters. */
export interface Neighbours {
  enter(): Neighbour
}

/** A server at work has its locks long before. */
const longMs = 1000

interface Writing {
  readonly done: Promise<void>
  readonly end: () => void
}

export function openNeighbours(timer: Timer): Neighbours {
  const building = new Set<Neighbour>()
  const writing = new Map<Neighbour, Writing>()
  /** Grows whenever one begins or ends to build. */
  let turn = 0
  const enter = (): Neighbour => {
    let seen = turn
    const rests = (): void => {
      if (building.delete(it)) turn += 1
    }
    const answered = (): void => {
      writing.get(it)?.end()
      writing.delete(it)
    }
    const it: Neighbour = {
      reads: () => {
        seen = turn
      },
      get isBlind() {
        return turn !== seen || building.size > (building.has(it) ? 1 : 0)
      },
      builds: (statements) => {
        if (!statements.some(mayBuild)) return null
        if (!building.has(it)) turn += 1
        building.add(it)
        const others = [...writing].flatMap(([one, { done }]) => (one === it ? [] : [done]))
        return others.length === 0 ? null : within(timer, Promise.all(others))
      },
      goes: () => {
        if (writing.has(it)) return
        const { promise: done, resolve: end } = Promise.withResolvers<void>()
        writing.set(it, { done, end })
      },
      heard: (message, isAnswered) => {
        if (isAnswered) answered()
        if (message.kind === 'ready' && message.status === 'I') rests()
      },
      closed: () => {
        answered()
        rests()
      },
    }
    return it
  }
  return { enter }
}

async function within(timer: Timer, all: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const stop = timer(longMs, resolve)
  await Promise.race([all, late])
  stop()
}

/** What leaves a table as it is built, and lets others write to it. */
const leaves =
  /^(?:VACUUM|ANALYZE|REFRESH MATERIALIZED VIEW|NOTIFY|LISTEN|UNLISTEN|CHECKPOINT|COMMENT)$/

/** True for what may bear on how the statements of others are judged, before it is kept. */
function mayBuild({ operation }: Named): boolean {
  return !leaves.test(operation.name)
}
