/** Bringing a point's files back: into a place that is gone or empty, and never over anything that lives. */
import {
  chmod,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Budget } from './budget.ts'
import { nameBytes, nameShown } from './manifest.ts'
import type { FolderManifest, Item, Manifest } from './manifest.ts'
import { named } from './named.ts'
import { isFull } from './reason.ts'
import type { ResticManifest } from './restic-manifest.ts'
import { fillFromRestic } from './restic-point.ts'
import type { ResticHouse } from './restic-point.ts'
import { full } from './walk.ts'
import { syncPath } from './sync.ts'

export interface Restored {
  readonly files: number
  readonly bytes: number
  /** Pipes, sockets and devices, which are not made again. */
  readonly skipped: number
  /** Things whose owner could not be set: this user may not. */
  readonly ownerless: number
}

/**
 * Writes everything beside the place and gives it its name at the end, all at once. Throws `wrong_state` where
 * something lives there, `broken_store` where a byte of the point is not as it was: then the place is as before.
 */
export async function restoreFolder(
  manifest: Manifest | ResticManifest,
  into: string,
  box: Box,
  { budget, ...house }: ResticHouse & { readonly budget: Budget },
): Promise<Restored> {
  const fill = async (root: string): Promise<void> =>
    manifest.engine === 'restic'
      ? await fillFromRestic(manifest, root, budget, house)
      : await fillFromStore(manifest, root, box, budget)
  return await restoreInto(into, manifest.id, (work) => write(manifest, work, fill, budget))
}

/** The same for whatever `fill` writes into the folder that it is handed; `id` tells restores apart. */
export async function restoreInto<T>(
  into: string,
  id: string,
  fill: (work: string) => Promise<T>,
): Promise<T> {
  const place = await placeOf(into)
  const work = join(place.mounted ? into : dirname(into), `.firebreak-restore-${id}`)
  await mkdir(dirname(work), { recursive: true })
  await mkdir(work, { mode: 0o700 }).catch((cause: unknown) => {
    throw living(`\`${work}\` is there already: an earlier restore did not end`, cause)
  })
  try {
    const restored = await fill(work)
    await giveName(work, into, place.mounted)
    await syncPath(dirname(into))
    return restored
  } catch (thrown) {
    // What went wrong first is what is told; what cannot be swept stands beside the place, by its name.
    await rm(work, { recursive: true, force: true }).catch(() => undefined)
    if (isFull(thrown)) throw noRoom(dirname(into), thrown)
    throw thrown
  }
}

/** A mount point cannot be replaced by a rename: what is restored moves into it thing by thing. */
async function placeOf(into: string): Promise<{ readonly mounted: boolean }> {
  const here = await statOrNull(into)
  if (here === null) return { mounted: false }
  if (!here.isDirectory()) throw living(`\`${into}\` is there, and is no folder`)
  if ((await readdir(into)).length > 0) throw living(`\`${into}\` is not empty`)
  const above = await lstat(dirname(into))
  return { mounted: above.dev !== here.dev }
}

async function write(
  { items }: FolderManifest,
  root: string,
  fill: (root: string) => Promise<void>,
  budget: Budget,
): Promise<Restored> {
  for (const { kind, path } of items) {
    budget.time()
    if (kind === 'directory') await makeFolder(full(root, nameBytes(path)))
  }
  await fill(root)
  let [files, bytes, skipped, ownerless] = [0, 0, 0, 0]
  for (const item of items)
    if (item.kind === 'special') skipped += 1
    else if (item.kind === 'link')
      await symlink(nameBytes(item.to), full(root, nameBytes(item.path)))
    else if (item.kind === 'file') {
      files += 1
      bytes += item.size
    }
  // Folders last and inside out: writing into one moves its time, and a read-only one takes nothing in.
  for (const item of items.toReversed())
    if (item.kind !== 'special') ownerless += (await dress(root, item)) ? 0 : 1
  return { files, bytes, skipped, ownerless }
}

async function fillFromStore(
  { items }: Manifest,
  root: string,
  box: Box,
  budget: Budget,
): Promise<void> {
  for (const item of items)
    if (item.kind === 'file') await writeFile(full(root, nameBytes(item.path)), item, box, budget)
}

async function makeFolder(at: Buffer): Promise<void> {
  const there = await statOrNull(at)
  if (there === null) await mkdir(at, { mode: 0o700 })
}

async function writeFile(
  at: Buffer,
  item: Item & { readonly kind: 'file' },
  box: Box,
  budget: Budget,
): Promise<void> {
  const handle = await open(at, 'wx', 0o600)
  let size = 0
  try {
    for await (const piece of named(nameShown(item.path), box.open(item.sha256))) {
      await handle.writeFile(piece)
      size += piece.length
      budget.time()
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (size !== item.size)
    throw new FirebreakError('broken_store', 'a file in the vault has another size than it had')
}

/** Owner, mode and time as they were; false where this user may not give it that owner. */
async function dress(
  root: string,
  item: Exclude<Item, { readonly kind: 'special' }>,
): Promise<boolean> {
  const at = full(root, nameBytes(item.path))
  const is = await lstat(at)
  const owned = (is.uid === item.uid && is.gid === item.gid) || (await ownedBy(at, item))
  // After the owner: changing that takes the set-user bit away. Not given to whom it was not meant for.
  if (item.kind !== 'link') await chmod(at, owned ? item.mode : item.mode & 0o1777)
  const seconds = Number(BigInt(item.mtime)) / 1e9
  await lutimes(at, seconds, seconds)
  if (item.kind === 'directory') await syncPath(at)
  return owned
}

async function ownedBy(at: Buffer, { uid, gid }: Item): Promise<boolean> {
  try {
    await lchown(at, uid, gid)
    return true
  } catch {
    // The bytes are what counts: the restore goes on, and says how many have another owner.
    return false
  }
}

async function giveName(work: string, into: string, mounted: boolean): Promise<void> {
  if (!mounted) {
    // A rename onto a folder succeeds only while that is empty: what came alive meanwhile stays.
    await rename(work, into).catch((cause: unknown) => {
      throw living(`\`${into}\` is not empty any more`, cause)
    })
    return
  }
  for (const name of await readdir(work, { encoding: 'buffer' })) {
    const target = full(into, name)
    if ((await statOrNull(target)) !== null) throw living(`\`${into}\` is not empty any more`)
    await rename(full(work, name), target)
  }
  const mode = await lstat(work)
  await chmod(into, mode.mode & 0o7777)
  await rm(work, { recursive: true, force: true })
}

async function statOrNull(at: string | Buffer): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    return await lstat(at)
  } catch (thrown) {
    // Only "not there" is an answer; all else is a fault.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw thrown
  }
}

function noRoom(folder: string, cause: unknown): FirebreakError {
  const hint = 'make room there, or restore into another folder'
  return new FirebreakError(
    'wrong_state',
    `the disk of \`${folder}\` is full: nothing was restored`,
    hint,
    cause,
  )
}

function living(why: string, cause?: unknown): FirebreakError {
  const hint = 'move what is there aside, or restore into another folder'
  return new FirebreakError(
    'wrong_state',
    `nothing is restored over living files: ${why}`,
    hint,
    cause,
  )
}
