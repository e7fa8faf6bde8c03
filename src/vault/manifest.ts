/** The manifest of a recovery point: every file, folder and link of a volume, with what it takes to know them again. */
import { FirebreakError } from '../base/error.ts'
import { canonical, digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import { areRefs, isCount, isHash, isListOf, isText, matches } from './forms.ts'

/** A name as a file system keeps it: text, or its bytes where they are no UTF-8. */
export type Name = string | { readonly base64: string }

export interface Owned {
  /** Below the volume's root, `/` between the parts; the root itself is the empty name. */
  readonly path: Name
  readonly uid: number
  readonly gid: number
  /** Nanoseconds since the epoch, in decimal. */
  readonly mtime: string
}

export type Item =
  | (Owned & { readonly kind: 'directory'; readonly mode: number })
  | (Owned & {
      readonly kind: 'file'
      readonly mode: number
      readonly size: number
      readonly sha256: string
    })
  /** A link is kept as a link and never followed. */
  | (Owned & { readonly kind: 'link'; readonly to: Name })
  /** A pipe, socket or device: it holds no bytes, so it is named and not brought back. */
  | (Owned & { readonly kind: 'special'; readonly what: string })

/** What every point of a folder tells, wherever its content lies. */
export interface FolderManifest {
  readonly v: 1
  readonly id: string
  readonly engine: string
  readonly covers: readonly ResourceRef[]
  /** The folder it was taken from. */
  readonly source: string
  readonly takenAt: number
  readonly bytes: number
  /** By the bytes of their paths, so that a folder stands before what it holds. */
  readonly items: readonly Item[]
}

/** A point whose content lies in the store. */
export interface Manifest extends FolderManifest {
  readonly engine: 'files'
}

/** The one text of a manifest, and what its digest is taken over. */
export function manifestText(manifest: FolderManifest): string {
  return canonical(toJson(manifest))
}

export function manifestDigest(manifest: FolderManifest): string {
  return digest(toJson(manifest))
}

/** One digest for the same content in the same place: two points with it bring back the same. */
export function contentDigest(source: string, items: readonly Item[]): string {
  return digest(toJson({ source, items }))
}

/** Reads a manifest; throws `broken_store` for anything that could write outside its folder or is not exactly of this form. */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text)
  if (!isManifest(value)) throw unreadForm()
  checkPaths(value.items)
  return value
}

/** Throws `broken_store` for a path that leaves its folder. */
export function checkPaths(items: readonly Item[]): void {
  const folders = new Set<string>()
  for (const item of items) {
    const path = nameBytes(item.path).toString('latin1')
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
    // Below a link, or twice: whoever restores it would write where nobody looked.
    const inFolder = path === '' ? folders.size === 0 : folders.has(parent)
    if (!isPlain(path) || !inFolder || folders.has(path))
      throw bad('a path in it leaves its folder')
    if (item.kind === 'directory') folders.add(path)
  }
}

export function unreadForm(): FirebreakError {
  return bad('it is not of the form that this Firebreak reads')
}

export function nameOf(bytes: Uint8Array): Name {
  const buffer = Buffer.from(bytes)
  const text = buffer.toString('utf8')
  return Buffer.from(text, 'utf8').equals(buffer) ? text : { base64: buffer.toString('base64') }
}

export function nameBytes(name: Name): Buffer {
  return typeof name === 'string' ? Buffer.from(name, 'utf8') : Buffer.from(name.base64, 'base64')
}

/** A name for people: what is no text is shown with replacement signs, control characters are not shown. */
export function nameShown(name: Name): string {
  return nameBytes(name)
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, '?')
}

function isPlain(path: string): boolean {
  if (path === '') return true
  return !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part))
}

function isManifest(value: Json): value is JsonObject & Manifest {
  return isFolder(value) && value['engine'] === 'files'
}

/** True for the members that every point of a folder has; its paths are not looked at. */
export function isFolder(value: Json): value is JsonObject & FolderManifest {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['id']) &&
    isText(value['source']) &&
    isCount(value['takenAt']) &&
    isCount(value['bytes']) &&
    areRefs(value['covers']) &&
    isListOf(value['items'], isItem)
  )
}

function isItem(value: Json): boolean {
  if (!isObject(value) || !isName(value['path']) || !matches(value['mtime'], /^-?\d{1,20}$/))
    return false
  if (!isCount(value['uid']) || !isCount(value['gid'])) return false
  const { kind } = value
  const fits = typeof kind === 'string' && Object.hasOwn(forms, kind) ? forms[kind] : undefined
  return fits !== undefined && fits(value)
}

const forms: { readonly [kind: string]: (item: JsonObject) => boolean } = {
  directory: (item) => isCount(item['mode']),
  file: (item) => isCount(item['mode']) && isCount(item['size']) && isHash(item['sha256']),
  link: (item) => isName(item['to']),
  special: (item) => isText(item['what']),
}

function isName(value: Json | undefined): boolean {
  return isText(value) || (value !== undefined && isObject(value) && isText(value['base64']))
}

function bad(why: string): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `a manifest in the vault cannot be used: ${why}`,
    'use an older recovery point',
  )
}
