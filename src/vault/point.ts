/** A point's manifest, of whichever engine took it. */
import { FirebreakError } from '../base/error.ts'
import { digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Box } from './box.ts'
import type { Budget } from './budget.ts'
import { firstDamage, sizeOf } from './engine-files.ts'
import type { Manifest } from './manifest.ts'
import { contentsOf, parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { parseTableManifest } from './table-manifest.ts'
import type { TableManifest } from './table-manifest.ts'

export type PointManifest = Manifest | TableManifest | LogicalManifest

/** Throws `broken_store` where it is damaged, another point's, or of an engine that is not known here. */
export async function openManifest(box: Box, id: string): Promise<PointManifest> {
  const text = await box.manifestText(id)
  const value = parseJson(text)
  const engine = isObject(value) ? value['engine'] : null
  if (engine !== 'table' && engine !== 'logical') return await box.manifest(id)
  const manifest = engine === 'table' ? parseTableManifest(text) : parseLogicalManifest(text)
  if (manifest.id === id) return manifest
  throw new FirebreakError('broken_store', `the vault has another point's manifest for \`${id}\``)
}

/** What the state and the ledger know a manifest by. */
export function digestOf(manifest: PointManifest): string {
  return digest(toJson(manifest))
}

/** The first thing whose bytes in the store are not what was put; null where all are. */
export async function damageIn(
  manifest: PointManifest,
  box: Box,
  budget: Budget,
): Promise<string | null> {
  if (manifest.engine === 'files') return await firstDamage(manifest, box, budget)
  const contents =
    manifest.engine === 'logical'
      ? contentsOf(manifest)
      : manifest.tables.map((one) => ({ ...one, name: one.table }))
  for (const { name, sha256, bytes } of contents)
    if ((await sizeOf(box, sha256, budget)) !== bytes) return name
  return null
}
