/** What every engine does that takes a point of a folder: doubts it, knows an equal one, reads it back and writes it down. */
import { toJson } from '../base/json.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Budget } from './budget.ts'
import type { Item } from './manifest.ts'
import type { FolderSource, Need } from './needs.ts'
import type { VaultParts } from './parts.ts'
import { damageIn, digestOf, openManifest } from './point.ts'
import type { PointManifest } from './point.ts'
import { toldOf, writeDown } from './write-down.ts'

export type Taken =
  | { readonly kind: 'taken'; readonly point: RecoveryPoint }
  /** `again`: another try can end otherwise. */
  | { readonly kind: 'refused'; readonly why: string; readonly again: boolean }

/** A platform rounds its sizes and counts what a file system needs: so much less than it says is not suspicious yet. */
export const slackBytes = 64 * 1024 * 1024

export function refused(why: string, again = false): Taken {
  return { kind: 'refused', why, again }
}

/** A folder that is not mounted looks like an empty volume: a copy of that would be the worst kind of comfort. */
export function implausible(
  { bytes: said, source }: Need<FolderSource>,
  items: readonly Item[],
  bytes: number,
): string | null {
  const empty = items.every(({ kind }) => kind === 'directory')
  const wrong = `\`${source.path}\` does not look like ${resourceKey(source.covers)}`
  if (empty && said !== 0)
    return `${wrong}: it is empty, and the platform does not say that the volume is: is it mounted?`
  return said !== null && bytes + slackBytes < said / 2
    ? `${wrong}: it holds ${bytes} bytes, and the platform says ${said}`
    : null
}

/** The newest point with this very content for these things: it is as good as a new one, once it is verified again. */
export async function sameContent(
  content: string,
  things: readonly ResourceRef[],
  { box, state }: VaultParts,
): Promise<PointManifest | null> {
  const rows = (await state?.transact((tx) => tx.find('point', {}))) ?? []
  const wanted = things.map(resourceKey)
  const row = rows.findLast(
    (row) => row.detail['content'] === content && coversAll(row.covers, wanted),
  )
  try {
    return row === undefined ? null : await openManifest(box, row.id)
  } catch {
    // Damaged or gone: a new one is taken in its place.
    return null
  }
}

/** What counts is what comes back, not what was handed over. `on`: keys of the things that it lies on. */
export async function prove(
  manifest: PointManifest,
  {
    content,
    on,
    budget,
  }: { readonly content: string; readonly on: readonly string[]; readonly budget: Budget },
  parts: VaultParts,
): Promise<Taken> {
  const { box } = parts
  const stored = await openManifest(box, manifest.id)
  const damage =
    digestOf(stored) === digestOf(manifest)
      ? await damageIn(stored, box, { ...parts, budget })
      : 'the manifest'
  if (damage !== null)
    return refused(`the copy in the vault is not what was copied, at \`${damage}\``, true)
  const { source } = manifest
  const row = await writeDown(manifest, { source, content, on: toJson([...new Set(on)]) }, parts)
  return { kind: 'taken', point: toldOf(row) }
}

/** The newest point that was read back and brings all of these; null where there is none. Ids sort by time. */
export function newestOf(
  rows: readonly RecoveryPointRow[],
  things: readonly ResourceRef[],
): RecoveryPoint | null {
  const keys = things.map(resourceKey)
  const row = rows.findLast(
    ({ verifiedAt, covers }) => verifiedAt !== null && coversAll(covers, keys),
  )
  return row === undefined ? null : toldOf(row)
}

/** True where all that is wanted is among what a point covers. */
function coversAll(refs: readonly ResourceRef[], wanted: readonly string[]): boolean {
  const keys = new Set(refs.map(resourceKey))
  return wanted.every((key) => keys.has(key))
}
