/** The manifest of a logical recovery point: a whole database at one moment, as the statements that make it and the rows that go in. */
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import { areAll, areRefs, haveText, isCount, isHash, isText, isTexts } from './forms.ts'
import { partForm, sequenceForm } from './table-manifest.ts'
import type { SequenceImage } from './table-manifest.ts'
import type { Description, Part } from './table-describe.ts'
import type { Sum } from './table-rows.ts'

export interface LogicalTable {
  readonly table: string
  /** Quoted columns in the order of the stored rows; generated ones are computed anew. */
  readonly moved: readonly string[]
  readonly all: readonly string[]
  readonly sha256: string
  readonly bytes: number
  readonly sum: Sum
}

export interface LogicalManifest {
  readonly v: 1
  readonly id: string
  readonly engine: 'logical'
  readonly covers: readonly ResourceRef[]
  /** The target whose database it is of. */
  readonly source: string
  readonly takenAt: number
  readonly bytes: number
  readonly database: string
  readonly encoding: string
  /** `server_version_num` of where it was taken. */
  readonly server: number
  /** Roles that its statements may name: whoever restores it elsewhere makes them first. */
  readonly roles: readonly string[]
  /** By name, with the schema that each was put into. */
  readonly extensions: readonly { readonly name: string; readonly schema: string }[]
  readonly parts: readonly Part[]
  readonly tables: readonly LogicalTable[]
  readonly sequences: readonly SequenceImage[]
  /** What is in the database and not in here, one line each. */
  readonly lacks: readonly string[]
}

/** The parts that their statements bring back; what hangs on one that is not among them goes without. */
export function restorableParts(parts: readonly Part[]): Description {
  const lost = parts.filter(({ exact }) => !exact)
  const tables = new Set(lost.flatMap(({ rel }) => rel ?? []))
  const names = lost.map(({ id, kind }) => id.slice(kind.length))
  const kept = parts.filter(
    ({ id, exact, rel }) =>
      exact && (rel === null || !tables.has(rel)) && !names.some((name) => id.includes(name)),
  )
  return new Map(kept.map((part) => [part.id, part]))
}

export function logicalManifestText(manifest: LogicalManifest): string {
  return canonical(toJson(manifest))
}

/** Reads a manifest that the vault has opened; throws `broken_store` for one of another engine or form. */
export function parseLogicalManifest(text: string): LogicalManifest {
  const value = parseJson(text)
  if (isManifest(value)) return value
  throw new FirebreakError(
    'broken_store',
    'this recovery point is no logical copy that this Firebreak reads',
    'use an older recovery point',
  )
}

function isManifest(value: Json): value is JsonObject & LogicalManifest {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    value['engine'] === 'logical' &&
    haveText(value, ['id', 'source', 'database', 'encoding']) &&
    ['takenAt', 'bytes', 'server'].every((name) => isCount(value[name])) &&
    areRefs(value['covers']) &&
    ['roles', 'lacks'].every((name) => isTexts(value[name])) &&
    areAll(value['extensions'], { name: isText, schema: isText }) &&
    areAll(value['parts'], partForm) &&
    areAll(value['tables'], {
      table: isText,
      moved: isTexts,
      all: isTexts,
      sha256: isHash,
      bytes: isCount,
      sum: isText,
    }) &&
    areAll(value['sequences'], sequenceForm)
  )
}
