/** What a receiver finds out before it receives: whether this server may be followed, and where to go on. */
import { FirebreakError } from '../base/error.ts'
import type { Lsn, Replication } from '../platforms/postgres/replication.ts'
import { another, cross } from './physical-cross.ts'
import type { Crossing } from './physical-cross.ts'
import { readHistory } from './physical-history.ts'
import { segmentAt, segmentId } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { checkKeep, segmentBytesOf } from './physical-setting.ts'
import { keepHistory, readSpool, timelinesIn } from './physical-spool.ts'

export type Meeting = Omit<Crossing, 'of' | 'from'>

export interface Met {
  readonly of: WalOf
  /** Where to go on. */
  readonly at: Lsn
  /** All before is in the box in whole segments, as far as it was ever here. */
  readonly shelved: Lsn
  /** Up to where it was once in the spool. */
  readonly promised: Lsn
  readonly server: Lsn
}

/** Throws `wrong_state` for a server that is another one, is a standby, or would keep WAL without a limit. */
export async function meet(replication: Replication, meeting: Meeting): Promise<Met> {
  const { folder, key, slot } = meeting
  const { of, server } = await look(replication, 'wrong_state')
  checkKeep(await replication.show('max_slot_wal_keep_size'))
  const known = Math.max(0, ...(await timelinesIn(folder, of.system)))
  const { history, ...line } = of
  const before = { ...line, timeline: known }
  if (known > of.timeline) throw another(before, of)
  const isNew = known > 0 && known < of.timeline
  if (!(await replication.slot(slot)).there) await replication.makeSlot(slot)
  const { from, end, promised } = await readSpool(folder, key, of)
  if (history !== undefined) await keepHistory(folder, of, history)
  if (from === null) {
    const { keeps } = await replication.slot(slot)
    const crossed = isNew ? await cross({ ...meeting, of, from: before }) : null
    const at = crossed ?? (await fromBox(meeting, of, promised, keeps))
    return { of, at, shelved: segmentAt(at, of), promised, server }
  }
  // The first segment must be there from its beginning.
  const shelved = segmentAt(from, of)
  return { of, at: from === shelved ? end : shelved, shelved, promised, server }
}

/** The same server on another connection. Its limit is not asked for: going away would only leave the slot to itself. */
export async function meetAgain(
  replication: Replication,
  slot: string,
  known: WalOf,
): Promise<void> {
  const { of } = await look(replication, 'not_reachable')
  if (segmentId(0n, known) !== segmentId(0n, of)) throw promoted(known, of)
  if (!(await replication.slot(slot)).there) await replication.makeSlot(slot)
}

/** `code`: what a standby is refused with. What was the primary before may be it again. */
async function look(
  replication: Replication,
  code: 'wrong_state' | 'not_reachable',
): Promise<Pick<Met, 'of' | 'server'>> {
  const { system, timeline, flushed } = await replication.identify()
  if ((await replication.show('in_hot_standby')) === 'on') throw standby(code)
  const segmentBytes = segmentBytesOf(await replication.show('wal_segment_size'))
  const history = timeline === 1 ? {} : { history: await replication.history(timeline) }
  return { of: { system, timeline, segmentBytes, ...history }, server: flushed }
}

/** Nothing is in the spool: all of it is in the box, or it begins with what the slot keeps. */
async function fromBox(
  { box }: Meeting,
  of: WalOf,
  promised: Lsn,
  keeps: Lsn | null,
): Promise<Lsn> {
  const last = promised - BigInt(of.segmentBytes)
  const whole = promised > 0n && promised === segmentAt(promised, of)
  if (whole && (await box.store.points()).includes(segmentId(last, of))) return promised
  if (promised > 0n) return segmentAt(promised, of)
  const began = readHistory(of.history ?? '').at(-1)?.at ?? 0n
  if (keeps !== null) return segmentAt(keeps > began ? keeps : began, of)
  throw new FirebreakError(
    'wrong_state',
    'the replication slot has lost the WAL that it kept',
    'drop it with SELECT pg_drop_replication_slot(…), start again, and take a new base backup',
  )
}

/** Who tries again begins anew, and finds out whether it may be followed. */
function promoted(known: WalOf, is: WalOf): FirebreakError {
  if (known.system !== is.system) return another(known, is)
  return new FirebreakError(
    'wrong_state',
    `the database is on timeline ${is.timeline} now, and was on ${known.timeline}: another server was promoted`,
    'its WAL is received on from there, and every older point can be restored',
  )
}

/** It ends no segment of WAL by itself: a base backup of it would wait for its primary to. */
function standby(code: 'wrong_state' | 'not_reachable'): FirebreakError {
  return new FirebreakError(
    code,
    'this server is a standby, or is still recovering',
    'name the primary',
  )
}
