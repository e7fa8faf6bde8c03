/** A verified point, written down: its row in the state, and its entry in the ledger, together. */
import { digest, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { bestOfFolder } from './grade.ts'
import type { VaultParts } from './parts.ts'

/** What the row tells of any engine's manifest. */
type Taken = Pick<RecoveryPoint, 'id' | 'covers' | 'engine' | 'takenAt' | 'bytes'>

/** It was read back just now. */
export async function writeDown(
  manifest: Taken,
  detail: JsonObject,
  { box, clock, state, note }: Pick<VaultParts, 'box' | 'clock' | 'state' | 'note'>,
): Promise<RecoveryPointRow> {
  const { id, covers, engine, takenAt, bytes } = manifest
  const row: RecoveryPointRow = {
    id,
    covers,
    engine,
    place: box.store.place,
    takenAt,
    verifiedAt: clock.now(),
    grade: bestOfFolder,
    bytes,
    manifest: digest(toJson(manifest)),
    detail,
  }
  await state?.transact(async (tx) => {
    await tx.put('point', row)
    await note(tx, row)
  })
  return row
}
