/** Which WAL a restore needs, and whether it is all there: looked at before anything is written. */
import { FirebreakError } from '../base/error.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import type { Until } from './physical-config.ts'
import { laterThan, readHistory } from './physical-history.ts'
import type { Later } from './physical-history.ts'
import { segmentsTo } from './physical-line.ts'
import type { Line } from './physical-line.ts'
import type { BaseManifest } from './physical-manifest.ts'
import {
  openSegment,
  segmentAt,
  segmentFile,
  segmentId,
  segmentsFrom,
} from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { readSpool } from './physical-spool.ts'
import { tailsFrom } from './physical-tail.ts'
import type { Tail } from './physical-tail.ts'

export interface SpoolAt {
  readonly folder: string
  readonly key: Uint8Array
}

export interface Plan {
  /** Whole segments of the box, in order. */
  readonly segments: readonly { readonly of: WalOf; readonly at: Lsn }[]
  /** What comes behind them, of the spool and of tails in the box; null where nothing does. */
  readonly tail: Ending | null
  /** The later timeline on which it ends; null where that is the base backup's own. */
  readonly later: Later['of'] | null
  /** Up to where there is WAL. */
  readonly known: Lsn
  /** The tail at which it stops short: damaged, or behind a gap; null where there is none. */
  readonly cut: string | null
  /** What the server is told to stop at; null for the end of what is there. */
  readonly until: Until | null
}

export interface Ending {
  readonly of: WalOf
  readonly from: Lsn
  /** From here on it is in the tails. */
  readonly spooled: Lsn
  readonly to: Lsn
  readonly tails: readonly Tail[]
}

/** Throws `broken_store` or `bad_input` where that cannot be reached, and says what can. */
export async function planWal(
  box: Box,
  base: BaseManifest,
  spool: SpoolAt | null,
  until: Until,
): Promise<Plan> {
  const crossed = await crossing(box, base, spool, until)
  const line = crossed === null ? base : { ...base, timeline: crossed.of.timeline }
  const there = await knownWal(box, line, spool, crossed?.from ?? parseLsn(base.start))
  const { known, end, boxed } = there
  if (known < parseLsn(base.stop)) throw hole(line, known, null)
  const sentAt = until.kind === 'time' ? await lastSentAt(box, line, there) : 0
  const wanted = wantedEnd(until, { known, sentAt, gap: there.gap, base: line })
  const { until: target, to } = targetOf(until, known, wanted, line)
  const { spooled, tails, cut } = there
  const tail = known > end && to > end ? { of: line, from: end, spooled, to: known, tails } : null
  const own = boxed.map((at) => ({ of: line, at }))
  const segments = [...(crossed?.before ?? []), ...own].filter(({ at }) => at < to)
  return { segments, tail, known, cut, until: target, later: crossed?.of ?? null }
}

interface Crossed {
  readonly of: Later['of']
  /** Segments of the timelines before it. */
  readonly before: Plan['segments']
  /** Where its own segments begin. */
  readonly from: Lsn
}

/** Over a failover, where a later timeline goes on from this one; null where what is wanted lies before, or WAL is missing there. */
async function crossing(
  box: Box,
  base: BaseManifest,
  spool: SpoolAt | null,
  until: Until,
): Promise<Crossed | null> {
  if (until.kind === 'name' && until.timeline !== undefined)
    return await exactly(box, base, spool, { ...until, timeline: until.timeline })
  const after = parseLsn(base.stop)
  const later = await laterThan(box, base, { after, spool: spool?.folder ?? null })
  const [first] = later?.forks ?? []
  if (later === null || first === undefined || placeOf(until, first.at + 1n) <= first.at)
    return null
  return await over(box, base, spool, { later, first: first.at })
}

/** A mark says on which timeline it is: no other leads to it. */
async function exactly(
  box: Box,
  base: BaseManifest,
  spool: SpoolAt | null,
  line: Line,
): Promise<Crossed | null> {
  const { timeline, history = '' } = line
  if (timeline === base.timeline) return null
  const { system, segmentBytes } = base
  const of = { system, timeline, segmentBytes, history }
  const from = segmentAt(readHistory(history).at(-1)?.at ?? 0n, base)
  const before = segmentsTo(base, line, from)
  if (before === null) throw hole({ ...base, timeline }, from, parseLsn(base.stop))
  const there = new Set(await box.store.points())
  const missing = before.find((one) => !there.has(segmentId(one.at, one.of)))
  if (missing !== undefined)
    throw hole({ ...base, timeline: missing.of.timeline }, missing.at, missing.at)
  const { known } = await knownWal(box, { ...base, timeline }, spool, from)
  if (known === from) throw hole({ ...base, timeline }, from, from)
  return { of, before, from }
}

async function over(
  box: Box,
  base: BaseManifest,
  spool: SpoolAt | null,
  { later, first }: { readonly later: Later; readonly first: Lsn },
): Promise<Crossed | null> {
  const there = new Set(await box.store.points())
  // Its own timeline goes on behind the fork: then the other one may be a copy's.
  if (spool === null && there.has(segmentId(segmentAt(first, base), base))) return null
  const at = segmentAt(later.forks.at(-1)?.at ?? first, base)
  const before = segmentsTo(base, later.of, at)
  if (before?.every((one) => there.has(segmentId(one.at, one.of))) !== true) return null
  const { known } = await knownWal(box, { ...base, timeline: later.of.timeline }, spool, at)
  return known > first ? { of: later.of, before, from: at } : null
}

interface Known {
  readonly boxed: readonly Lsn[]
  /** Of the whole segments. */
  readonly end: Lsn
  /** With what the spool has behind them. */
  readonly spooled: Lsn
  /** With the tails behind that. */
  readonly known: Lsn
  readonly tails: readonly Tail[]
  readonly cut: string | null
  readonly gap: boolean
  /** Of the last that is behind the whole segments. */
  readonly sentAt: number
}

async function knownWal(
  box: Box,
  base: BaseManifest,
  spool: SpoolAt | null,
  start: Lsn,
): Promise<Known> {
  const boxed = await segmentsFrom(box, base, start)
  const whole = boxed.at(-1)
  const end = whole === undefined ? start : whole + BigInt(base.segmentBytes)
  const nothing = { end, sentAt: 0, promised: 0n }
  const spooled = spool === null ? nothing : await readSpool(spool.folder, spool.key, base, end)
  const { tails, cut } = await tailsFrom(box, base, spooled.end)
  const last = tails.at(-1)
  const known = last?.to ?? spooled.end
  const gap = spooled.promised > known || (await gapAfter(box, base, known))
  const sentAt = last?.manifest.sentAt ?? spooled.sentAt
  return { boxed, end, spooled: spooled.end, known, tails, cut, gap, sentAt }
}

async function lastSentAt(box: Box, base: BaseManifest, there: Known): Promise<number> {
  if (there.known > there.end) return there.sentAt
  return (await openSegment(box, base, segmentAt(there.end - 1n, base))).sentAt
}

/**
 * A place can be recovered to by a record behind it, at which the server stops. Where WAL ends at that place, or is left out
 * from there on, the server is told nothing and comes to its end.
 */
function targetOf(
  until: Until,
  known: Lsn,
  wanted: Lsn,
  base: BaseManifest,
): { readonly until: Until | null; readonly to: Lsn } {
  if (until.kind === 'end') return { until: null, to: known }
  const atEnd = wanted === known || wanted === segmentAt(wanted, base)
  if (until.kind === 'lsn' && atEnd) return { until: null, to: wanted }
  // The record behind it may stand in the next segment.
  return { until, to: segmentAt(wanted, base) + 2n * BigInt(base.segmentBytes) }
}

/** Two clocks that differ by more are not both right. */
const skewMs = 60 * 60_000

interface Reach {
  readonly known: Lsn
  /** When the server sent the last of it. */
  readonly sentAt: number
  /** There was more than is known, behind a gap or at the end. */
  readonly gap: boolean
  readonly base: BaseManifest
}

/** How far WAL is needed. */
function wantedEnd(until: Until, { known, sentAt, gap, base }: Reach): Lsn {
  const told = toldOf(until)
  if (told === null) {
    if (gap) throw hole(base, known, known)
    return known
  }
  if (isEarly(until, base, sentAt)) throw tooEarly(base, told)
  if (until.kind === 'time' ? until.time <= sentAt : placeOf(until, known) <= known)
    return placeOf(until, known)
  throw gap ? hole(base, known, known) : tooLate(told, known)
}

/** In words; null where all that is known is wanted. */
function toldOf(until: Until): string | null {
  switch (until.kind) {
    case 'time':
      return new Date(until.time).toISOString()
    case 'lsn':
      return lsnText(until.lsn)
    case 'name':
      return until.lsn === null ? null : `\`${until.name}\` at ${lsnText(until.lsn)}`
    case 'end':
      return null
  }
}

/**
 * By the server's clock, as the times of commits are, and as `sentAt` is. Where a base backup does not say how far ours was from it,
 * one of ours that was far ahead says nothing.
 */
function isEarly(until: Until, base: BaseManifest, sentAt: number): boolean {
  const { stop, stoppedAt, aheadMs } = base
  if (until.kind === 'time' && aheadMs !== undefined) return until.time <= stoppedAt + aheadMs
  if (until.kind === 'time') return until.time <= stoppedAt && stoppedAt <= sentAt + skewMs
  const at = parseLsn(stop)
  return placeOf(until, at) < at
}

function placeOf(until: Until, known: Lsn): Lsn {
  return until.kind === 'lsn' || until.kind === 'name' ? (until.lsn ?? known) : known
}

async function gapAfter(box: Box, base: BaseManifest, known: Lsn): Promise<boolean> {
  const first = segmentId(0n, base)
  const prefix = first.slice(0, first.lastIndexOf('_') + 1)
  const here = segmentId(known, base)
  return (await box.store.points()).some((id) => id.startsWith(prefix) && id > here)
}

/** `good`: up to where a restore can go all the same; null where it cannot. */
function hole(base: BaseManifest, at: Lsn, good: Lsn | null): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the WAL of \`${base.id}\` is missing from ${lsnText(at)} on, in the segment \`${segmentFile(segmentAt(at, base), base)}\``,
    good === null
      ? 'use an older base backup'
      : `the last good point is ${lsnText(good)}: restore to that place, or start the receiver, which asks the database for the rest`,
  )
}

function tooEarly(base: BaseManifest, told: string): FirebreakError {
  return new FirebreakError(
    'bad_input',
    `${told} is before \`${base.id}\` was whole, at ${base.stop}`,
    'use an older base backup, or a later place or time',
  )
}

function tooLate(told: string, known: Lsn): FirebreakError {
  return new FirebreakError(
    'bad_input',
    `${told} is later than the WAL that is known: it ends at ${lsnText(known)}`,
    'restore to an earlier place or time, or to the end of what is known',
  )
}
