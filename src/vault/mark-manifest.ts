/** The manifest of a mark: a moment of a cluster, as a name in its WAL and the base backup from which it is reached. */
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { areRefs, haveText, isCount, isLsn, matches } from './forms.ts'
import type { Until } from './physical-config.ts'
import type { Line } from './physical-line.ts'

export interface MarkManifest {
  readonly v: 1
  readonly id: string
  readonly engine: 'physical'
  readonly kind: 'mark'
  readonly covers: readonly ResourceRef[]
  /** The target whose database it is of. */
  readonly source: string
  readonly takenAt: number
  /** Of its own it has none: the base backup and the WAL have them. */
  readonly bytes: 0
  readonly base: string
  /** What `recovery_target_name` takes. */
  readonly name: string
  /** Where it stands in the WAL, as the server writes it. */
  readonly lsn: string
  /** The timeline that it was set on, and how that came about where it is a later one; those of an older Firebreak do not say it. */
  readonly timeline?: number
  readonly history?: string
}

/** The way of the WAL to it. */
export function lineOf({ timeline, history }: MarkManifest): Partial<Line> {
  if (timeline === undefined) return {}
  return { timeline, ...(history === undefined ? {} : { history }) }
}

export function isMarkId(id: string): boolean {
  return id.startsWith('mark_')
}

export function markText(mark: MarkManifest): string {
  return canonical(toJson(mark))
}

/** Throws `broken_store` for another's manifest and for one that is not of this form. */
export async function openMark(box: Box, id: string): Promise<MarkManifest> {
  const value = parseJson(await box.manifestText(id))
  if (isMark(value) && value.id === id) return value
  throw new FirebreakError(
    'broken_store',
    `the manifest of \`${id}\` is not of the form that this Firebreak reads`,
    'use an older recovery point',
  )
}

/** From which base backup a mark is reached, and how. Throws as `openMark`. */
export async function untilMark(
  box: Box,
  id: string,
): Promise<{ readonly base: string; readonly until: Until }> {
  const mark = await openMark(box, id)
  const { base, name, lsn } = mark
  return { base, until: { kind: 'name', name, lsn: parseLsn(lsn), ...lineOf(mark) } }
}

/** Oldest first. Those that cannot be read are left out. */
export async function listMarks(box: Box): Promise<readonly MarkManifest[]> {
  const marks: MarkManifest[] = []
  for (const id of (await box.store.points()).filter(isMarkId)) {
    const mark = await openMark(box, id).catch(() => null)
    if (mark !== null) marks.push(mark)
  }
  return marks
}

function isMark(value: Json): value is Json & MarkManifest {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    value['engine'] === 'physical' &&
    value['kind'] === 'mark' &&
    haveText(value, ['id', 'source', 'base']) &&
    isPlace(value) &&
    isCount(value['takenAt']) &&
    value['bytes'] === 0 &&
    areRefs(value['covers'])
  )
}

function isPlace({ name, lsn, timeline, history }: JsonObject): boolean {
  return (
    matches(name, /^firebreak_[0-9a-v]{25}$/) &&
    isLsn(lsn) &&
    (timeline === undefined || (Number.isSafeInteger(timeline) && Number(timeline) > 0)) &&
    ['undefined', 'string'].includes(typeof history)
  )
}
