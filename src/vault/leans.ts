/** What a point needs in the store to be brought back: its contents, and for a base backup the WAL that makes it whole. */
import { FirebreakError } from '../base/error.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { contentsOf as logicalContents } from './logical-manifest.ts'
import { isMarkId, lineOf, openMark } from './mark-manifest.ts'
import type { MarkManifest } from './mark-manifest.ts'
import { segmentsTo } from './physical-line.ts'
import { parseBase, parseWal } from './physical-manifest.ts'
import type { BaseManifest, WalManifest } from './physical-manifest.ts'
import { segmentId } from './physical-segments.ts'
import { openManifest } from './point.ts'
import type { PointManifest } from './point.ts'

/** A manifest of whichever engine, and what tells them apart. */
export type Opened =
  | { readonly kind: 'wal'; readonly manifest: WalManifest }
  | { readonly kind: 'base'; readonly manifest: BaseManifest }
  | { readonly kind: 'mark'; readonly manifest: MarkManifest }
  | { readonly kind: 'point'; readonly manifest: PointManifest }

/** Throws `broken_store` for a damaged manifest. */
export async function openAny(box: Box, id: string): Promise<Opened> {
  if (isMarkId(id)) return { kind: 'mark', manifest: await openMark(box, id) }
  if (id.startsWith('wal_'))
    return { kind: 'wal', manifest: parseWal(await box.manifestText(id), id) }
  if (id.startsWith('base_'))
    return { kind: 'base', manifest: parseBase(await box.manifestText(id), id) }
  return { kind: 'point', manifest: await openManifest(box, id) }
}

/** SHA-256 of each content that a point or a segment of WAL leans on, each once. Throws as `openAny`. */
export async function leansOn(box: Box, id: string): Promise<readonly string[]> {
  return contentsOf(await openAny(box, id))
}

/** The same of one that is open. */
export function contentsOf(opened: Opened): readonly string[] {
  return [...new Set(contents(opened))]
}

function contents({ kind, manifest }: Opened): readonly string[] {
  switch (kind) {
    case 'wal':
      return sums(manifest.pieces)
    case 'mark':
      return []
    case 'base':
      return sums([...manifest.archives.flatMap(({ pieces }) => pieces), ...manifest.sums])
    case 'point':
      // Its content is in no store of ours.
      if (manifest.engine === 'restic') return []
      if (manifest.engine === 'logical') return sums(logicalContents(manifest))
      if (manifest.engine === 'table') return sums(manifest.tables)
      return manifest.items.flatMap((item) => (item.kind === 'file' ? [item.sha256] : []))
  }
}

/** The ids that must be there for this one to count, itself last. */
export async function wholeOf(box: Box, id: string): Promise<readonly string[]> {
  if (isMarkId(id)) {
    const mark = await openMark(box, id)
    return [...(await upTo(box, mark.base, mark)), mark.base, id]
  }
  return id.startsWith('base_') ? [...(await upTo(box, id, null)), id] : [id]
}

/** The segments from a base backup's start to where it is consistent, or to a mark where that is later. */
async function upTo(box: Box, id: string, mark: MarkManifest | null): Promise<readonly string[]> {
  const base = parseBase(await box.manifestText(id), id)
  const stop = parseLsn(base.stop)
  const lsn = mark === null ? stop : parseLsn(mark.lsn)
  const line = { timeline: base.timeline, ...(mark === null ? {} : lineOf(mark)) }
  const segments = segmentsTo(base, line, lsn > stop ? lsn : stop)
  if (segments === null)
    throw new FirebreakError('broken_store', `\`${mark?.id ?? id}\` is not reached from \`${id}\``)
  return segments.map(({ at, of }) => segmentId(at, of))
}

/** The same, and every later segment of its WAL that is in the store: without them it goes back to its own moment alone. */
export async function withLater(box: Box, id: string): Promise<readonly string[]> {
  const needed = await wholeOf(box, id)
  const [first] = needed
  if (first === undefined || !first.startsWith('wal_')) return needed
  // Of its own timeline, and of those that a failover led to.
  const system = first.split('_').slice(0, 2).join('_')
  const later = (await box.store.points()).filter(
    (each) => each.startsWith(`${system}_`) && each > first,
  )
  return [...new Set([...needed, ...later])]
}

function sums(each: readonly { readonly sha256: string }[]): readonly string[] {
  return each.map(({ sha256 }) => sha256)
}
