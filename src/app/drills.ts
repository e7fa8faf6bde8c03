/** Drills, written down: what came of each stands in the ledger, and one that failed is told to people. */
import type { Drilled } from '../vault/drill.ts'
import { noteDrill } from '../vault/backups.ts'
import { isPhysicalId } from '../vault/physical-manifest.ts'
import { lastGood } from '../vault/whole.ts'
import { passedAt } from '../vault/vault.ts'
import type { Firebreak } from './compose.ts'
import { elsewhere } from './elsewhere.ts'
import type { Physicals } from './physical.ts'

export interface Told extends Drilled {
  /** The newest other point of the same things that is whole, one whose drill passed before all others; null where there is none. */
  readonly lastGood: string | null
  /** The command that brings this one back from the second place; null where it passed, or does not lie there. */
  readonly instead: string | null
}

/** Holds a drill of a point with what the config says of its data. */
export async function drilled(
  firebreak: Firebreak,
  physicals: Physicals,
  id: string,
): Promise<Told> {
  const { vault, state, ledger, clock, config, notices } = firebreak
  const row = await state.transact((tx) => tx.get('point', id))
  const source = row?.detail['source']
  const target = typeof source === 'string' ? source : ''
  const holds = config.vault?.databases[target]?.holds ?? []
  const isPhysical = isPhysicalId(id)
  const found = isPhysical ? await physicals.drill(id, target, holds) : await vault.drill(id, holds)
  if (isPhysical) await state.transact((tx) => noteDrill(tx, found, clock.now()))
  const lastGood = found.passed ? null : await otherGood(firebreak, id)
  const { passed, wrong, tables, rows, rpoMs, rtoMs } = found
  const body = { passed, wrong: wrong.slice(0, 20), tables, rows, rpoMs, rtoMs, lastGood }
  const entry = { kind: 'drilled', at: clock.now(), subject: id, principal: null, body } as const
  await state.transact((tx) => ledger.append(tx, [entry]))
  if (!passed)
    notices.tell(
      'drill-failed',
      `the drill of ${id} failed: ${wrong[0] ?? 'it could not be restored'}; the last good one is ${lastGood ?? 'not known'}`,
      id,
    )
  return { ...found, lastGood, instead: await insteadOf(firebreak, found) }
}

async function insteadOf(firebreak: Firebreak, { passed, point }: Drilled): Promise<string | null> {
  const other = passed ? null : await elsewhere(firebreak, point)
  return other === null ? null : other.command
}

/** One whose drill passed before any other, and none that is not whole now, whatever was once said of it. */
async function otherGood(
  { vault, state, clock, restic }: Firebreak,
  id: string,
): Promise<string | null> {
  if (vault.box === null) return null
  const rows = await state.transact((tx) => tx.find('point', {}))
  const passed = new Set(rows.filter((row) => passedAt(row) > 0).map((row) => row.id))
  const covers = rows.find((row) => row.id === id)?.covers ?? null
  return await lastGood(id, covers, { box: vault.box, clock, restic }, (other) => passed.has(other))
}
