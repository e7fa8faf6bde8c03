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

/** Where the timelines from this one on were left, oldest first. Throws `wrong_state` for a server that does not come from it. */
function forksFrom(from: WalOf, of: WalOf): readonly [Fork, ...Fork[]] {
  const [first, ...later] = readHistory(of.history ?? '').filter(
    ({ timeline }) => timeline >= from.timeline,
  )
  if (first?.timeline === from.timeline) return [first, ...later]
  throw another(from, of)
}

/**
 * What each timeline before the server's own has up to where it was left is fetched, and put into the box as far as it is whole;
 * where to go on on the new one. Null where the server has no WAL from the last fork on any more.
 */
export async function cross(crossing: Crossing): Promise<Lsn | null> {
  const { of, from } = crossing
  const forks = forksFrom(from, of)
  for (const fork of forks) {
    const line = { ...crossing, from: lineBefore(of, fork.timeline) }
    await onceFree(crossing, () => fetchRest(line, fork))
    await shelveWhole(line)
  }
  const at = segmentAt((forks.at(-1) ?? forks[0]).at, of)
  return (await onceFree(crossing, () => isThere(crossing, at))) ? at : null
}

/** An earlier timeline of the same cluster: its own history is the beginning of every later one's. */
function lineBefore({ history = '', ...of }: WalOf, timeline: number): WalOf {
  const lines = history.split('\n').filter((line) => /^\d/.test(line.trim()))
  const own = lines.filter((line) => Number.parseInt(line, 10) < timeline)
  return { ...of, timeline, ...(own.length === 0 ? {} : { history: `${own.join('\n')}\n` }) }
}

/** The new server has the old timelines up to their forks, where their files are not gone yet. */
async function fetchRest(crossing: Crossing, fork: Fork): Promise<void> {
  const { connect, from } = crossing
  const at = await missingFrom(crossing, fork)
  if (at === null) return
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

/** From where on that timeline is not here; null where nothing of it need come. */
async function missingFrom({ from, folder, key }: Crossing, fork: Fork): Promise<Lsn | null> {
  const { from: first, end, promised } = await readSpool(folder, key, from)
  const known = first === null ? segmentAt(promised, from) : end
  if (known > 0n) return known < fork.at ? known : null
  // It came and went while nobody received. The segment that holds the fork is whole on the next timeline.
  const began = readHistory(from.history ?? '').at(-1)?.at ?? fork.at
  const at = segmentAt(began, from)
  return at < segmentAt(fork.at, from) ? at : null
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

/** The server frees a slot when it has noticed that whoever had it before has gone. */
async function onceFree<T>({ timer }: Crossing, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work()
    } catch (thrown) {
      const isBusy = thrown instanceof Error && 'code' in thrown && thrown.code === inUse
      if (!isBusy || tries === mostTries) throw thrown
      await new Promise<void>((resolve) => void timer(againMs, resolve))
    }
}

const againMs = 100
const mostTries = 50
/** The server has removed that segment. */
const gone = '58P01'
/** Another connection has the slot. */
const inUse = '55006'

export function another(known: WalOf, is: WalOf): FirebreakError {
  const told = ({ system, timeline }: WalOf): string => `${system} on timeline ${timeline}`
  return new FirebreakError(
    'wrong_state',
    `the spool is of the cluster ${told(known)}, and this server is ${told(is)}, which does not come from it`,
    'is this the right server? To begin anew, move the spool folder of this target away, and take a new base backup',
  )
}
