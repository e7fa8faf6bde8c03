/** A verified point, written down: its row in the state, and its entry in the ledger, together. */
import { digest, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { bestOfFolder, higher, isEnough } from './grade.ts'
import type { Offsite } from './offsite.ts'
import type { VaultParts } from './parts.ts'

/** What the row tells of any engine's manifest. */
type Taken = Pick<RecoveryPoint, 'id' | 'covers' | 'engine' | 'takenAt' | 'bytes'>

type House = Pick<VaultParts, 'box' | 'clock' | 'state' | 'note' | 'offsite' | 'minimum'>

/** It was read back just now. Where a folder is not far enough outside, it counts when it lies in the second place too. */
export async function writeDown(
  manifest: Taken,
  detail: JsonObject,
  house: House,
): Promise<RecoveryPointRow> {
  const { box, clock, state, note } = house
  const { id, covers, engine, takenAt, bytes } = manifest
  const taken: RecoveryPointRow = {
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
  // A point under a key whose file somebody took away would open until the next start, and never again.
  await box.stand()
  const row = await further(taken, house)
  await state?.transact(async (tx) => {
    await tx.put('point', row)
    await note(tx, row)
  })
  return row
}

async function further(
  row: RecoveryPointRow,
  { offsite, minimum }: House,
): Promise<RecoveryPointRow> {
  // What restic keeps is not copied there: that is its owner's.
  if (offsite === undefined || row.engine === 'restic' || isEnough(bestOfFolder, minimum))
    return row
  return copiedTo(offsite, row, await offsite.copy(row.id))
}

/** The row of a point that lies in the second place too. */
export function copiedTo(offsite: Offsite, row: RecoveryPointRow, until: number): RecoveryPointRow {
  const detail = { ...row.detail, offsite: { place: offsite.place, until } }
  return { ...row, grade: higher(bestOfFolder, offsite.grade()), detail }
}

/** A point as it is told outside the vault. */
export function toldOf(row: RecoveryPointRow): RecoveryPoint {
  const { detail: _, ...point } = row
  return point
}
