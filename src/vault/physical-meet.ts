/** What a receiver finds out before it receives: whether this server may be followed, and where to go on. */
import { FirebreakError } from '../base/error.ts'
import type { Lsn, Replication } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { segmentAt, segmentId } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { checkKeep, segmentBytesOf } from './physical-setting.ts'
import { readSpool, timelinesIn } from './physical-spool.ts'

export interface Meeting {
  readonly box: Box
  readonly folder: string
  readonly key: Uint8Array
  readonly slot: string
  /** As which it was met before. */
  readonly known?: WalOf
}

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
  const { folder, key, slot, known } = meeting
  const { system, timeline, flushed } = await replication.identify()
  const isStandby = (await replication.show('in_hot_standby')) === 'on'
  if (isStandby) throw standby(known === undefined ? 'wrong_state' : 'not_reachable')
  // Later it is only made worse by going away: the slot would stay.
  if (known === undefined) checkKeep(await replication.show('max_slot_wal_keep_size'))
  const segmentBytes = segmentBytesOf(await replication.show('wal_segment_size'))
  const of: WalOf = { system, timeline, segmentBytes }
  if (known !== undefined && segmentId(0n, known) !== segmentId(0n, of)) throw another(known, of)
  const others = [...(await timelinesIn(folder, system))].filter((one) => one !== timeline)
  if (others[0] !== undefined) throw another({ ...of, timeline: others[0] }, of)
  if (!(await replication.slot(slot)).there) await replication.makeSlot(slot)
  const { from, end, promised } = await readSpool(folder, key, of)
  if (from === null) {
    const at = await fromBox(meeting, of, promised, await startOf(replication, slot))
    return { of, at, shelved: segmentAt(at, of), promised, server: flushed }
  }
  // The first segment must be there from its beginning.
  const shelved = segmentAt(from, of)
  return { of, at: from === shelved ? end : shelved, shelved, promised, server: flushed }
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
  if (keeps !== null) return segmentAt(keeps, of)
  throw new FirebreakError(
    'wrong_state',
    'the replication slot has lost the WAL that it kept',
    'drop it with SELECT pg_drop_replication_slot(…), start again, and take a new base backup',
  )
}

async function startOf(replication: Replication, slot: string): Promise<Lsn | null> {
  return (await replication.slot(slot)).keeps
}

/**
 * It ends no segment of WAL by itself: a base backup of it would wait for its primary to. What was the primary before may be
 * it again.
 */
function standby(code: 'wrong_state' | 'not_reachable'): FirebreakError {
  return new FirebreakError(
    code,
    'this server is a standby, or is still recovering',
    'name the primary',
  )
}

function another(known: WalOf, is: WalOf): FirebreakError {
  const told = ({ system, timeline }: WalOf): string => `${system} on timeline ${timeline}`
  return new FirebreakError(
    'wrong_state',
    `the spool is of the cluster ${told(known)}, and this server is ${told(is)}`,
    'give the receiver a new spool folder, and take a new base backup',
  )
}
