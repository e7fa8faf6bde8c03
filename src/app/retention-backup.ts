/** A backup within the vault's quota: refused before it begins where it would not fit. */
import { FirebreakError } from '../base/error.ts'
import { toJson } from '../base/json.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { Firebreak } from './compose.ts'
import type { Physicals } from './physical.ts'
import { wholeOfBackup } from './control/whole.ts'

/** Takes a point of a database by the engine that is set for it. Throws `wrong_state` where the quota has no room for it. */
export async function backedUp(
  firebreak: Firebreak,
  physicals: Physicals,
  target: string,
): Promise<RecoveryPoint> {
  const { room, state, vault } = firebreak
  const take = async (): Promise<RecoveryPoint> =>
    physicals.has(target) ? await physicals.backup(target) : await vault.backup(target)
  if (room === null || room.quota === null) return await take()
  const why = await room.lacks(await expected(firebreak, physicals, target), true)
  if (why !== null) throw new FirebreakError('wrong_state', why)
  const before = (await room.usage()).bytes
  const point = await take()
  const bytes = Math.max(0, (await room.usage(true)).bytes - before)
  await state.transact((tx) => tx.put('meta', { id: stored(target), value: toJson(bytes) }))
  return point
}

/** What the last one has put there that was not there before; for the first as much as the database has. */
async function expected(
  firebreak: Firebreak,
  physicals: Physicals,
  target: string,
): Promise<number> {
  const last = await firebreak.state.transact((tx) => tx.get('meta', stored(target)))
  if (typeof last?.value === 'number') return last.value
  const engine = physicals.has(target) ? 'physical' : 'logical'
  return (await wholeOfBackup(firebreak, target, engine))?.bytes ?? 0
}

function stored(target: string): string {
  return `stored:${target}`
}
