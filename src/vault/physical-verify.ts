/** Whether a base backup and the WAL that makes it whole can still be read, every byte of them. */
import { FirebreakError } from '../base/error.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { lineOf } from './mark-manifest.ts'
import type { MarkManifest } from './mark-manifest.ts'
import { segmentsTo } from './physical-line.ts'
import { parseBase } from './physical-manifest.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { firstBroken } from './physical-pieces.ts'
import { openSegment, segmentAt, segmentFile, segmentId } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { isOutOfReach, reasonOf } from './reason.ts'

/** The base backups of a box, oldest first; of one cluster where it is named. Those that cannot be read are left out. */
export async function listBases(box: Box, system?: string): Promise<readonly BaseManifest[]> {
  return (await lookAtBases(box)).flatMap((base) =>
    'why' in base || (system ?? base.system) !== base.system ? [] : [base],
  )
}

/** The same with those that cannot be read, each with why. */
export async function lookAtBases(box: Box): Promise<readonly (BaseManifest | Unreadable)[]> {
  const bases: (BaseManifest | Unreadable)[] = []
  for (const id of await box.store.points())
    if (id.startsWith('base_'))
      bases.push(
        await openBase(box, id).catch((thrown: unknown) => {
          if (isOutOfReach(thrown)) throw thrown
          return { id, why: reasonOf(thrown) }
        }),
      )
  return bases
}

interface Unreadable {
  readonly id: string
  readonly why: string
}

/** Throws `not_found` where there is none, `broken_store` where its manifest is damaged. */
export async function openBase(box: Box, id: string): Promise<BaseManifest> {
  if ((await box.store.points()).includes(id)) return parseBase(await box.manifestText(id), id)
  throw new FirebreakError('not_found', `there is no base backup \`${id}\` in this vault`)
}

/** INVARIANT (signed-points): what is younger than a signed base backup is signed too; nothing else counts beside one. */
export async function asSigned(box: Box, id: string): Promise<Box> {
  return (await box.proof(id)).signed ? box.strict() : box
}

/** The first thing of it that is not as it was put; null where all of it is. */
export async function damageOfBase(
  any: Box,
  base: BaseManifest,
  segments = segmentsTo(base, base, parseLsn(base.stop)),
): Promise<string | null> {
  const box = await asSigned(any, base.id)
  const known = new Set<string>()
  for (const { tablespace, pieces } of base.archives) {
    const at = await firstBroken(box, pieces, known)
    const of = tablespace === null ? 'the data directory' : `the tablespace ${tablespace}`
    if (at !== null) return `piece ${at + 1} of ${pieces.length} of ${of}`
  }
  if ((await firstBroken(box, base.sums, known)) !== null) return "the server's manifest"
  if (segments === null) return 'the WAL behind a failover that its base backup has not seen'
  for (const { of, at } of segments)
    if (!(await isWholeSegment(box, of, at))) return `the WAL segment \`${segmentFile(at, of)}\``
  return null
}

/** The place of the first segment behind its own WAL that is damaged, or missing while later ones are there; null where none is. */
export async function damageOfWal(any: Box, base: BaseManifest): Promise<Lsn | null> {
  const box = await asSigned(any, base.id)
  const first = segmentId(0n, base)
  const prefix = first.slice(0, first.lastIndexOf('_') + 1)
  const last = (await box.store.points()).findLast((id) => id.startsWith(prefix)) ?? first
  const step = BigInt(base.segmentBytes)
  const from = segmentAt(parseLsn(base.stop) + step - 1n, base)
  for (let at = from; segmentId(at, base) <= last; at += step)
    if (!(await isWholeSegment(box, base, at))) return at
  return null
}

/**
 * Of a mark: its base backup and every whole segment up to it, its own too. What is in none yet is in the spool, where it was
 * proven when it was set: then no segment is there behind it either.
 */
export async function damageOfMark(box: Box, mark: MarkManifest): Promise<string | null> {
  const base = await openBase(box, mark.base)
  const line = { timeline: base.timeline, ...lineOf(mark) }
  const at = segmentAt(parseLsn(mark.lsn) - 1n, base)
  const own = segmentId(at, { ...base, ...line })
  const prefix = own.slice(0, own.lastIndexOf('_') + 1)
  const isShelved = (await box.store.points()).some((id) => id.startsWith(prefix) && id >= own)
  const to = isShelved ? at + BigInt(base.segmentBytes) : at
  const stop = parseLsn(base.stop)
  return await damageOfBase(box, base, segmentsTo(base, line, to > stop ? to : stop))
}

async function isWholeSegment(box: Box, of: WalOf, at: Lsn): Promise<boolean> {
  try {
    const { pieces } = await openSegment(box, of, at)
    return (await firstBroken(box, pieces, new Set())) === null
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    return false
  }
}

/** The same, to restore from it: where the manifest is damaged or missing, the last good one is named. */
export async function openWhole(box: Box, id: string): Promise<BaseManifest> {
  try {
    return await openBase(box, id)
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || isOutOfReach(thrown)) throw thrown
    if (thrown.code === 'broken_store') throw await damaged(box, { id }, 'its manifest', thrown)
    throw new FirebreakError(thrown.code, thrown.message, await hintOf(box, { id }), thrown)
  }
}

/** A damaged thing, named, and the newest other base backup that is whole. */
export async function damaged(
  box: Box,
  base: Known,
  what: string,
  cause: unknown,
): Promise<FirebreakError> {
  return new FirebreakError(
    'broken_store',
    `\`${base.id}\` cannot be restored: ${what} is damaged: ${reasonOf(cause)}`,
    await hintOf(box, base),
    cause,
  )
}

type Known = Pick<BaseManifest, 'id'> & Partial<Pick<BaseManifest, 'system'>>

async function hintOf(box: Box, { id, system }: Known): Promise<string> {
  for (const other of (await listBases(box, system)).toReversed())
    if (other.id !== id && (await damageOfBase(box, other)) === null)
      return `the last good base backup is \`${other.id}\`: restore from that one`
  return 'no other base backup in this vault is whole: take a new one now'
}
