/** A recovery point of a whole database: taken, read back, and written down. */
import { toJson } from '../base/json.ts'
import { FirebreakError } from '../base/error.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { defaultLimits, openBudget } from './budget.ts'
import { takeLogical } from './engine-logical.ts'
import { parseLogicalManifest, schemaBy } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { damageIn, digestOf } from './point.ts'
import type { Servers } from './servers.ts'
import { writeDown } from './write-down.ts'
import type { VaultParts } from './parts.ts'

/** `besides`: what else it brings back, as the volume that holds nothing but this database. Throws what keeps it from being taken; then there is none. */
export async function takeDatabase(
  target: string,
  besides: readonly ResourceRef[],
  { open, nameOf, lead, scratch }: Pick<Servers, 'open' | 'nameOf' | 'lead' | 'scratch'>,
  parts: VaultParts,
): Promise<RecoveryPointRow> {
  const session = await open(target)
  try {
    const covers = [{ target, type: 'database', id: nameOf(target) }, ...besides]
    const way = async (folder: string): ReturnType<NonNullable<typeof lead>> => {
      if (lead === undefined) throw new Error('no way was given')
      return await lead(target, folder)
    }
    const dump = lead === undefined ? {} : { dump: { scratch, lead: way } }
    const taken = await takeLogical(session, { source: target, covers, ...dump }, parts)
    return await prove(taken, parts)
  } finally {
    await session.close()
  }
}

/** What counts is what the store gives back, not what was handed to it. */
async function prove(taken: LogicalManifest, parts: VaultParts): Promise<RecoveryPointRow> {
  const { box, clock } = parts
  const stored = parseLogicalManifest(await box.manifestText(taken.id))
  const budget = openBudget(parts.limits ?? defaultLimits, clock, () => undefined)
  const damage =
    digestOf(stored) === digestOf(taken) ? await damageIn(stored, box, { budget }) : 'the manifest'
  if (damage !== null)
    throw new FirebreakError(
      'broken_store',
      `the copy in the vault is not what was taken: ${damage}`,
    )
  const { source, lacks } = stored
  const on = toJson(parts.storeOn.map(resourceKey))
  return await writeDown(stored, { source, lacks: [...lacks], schema: schemaBy(stored), on }, parts)
}
