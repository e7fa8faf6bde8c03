/** What the sessions of one database have under way at the same time, as far as one bears on how another is judged. */
import type { Timer } from '../../base/clock.ts'
import type { Heard } from './seam.ts'

interface Named {
  readonly operation: { readonly name: string }
  readonly text: string
}

/** A session among the others of its database. */
export interface Neighbour {
  /** A batch is read, and judged by what the catalog tells now. */
  reads(): void
  /** True where another one may have built since then what the catalog did not tell, or is about to. */
  readonly isBlind: boolean
  /**
   * From now on nobody else's write goes on uncounted. Fulfils when those are answered that went before: what takes long has its
   * locks already, or waits for one that was taken by building. What gives another meaning to code that is there already waits
   * for all that is under way: `busy` where that takes too long. Null where there is nothing to wait for.
   */
  builds(statements: readonly Named[]): Promise<'free' | 'busy'> | null
  /** A write goes on uncounted, and is not answered yet. */
  goes(): void
  /** Something goes on that is not counted; `closes`: the server says when it is ready again. */
  sends(closes: boolean): void
  heard(message: Heard, isAnswered: boolean): void
  closed(): void
}

/** One per database: each session enters. */
export interface Neighbours {
  enter(): Neighbour
}

/** A server at work has its locks long before. */
const longMs = 1000
/** How long code is not replaced while somebody may be running it. */
const patienceMs = 10_000

interface Writing {
  readonly done: Promise<void>
  readonly end: () => void
}

export function openNeighbours(timer: Timer): Neighbours {
  const building = new Set<Neighbour>()
  const writing = new Map<Neighbour, Writing>()
  const underWay = new Set<Neighbour>()
  /** Those of them that somebody waits for: most are never waited for. */
  const awaited = new Map<Neighbour, Writing>()
  /** Grows whenever one begins or ends to build. */
  let turn = 0
  const enter = (): Neighbour => {
    let seen = turn
    let unanswered = 0
    const idles = (): void => {
      unanswered = 0
      underWay.delete(it)
      awaited.get(it)?.end()
      awaited.delete(it)
    }
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
        const writes = others(writing, it)
        const replaces = statements.some(mayReplace)
        if (replaces) for (const one of underWay) begin(awaited, one)
        const all = replaces ? others(awaited, it) : []
        return writes.length + all.length === 0 ? null : settled(timer, writes, all)
      },
      goes: () => begin(writing, it),
      sends: (closes) => {
        if (closes) unanswered += 1
        underWay.add(it)
      },
      heard: (message, isAnswered) => {
        if (isAnswered) answered()
        if (message.kind === 'ready' && (unanswered -= 1) <= 0) idles()
        if (message.kind === 'ready' && message.status === 'I') rests()
      },
      closed: () => {
        answered()
        idles()
        rests()
      },
    }
    return it
  }
  return { enter }
}

function begin(all: Map<Neighbour, Writing>, it: Neighbour): void {
  if (all.has(it)) return
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  all.set(it, { done, end })
}

function others(all: ReadonlyMap<Neighbour, Writing>, it: Neighbour): readonly Promise<void>[] {
  return [...all].flatMap(([one, { done }]) => (one === it ? [] : [done]))
}

async function settled(
  timer: Timer,
  writes: readonly Promise<void>[],
  all: readonly Promise<void>[],
): Promise<'free' | 'busy'> {
  await within(timer, longMs, writes)
  return (await within(timer, patienceMs, all)) ? 'free' : 'busy'
}

/** True where all are done in time. */
async function within(
  timer: Timer,
  ms: number,
  all: readonly Promise<unknown>[],
): Promise<boolean> {
  if (all.length === 0) return true
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const stop = timer(ms, () => resolve(false))
  const done = await Promise.race([Promise.all(all).then(() => true), late])
  stop()
  return done
}

/** What leaves a table as it is built, and lets others write to it. */
const leaves =
  /^(?:VACUUM|ANALYZE|REFRESH MATERIALIZED VIEW|NOTIFY|LISTEN|UNLISTEN|CHECKPOINT|COMMENT)$/

/** True for what may bear on how the statements of others are judged, before it is kept. */
function mayBuild({ operation }: Named): boolean {
  return !leaves.test(operation.name)
}

/** What may be in the way of a statement that runs already, since it comes under a name that it uses: by the text, rather too often. */
const replacing =
  /^(?:RENAME|ALTER … SET SCHEMA|ALTER (?:FUNCTION|DOMAIN|VIEW)|CREATE (?:TRIGGER|RULE|CAST|OPERATOR|EVENT TRIGGER|POLICY))/
const changing = /\b(?:replace|trigger|rule|default|check|generated|rename|schema)\b/i

function mayReplace({ operation: { name }, text }: Named): boolean {
  if (/^(?:DROP|LOCK|TRUNCATE|GRANT|REVOKE|CREATE TABLE|CREATE INDEX|CREATE SCHEMA)/.test(name))
    return false
  return replacing.test(name) || (mayBuild({ operation: { name }, text }) && changing.test(text))
}
