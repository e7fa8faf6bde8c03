/** A recovery point of a whole database: taken, read back, and written down. */
import { toJson } from '../base/json.ts'
import { FirebreakError } from '../base/error.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { defaultLimits, openBudget } from './budget.ts'
import { takeLogical } from './engine-logical.ts'
import { bestOfFolder } from './grade.ts'
import { parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { damageIn, digestOf } from './point.ts'
import type { Servers } from './servers.ts'
import type { VaultParts } from './parts.ts'

/** `besides`: what else it brings back, as the volume that holds nothing but this database. Throws what keeps it from being taken; then there is none. */
export async function takeDatabase(
  target: string,
  besides: readonly ResourceRef[],
  { open, nameOf }: Pick<Servers, 'open' | 'nameOf'>,
  parts: VaultParts,
): Promise<RecoveryPointRow> {
  const session = await open(target)
  try {
    const covers = [{ target, type: 'database', id: nameOf(target) }, ...besides]
    return await prove(await takeLogical(session, { source: target, covers }, parts), parts)
  } finally {
    await session.close()
  }
}

/** What counts is what the store gives back, not what was handed to it. */
async function prove(taken: LogicalManifest, parts: VaultParts): Promise<RecoveryPointRow> {
  const { box, clock, state } = parts
  const stored = parseLogicalManifest(await box.manifestText(taken.id))
  const budget = openBudget(parts.limits ?? defaultLimits, clock, () => undefined)
  const damage =
    digestOf(stored) === digestOf(taken) ? await damageIn(stored, box, budget) : 'the manifest'
  if (damage !== null)
    throw new FirebreakError(
      'broken_store',
      `the copy in the vault is not what was taken: ${damage}`,
    )
  const row = rowOf(stored, parts)
  await state?.transact(async (tx) => {
    await tx.put('point', row)
    await parts.note(tx, row)
  })
  return row
}

function rowOf(manifest: LogicalManifest, { box, clock, storeOn }: VaultParts): RecoveryPointRow {
  const { id, covers, engine, takenAt, bytes, source, lacks } = manifest
  return {
    id,
    covers,
    engine,
    place: box.store.place,
    takenAt,
    verifiedAt: clock.now(),
    grade: bestOfFolder,
    bytes,
    manifest: digestOf(manifest),
    detail: { source, lacks: [...lacks], on: toJson(storeOn.map(resourceKey)) },
  }
}
