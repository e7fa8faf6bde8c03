/** Which timeline comes from which, and where: what a restore needs to follow a database over a failover. */
import { FirebreakError } from '../base/error.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { parseTail, parseWal } from './physical-manifest.ts'
import type { WalOf } from './physical-segments.ts'
import { historiesIn } from './physical-spool.ts'
import { isOutOfReach } from './reason.ts'

/** Where a timeline was left for the next, as a line of a server's history file tells it. */
export interface Fork {
  readonly timeline: number
  readonly at: Lsn
}

/** Oldest first. Throws `broken_store` for what is no history. */
export function readHistory(text: string): readonly Fork[] {
  const forks: Fork[] = []
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, timeline, at] =
      /^(\d{1,10})\s+([0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8})(?:\s|$)/.exec(line) ?? []
    if (timeline === undefined || at === undefined)
      throw new FirebreakError('broken_store', 'the history of a timeline cannot be read')
    forks.push({ timeline: Number(timeline), at: parseLsn(at) })
  }
  return forks
}

export interface Later {
  readonly of: WalOf & { readonly history: string }
  /** From the timeline that was asked for on, oldest first. */
  readonly forks: readonly Fork[]
}

/** The newest timeline that comes from this one after that place, from box and spool; null where none does. */
export async function laterThan(
  box: Box,
  line: WalOf,
  { after, spool }: { readonly after: Lsn; readonly spool: string | null },
): Promise<Later | null> {
  const histories = await historiesOf(box, line, spool)
  const { system, segmentBytes } = line
  for (const [timeline, history] of [...histories].toSorted(([a], [b]) => b - a)) {
    const forks = readHistory(history).filter((fork) => fork.timeline >= line.timeline)
    const [first] = forks
    if (timeline > line.timeline && first?.timeline === line.timeline && first.at >= after)
      return { of: { system, timeline, segmentBytes, history }, forks }
  }
  return null
}

/** By timeline: what the spool has; where that is gone, what the box has. */
async function historiesOf(
  box: Box,
  line: WalOf,
  spool: string | null,
): Promise<ReadonlyMap<number, string>> {
  // What a receiver of this database has followed it to: a copy of it that was promoted may lie in the same box.
  if (spool !== null) return new Map(await historiesIn(spool, line.system))
  const histories = new Map<number, string>()
  const seen = new Set<string>()
  // Segments first: they say the same, and are there for longer.
  for (const id of (await box.store.points()).toReversed()) {
    const [, of, timeline] = /^(?:wal|tail)_(\d+)_([0-9a-f]{8})_/.exec(id) ?? []
    if (of !== line.system || timeline === undefined || seen.has(timeline)) continue
    const number = Number.parseInt(timeline, 16)
    if (number <= line.timeline || histories.has(number)) continue
    const stretch = await stretchOf(box, id)
    if (stretch !== null) seen.add(timeline)
    if (stretch?.history !== undefined) histories.set(number, stretch.history)
  }
  return histories
}

/** Null where it does not open: another of that timeline may, and who can put a name into a bucket shall not end a restore by it. */
async function stretchOf(box: Box, id: string): Promise<Pick<WalOf, 'history'> | null> {
  try {
    const text = await box.manifestText(id)
    return id.startsWith('wal_') ? parseWal(text, id) : parseTail(text, id)
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    return null
  }
}
