/** Firebreak's own recovery points as copies in the graph of what credentials reach: read from the state of a config that a person has named, with the daemon down too. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Held, Kept } from '../scan/radius.ts'
import type { Thing } from '../scan/reach/reach.ts'
import { isMarkId } from '../vault/mark-manifest.ts'
import { passedAt } from '../vault/vault.ts'
import { withLog } from './archive.ts'
import type { Config } from './config.ts'
import { databaseAt, isHere } from './config-targets.ts'
import { lastGrade } from './offsite.ts'
import { untilOf } from './offsite-rounds.ts'

/** A point that counts: verified, and of a thing itself. */
export interface KeptPoint {
  readonly row: RecoveryPointRow
  /** What another place has of it: until when it is locked there, and what the last attack on that place has shown. */
  readonly offsite: { readonly until: number; readonly grade: string } | null
}

export interface KeptPoints {
  readonly config: Config
  readonly points: readonly KeptPoint[]
  /** Why the points of this config count for nothing; null where they count. */
  readonly lost: string | null
}

/** Of one thing so many, the newest: more tell nothing more. */
const mostOfOne = 50

/** What its state says. Throws `bad_config` where nothing has run by that config on this machine. */
export async function pointsOf(config: Config, now: number): Promise<KeptPoints> {
  if (!existsSync(join(config.state, 'state.db')))
    throw new FirebreakError(
      'bad_config',
      `\`${config.file}\` has no state on this machine`,
      'name the config of a Firebreak that runs here, or leave `--config` out',
    )
  const { vault } = config
  if (vault === undefined) return { config, points: [], lost: 'it has no vault' }
  const points = await withLog(config, async (_, __, ___, tx) => {
    const rows = await tx.find('point', {})
    const grade = (await lastGrade(tx, config, now)) ?? 'V0'
    return rows.filter(isCopy).map((row): KeptPoint => {
      const until = untilOf(row)
      return { row, offsite: until === null ? null : { until, grade } }
    })
  })
  // A folder on a disk that is not there brings nothing back; what is off site stays.
  const isThere = existsSync(vault.store)
  const left = isThere ? points : points.filter(({ offsite }) => offsite !== null)
  return { config, points: left, lost: isThere ? null : `there is no vault at ${vault.store}` }
}

/** An image or a mark is of one act; what was never read back is no copy. */
const isCopy = ({ id, engine, verifiedAt }: RecoveryPointRow): boolean =>
  verifiedAt !== null && engine !== 'table' && !isMarkId(id)

/** Each point on each thing that it brings back, in every account in which a credential has shown that very thing. */
export function keptCopies(
  { config, points, lost }: KeptPoints,
  held: readonly Held[],
  now: number,
): readonly Kept[] {
  const newest = points.toSorted((a, b) => b.row.takenAt - a.row.takenAt)
  return thingsOf(held).flatMap((seen) =>
    newest
      .filter(({ row }) => row.covers.some((ref) => isIt(config, ref, seen)))
      .slice(0, mostOfOne)
      .flatMap((point) => [
        ...(lost === null ? [here(config, point, seen)] : []),
        ...there(point, seen, now),
      ]),
  )
}

interface SeenThing {
  readonly provider: string
  readonly account: string
  readonly thing: Thing
}

function thingsOf(held: readonly Held[]): readonly SeenThing[] {
  const all = held.flatMap(({ provider, reach }) => {
    if (reach.kind !== 'told') return []
    const { account, things } = reach
    // Of what nobody said whose it is: two owners' things may have one id, but for an id of the platform's own.
    const sure = account === null ? things.filter(({ isGlobal }) => isGlobal === true) : things
    return sure.map((thing) => ({ provider, account: account ?? provider, thing }))
  })
  return [...new Map(all.map((one) => [`${one.account}/${one.thing.id}`, one])).values()]
}

/** A platform's ids are its own; a database goes by its server's address and its name. */
function isIt(
  { targets }: Config,
  { target, type, id }: ResourceRef,
  { provider, account, thing }: SeenThing,
): boolean {
  const entry = targets[target]
  if (entry?.platform !== provider || thing.type !== type || thing.id !== id) return false
  if (entry.platform !== 'postgres') return true
  const at = databaseAt(entry.url)
  return at !== null && account === `postgres ${at.host}:${at.port}`
}

/** On this machine's disk: whoever runs programs on a database's server reaches it there, where that is this machine. */
function here(config: Config, { row }: KeptPoint, seen: SeenThing): Kept {
  const ref = row.covers.find((each) => isIt(config, each, seen))
  const entry = config.targets[ref?.target ?? '']
  const isBeside = entry?.platform === 'postgres' && isHere(databaseAt(entry.url)?.host ?? '')
  const lies = row.grade === 'V0' ? 'inside' : isBeside ? 'account' : 'apart'
  return copy(row, seen, { id: row.id, lies, isImmutable: false })
}

/** Locked where an attack on it was survived (docs/vault.md: V2 in the account itself, V3 and above in another). */
function there({ row, offsite }: KeptPoint, seen: SeenThing, now: number): readonly Kept[] {
  if (offsite === null) return []
  const { until, grade } = offsite
  const isImmutable = until > now && grade >= 'V2'
  const lies = grade >= 'V3' ? 'apart' : 'account'
  return [copy(row, seen, { id: `${row.id} off site`, lies, isImmutable })]
}

const copy = (
  row: RecoveryPointRow,
  { provider, account, thing }: SeenThing,
  own: Pick<Kept, 'id' | 'lies' | 'isImmutable'>,
): Kept => ({
  ...own,
  account: thing.isGlobal === true ? provider : account,
  type: 'recovery point',
  name: own.id,
  of: thing.id,
  environment: null,
  isTested: passedAt(row) > 0,
})
