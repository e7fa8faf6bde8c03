/** The blast radius as a map: credentials in custody, targets, grants in force, environments, things and ways back. From what is known already: nothing is asked, nothing is written. */
import type { JsonObject } from '../base/json.ts'
import { plain } from '../base/plain.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource } from '../core/resource.ts'
import { keptCredentials } from '../custody/custody.ts'
import type { Tx } from '../guard/ports.ts'
import type { GrantRow, RecoveryPointRow } from '../guard/rows.ts'
import type { Config } from './config.ts'
import { environmentsOf } from './environments.ts'
import { drawnOf } from './map-drawn.ts'
import type { DrawnTold } from './map-drawn.ts'
import type { MapGrant, MapKnown, MapThing, Worst } from './map-known.ts'

export type MapTold = MapKnown &
  JsonObject & {
    /** The same as boxes and lines with their places. */
    readonly drawn: DrawnTold
  }

const mostThings = 200

/** Worst first: grants whose acts would run unasked, then those with the most that has no way back. */
export async function mapOf(config: Config, tx: Tx, now: number): Promise<MapTold> {
  const kept = await keptCredentials(tx)
  const [grants, holds, points] = [
    await tx.find('grant', {}),
    await tx.find('hold', {}),
    await tx.find('point', {}),
  ]
  const targets = Object.entries(config.targets)
  const environments = targets.flatMap(([target, entry]) =>
    Object.entries(entry.environments).map(([name, one]) => ({
      target,
      name,
      protected: one.protected ?? true,
    })),
  )
  const isEnforced = config.mode === 'enforce'
  const things = thingsOf(config, { seen: holds.flatMap(({ radius }) => radius.resources), points })
  const inForce = grants.filter(({ expiresAt, revokedAt }) => revokedAt === null && expiresAt > now)
  const mapped = inForce.map((row) => mapGrant(row, { environments, things, isEnforced }))
  const told = {
    credentials: kept.map(({ id }) => ({ id, target: id in config.targets ? id : null })),
    targets: targets.map(([name, { platform }]) => ({
      name,
      platform,
      kept: kept.some(({ id }) => id === name),
    })),
    environments,
    grants: mapped.toSorted((a, b) => weight(b) - weight(a)),
    things,
  }
  return { ...told, drawn: drawnOf(told) }
}

function mapGrant(
  { id, principal, caveats, expiresAt }: GrantRow,
  {
    environments,
    things,
    isEnforced,
  }: {
    readonly environments: MapTold['environments']
    readonly things: readonly MapThing[]
    readonly isEnforced: boolean
  },
): MapGrant {
  const operations = saidIn(caveats, 'operations') ?? ['*']
  const isReading = operations.every((one) => one === 'read')
  const within = (word: string, name: string): boolean =>
    saidIn(caveats, word)?.some((one) => one === '*' || one === name) ?? true
  const reach = environments
    .filter(({ target, name }) => within('targets', target) && within('environments', name))
    .map(({ target, name, protected: isProtected }) => ({
      target,
      environment: name,
      worst: isReading
        ? ('reads' as const)
        : isProtected && isEnforced
          ? ('held' as const)
          : ('runs' as const),
    }))
    .toSorted((a, b) => weights[b.worst] - weights[a.worst])
  const bare = things.filter(
    ({ target, environment, point }) =>
      point === null &&
      reach.some(
        (one) => one.worst !== 'reads' && one.target === target && one.environment === environment,
      ),
  )
  return { id, principal: plain(principal), operations, expiresAt, reach, bare: bare.length }
}

/** The list of a root caveat as its row says it (`grants/caveat.ts`); null where the grant says nothing about that. */
function saidIn(caveats: readonly string[], word: string): readonly string[] | null {
  const said = caveats.find((one) => one.startsWith(`${word} `))
  return said?.slice(word.length + 1).split(', ') ?? null
}

const weights: Readonly<Record<Worst, number>> = { reads: 0, held: 1, runs: 1000 }

function weight({ reach, bare }: MapGrant): number {
  return reach.reduce((sum, { worst }) => sum + weights[worst], 0) + bare * 10
}

/** What a hold has measured, or a recovery point brings back: each once, without a way back first. */
function thingsOf(
  config: Config,
  {
    seen,
    points,
  }: { readonly seen: readonly Resource[]; readonly points: readonly RecoveryPointRow[] },
): readonly MapThing[] {
  const good = points
    .filter(({ verifiedAt }) => verifiedAt !== null)
    .toSorted((a, b) => b.takenAt - a.takenAt)
  const known = new Map<string, MapThing>()
  const add = (one: Pick<Resource, 'target' | 'type' | 'id'> & Partial<Resource>): void => {
    const { target, type, id, name = id, environment = null } = one
    const key = resourceKey(one)
    const point = good.find(({ covers }) => covers.some((each) => resourceKey(each) === key))
    const label = environment === null ? null : environmentsOf(config, target).name(environment)
    if (known.get(key)?.environment != null) return
    known.set(key, {
      target,
      key,
      type: plain(type),
      name: plain(name),
      environment: label === null ? null : plain(label),
      point: point?.id ?? null,
      grade: point?.grade ?? null,
    })
  }
  for (const one of seen) add(one)
  for (const { covers } of points) for (const one of covers) add(one)
  return [...known.values()]
    .toSorted((a, b) => Number(a.point !== null) - Number(b.point !== null))
    .slice(0, mostThings)
}
