/** Which points may go: what is older than the time to keep, and what nothing leans on. Pure. */
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'

export interface Candidate {
  readonly id: string
  /** `image`: of one act's tables, and no copy of a thing; as a mark is. */
  readonly kind: 'point' | 'image' | 'base' | 'mark'
  readonly engine: string
  readonly covers: readonly ResourceRef[]
  /** Base backups with the same have one WAL. */
  readonly line: string
  readonly takenAt: number
  /** From then on a base backup and its WAL bring back any moment. */
  readonly wholeAt: number
  readonly verifiedAt: number | null
  /** When a drill of it passed last; 0 where none did. */
  readonly passedAt: number
  /** The base backup that a mark is reached from. */
  readonly base: string | null
  /** What the state does not know is not judged by it. */
  readonly known: boolean
}

export interface Keeping {
  readonly now: number
  readonly keepMs: number
  /** Leased points; null for a lease without an end. */
  readonly leased: ReadonlyMap<string, number | null>
}

export type Fate =
  | { readonly kind: 'goes' }
  /** `until`: null where no time ends it. */
  | { readonly kind: 'stays'; readonly until: number | null; readonly why: string }

/** INVARIANT (last-good-stays): the newest verified and the newest drilled copy of each thing, what is leased, and what either of them needs. */
export function judge(points: readonly Candidate[], keeping: Keeping): ReadonlyMap<string, Fate> {
  const last = lastGood(points, keeping)
  const fates = new Map<string, Fate>(
    points.map((point) => [point.id, fateOf(point, keeping, last)]),
  )
  for (const { id, base } of points)
    if (base !== null && fates.get(id)?.kind === 'stays' && fates.get(base)?.kind === 'goes')
      fates.set(base, stays(`\`${id}\` is reached from it`))
  return fates
}

export interface Segment {
  readonly id: string
  readonly system: string
  readonly start: bigint
  /** Nothing in it is younger. */
  readonly sentAt: number
}

/** The segments that no base backup which stays can replay. `bases`: where the WAL of those begins. */
export function oldWal(
  segments: readonly Segment[],
  bases: readonly { readonly system: string; readonly start: bigint }[],
  { now, keepMs }: Keeping,
): readonly Segment[] {
  return segments.filter(({ system, start, sentAt }) => {
    const own = bases.filter((base) => base.system === system)
    return sentAt <= now - keepMs && own.every((base) => start < base.start)
  })
}

function fateOf(point: Candidate, keeping: Keeping, last: ReadonlyMap<string, string>): Fate {
  const { id, takenAt, known } = point
  const { now, keepMs, leased } = keeping
  const lease = leased.get(id)
  if (lease !== undefined) return { kind: 'stays', until: lease, why: 'an act leans on it' }
  const why = last.get(id)
  if (why !== undefined) return stays(why)
  if (!known) return stays('the state does not know it')
  const until = takenAt + keepMs
  return until > now ? { kind: 'stays', until, why: 'its time is not over' } : { kind: 'goes' }
}

function stays(why: string): Fate {
  return { kind: 'stays', until: null, why }
}

/** Why a point stays whatever its age. */
function lastGood(
  points: readonly Candidate[],
  { now, keepMs }: Keeping,
): ReadonlyMap<string, string> {
  const why = new Map<string, string>()
  const best = (
    key: (point: Candidate) => readonly string[],
    at: (point: Candidate) => number,
    said: string,
  ): void => {
    const found = new Map<string, Candidate>()
    for (const point of points)
      for (const one of key(point)) {
        const before = found.get(one)
        if (before === undefined || at(point) >= at(before)) found.set(one, point)
      }
    for (const { id } of found.values()) if (!why.has(id)) why.set(id, said)
  }
  const good = (point: Candidate): readonly string[] =>
    point.verifiedAt === null || point.kind === 'image' || point.kind === 'mark'
      ? []
      : point.covers.map((ref) => `${point.engine} ${resourceKey(ref)}`)
  // What is dated later than now says nothing of which is the newest.
  const past = (point: Candidate): readonly string[] => (point.takenAt <= now ? good(point) : [])
  best(past, ({ takenAt }) => takenAt, 'the newest verified one of its thing')
  // Equal content is not stored anew: the newest that was proven may be an old one.
  best(good, ({ verifiedAt }) => verifiedAt ?? 0, 'the last of its thing that was verified')
  const passed = (point: Candidate): readonly string[] => (point.passedAt > 0 ? good(point) : [])
  best(passed, ({ takenAt }) => takenAt, 'the newest one of its thing whose drill passed')
  best(
    (point) =>
      point.kind === 'base' && point.verifiedAt !== null && point.wholeAt <= now - keepMs
        ? [point.line]
        : [],
    ({ wholeAt }) => wholeAt,
    'moments that are kept are reached from it',
  )
  return why
}
