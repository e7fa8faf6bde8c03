/** Whether a recovery point is whole, of whichever engine: every byte read back; what is wrong and where; which other one is. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { openBudget, defaultLimits } from './budget.ts'
import { isMarkId, openMark } from './mark-manifest.ts'
import type { MarkManifest } from './mark-manifest.ts'
import { isPhysicalId } from './physical-manifest.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { damageOfBase, damageOfMark, damageOfWal, openBase } from './physical-verify.ts'
import { segmentFile } from './physical-segments.ts'
import { damageIn, digestOf, openManifest } from './point.ts'
import type { PointManifest } from './point.ts'
import { isOutOfReach, reasonOf } from './reason.ts'
import type { ResticHouse } from './restic-point.ts'

export interface Inspected {
  readonly whole: boolean
  /** What is wrong with it and where, in one line; null where it is whole. */
  readonly wrong: string | null
  /** The newest other point of the same things that is whole; null where there is none, or nothing is wrong. */
  readonly lastGood: string | null
}

export interface Reading extends ResticHouse {
  readonly box: Box
  readonly clock: Clock
}

/**
 * What is wrong with a point and where, in one line; null where all of it is as it was put. `manifest`: what the state knows it by.
 * Throws where the store cannot be asked: that says nothing about the point.
 */
export async function wrongWith(
  id: string,
  manifest: string | null,
  { box, clock, restic, limits = defaultLimits }: Reading,
): Promise<string | null> {
  try {
    if (isMarkId(id)) {
      const damage = await damageOfMark(box, await openMark(box, id))
      return damage === null ? null : `${damage} is damaged or missing`
    }
    if (isPhysicalId(id)) {
      const base = await openBase(box, id)
      const damage = await damageOfBase(box, base)
      if (damage !== null) return `${damage} is damaged or missing`
      const at = await damageOfWal(box, base)
      return at === null ? null : holeIn(base, at)
    }
    const opened = await openManifest(box, id)
    if (manifest !== null && manifest !== digestOf(opened)) return 'the manifest is another'
    const budget = openBudget(limits, clock, () => undefined)
    const damage = await damageIn(opened, box, { budget, restic, limits })
    return damage === null ? null : `\`${damage}\` is damaged or missing`
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    return `the manifest is damaged or missing: ${reasonOf(thrown)}`
  }
}

/**
 * The newest other point that brings back the same and is whole, read now; null where there is none. One that is dated later than
 * now comes last: its date is not to be believed. A base backup with a hole in its later WAL comes behind those without.
 * `covers`: null where nobody knows what it was of. `prefers`: comes before all others.
 */
export async function lastGood(
  id: string,
  covers: readonly ResourceRef[] | null,
  reading: Reading,
  prefers: (id: string) => boolean = () => false,
): Promise<string | null> {
  const now = reading.clock.now()
  const others = (await othersOf(id, covers, reading.box)).map(({ id, takenAt }) => ({
    id,
    takenAt,
    rank: (prefers(id) ? 2 : 0) + (takenAt <= now ? 1 : 0),
  }))
  let holed: string | null = null
  for (const other of others.toSorted((a, b) => b.rank - a.rank || b.takenAt - a.takenAt)) {
    const isWhole = (await wrongWith(other.id, null, reading)) === null
    if (isWhole) return other.id
    if (await isWholeBase(other.id, reading.box)) holed ??= other.id
  }
  return holed
}

/** A point that cannot be brought back, with what is wrong and the last good one; all else as it was thrown. */
export async function damagedPoint(
  id: string,
  covers: readonly ResourceRef[] | null,
  thrown: unknown,
  reading: Reading,
): Promise<unknown> {
  if (!(thrown instanceof FirebreakError) || thrown.code !== 'broken_store') return thrown
  const good = await lastGood(id, covers, reading)
  return new FirebreakError(
    'broken_store',
    `\`${id}\` cannot be restored: ${thrown.message}`,
    good === null
      ? 'no other point of the same things is whole: take a new one now'
      : `the last good one is \`${good}\`: restore that one`,
    thrown,
  )
}

async function othersOf(
  id: string,
  covers: readonly ResourceRef[] | null,
  box: Box,
): Promise<readonly About[]> {
  const others: About[] = []
  for (const other of await box.store.points()) {
    // A mark is a moment of a base backup, which is offered itself.
    const isNone = other === id || /^(wal|tail)_/.test(other) || isMarkId(other)
    const about = isNone ? null : await aboutOf(box, other)
    // An image of tables goes back on what its own act left, and on nothing else.
    if (about === null || about.engine === 'table') continue
    if ((covers ?? []).every((ref) => brings(about, ref))) others.push(about)
  }
  return others
}

/** What is in a database comes back with it. */
function brings({ covers }: About, wanted: ResourceRef): boolean {
  const key = resourceKey(wanted)
  return covers.some(
    (ref) =>
      resourceKey(ref) === key ||
      (ref.type === 'database' && ref.target === wanted.target && wanted.type !== 'database'),
  )
}

/** True also where there is a hole in the WAL behind it: it is good for all that lies before that. */
export async function isWholeBase(id: string, box: Box): Promise<boolean> {
  if (!id.startsWith('base_')) return false
  const base = await openBase(box, id).catch(() => null)
  return base !== null && (await damageOfBase(box, base)) === null
}

function holeIn(base: BaseManifest, at: Lsn): string {
  const file = segmentFile(at, base)
  return `the WAL segment \`${file}\` is damaged or missing: it goes back to any moment up to ${lsnText(at)}, and to none after it`
}

/** What a point brings back, as its own manifest says; null where that cannot be read. */
export async function coversOf(box: Box, id: string): Promise<readonly ResourceRef[] | null> {
  return (await aboutOf(box, id))?.covers ?? null
}

type About = Pick<
  BaseManifest | MarkManifest | PointManifest,
  'id' | 'engine' | 'covers' | 'takenAt'
>

async function aboutOf(box: Box, id: string): Promise<About | null> {
  try {
    if (isMarkId(id)) return await openMark(box, id)
    return isPhysicalId(id) ? await openBase(box, id) : await openManifest(box, id)
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    // What cannot be read is no way back.
    return null
  }
}
