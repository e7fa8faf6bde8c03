/** Recovery points and drills of databases and folders as often as the config says; what is overdue is told, whatever agents do. */
import { messageOf } from '../base/error.ts'
import { resourceKey } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { isMarkId } from '../vault/mark-manifest.ts'
import { asOf, isOfFolder } from './as-of.ts'
import type { Firebreak } from './compose.ts'
import type { Config } from './config.ts'
import { wholeOfBackup, wholeOfPoint } from './control/whole.ts'
import { drilled } from './drills.ts'
import { sayDuration } from './duration.ts'
import type { Physicals } from './physical.ts'
import { backedUp } from './retention-backup.ts'

const lookMs = 30_000
/** After one that failed: not at once again, the server may be down. */
const againMs = 5 * 60_000
/** A clock that is set right by so much is no wrong one. */
const aheadMs = 5 * 60_000

/** What is kept without anybody's asking, and how its points are told from others. */
export interface Kept {
  /** The target of a database, or what a folder covers. */
  readonly name: string
  readonly every: number | undefined
  readonly drill: number | undefined
  readonly isOf: (row: RecoveryPointRow) => boolean
}

/** Everything that the config says how often to keep. */
export function keptBy({ vault }: Config): readonly Kept[] {
  const databases = Object.entries(vault?.databases ?? {}).map(([name, { every, drill }]) => ({
    ...ofDatabase(name),
    every,
    drill,
  }))
  const folders = (vault?.sources ?? []).flatMap((source) =>
    'path' in source && (source.every !== undefined || source.drill !== undefined)
      ? [{ ...ofFolder(source.covers), every: source.every, drill: source.drill }]
      : [],
  )
  return [...databases, ...folders]
}

/** Whether a point of such an age is an alarm. */
export function isStale(ageMs: number, every: number | undefined): boolean {
  return every !== undefined && ageMs >= 2 * every
}

export function ofDatabase(name: string): Pick<Kept, 'name' | 'isOf'> {
  return {
    name,
    isOf: ({ id, engine, detail }) =>
      (engine === 'logical' || engine === 'physical') &&
      // A mark leans on a base backup, and is none.
      !isMarkId(id) &&
      detail['source'] === name,
  }
}

export function ofFolder(name: string): Pick<Kept, 'name' | 'isOf'> {
  return {
    name,
    isOf: ({ engine, covers }) =>
      isOfFolder(engine) && covers.some((thing) => resourceKey(thing) === name),
  }
}

/** Looks every half minute; gives what stops it. */
export function keepBackups(firebreak: Firebreak, physicals: Physicals): () => void {
  const { config, clock } = firebreak
  const wanted = keptBy(config)
  if (wanted.length === 0) return () => undefined
  const notBefore = new Map<string, number>()
  let busy = false
  const round = async (): Promise<void> => {
    for (const kept of wanted) {
      const { name } = kept
      if (clock.steady() < (notBefore.get(name) ?? 0)) continue
      try {
        await lookAfter(firebreak, physicals, kept)
      } catch (thrown) {
        notBefore.set(name, clock.steady() + againMs)
        firebreak.notices.tell('backup-failed', `${name}: ${messageOf(thrown)}`, name)
      }
    }
  }
  const look = (): void => {
    if (busy) return
    busy = true
    void round().finally(() => (busy = false))
  }
  const timer = setInterval(look, lookMs)
  look()
  return () => clearInterval(timer)
}

/** What is due for one thing now: a point, also where none leads to what comes now; then a drill of the newest. */
export async function lookAfter(
  firebreak: Firebreak,
  physicals: Physicals,
  kept: Kept,
): Promise<void> {
  const { clock, notices } = firebreak
  const { name, every, drill } = kept
  await tellDates(firebreak, kept)
  const before = await newestOf(firebreak, kept)
  const age = before === null ? Infinity : clock.now() - asOf(before)
  const isDue = every !== undefined && age >= every
  if (isStale(age, every) && before !== null)
    notices.tell(
      'stale',
      `${name}: the newest recovery point that was verified is ${sayDuration(age)} old`,
      name,
    )
  const isCut = await isCutOff(firebreak, physicals, name)
  if (isDue || isCut) {
    const whole = wholeOfBackup(firebreak, name, physicals.has(name) ? 'physical' : 'logical')
    const take = async (): Promise<unknown> => await backedUp(firebreak, physicals, name)
    await firebreak.progress.during(name, whole, take)
  }
  const newest = await newestOf(firebreak, kept)
  if (drill === undefined || newest === null) return
  const rows = await pointsOf(firebreak, kept)
  const last = Math.max(0, ...rows.map(drilledAt).filter((at) => at <= clock.now() + aheadMs))
  if (clock.now() - last < drill) return
  const { id } = newest
  await firebreak.progress.during(id, wholeOfPoint(firebreak, id), async () =>
    drilled(firebreak, physicals, id),
  )
}

async function tellDates(firebreak: Firebreak, kept: Kept): Promise<void> {
  const { clock, notices } = firebreak
  for (const { id, takenAt } of await pointsOf(firebreak, kept))
    if (takenAt > clock.now() + aheadMs)
      notices.tell(
        'clock-wrong',
        `${kept.name}: \`${id}\` is dated ${new Date(takenAt).toISOString()}, later than now: the clock of this machine is wrong, or was; it counts as old`,
        id,
      )
}

/** Whether no base backup leads to what comes now; then it is told. */
async function isCutOff(
  { notices }: Firebreak,
  physicals: Physicals,
  name: string,
): Promise<boolean> {
  const gap = await physicals.gap(name)
  if (gap === null) return false
  notices.tell('wal-gap', `${name}: ${gap}; a new base backup is taken now`, name)
  return true
}

async function newestOf(firebreak: Firebreak, kept: Kept): Promise<RecoveryPointRow | null> {
  const rows = await pointsOf(firebreak, kept)
  const latest = firebreak.clock.now() + aheadMs
  // What is dated later than now says nothing of how old it is: else no new one would be taken for as long.
  return rows.findLast((row) => row.verifiedAt !== null && row.takenAt <= latest) ?? null
}

/** Oldest first. */
async function pointsOf(
  { state }: Firebreak,
  { isOf }: Kept,
): Promise<readonly RecoveryPointRow[]> {
  const rows = await state.transact((tx) => tx.find('point', {}))
  return rows.filter(isOf).toSorted((a, b) => asOf(a) - asOf(b))
}

function drilledAt({ detail: { drill } }: RecoveryPointRow): number {
  const at = typeof drill === 'object' && drill !== null && 'at' in drill ? drill['at'] : null
  return typeof at === 'number' ? at : 0
}
