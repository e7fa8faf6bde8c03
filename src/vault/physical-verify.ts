/** Whether a base backup and the WAL that makes it whole can still be read, every byte of them. */
import { FirebreakError } from '../base/error.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import type { MarkManifest } from './mark-manifest.ts'
import { parseBase } from './physical-manifest.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { firstBroken } from './physical-pieces.ts'
import { openSegment, segmentAt, segmentFile } from './physical-segments.ts'
import { reasonOf } from './reason.ts'

/** The base backups of a box, oldest first; of one cluster where it is named. Those that cannot be read are left out. */
export async function listBases(box: Box, system?: string): Promise<readonly BaseManifest[]> {
  const bases: BaseManifest[] = []
  for (const id of await box.store.points()) {
    const base = id.startsWith('base_') ? await openBase(box, id).catch(() => null) : null
    if (base !== null && (system ?? base.system) === base.system) bases.push(base)
  }
  return bases
}

/** Throws `not_found` where there is none, `broken_store` where its manifest is damaged. */
export async function openBase(box: Box, id: string): Promise<BaseManifest> {
  if ((await box.store.points()).includes(id)) return parseBase(await box.manifestText(id), id)
  throw new FirebreakError('not_found', `there is no base backup \`${id}\` in this vault`)
}

/** The first thing of it that is not as it was put; null where all of it is. */
export async function damageOfBase(box: Box, base: BaseManifest): Promise<string | null> {
  const known = new Set<string>()
  for (const { tablespace, pieces } of base.archives) {
    const at = await firstBroken(box, pieces, known)
    const of = tablespace === null ? 'the data directory' : `the tablespace ${tablespace}`
    if (at !== null) return `piece ${at + 1} of ${pieces.length} of ${of}`
  }
  if ((await firstBroken(box, base.sums, known)) !== null) return "the server's manifest"
  const stop = parseLsn(base.stop)
  const step = BigInt(base.segmentBytes)
  for (let at = segmentAt(parseLsn(base.start), base); at < stop; at += step) {
    const file = segmentFile(at, base)
    const segment = await openSegment(box, base, at).catch(() => null)
    if (segment === null) return `the WAL segment \`${file}\``
    if ((await firstBroken(box, segment.pieces, known)) !== null)
      return `the WAL segment \`${file}\``
  }
  return null
}

/** Of a mark: its base backup and every whole segment up to it; what is behind the last of those was proven when it was set. */
export async function damageOfMark(
  box: Box,
  { base: id, lsn }: MarkManifest,
): Promise<string | null> {
  const base = await openBase(box, id)
  const at = segmentAt(parseLsn(lsn), base)
  return await damageOfBase(box, at > parseLsn(base.stop) ? { ...base, stop: lsnText(at) } : base)
}

/** A damaged thing, named, and the newest other base backup that is whole. */
export async function damaged(
  box: Box,
  base: BaseManifest,
  what: string,
  cause: unknown,
): Promise<FirebreakError> {
  const others = (await listBases(box, base.system)).filter(({ id }) => id !== base.id)
  let good: string | null = null
  for (const other of others.toReversed())
    if (good === null && (await damageOfBase(box, other)) === null) good = other.id
  return new FirebreakError(
    'broken_store',
    `\`${base.id}\` cannot be restored: ${what} is damaged: ${reasonOf(cause)}`,
    good === null
      ? 'no other base backup in this vault is whole: take a new one now'
      : `the last good base backup is \`${good}\`: restore from that one`,
    cause,
  )
}
