/** Recovery points and drills of databases as often as the config says; what is overdue is told, whatever agents do. */
import { messageOf } from '../base/error.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { isMarkId } from '../vault/mark-manifest.ts'
import type { Firebreak } from './compose.ts'
import { drilled } from './drills.ts'
import { sayDuration } from './duration.ts'
import type { Physicals } from './physical.ts'
import { backedUp } from './retention-backup.ts'

const lookMs = 30_000
/** After one that failed: not at once again, the server may be down. */
const againMs = 5 * 60_000
/** A clock that is set right by so much is no wrong one. */
const aheadMs = 5 * 60_000

/** Looks every half minute; gives what stops it. */
export function keepBackups(firebreak: Firebreak, physicals: Physicals): () => void {
  const { config, clock } = firebreak
  const wanted = Object.entries(config.vault?.databases ?? {})
  if (wanted.length === 0) return () => undefined
  const notBefore = new Map<string, number>()
  let busy = false
  const round = async (): Promise<void> => {
    for (const [target, { every, drill }] of wanted) {
      if (clock.steady() < (notBefore.get(target) ?? 0)) continue
      try {
        await lookAfter(firebreak, physicals, { target, every, drill })
      } catch (thrown) {
        notBefore.set(target, clock.steady() + againMs)
        firebreak.notices.tell('backup-failed', `${target}: ${messageOf(thrown)}`, target)
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

interface Often {
  readonly target: string
  readonly every: number | undefined
  readonly drill: number | undefined
}

/** What is due for one database now: a point, also where none leads to what comes now; then a drill of the newest. */
export async function lookAfter(
  firebreak: Firebreak,
  physicals: Physicals,
  { target, every, drill }: Often,
): Promise<void> {
  const { clock, notices } = firebreak
  await tellDates(firebreak, target)
  const before = await newestOf(firebreak, target)
  const age = before === null ? Infinity : clock.now() - before.takenAt
  const isDue = every !== undefined && age >= every
  if (isDue && age >= 2 * every && before !== null)
    notices.tell(
      'stale',
      `${target}: the newest recovery point that was verified is ${sayDuration(age)} old`,
      target,
    )
  const isCut = await isCutOff(firebreak, physicals, target)
  if (isDue || isCut) await backedUp(firebreak, physicals, target)
  const newest = await newestOf(firebreak, target)
  if (drill === undefined || newest === null) return
  const rows = await pointsOf(firebreak, target)
  const last = Math.max(0, ...rows.map(drilledAt).filter((at) => at <= clock.now() + aheadMs))
  if (clock.now() - last >= drill) await drilled(firebreak, physicals, newest.id)
}

async function tellDates(firebreak: Firebreak, target: string): Promise<void> {
  const { clock, notices } = firebreak
  for (const { id, takenAt } of await pointsOf(firebreak, target))
    if (takenAt > clock.now() + aheadMs)
      notices.tell(
        'clock-wrong',
        `${target}: \`${id}\` is dated ${new Date(takenAt).toISOString()}, later than now: the clock of this machine is wrong, or was; it counts as old`,
        id,
      )
}

/** Whether no base backup leads to what comes now; then it is told. */
async function isCutOff(
  { notices }: Firebreak,
  physicals: Physicals,
  target: string,
): Promise<boolean> {
  const gap = await physicals.gap(target)
  if (gap === null) return false
  notices.tell('wal-gap', `${target}: ${gap}; a new base backup is taken now`, target)
  return true
}

async function newestOf(firebreak: Firebreak, target: string): Promise<RecoveryPointRow | null> {
  const rows = await pointsOf(firebreak, target)
  const latest = firebreak.clock.now() + aheadMs
  // What is dated later than now says nothing of how old it is: else no new one would be taken for as long.
  return rows.findLast((row) => row.verifiedAt !== null && row.takenAt <= latest) ?? null
}

/** Oldest first. */
async function pointsOf(
  { state }: Firebreak,
  target: string,
): Promise<readonly RecoveryPointRow[]> {
  const rows = await state.transact((tx) => tx.find('point', {}))
  const own = rows.filter(
    ({ id, engine, detail }) =>
      (engine === 'logical' || engine === 'physical') &&
      // A mark leans on a base backup, and is none.
      !isMarkId(id) &&
      detail['source'] === target,
  )
  return own.toSorted((a, b) => a.takenAt - b.takenAt)
}

function drilledAt({ detail: { drill } }: RecoveryPointRow): number {
  const at = typeof drill === 'object' && drill !== null && 'at' in drill ? drill['at'] : null
  return typeof at === 'number' ? at : 0
}
