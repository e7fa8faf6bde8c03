/** How well each thing is kept: copies, kinds of media, off site, locked, tried (3-2-1 and two more). */
import type { Json, JsonObject } from '../base/json.ts'
import { resourceKey } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { passedAt } from '../vault/vault.ts'
import { isMarkId } from '../vault/mark-manifest.ts'
import { asOf } from './as-of.ts'
import type { Firebreak } from './compose.ts'
import type { Config } from './config.ts'
import { sayDuration } from './duration.ts'
import { untilOf } from './offsite-rounds.ts'
import { isStale, keptBy } from './schedule.ts'

/** Of every thing that points are taken of; ages and moments in ms. */
export async function keptOf({ state, clock, config }: Firebreak): Promise<readonly Json[]> {
  const rows = await state.transact((tx) => tx.find('point', {}))
  // What was never saved stands there too.
  const groups = new Map<string, RecoveryPointRow[]>(wantedIn(config).map((of) => [of, []]))
  // An image or a mark is of one act, and no copy of a thing.
  for (const row of rows.filter(({ id, engine }) => engine !== 'table' && !isMarkId(id))) {
    const of = nameOf(row)
    groups.set(of, [...(groups.get(of) ?? []), row])
  }
  const every = new Map(keptBy(config).map((kept) => [kept.name, kept.every]))
  return [...groups].map(([of, own]) => told(of, own, { now: clock.now(), every: every.get(of) }))
}

/** Databases by their targets, folders by what they cover: as their points are named. */
function wantedIn({ vault }: Config): readonly string[] {
  const folders = (vault?.sources ?? []).flatMap((one) => ('path' in one ? [one.covers] : []))
  return [...Object.keys(vault?.databases ?? {}), ...folders]
}

export function nameOf({ engine, detail: { source }, covers }: RecoveryPointRow): string {
  const isDatabase = engine === 'logical' || engine === 'physical'
  if (isDatabase && typeof source === 'string') return source
  // What a folder is declared to hold stands first; what else went with it in an act comes behind.
  const [thing] = covers
  return thing === undefined ? 'nothing' : resourceKey(thing)
}

interface Asked {
  readonly now: number
  /** As often as the config says, in ms. */
  readonly every: number | undefined
}

function told(of: string, rows: readonly RecoveryPointRow[], { now, every }: Asked): JsonObject {
  const good = rows.filter(({ verifiedAt }) => verifiedAt !== null)
  const newest = good.at(-1)
  if (newest === undefined) return { of, points: 0, copies: 1, media: 1, problems: ['no copy'] }
  const kept = good.map(untilOf).filter((until) => until !== null)
  const lockedUntil = kept.length === 0 ? null : Math.max(...kept)
  const isOffSite = untilOf(newest) !== null
  const ageMs = now - asOf(newest)
  const drilledAt = Math.max(0, ...good.map(passedAt))
  return {
    of,
    points: good.length,
    newest: newest.id,
    ageMs,
    isStale: isStale(ageMs, every),
    grade: newest.grade,
    // The thing itself is one of them.
    copies: isOffSite ? 3 : 2,
    media: isOffSite ? 3 : 2,
    isOffSite,
    lockedUntil,
    drilledAt: drilledAt === 0 ? null : drilledAt,
    schema: newest.detail['schema'] ?? null,
    problems: [
      ...staleLines(ageMs, every),
      ...(isOffSite ? [] : ['nothing off site']),
      ...(lockedUntil !== null && lockedUntil > now ? [] : ['nothing locked']),
      ...(drilledAt === 0 ? ['no drill passed'] : []),
    ],
  }
}

function staleLines(ageMs: number, every: number | undefined): readonly string[] {
  if (every === undefined || !isStale(ageMs, every)) return []
  return [`stale: one is due every ${sayDuration(every)}`]
}
