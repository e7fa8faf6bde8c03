/** The manifest of a logical recovery point: a whole database at one moment, as the statements that make it and the rows that go in. */
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import { areAll, areRefs, haveText, isCount, isText, isTexts } from './forms.ts'
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

export interface KeptText {
  readonly sha256: string
  readonly bytes: number
}

/** The schema as pg_dump told it in the same snapshot: what comes before the rows, and what comes after them. */
export interface Dumped {
  /** `pg_dump 15.18`. */
  readonly by: string
  readonly before: KeptText
  readonly after: KeptText
}

/** Why there is none. */
export interface Undumped {
  readonly why: string
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
  /** Not there in a point from before there was any. */
  readonly dump?: Dumped | Undumped
  /** What is in the database and not in here, one line each. */
  readonly lacks: readonly string[]
}

export function dumpOf({ dump }: Pick<LogicalManifest, 'dump'>): Dumped | null {
  return dump !== undefined && 'by' in dump ? dump : null
}

/** How its schema is kept, for a person. */
export function schemaBy({ dump }: Pick<LogicalManifest, 'dump'>): string {
  if (dump !== undefined && 'by' in dump) return `by ${dump.by}`
  const why = dump === undefined ? '' : ` (${dump.why})`
  return `by plain SQL: fewer kinds of things come back${why}`
}

/** Texts and rows that lie in the store, each under a name for a person. */
export function contentsOf(
  manifest: Pick<LogicalManifest, 'dump' | 'tables'>,
): readonly (KeptText & { readonly name: string })[] {
  const dump = dumpOf(manifest)
  const texts = dump === null ? [] : [dump.before, dump.after]
  return [
    ...texts.map((text) => ({ ...text, name: schemaName })),
    ...manifest.tables.map((one) => ({ ...one, name: one.table })),
  ]
}

export const schemaName = 'the schema as pg_dump told it'

/** The parts that a restore of the whole brings back: with pg_dump's text all of them, but what `lacks` says. */
export function wholeParts(manifest: Pick<LogicalManifest, 'dump' | 'parts'>): Description {
  const { parts } = manifest
  if (dumpOf(manifest) === null) return restorableParts(parts)
  return new Map(parts.filter((part) => !isLeft(part)).map((part) => [part.id, part]))
}

/** What pg_dump was not asked for. */
export function isLeft({ id }: Pick<Part, 'id'>): boolean {
  return id === 'other large objects' || /^other (?:label of|extension's table) /.test(id)
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

const keptForm = {
  sha256: (it: Json) => typeof it === 'string' && /^[0-9a-f]{64}$/.test(it),
  bytes: Number.isSafeInteger,
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
      ...keptForm,
      sum: isText,
    }) &&
    areAll(value['sequences'], sequenceForm) &&
    isDump(value['dump'])
  )
}

/** Points from before there was any have none. */
function isDump(value: Json | undefined): boolean {
  if (value === undefined) return true
  if (!isObject(value)) return false
  const { by, before = null, after = null, why } = value
  if (by === undefined) return typeof why === 'string'
  return typeof by === 'string' && areAll([before, after], keptForm)
}
