/** The first engine: a platform volume's files, read from the folder where they lie, twice looked at so that the copy is of one moment. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import { hashed } from './box.ts'
import type { Budget } from './budget.ts'
import type { Bytes } from './chunks.ts'
import { nameOf, nameShown } from './manifest.ts'
import type { Item, Manifest } from './manifest.ts'
import { readAll } from './read-all.ts'
import { isOutOfReach } from './reason.ts'
import type { Staging } from './store.ts'
import { firstChange, full, markOf, walk } from './walk.ts'
import type { Found } from './walk.ts'

export type Copied =
  | {
      readonly kind: 'copied'
      readonly items: readonly Item[]
      readonly bytes: number
      /** Device and inode of every folder that was read. */
      readonly folders: ReadonlySet<string>
    }
  /** It was written to meanwhile: what was read is of no one moment. */
  | { readonly kind: 'changed'; readonly path: string }

export interface Copying {
  readonly budget: Budget
  /** Keeps what was read; false where a second reading was another. */
  readonly keep: (handle: FileHandle, sha256: string) => Promise<boolean>
  /** Done with the folder before it is looked at a second time. */
  readonly meanwhile?: (items: readonly Item[], bytes: number) => Promise<void>
}

export interface Putting {
  readonly box: Box
  readonly staging: Staging
  readonly budget: Budget
  /** Reads what the store has already, and puts it again where it is damaged. */
  readonly mend: boolean
}

/** Copies a folder to wherever `keep` puts it. Links are kept, never followed. */
export async function copyFolder(root: string, copying: Copying): Promise<Copied> {
  try {
    const before = await walk(root, copying.budget)
    const items: Item[] = []
    for (const found of before) {
      const item = await itemOf(root, found, copying)
      if (item === null) return { kind: 'changed', path: nameShown(nameOf(found.path)) }
      items.push(item)
    }
    await copying.meanwhile?.(items, bytesOf(items))
    const change = firstChange(before, await walk(root, copying.budget))
    if (change !== null) return { kind: 'changed', path: nameShown(nameOf(change)) }
    const folders = before.filter(({ kind }) => kind === 'directory').map(({ node }) => node)
    return { kind: 'copied', items, bytes: bytesOf(items), folders: new Set(folders) }
  } catch (thrown) {
    // A thing that was listed and is gone, or has become another kind, is a change and no fault.
    if (!vanished(thrown)) throw thrown
    return { kind: 'changed', path: 'a file that went away' }
  }
}

/** Reads every byte of a point from the store and compares; gives the first path that is not as it was, null when all are. */
export async function firstDamage(
  manifest: Manifest,
  box: Box,
  budget: Budget,
): Promise<string | null> {
  const seen = new Map<string, number>()
  for (const item of manifest.items) {
    if (item.kind !== 'file') continue
    const size = seen.get(item.sha256) ?? (await sizeOf(box, item.sha256, budget))
    if (size !== item.size) return nameShown(item.path)
    seen.set(item.sha256, size)
  }
  return null
}

/** Null where the thing is no longer what the walk saw. */
async function itemOf(root: string, found: Found, copying: Copying): Promise<Item | null> {
  const { kind, mode, uid, gid, to } = found
  const owned = { path: nameOf(found.path), uid, gid, mtime: String(found.mtime) }
  switch (kind) {
    case 'directory':
      return { ...owned, kind, mode }
    case 'link':
      return { ...owned, kind, to: nameOf(to ?? Buffer.alloc(0)) }
    case 'pipe':
    case 'socket':
    case 'device':
      return { ...owned, kind: 'special', what: kind }
    case 'file': {
      const sha256 = await copyFile(root, found, copying)
      return sha256 === null ? null : { ...owned, kind, mode, size: found.size, sha256 }
    }
  }
}

async function copyFile(root: string, found: Found, copying: Copying): Promise<string | null> {
  // Not through a link, and without waiting: what was a file a moment ago may be a pipe now.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(full(root, found.path), flags)
  try {
    if (markOf(await handle.stat({ bigint: true })) !== found.mark) return null
    const sha256 = await hashOf(readAll(handle), copying.budget)
    const kept = await copying.keep(handle, sha256)
    return kept && markOf(await handle.stat({ bigint: true })) === found.mark ? sha256 : null
  } finally {
    await handle.close()
  }
}

/** Into the staging; only content that the store does not have is written. */
export function keepIn(putting: Putting): Copying['keep'] {
  return async (handle, sha256) => await put(handle, sha256, putting)
}

async function put(handle: FileHandle, sha256: string, putting: Putting): Promise<boolean> {
  const { box, staging, mend } = putting
  const name = box.name(sha256)
  const there = staging.has(name) || (await box.store.has(name))
  if (there && !(mend && (await isDamaged(box, sha256, putting)))) return true
  let again: string | null = null
  const bytes = hashed(readAll(handle), (hash) => {
    again = hash
  })
  await staging.put(name, box.seal(bytes), there)
  return again === sha256
}

async function isDamaged(box: Box, sha256: string, { staging, budget }: Putting): Promise<boolean> {
  return !staging.has(box.name(sha256)) && (await sizeOf(box, sha256, budget)) === null
}

/** How many bytes the store has under a hash; null where they are not there or not those. */
export async function sizeOf(box: Box, sha256: string, budget: Budget): Promise<number | null> {
  let size = 0
  try {
    for await (const piece of box.open(sha256)) {
      size += piece.length
      budget.time()
    }
    return size
  } catch (thrown) {
    if (thrown instanceof FirebreakError && thrown.code === 'too_large') throw thrown
    if (isOutOfReach(thrown)) throw thrown
    // Whatever keeps it from being read back, it is no way back.
    return null
  }
}

async function hashOf(bytes: Bytes, budget: Budget): Promise<string> {
  let sha256 = ''
  const all = hashed(bytes, (hash) => {
    sha256 = hash
  })
  for await (const piece of all) budget.bytes(piece.length)
  return sha256
}

function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.kind === 'file' ? item.size : 0), 0)
}

function vanished(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO'
}
