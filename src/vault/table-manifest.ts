/** The manifest of a table image: what an act changed in a database, as it was before and as it left it. */
import { FirebreakError } from '../base/error.ts'
import { canonical, digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import {
  areAll,
  areRefs,
  has,
  haveText,
  isHash,
  isCount,
  isText,
  isTextOrNull,
  isTexts,
  matches,
} from './forms.ts'
import type { Form } from './forms.ts'
import type { Part } from './table-describe.ts'
import type { Sum } from './table-rows.ts'

/** A table whose rows went or were changed. */
export interface TableImage {
  readonly table: string
  /** Quoted columns in the order of the stored rows. */
  readonly moved: readonly string[]
  readonly all: readonly string[]
  readonly sha256: string
  readonly bytes: number
  readonly before: Sum
  /** Null where the act took or made anew the table itself. */
  readonly after: Sum | null
}

export interface PartImage {
  readonly id: string
  /** Null: the act made it. */
  readonly before: Part | null
  /** What made it after the act; null: the act took it. */
  readonly after: string | null
}

export interface SequenceImage {
  readonly sequence: string
  readonly last: string
  readonly called: boolean
}

export interface TableManifest {
  readonly v: 1
  readonly id: string
  readonly engine: 'table'
  readonly covers: readonly ResourceRef[]
  /** The target whose database it is of. */
  readonly source: string
  readonly takenAt: number
  readonly bytes: number
  readonly tables: readonly TableImage[]
  readonly parts: readonly PartImage[]
  /** Those that the act took or set back. */
  readonly sequences: readonly SequenceImage[]
  /** Sums of materialized views that the act took. */
  readonly stored: readonly {
    readonly view: string
    readonly columns: readonly string[]
    readonly sum: Sum
  }[]
}

export function tableManifestText(manifest: TableManifest): string {
  return canonical(toJson(manifest))
}

export function tableManifestDigest(manifest: TableManifest): string {
  return digest(toJson(manifest))
}

/** Reads a manifest that the vault has opened; throws `broken_store` for one of another engine or form. */
export function parseTableManifest(text: string): TableManifest {
  const value = parseJson(text)
  if (isManifest(value)) return value
  throw new FirebreakError(
    'broken_store',
    'this recovery point is no table image that this Firebreak reads',
    'use an older recovery point',
  )
}

function isManifest(value: Json): value is JsonObject & TableManifest {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    value['engine'] === 'table' &&
    haveText(value, ['id', 'source']) &&
    ['takenAt', 'bytes'].every((name) => isCount(value[name])) &&
    areRefs(value['covers']) &&
    areAll(value['tables'], {
      table: isText,
      moved: isTexts,
      all: isTexts,
      sha256: isHash,
      bytes: isCount,
      before: isText,
      after: isTextOrNull,
    }) &&
    areAll(value['parts'], { id: isText, before: isPartOrNull, after: isTextOrNull }) &&
    areAll(value['sequences'], sequenceForm) &&
    areAll(value['stored'], { view: isText, columns: isTexts, sum: isText })
  )
}

function isPartOrNull(value: Json): boolean {
  return value === null || has(value, partForm)
}

export const sequenceForm: Form = {
  sequence: isText,
  last: (it) => matches(it, /^-?\d{1,20}$/),
  called: (it) => typeof it === 'boolean',
}

export const partForm: Form = {
  id: isText,
  rank: Number.isSafeInteger,
  kind: isText,
  rel: isTextOrNull,
  other: isTextOrNull,
  make: isText,
  unmake: isTextOrNull,
  exact: (it) => typeof it === 'boolean',
}
