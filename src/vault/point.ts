/** A point's manifest, of whichever engine took it. */
import { FirebreakError } from '../base/error.ts'
import { digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Box } from './box.ts'
import type { Budget } from './budget.ts'
import { firstDamage, sizeOf } from './engine-files.ts'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { contentsOf, parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { parseResticManifest } from './restic-manifest.ts'
import type { ResticManifest } from './restic-manifest.ts'
import { damageInRestic } from './restic-point.ts'
import type { ResticHouse } from './restic-point.ts'
import { parseTableManifest } from './table-manifest.ts'
import type { TableManifest } from './table-manifest.ts'

export type PointManifest = Manifest | ResticManifest | TableManifest | LogicalManifest

/** Throws `broken_store` where it is damaged, another point's, or of an engine that is not known here. */
export async function openManifest(box: Box, id: string): Promise<PointManifest> {
  const text = await box.manifestText(id)
  const manifest = parsed(text)
  if (manifest.id === id) return manifest
  throw new FirebreakError('broken_store', `the vault has another point's manifest for \`${id}\``)
}

function parsed(text: string): PointManifest {
  const value = parseJson(text)
  const engine = isObject(value) ? value['engine'] : null
  if (engine === 'table') return parseTableManifest(text)
  if (engine === 'restic') return parseResticManifest(text)
  return engine === 'logical' ? parseLogicalManifest(text) : parseManifest(text)
}

/** What the state and the ledger know a manifest by. */
export function digestOf(manifest: PointManifest): string {
  return digest(toJson(manifest))
}

/** The first thing whose bytes in the store are not what was put; null where all are. */
export async function damageIn(
  manifest: PointManifest,
  box: Box,
  { budget, ...house }: ResticHouse & { readonly budget: Budget },
): Promise<string | null> {
  if (manifest.engine === 'files') return await firstDamage(manifest, box, budget)
  if (manifest.engine === 'restic') return await damageInRestic(manifest, budget, house)
  const contents =
    manifest.engine === 'logical'
      ? contentsOf(manifest)
      : manifest.tables.map((one) => ({ ...one, name: one.table }))
  for (const { name, sha256, bytes } of contents)
    if ((await sizeOf(box, sha256, budget)) !== bytes) return name
  return null
}
