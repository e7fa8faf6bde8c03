/** A folder told as a list: what lies in it, link by link and never through one, with marks that show a later change. */
import { lstat, readdir, readlink } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import type { Budget } from './budget.ts'

export type FoundKind = 'directory' | 'file' | 'link' | 'pipe' | 'socket' | 'device'

export interface Found {
  /** Bytes below the root; empty for the root. */
  readonly path: Buffer
  readonly kind: FoundKind
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: bigint
  /** Where a link points; null for the rest. */
  readonly to: Buffer | null
  /** Device and inode. */
  readonly node: string
  /** See `markOf`. */
  readonly mark: string
}

/** Everything below a folder, the folder first, by the bytes of the paths. A thing that vanishes meanwhile throws as the file system says. */
export async function walk(root: string, budget: Budget): Promise<readonly Found[]> {
  const found: Found[] = []
  const waiting: Buffer[] = [Buffer.alloc(0)]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const here = await look(root, path)
    found.push(here)
    budget.entries(found.length)
    if (here.kind !== 'directory') continue
    for (const name of await readdir(full(root, path), { encoding: 'buffer' }))
      waiting.push(path.length === 0 ? name : Buffer.concat([path, Buffer.from('/'), name]))
  }
  const [top] = found
  if (top?.kind !== 'directory') throw new FirebreakError('bad_input', `\`${root}\` is no folder`)
  return found.toSorted((a, b) => Buffer.compare(a.path, b.path))
}

/** The first path that differs between two looks at one folder; null where nothing has moved. */
export function firstChange(before: readonly Found[], after: readonly Found[]): Buffer | null {
  const length = Math.max(before.length, after.length)
  for (let at = 0; at < length; at += 1) {
    const [was, is] = [before[at], after[at]]
    const same = was !== undefined && is !== undefined && was.path.equals(is.path)
    if (!same || was.mark !== is.mark) return is?.path ?? was?.path ?? Buffer.alloc(0)
  }
  return null
}

/** What of a thing moves when it is changed; a writer can set times back, but not the one of the inode. */
export function markOf(stat: BigIntStats): string {
  const { dev, ino, mode, uid, gid, size, mtimeNs, ctimeNs } = stat
  return [dev, ino, mode, uid, gid, size, mtimeNs, ctimeNs].join(' ')
}

/** The path as the file system wants it. */
export function full(root: string, path: Uint8Array): Buffer {
  return path.length === 0 ? Buffer.from(root) : Buffer.concat([Buffer.from(`${root}/`), path])
}

async function look(root: string, path: Buffer): Promise<Found> {
  const at = full(root, path)
  const stat = await lstat(at, { bigint: true })
  const kind = kinds[Number(stat.mode) & constants.S_IFMT] ?? 'device'
  return {
    path,
    kind,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    mtime: stat.mtimeNs,
    to: kind === 'link' ? await readlink(at, { encoding: 'buffer' }) : null,
    node: `${stat.dev}:${stat.ino}`,
    mark: markOf(stat),
  }
}

const kinds: { readonly [type: number]: FoundKind } = {
  [constants.S_IFDIR]: 'directory',
  [constants.S_IFREG]: 'file',
  [constants.S_IFLNK]: 'link',
  [constants.S_IFIFO]: 'pipe',
  [constants.S_IFSOCK]: 'socket',
  [constants.S_IFCHR]: 'device',
  [constants.S_IFBLK]: 'device',
}
