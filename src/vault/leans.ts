/** What a point needs in the store to be brought back: its contents, and for a base backup the WAL that makes it whole. */
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { contentsOf } from './logical-manifest.ts'
import { isMarkId, openMark } from './mark-manifest.ts'
import { parseBase, parseWal } from './physical-manifest.ts'
import { segmentAt, segmentId } from './physical-segments.ts'
import { openManifest } from './point.ts'

/** SHA-256 of each content that a point or a segment of WAL leans on, each once. Throws `broken_store` for a damaged manifest. */
export async function leansOn(box: Box, id: string): Promise<readonly string[]> {
  return [...new Set(await contents(box, id))]
}

async function contents(box: Box, id: string): Promise<readonly string[]> {
  if (id.startsWith('wal_')) return sums(parseWal(await box.manifestText(id), id).pieces)
  if (isMarkId(id)) return []
  if (id.startsWith('base_')) {
    const { archives, sums: server } = parseBase(await box.manifestText(id), id)
    return sums([...archives.flatMap(({ pieces }) => pieces), ...server])
  }
  const manifest = await openManifest(box, id)
  if (manifest.engine === 'logical') return sums(contentsOf(manifest))
  if (manifest.engine === 'table') return sums(manifest.tables)
  return manifest.items.flatMap((item) => (item.kind === 'file' ? [item.sha256] : []))
}

/** The ids that must be there for this one to count, itself last. */
export async function wholeOf(box: Box, id: string): Promise<readonly string[]> {
  if (isMarkId(id)) {
    const { base, lsn } = await openMark(box, id)
    return [...(await upTo(box, base, parseLsn(lsn))), base, id]
  }
  return id.startsWith('base_') ? [...(await upTo(box, id, 0n)), id] : [id]
}

/** The segments from a base backup's start to where it is consistent, or to there where that is later. */
async function upTo(box: Box, id: string, lsn: bigint): Promise<readonly string[]> {
  const base = parseBase(await box.manifestText(id), id)
  const stop = parseLsn(base.stop)
  const end = lsn > stop ? lsn : stop
  const ids: string[] = []
  for (let at = segmentAt(parseLsn(base.start), base); at < end; at += BigInt(base.segmentBytes))
    ids.push(segmentId(at, base))
  return ids
}

/** The same, and every later segment of its WAL that is in the store: without them it goes back to its own moment alone. */
export async function withLater(box: Box, id: string): Promise<readonly string[]> {
  const needed = await wholeOf(box, id)
  const [first] = needed
  if (first === undefined || !first.startsWith('wal_')) return needed
  const line = first.slice(0, first.lastIndexOf('_') + 1)
  const later = (await box.store.points()).filter((each) => each.startsWith(line) && each > first)
  return [...new Set([...needed, ...later])]
}

function sums(each: readonly { readonly sha256: string }[]): readonly string[] {
  return each.map(({ sha256 }) => sha256)
}
