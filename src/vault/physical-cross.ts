/** From one timeline to the next: a standby was promoted, and the receiver goes on where its WAL has left the old one. */
import type { Chance, Clock, Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Lsn, Replication } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { follow } from './physical-follow.ts'
import { readHistory } from './physical-history.ts'
import type { Fork } from './physical-history.ts'
import { openPress } from './physical-press.ts'
import { putSegment, segmentAt } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { openSpool, readSpool, spooled } from './physical-spool.ts'

export interface Crossing {
  /** A new connection each time. */
  readonly connect: () => Promise<Replication>
  readonly box: Box
  readonly folder: string
  readonly key: Uint8Array
  readonly slot: string
  readonly clock: Clock
  readonly timer: Timer
  readonly chance: Chance
  /** What the server is on. */
  readonly of: WalOf
  /** What the spool is of. */
  readonly from: WalOf
}

/** Where this server has left the old timeline. Throws `wrong_state` for one that does not come from it. */
export function forkFrom(from: WalOf, of: WalOf): Fork {
  const forks = readHistory(of.history ?? '')
  const fork = forks.find(({ timeline }) => timeline === from.timeline)
  if (fork !== undefined) return fork
  throw another(from, of)
}

/**
 * What the old timeline has up to the fork is fetched, and put into the box as far as it is whole; where to go on on the new one.
 * Null where the server has no WAL from the fork on any more.
 */
export async function cross(fork: Fork, crossing: Crossing): Promise<Lsn | null> {
  const { of, from, folder, key } = crossing
  const { from: first, end, promised } = await readSpool(folder, key, from)
  const known = first === null ? promised : end
  if (known > 0n && known < fork.at) await fetchRest(crossing, known)
  await shelveWhole(crossing)
  const at = segmentAt(fork.at, of)
  return (await isThere(crossing, at)) ? at : null
}

/** The new server has the old timeline up to the fork, where its files are not gone yet. */
async function fetchRest(crossing: Crossing, at: Lsn): Promise<void> {
  const { connect, from } = crossing
  const nothing = (): void => undefined
  const replication = await connect()
  try {
    const ears = { opened: nothing, heard: nothing, received: nothing, durable: nothing }
    await follow(replication, { ...crossing, of: from, at, ...ears })
  } catch (thrown) {
    // It ends with the timeline. Where the server has no more of it the old line ends here, and its points go so far.
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : ''
    if (code !== 'wrong_state' && code !== gone) throw thrown
  } finally {
    replication.close()
  }
}

/** What is no whole segment stays in the spool, where the points of the old timeline find it. */
async function shelveWhole({ box, folder, key, from, chance }: Crossing): Promise<void> {
  const { from: first, end } = await readSpool(folder, key, from)
  if (first === null) return
  const press = openPress(1)
  const step = BigInt(from.segmentBytes)
  let at = segmentAt(first, from)
  try {
    for (; at + step <= end; at += step)
      await putSegment(
        { box, press },
        from,
        at,
        spooled(folder, key, from, { from: at, to: at + step }),
      )
  } finally {
    await press.stop()
  }
  const spool = await openSpool(folder, { key, chance }, from, end)
  await spool.drop(at)
  await spool.close()
}

/** Whether the server still has it: it says so only when it is asked to send it. */
async function isThere({ connect, slot, of }: Crossing, at: Lsn): Promise<boolean> {
  const replication = await connect()
  try {
    const stream = await replication.stream({ slot, at, timeline: of.timeline })
    for await (const event of stream.events) if (event.kind === 'wal') return true
    return false
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === gone) return false
    throw thrown
  } finally {
    replication.close()
  }
}

/** The server has removed that segment. */
const gone = '58P01'

export function another(known: WalOf, is: WalOf): FirebreakError {
  const told = ({ system, timeline }: WalOf): string => `${system} on timeline ${timeline}`
  return new FirebreakError(
    'wrong_state',
    `the spool is of the cluster ${told(known)}, and this server is ${told(is)}, which does not come from it`,
    'is this the right server? To begin anew, move the spool folder of this target away, and take a new base backup',
  )
}
