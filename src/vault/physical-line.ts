/** From a base backup to a place of its own timeline or of a later one: the segments of WAL between, and whether all are there. */
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { readHistory } from './physical-history.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { segmentAt, segmentId } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'

/** On which timeline a place is; its history where another was before. */
export type Line = Pick<WalOf, 'timeline' | 'history'>

export type From = Pick<
  BaseManifest,
  'id' | 'system' | 'timeline' | 'segmentBytes' | 'start' | 'stop'
>

export interface Segment {
  readonly of: WalOf
  readonly at: Lsn
}

/**
 * Whole segments from a base backup's start to there, oldest first: of each timeline up to where it was left. Null where that
 * timeline does not come from the base backup's own after it was whole.
 */
export function segmentsTo(base: From, line: Line, to: Lsn): readonly Segment[] | null {
  const forks = forksTo(base, line)
  if (forks === null) return null
  const { system, segmentBytes } = base
  const segments: Segment[] = []
  let at = segmentAt(parseLsn(base.start), base)
  for (const { timeline, at: end } of [...forks, { timeline: line.timeline, at: to }]) {
    const of = { system, timeline, segmentBytes }
    // The segment that holds a fork is whole on the later timeline.
    const until = timeline === line.timeline ? end : segmentAt(end, base)
    for (; at < until; at += BigInt(segmentBytes)) segments.push({ of, at })
  }
  return segments
}

function forksTo(
  base: From,
  { timeline, history = '' }: Line,
): ReturnType<typeof readHistory> | null {
  if (timeline === base.timeline) return []
  const forks = readHistory(history).filter((fork) => fork.timeline >= base.timeline)
  const [first] = forks
  const comesFrom = first?.timeline === base.timeline && first.at >= parseLsn(base.stop)
  return timeline > base.timeline && comesFrom ? forks : null
}

/** In one line, why a base backup does not reach the WAL that is received now; null where it does. `shelved`: up to where that is in the box. */
export async function whyApart(
  box: Box,
  base: From,
  of: WalOf,
  shelved: Lsn,
): Promise<string | null> {
  const stop = parseLsn(base.stop)
  const segments =
    base.system === of.system ? segmentsTo(base, of, shelved > stop ? shelved : stop) : null
  if (segments === null)
    return `\`${base.id}\` is of another cluster or timeline than the WAL that is received now`
  const there = new Set(await box.store.points())
  const missing = segments.filter((one) => !there.has(segmentId(one.at, one.of)))
  const [first, last] = [missing[0], missing.at(-1)]
  if (first === undefined || last === undefined) return null
  const lines = [...new Set(missing.map((one) => one.of.timeline))].join(' and ')
  const span = `from ${lsnText(first.at)} to ${lsnText(last.at + BigInt(base.segmentBytes))}`
  const between = missing.some(
    (one) => one.of.timeline !== base.timeline && one.of.timeline !== of.timeline,
  )
  const why = between ? ': more than one server was promoted while nothing was received' : ''
  return `WAL is missing since \`${base.id}\`, of timeline ${lines} ${span}${why}`
}
