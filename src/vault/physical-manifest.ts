/** The manifests of the physical engine: a base backup, a whole segment of WAL, and a tail of it. */
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Tablespace } from '../platforms/postgres/replication.ts'
import {
  areAll,
  areRefs,
  haveText,
  isCount,
  isHash,
  isListOf,
  isLsn,
  isText,
  matches,
} from './forms.ts'
import type { Piece } from './physical-press.ts'

interface Physical {
  readonly v: 1
  readonly id: string
  readonly engine: 'physical'
  /** The cluster's own number. */
  readonly system: string
  readonly timeline: number
  readonly pieces: readonly Piece[]
}

/** Places in the WAL are as the server writes them. */
export interface BaseManifest extends Omit<Physical, 'pieces'> {
  readonly kind: 'base'
  readonly covers: readonly ResourceRef[]
  /** The target whose database it is of. */
  readonly source: string
  readonly server: string
  readonly start: string
  /** Consistent from here on. */
  readonly stop: string
  readonly takenAt: number
  /** When it was all there, by the clock of the machine that took it. */
  readonly stoppedAt: number
  /** So far the clock of the server was ahead of that one then; commits bear the server's times. Those of an older Firebreak do not say it. */
  readonly aheadMs?: number
  readonly bytes: number
  /** Of each WAL segment. */
  readonly segmentBytes: number
  readonly tablespaces: readonly Tablespace[]
  /** In the order in which they came; the tablespace's number, null for the data directory. */
  readonly archives: readonly Archive[]
  /** The server's own manifest of it. */
  readonly sums: readonly Piece[]
  /** How the bytes came, where that was not by replication: then the sums are ours, of what was read. */
  readonly way?: 'sql'
  /** What a copy of it must have at least, by the server's names. */
  readonly settings: { readonly [name: string]: string }
}

export interface Archive {
  readonly tablespace: string | null
  readonly pieces: readonly Piece[]
}

export interface WalManifest extends Physical {
  readonly kind: 'wal'
  readonly start: string
  readonly bytes: number
  /** The server's clock when its last byte was sent: nothing in it is younger. */
  readonly sentAt: number
  /** Where earlier timelines were left, as the server's file tells it; on a later timeline. */
  readonly history?: string
}

/** WAL of which there is no whole segment yet; `bytes` say where it ends. */
export interface TailManifest extends Omit<WalManifest, 'kind'> {
  readonly kind: 'tail'
}

/** True for the ids of this engine: what they name is listed by it, and is no point of another. */
export function isPhysicalId(id: string): boolean {
  return /^(base|wal|tail|mark)_/.test(id)
}

export function physicalText(manifest: BaseManifest | WalManifest | TailManifest): string {
  return canonical(toJson(manifest))
}

/** Reads a manifest that the vault has opened; throws `broken_store` for another's and for one that is not of this form. */
export function parseBase(text: string, id: string): BaseManifest {
  const value = parseJson(text)
  if (isPhysical(value, id) && isBase(value)) return value
  throw unreadable(id)
}

export function parseWal(text: string, id: string): WalManifest {
  const value = parseJson(text)
  if (isPhysical(value, id) && isWal(value)) return value
  throw unreadable(id)
}

export function parseTail(text: string, id: string): TailManifest {
  const value = parseJson(text)
  if (isPhysical(value, id) && isTail(value)) return value
  throw unreadable(id)
}

function isPhysical(value: Json, id: string): value is JsonObject {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    value['id'] === id &&
    value['engine'] === 'physical' &&
    matches(value['system'], /^\d{1,20}$/) &&
    isCount(value['timeline'])
  )
}

function isBase(value: JsonObject): value is JsonObject & BaseManifest {
  return (
    value['kind'] === 'base' &&
    haveText(value, ['source', 'server']) &&
    ['takenAt', 'stoppedAt', 'bytes', 'segmentBytes'].every((name) => isCount(value[name])) &&
    ['start', 'stop'].every((name) => isLsn(value[name])) &&
    areRefs(value['covers']) &&
    areAll(value['tablespaces'], { oid: isOid, location: isText }) &&
    isListOf(value['archives'], isArchive) &&
    arePieces(value['sums']) &&
    isAside(value) &&
    isObject(value['settings']) &&
    Object.values(value['settings']).every((it) => isText(it))
  )
}

/** What not every one says. */
function isAside({ way, aheadMs }: JsonObject): boolean {
  return (
    (way === undefined || way === 'sql') && (aheadMs === undefined || Number.isSafeInteger(aheadMs))
  )
}

function isWal(value: JsonObject): value is JsonObject & WalManifest {
  return value['kind'] === 'wal' && isStretch(value)
}

function isTail(value: JsonObject): value is JsonObject & TailManifest {
  return value['kind'] === 'tail' && isStretch(value)
}

function isStretch(value: JsonObject): boolean {
  return (
    isLsn(value['start']) &&
    ['bytes', 'sentAt'].every((name) => isCount(value[name])) &&
    ['undefined', 'string'].includes(typeof value['history']) &&
    arePieces(value['pieces'])
  )
}

function isArchive(value: Json): boolean {
  return isObject(value) && isOidOrNull(value['tablespace']) && arePieces(value['pieces'])
}

function arePieces(value: Json | undefined): boolean {
  return areAll(value, { sha256: isHash, bytes: isCount })
}

function isOid(value: Json | undefined): boolean {
  return matches(value, /^\d{1,10}$/)
}

function isOidOrNull(value: Json | undefined): boolean {
  return value === null || isOid(value)
}

function unreadable(id: string): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the manifest of \`${id}\` is not of the form that this Firebreak reads`,
    'use an older recovery point',
  )
}
