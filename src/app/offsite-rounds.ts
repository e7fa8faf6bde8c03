/** What keeps the second place full and its grade true, whatever agents do; what goes wrong is told. */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../base/error.ts'
import { bestOfFolder, higher, isEnough } from '../vault/grade.ts'
import { parseWal } from '../vault/physical-manifest.ts'
import { candidateOf } from '../vault/prune-list.ts'
import { judge } from '../vault/prune-plan.ts'
import type { Keeping } from '../vault/prune-plan.ts'
import { copiedTo } from '../vault/write-down.ts'
import type { State } from '../guard/ports.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Firebreak } from './compose.ts'
import type { OpenedOffsite } from './offsite.ts'
import { knowing } from './retention-prune.ts'

const lookMs = 30_000
const againMs = 5 * 60_000
/** What is under way gets so long to end. */
const endMs = 5000
const dayMs = 24 * 60 * 60_000

/** Looks every half minute; gives what stops it. */
export function keepOffsite(firebreak: Firebreak): () => Promise<void> {
  const { offsite, clock, notices } = firebreak
  if (offsite === null) return async () => await Promise.resolve()
  let notBefore = -Infinity
  let stopped = false
  let running: Promise<void> | null = null
  const passed = new Set<string>()
  const round = async (): Promise<void> => {
    try {
      await gradeDaily(firebreak, offsite)
      await copyAll(firebreak, offsite, { passed, isOver: () => stopped })
      await extendAll(firebreak, offsite)
    } catch (thrown) {
      notBefore = clock.steady() + againMs
      notices.tell('not-off-site', messageOf(thrown), offsite.place)
    }
  }
  const look = (): void => {
    if (running !== null || clock.steady() < notBefore) return
    running = round().finally(() => (running = null))
  }
  const timer = setInterval(look, lookMs)
  look()
  return async () => {
    stopped = true
    clearInterval(timer)
    // A copy that is cut off counts for nothing and is sent again: nobody waits for an hour of it.
    if (running !== null) await Promise.race([running, delay(endMs, undefined, { ref: false })])
  }
}

/** An attack a day, and what is there looked at anew. A grade that fell is an alarm. */
async function gradeDaily(firebreak: Firebreak, offsite: OpenedOffsite): Promise<void> {
  const before = offsite.last()
  const age = before === null ? Infinity : firebreak.clock.now() - before.at
  if (age >= 0 && age < dayMs) return
  await gradeNow(firebreak, offsite)
  await offsite.look()
}

/** Attacks, writes down what it showed, and tells of a grade that fell. */
export async function gradeNow(firebreak: Firebreak, offsite: OpenedOffsite): Promise<void> {
  const { state, ledger, notices } = firebreak
  const before = offsite.last()?.grade ?? null
  const { grade, by, place, at } = await offsite.attack()
  const body = { place, grade, before, by }
  await state.transact(async (tx) => {
    await ledger.append(tx, [{ kind: 'graded', at, subject: null, principal: null, body }])
    for (const row of await tx.find('point', {}))
      if (row.detail['offsite'] !== undefined)
        await tx.put('point', {
          ...row,
          grade: liesIn(row, place) ? higher(bestOfFolder, grade) : bestOfFolder,
        })
  })
  if (before !== null && grade !== before && isEnough(before, grade))
    notices.tell(
      'grade-dropped',
      `${place} had grade ${before} and has ${grade} now: look at \`firebreak vault status\``,
      place,
    )
}

/** Everything that is here and not there, the newest first to be safe: points before WAL, since WAL is in the spool too. */
async function copyAll(
  firebreak: Firebreak,
  offsite: OpenedOffsite,
  { passed, isOver }: { readonly passed: Set<string>; readonly isOver: () => boolean },
): Promise<void> {
  const { state } = firebreak
  for (const id of await due(firebreak, offsite, passed)) {
    if (isOver()) return
    await noteCopy(state, offsite, { id, until: await offsite.copy(id) })
  }
}

async function due(
  { vault: { box }, state, clock, config }: Firebreak,
  offsite: OpenedOffsite,
  passed: Set<string>,
): Promise<readonly string[]> {
  if (box === null) return []
  const had = await offsite.there()
  const missing = (await box.store.points()).filter((id) => !had.has(id))
  const rows = new Map((await state.transact((tx) => tx.find('point', {}))).map((r) => [r.id, r]))
  const oldest = clock.now() - (config.vault?.bucket?.keep ?? 0)
  // What its lock let go of is not put there anew, and what failed its drill is no way back.
  const points = missing.filter((id) => {
    const row = rows.get(id)
    // The content of what restic keeps is not here to be copied.
    if (row === undefined || row.engine === 'restic') return false
    return row.verifiedAt !== null && row.takenAt > oldest
  })
  const wal: string[] = []
  for (const id of missing.filter((each) => each.startsWith('wal_') && !passed.has(each)))
    if (parseWal(await box.manifestText(id), id).sentAt > oldest) wal.push(id)
    else passed.add(id)
  return [...points.toReversed(), ...wal]
}

/** What is leaned on, and the last good points of each thing, outlive their time there. */
async function extendAll(firebreak: Firebreak, offsite: OpenedOffsite): Promise<void> {
  const { state, config } = firebreak
  const known = await knowing(firebreak)
  const keeping = { ...known, keepMs: config.vault?.bucket?.keep ?? 0 }
  const rows = [...known.rows.values()].filter((row) => liesIn(row, offsite.place))
  for (const { id, lapsed } of toExtend(rows, keeping))
    await noteCopy(state, offsite, { id, until: await offsite.extend(id, lapsed) })
}

export interface Extending {
  readonly id: string
  /** Its time there is over. */
  readonly lapsed: boolean
}

/** Of the points that lie there those that must stay, by the very law by which the folder is pruned, and whose time is half over. Pure. */
export function toExtend(
  rows: readonly RecoveryPointRow[],
  keeping: Keeping,
): readonly Extending[] {
  const { now, keepMs, leased } = keeping
  const fates = judge(rows.map(candidateOf), keeping)
  return rows.flatMap((row) => {
    const { id } = row
    const [fate, until] = [fates.get(id), untilOf(row)]
    // What stays for a while is only young.
    const mustStay = leased.has(id) || (fate?.kind === 'stays' && fate.until === null)
    if (!mustStay || until === null || until > now + keepMs / 2) return []
    return [{ id, lapsed: until <= now }]
  })
}

async function noteCopy(
  state: State,
  offsite: OpenedOffsite,
  { id, until }: { readonly id: string; readonly until: number },
): Promise<void> {
  await state.transact(async (tx) => {
    const row = await tx.get('point', id)
    if (row !== null) await tx.put('point', copiedTo(offsite, row, until))
  })
}

/** What was copied to another bucket than the one of now has shown nothing there. */
function liesIn({ detail: { offsite } }: RecoveryPointRow, place: string): boolean {
  return (
    typeof offsite === 'object' &&
    offsite !== null &&
    'place' in offsite &&
    offsite['place'] === place
  )
}

/** Until when the second place keeps it; null where it is not there. */
export function untilOf({ detail: { offsite } }: RecoveryPointRow): number | null {
  const until =
    typeof offsite === 'object' && offsite !== null && 'until' in offsite ? offsite['until'] : null
  return typeof until === 'number' ? until : null
}
