/** A push that writes over history, as the hook has looked at it: what the remote has, and what would stand there. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { ResourceRef } from '../../core/resource.ts'

export interface Push {
  /** The folder that git runs in. */
  readonly folder: string
  /** The remote's name there, or its address where it has none. */
  readonly remote: string
  /** Its address, without who signs in. */
  readonly url: string
  /** What would be written over or taken away; empty where, as it is now, nothing is. */
  readonly refs: readonly PushedRef[]
}

export interface PushedRef {
  readonly ref: string
  /** What the remote has. */
  readonly old: string
  /** What would stand there; null where it is taken away. */
  readonly new: string | null
}

/** The type of what goes by a push. No plan's resource has a blank in its type. */
export const refType = 'git ref'

/** An id of git's: SHA-1 or SHA-256. */
const objectId = /^([0-9a-f]{40}|[0-9a-f]{64})$/
const refName = /^refs\/[^\s~^:?*[\\\p{Cc}]{1,250}$/u

/** Null for what is none. */
export function pushIn(value: Json | undefined): Push | null {
  if (!isObject(value)) return null
  const { folder, remote, url, refs } = value
  if (typeof folder !== 'string' || typeof remote !== 'string' || typeof url !== 'string')
    return null
  if (!Array.isArray(refs)) return null
  const found = refs.map(refIn).filter((each) => each !== null)
  return found.length === refs.length ? { folder, remote, url, refs: found } : null
}

function refIn(value: Json): PushedRef | null {
  if (!isObject(value)) return null
  const { ref, old, new: next } = value
  if (typeof ref !== 'string' || !refName.test(ref)) return null
  if (typeof old !== 'string' || !objectId.test(old)) return null
  if (next === null) return { ref, old, new: null }
  return typeof next === 'string' && objectId.test(next) ? { ref, old, new: next } : null
}

/** What a person reads, and the digest binds. */
export function pushLines({ folder, url, refs }: Push): JsonObject {
  const lines = refs.map((each) => `${each.ref}: ${each.old} → ${each.new ?? 'gone'}`)
  return { from: folder, to: url, refs: lines }
}

/** What goes; the remote itself where nothing does as it is now. */
export function pushNames({ url, refs }: Push): readonly ResourceRef[] {
  const ids = refs.length === 0 ? [url] : refs.map(({ ref }) => `${url} ${ref}`)
  return ids.map((id) => ({ target: 'shell', type: refType, id }))
}
