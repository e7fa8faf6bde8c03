/** Which timeline comes from which, and where: what a restore needs to follow a database over a failover. */
import { FirebreakError } from '../base/error.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { parseWal } from './physical-manifest.ts'
import type { WalOf } from './physical-segments.ts'
import { historiesIn } from './physical-spool.ts'

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
  for (const id of await box.store.points()) {
    const [, of, timeline] = /^wal_(\d+)_([0-9a-f]{8})_/.exec(id) ?? []
    if (of !== line.system || timeline === undefined || seen.has(timeline)) continue
    seen.add(timeline)
    const number = Number.parseInt(timeline, 16)
    if (number <= line.timeline || histories.has(number)) continue
    const { history } = parseWal(await box.manifestText(id), id)
    if (history !== undefined) histories.set(number, history)
  }
  return histories
}
