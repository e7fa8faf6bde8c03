/** What is to be taken away, thing by thing: reckoned and signed by the one that knows what leans on what. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { textOf } from '../base/json.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { contentsOf, openAny } from './leans.ts'
import { isMarkId } from './mark-manifest.ts'
import { segmentAt } from './physical-segments.ts'
import { judge, oldWal } from './prune-plan.ts'
import type { Candidate, Keeping, Segment } from './prune-plan.ts'
import { objectsIn, sizeOf } from './prune-walk.ts'
import { isOutOfReach } from './reason.ts'
import { passedAt } from './vault.ts'

export interface PruneList {
  /** The store's folder. */
  readonly place: string
  /** In this order: what leans on another goes before it. */
  readonly points: readonly Going[]
  /** Objects that no manifest names which stays. */
  readonly objects: readonly string[]
  readonly bytes: number
  /** Points that cannot be read and stay: what they need is not known, so no object goes. */
  readonly unread: readonly string[]
}

export interface Going {
  readonly id: string
  /** Of the sealed manifest, as it lies in the store. */
  readonly sha256: string
}

export interface Knowing extends Keeping {
  readonly rows: ReadonlyMap<string, RecoveryPointRow>
  /** What was signed away before, and may still be there. */
  readonly left: ReadonlySet<string>
}

/** Reads every manifest, each once. Nothing is put while this runs, or an object may be listed that a new point needs. */
export async function listToPrune(box: Box, knowing: Knowing): Promise<PruneList> {
  const seen = await look(box, knowing)
  const fates = judge(seen.candidates, knowing)
  const goes = (id: string): boolean => knowing.left.has(id) || fates.get(id)?.kind === 'goes'
  const bases = seen.bases.filter(({ id }) => !goes(id))
  // Where the WAL of a base backup begins is not known: all of it stays.
  const isDark = seen.unread.some((id) => id.startsWith('base_') && !goes(id))
  const wal = isDark ? [] : oldWal(seen.segments, bases, knowing).map(({ id }) => id)
  const isOld = (id: string): boolean => goes(id) || wal.some((other) => isBefore(id, other))
  const known = seen.candidates.map(({ id }) => id).filter(goes)
  const gone = new Set([...known, ...seen.unread.filter(isOld), ...wal])
  const unread = seen.unread.filter((id) => !gone.has(id))
  const points: Going[] = []
  for (const id of [...gone].toSorted(byOrder)) points.push({ id, sha256: await digestOf(box, id) })
  const objects = unread.length > 0 ? [] : await unnamed(box, seen.holders, gone)
  const { place } = box.store
  const bytes = await bytesOf(place, points, objects)
  return { place, points, objects, bytes, unread }
}

interface Looked {
  readonly candidates: Candidate[]
  readonly bases: { readonly id: string; readonly system: string; readonly start: bigint }[]
  readonly segments: Segment[]
  readonly unread: string[]
  /** By what lies in the store: the points that lean on it. */
  readonly holders: Map<string, string[]>
}

async function look(box: Box, { rows }: Knowing): Promise<Looked> {
  const looked: Looked = { candidates: [], bases: [], segments: [], unread: [], holders: new Map() }
  for (const id of await box.store.points())
    try {
      await lookAt(box, id, rows.get(id), looked)
    } catch (thrown) {
      if (isOutOfReach(thrown)) throw thrown
      looked.unread.push(id)
      const row = rows.get(id)
      // The state says how old it is.
      if (row !== undefined) looked.candidates.push(candidateOf(row))
    }
  return looked
}

async function lookAt(
  box: Box,
  id: string,
  row: RecoveryPointRow | undefined,
  looked: Looked,
): Promise<void> {
  const opened = await openAny(box, id)
  for (const sum of contentsOf(opened)) {
    const holders = looked.holders.get(sum)
    if (holders === undefined) looked.holders.set(sum, [id])
    else holders.push(id)
  }
  switch (opened.kind) {
    case 'wal': {
      const { system, start, sentAt } = opened.manifest
      looked.segments.push({ id, system, start: parseLsn(start), sentAt })
      return
    }
    case 'mark':
      looked.candidates.push({ ...told(opened.manifest, row), kind: 'mark' })
      return
    case 'base': {
      const base = opened.manifest
      const { system, stoppedAt: wholeAt } = base
      looked.bases.push({ id, system, start: segmentAt(parseLsn(base.start), base) })
      looked.candidates.push({ ...told(base, row), kind: 'base', line: system, wholeAt })
      return
    }
    case 'point': {
      const kind = opened.manifest.engine === 'table' ? 'image' : 'point'
      looked.candidates.push({ ...told(opened.manifest, row), kind })
    }
  }
}

function told(
  manifest: Pick<RecoveryPointRow, 'id' | 'engine' | 'covers' | 'takenAt'> & {
    readonly base?: string
  },
  row: RecoveryPointRow | undefined,
): Candidate {
  const { id, engine, covers, takenAt, base = null } = manifest
  return {
    id,
    kind: 'point',
    engine,
    covers,
    line: id,
    takenAt,
    wholeAt: takenAt,
    verifiedAt: row?.verifiedAt ?? null,
    passedAt: row === undefined ? 0 : passedAt(row),
    base,
    known: row !== undefined,
  }
}

/** As the state alone tells it. */
export function candidateOf(row: RecoveryPointRow): Candidate {
  const { base, source } = row.detail
  const of = told({ ...row, ...(typeof base === 'string' ? { base } : {}) }, row)
  if (isMarkId(row.id)) return { ...of, kind: 'mark' }
  if (row.id.startsWith('base_')) return { ...of, kind: 'base', line: textOf(source) }
  return { ...of, kind: row.engine === 'table' ? 'image' : 'point' }
}

/** True for a segment of the same WAL with one behind it. */
function isBefore(id: string, other: string): boolean {
  const line = other.slice(0, other.lastIndexOf('_') + 1)
  return id.startsWith('wal_') && id.startsWith(line) && id < other
}

/** Marks lean on base backups, and those on WAL; of WAL the oldest goes first, so that no hole comes about. */
function byOrder(a: string, b: string): number {
  return orderOf(a) - orderOf(b) || (a < b ? -1 : 1)
}

export function orderOf(id: string): number {
  return ['mark', 'point', 'base', 'wal'].indexOf(id.slice(0, id.indexOf('_')))
}

async function unnamed(
  box: Box,
  holders: Looked['holders'],
  gone: ReadonlySet<string>,
): Promise<readonly string[]> {
  const named = new Set<string>()
  for (const [sum, ids] of holders)
    if (ids.some((id) => !gone.has(id))) named.add(await box.stored(sum))
  return (await objectsIn(box.store.place)).filter((name) => !named.has(name))
}

async function digestOf({ store }: Box, id: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of store.getPoint(id)) hash.update(part)
  return hash.digest('hex')
}

async function bytesOf(
  place: string,
  points: readonly Going[],
  objects: readonly string[],
): Promise<number> {
  let bytes = 0
  for (const { id } of points) bytes += await sizeOf(manifestIn(place, id))
  for (const name of objects) bytes += await sizeOf(objectIn(place, name))
  return bytes
}

export function manifestIn(place: string, id: string): string {
  return join(place, 'points', `${id}.manifest`)
}

export function objectIn(place: string, name: string): string {
  return join(place, 'objects', name.slice(0, 2), name)
}
