/** The manifest of a table image: what an act changed in a database, as it was before and as it left it. */
import { FirebreakError } from '../base/error.ts'
import { canonical, digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
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
    ['id', 'source'].every((name) => typeof value[name] === 'string') &&
    ['takenAt', 'bytes'].every((name) => Number.isSafeInteger(value[name])) &&
    areAll(value['covers'], { target: isText, type: isText, id: isText }) &&
    areAll(value['tables'], {
      table: isText,
      moved: isTexts,
      all: isTexts,
      sha256: (it) => typeof it === 'string' && /^[0-9a-f]{64}$/.test(it),
      bytes: Number.isSafeInteger,
      before: isText,
      after: isTextOrNull,
    }) &&
    areAll(value['parts'], { id: isText, before: isPartOrNull, after: isTextOrNull }) &&
    areAll(value['sequences'], sequenceForm) &&
    areAll(value['stored'], { view: isText, columns: isTexts, sum: isText })
  )
}

type Form = Readonly<Record<string, (value: Json) => boolean>>

function has(value: Json, form: Form): boolean {
  return isObject(value) && Object.entries(form).every(([name, fits]) => fits(value[name] ?? null))
}

export function areAll(value: Json | undefined, form: Form): boolean {
  return Array.isArray(value) && value.every((one: Json) => has(one, form))
}

export function isText(value: Json): boolean {
  return typeof value === 'string'
}

function isTextOrNull(value: Json): boolean {
  return value === null || isText(value)
}

export function isTexts(value: Json): boolean {
  return Array.isArray(value) && value.every((one: Json) => isText(one))
}

function isPartOrNull(value: Json): boolean {
  return value === null || has(value, partForm)
}

export const sequenceForm: Form = {
  sequence: isText,
  last: (it) => typeof it === 'string' && /^-?\d{1,20}$/.test(it),
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
