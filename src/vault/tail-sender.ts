/** What keeps the second place close behind a database: whole segments, then a tail of what is in none yet, in rounds. */
import type { Clock } from '../base/clock.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import type { Physical } from './engine-physical.ts'
import type { Offsite } from './offsite.ts'
import { parseWal } from './physical-manifest.ts'
import type { BaseManifest } from './physical-manifest.ts'
import type { SpoolAt } from './physical-plan.ts'
import { segmentAt, segmentId } from './physical-segments.ts'
import { spooled } from './physical-spool.ts'
import type { Span } from './physical-tail.ts'
import { openBase } from './physical-verify.ts'
import { reasonOf } from './reason.ts'

/** How far behind the second place is. */
export interface TailState {
  /** A restore from there alone comes up to here; null where that is not known yet. */
  readonly upTo: Lsn | null
  /** So long ago everything that the server had was there; null where it was not since this began. */
  readonly exposedMs: number | null
  /** Why it is not as it should be; null where it is. */
  readonly trouble: string | null
}

export interface TailSender {
  /** Sends what is new. It throws nothing: what goes wrong is in the state, and is tried again by the next round. */
  round(): Promise<void>
  state(): TailState
}

export interface TailParts {
  /** The vault's own. */
  readonly box: Box
  readonly offsite: Pick<Offsite, 'copy' | 'tail' | 'there'>
  readonly physical: Pick<Physical, 'of' | 'status'>
  readonly spool: SpoolAt
  /** How long what is put there stays locked. */
  readonly keepMs: number
  readonly clock: Clock
}

interface Sent extends Span {
  /** It holds the WAL of two to this power rounds. */
  readonly level: number
  readonly at: number
}

/**
 * INVARIANT (few tails): two tails of as many rounds become one with the next. So a restore reads few of them, a byte is sent no
 * oftener than the logarithm of the rounds, and where one is damaged those beneath it go almost as far.
 */
export function openTailSender(parts: TailParts): TailSender {
  const { box, offsite, physical, spool, keepMs, clock } = parts
  const { of } = physical
  const step = BigInt(of.segmentBytes)
  let sent: Sent[] = []
  let begun: Lsn | null = null
  let upTo: Lsn | null = null
  let coveredAt: number | null = null
  let trouble: string | null = null
  const bases = new Map<string, BaseManifest>()

  /** Those that are here and not there, from the last one that is: without them no tail is of use. */
  const copySegments = async (shelved: Lsn): Promise<void> => {
    const [here, had] = [new Set(await box.store.points()), await offsite.there()]
    const missing: string[] = []
    for (let at = shelved - step; at >= 0n; at -= step) {
      const id = segmentId(at, of)
      if (!here.has(id) || had.has(id)) break
      // What its lock let go of is not put there anew.
      if (parseWal(await box.manifestText(id), id).sentAt <= clock.now() - keepMs) break
      missing.push(id)
    }
    for (const id of missing.toReversed()) await offsite.copy(id)
  }

  /** Why a restore from there does not come to this place; null where it does. */
  const lack = async (shelved: Lsn): Promise<string | null> => {
    const had = await offsite.there()
    const there = [...had].filter((id) => id.startsWith('base_')).toSorted()
    let hole: Lsn | null = null
    for (const id of there.toReversed()) {
      const base = bases.get(id) ?? (await openBase(box, id))
      bases.set(id, { ...base, archives: [], sums: [] })
      if (base.system !== of.system) continue
      hole = await holeSince(base, shelved, had)
      if (hole === null) return null
    }
    return hole === null
      ? 'no base backup of it is there yet'
      : `the WAL from ${lsnText(hole)} on is not there yet`
  }

  /** The first segment that is missing there; of a base backup from before a failover those of the timeline of now. */
  const holeSince = async (
    base: BaseManifest,
    shelved: Lsn,
    had: ReadonlySet<string>,
  ): Promise<Lsn | null> => {
    const line = segmentId(0n, of).slice(0, -16)
    const first =
      base.timeline === of.timeline
        ? segmentAt(parseLsn(base.start), of)
        : BigInt(
            `0x${(await box.store.points()).find((id) => id.startsWith(line))?.slice(-16) ?? shelved.toString(16)}`,
          )
    for (let at = first; at < shelved; at += step) if (!had.has(segmentId(at, of))) return at
    return null
  }

  const sendTail = async (shelved: Lsn, durable: Lsn): Promise<void> => {
    // A whole segment is in place of all tails of it, and a lock that nears its end is begun anew.
    const isOld = (sent[0]?.at ?? Infinity) < clock.now() - keepMs / 2
    if (begun !== shelved || isOld) sent = []
    begun = shelved
    if (durable <= (sent.at(-1)?.to ?? shelved)) return
    const { under, from, level } = merging(sent, shelved)
    const span = { from, to: durable }
    await offsite.tail(of, span, spooled(spool.folder, spool.key, of, span))
    sent = [...under, { ...span, level, at: clock.now() }]
  }

  const round = async (): Promise<void> => {
    const { durable, shelved, exposedMs } = physical.status()
    const safeAt = clock.steady() - exposedMs
    await copySegments(shelved)
    trouble = await lack(shelved)
    if (trouble !== null) return
    try {
      await sendTail(shelved, durable)
    } catch (thrown) {
      // Its segment has become whole meanwhile, and left the spool.
      if (physical.status().shelved !== shelved) return await round()
      throw thrown
    }
    upTo = durable
    coveredAt = safeAt
  }
  return {
    round: async () =>
      await round().catch((thrown: unknown) => {
        trouble = reasonOf(thrown)
      }),
    state: () => ({
      upTo,
      exposedMs: coveredAt === null ? null : clock.steady() - coveredAt,
      trouble,
    }),
  }
}

/** What stays as it is, and where the next one begins, which holds the others anew. */
function merging(
  sent: readonly Sent[],
  start: Lsn,
): { readonly under: readonly Sent[]; readonly from: Lsn; readonly level: number } {
  const under = [...sent]
  let from = sent.at(-1)?.to ?? start
  let level = 0
  for (; under.at(-1)?.level === level; level += 1) from = under.pop()?.from ?? from
  return { under, from, level }
}
