/** The manifest of a point whose content restic keeps: what was in the folder, and which snapshot of which repository holds it. */
import { isObject, parseJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { checkPaths, isFolder, unreadForm } from './manifest.ts'
import type { FolderManifest } from './manifest.ts'
import { kindOfRepository } from './restic-place.ts'

export interface ResticManifest extends FolderManifest {
  readonly engine: 'restic'
  /** As restic takes it; never with a credential in it. */
  readonly repository: string
  /** The whole id. */
  readonly snapshot: string
  /** Of the restic that took it. */
  readonly version: string
  /** Opens the repository when nothing but the store and its key is left. INVARIANT (secret-stays): it leaves this for restic alone. */
  readonly password: string
}

/** Reads one; throws `broken_store` as `parseManifest` does. */
export function parseResticManifest(text: string): ResticManifest {
  const value = parseJson(text)
  if (!isRestic(value)) throw unreadForm()
  checkPaths(value.items)
  return value
}

/** The snapshot as a person finds it. */
export function sayRepository({ repository, snapshot }: ResticManifest): string {
  return `snapshot ${snapshot.slice(0, 8)} of ${repository}`
}

function isRestic(value: Json): value is JsonObject & ResticManifest {
  return (
    isObject(value) &&
    isFolder(value) &&
    value['engine'] === 'restic' &&
    isText(value['repository']) &&
    kindOfRepository(value['repository']) !== null &&
    isText(value['snapshot']) &&
    /^[0-9a-f]{64}$/.test(value['snapshot']) &&
    isText(value['version']) &&
    isText(value['password'])
  )
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string'
}
