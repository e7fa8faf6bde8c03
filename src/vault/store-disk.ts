/** A store for recovery points in a folder: put once, get and list; nothing here takes a stored thing away. */
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'
import { openPruneGate } from './prune-lock.ts'
import { isFull, reasonOf } from './reason.ts'
import { checked } from './store.ts'
import type { Staging, Store } from './store.ts'
import { syncPath } from './sync.ts'

/** What a writer left when it died is swept after a day; a living one is done long before. */
const staleMs = 24 * 60 * 60_000

/**
 * Opens or makes a store in a folder (0700, files 0400). Throws `broken_store` where it cannot be used.
 * INVARIANT (put-once): a file gets its name when all of it is on the disk, and no name is given twice.
 */
export async function openDiskStore(folder: string, chance: Chance, now: number): Promise<Store> {
  const root = await prepared(folder)
  await sweep(join(root, 'staging'), now)
  const object = (name: string): string => join(root, 'objects', checked(name).slice(0, 2), name)
  const point = (id: string): string => join(root, 'points', `${checked(id)}.manifest`)
  const keyFile = (name: string): string => join(root, 'keys', `${checked(name)}.key`)
  const room = async (): Promise<string> => {
    const place = join(root, 'staging', Buffer.from(chance(12)).toString('hex'))
    await mkdir(place, { mode: 0o700 }).catch((cause: unknown) => {
      throw unusable(root, cause)
    })
    return place
  }
  const enter = openPruneGate(root)
  const stage = async (): Promise<Staging> => {
    const leave = await enter().catch((cause: unknown) => {
      throw cause instanceof FirebreakError ? cause : unusable(root, cause)
    })
    try {
      return staging(await room(), { object, point, leave })
    } catch (thrown) {
      leave()
      throw thrown
    }
  }

  return {
    place: root,
    kind: 'disk',
    nodes: async () => await nodesAbove(root),
    has: async (name) => await exists(object(name)),
    get: (name) => readFile(object(name)),
    getPoint: (id) => readFile(point(id)),
    hasPoint: async (id) => await exists(point(id)),
    points: async () => await namesIn(join(root, 'points'), '.manifest'),
    // A store that is mounted for reading only may be from before there were any.
    keys: async () =>
      (await exists(join(root, 'keys'))) ? await namesIn(join(root, 'keys'), '.key') : [],
    getKey: (name) => readFile(keyFile(name)),
    putKey: async (name, bytes, mend = false) => {
      const file = keyFile(name)
      const place = await room()
      try {
        const staged = join(place, 'key')
        await writeFile(staged, bytes)
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        await (mend ? rename : giveName)(staged, file)
        await syncPath(dirname(file))
        await syncPath(root)
      } finally {
        await rm(place, { recursive: true, force: true })
      }
    },
    stage,
    keepSame: async ({ kind, name }, { isWhole }) => {
      const file = kind === 'key' ? keyFile(name) : object(name)
      return (await exists(file)) && (await isWhole(readFile(file)))
    },
    keep: async () => await Promise.resolve(null),
  }
}

async function namesIn(folder: string, ending: string): Promise<readonly string[]> {
  return (await readdir(folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .toSorted()
}

function staging(
  place: string,
  {
    object,
    point,
    leave,
  }: {
    readonly object: (name: string) => string
    readonly point: (id: string) => string
    /** From here on it may be pruned. */
    readonly leave: () => void
  },
): Staging {
  const written = new Map<string, { readonly file: string; readonly mend: boolean }>()
  let late = 0
  return {
    has: (name) => written.has(name),
    put: async (name, bytes, mend) => {
      const file = join(place, checked(name))
      await writeFile(file, bytes)
      written.set(name, { file, mend })
    },
    putLate: async (bytes, name) => {
      const file = join(place, `late${late}`)
      late += 1
      await writeFile(file, bytes)
      written.set(checked(name()), { file, mend: false })
    },
    settle: async () => {
      for (const [name, { file, mend }] of written) await settle(file, object(name), mend)
      const folders = new Set([...written.keys()].map((name) => dirname(object(name))))
      for (const folder of folders) await syncPath(folder)
      for (const above of new Set([...folders].map(dirname))) await syncPath(above)
    },
    name: async (id, manifest, mend = false) => {
      const staged = join(place, 'manifest')
      await writeFile(staged, manifest)
      if (mend) await rename(staged, point(id))
      else await giveName(staged, point(id))
      await syncPath(dirname(point(id)))
    },
    // What was being written when another part of it failed may still come: that must not hide the fault.
    discard: async () => {
      try {
        await rm(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
      } finally {
        leave()
      }
    },
  }
}

/** An object that is there already holds the same bytes and stays; only a damaged one is written over, by its twin. */
async function settle(file: string, place: string, mend: boolean): Promise<void> {
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  if (mend) await rename(file, place)
  else if (!(await exists(place)))
    await giveName(file, place).catch((thrown: unknown) => {
      // Another writer has put the same between the look and this.
      if (!isTaken(thrown)) throw thrown
    })
}

function isTaken(thrown: unknown): boolean {
  return thrown instanceof FirebreakError && thrown.code === 'wrong_state'
}

/** A hard link never replaces what is there; where the file system has none, the look before must do. */
async function giveName(file: string, place: string): Promise<void> {
  try {
    await link(file, place)
  } catch (thrown) {
    const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(thrown))
    if (codeOf(thrown) === 'EEXIST' || (linkless && (await exists(place))))
      throw new FirebreakError('wrong_state', 'the vault has a thing of this name already')
    if (!linkless) throw thrown
    await rename(file, place)
  }
}

async function writeFile(file: string, bytes: Bytes): Promise<void> {
  const handle = await open(file, 'wx', 0o400).catch((cause: unknown) => {
    throw unusable(dirname(file), cause)
  })
  try {
    for await (const piece of bytes)
      await handle.writeFile(piece).catch((cause: unknown) => {
        throw unusable(dirname(file), cause)
      })
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  const handle = await opened(file)
  try {
    const buffer = Buffer.alloc(1024 * 1024)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return
      yield Buffer.from(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

async function opened(file: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    const code = codeOf(cause)
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`
    throw new FirebreakError(
      'broken_store',
      `a file in the vault ${why}`,
      'use an older recovery point',
      cause,
    )
  }
}

async function prepared(folder: string): Promise<string> {
  try {
    for (const part of ['objects', 'points', 'staging'])
      await mkdir(join(folder, part), { recursive: true, mode: 0o700 })
    const root = await realpath(folder)
    await syncPath(root)
    return root
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

function unusable(folder: string, cause: unknown): FirebreakError {
  const hint = isFull(cause)
    ? 'until then no recovery point is taken'
    : 'name a folder outside the volumes that this user may write to'
  return new FirebreakError(
    'broken_store',
    `the vault \`${folder}\` cannot be used: ${reasonOf(cause)}`,
    hint,
    cause,
  )
}

/** Only what a dead writer left unfinished: nothing in it was ever named. */
async function sweep(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name))
    if (now - mtimeMs > staleMs) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Device and inode of the folder and of every folder above it: bind mounts give a place two paths, never two inodes. */
export async function nodesAbove(root: string): Promise<readonly string[]> {
  const nodes: string[] = []
  for (let at = root; ; at = dirname(at)) {
    const { dev, ino } = await lstat(at, { bigint: true })
    nodes.push(`${dev}:${ino}`)
    if (at === dirname(at)) return nodes
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (thrown) {
    // Only "not there" is a no; anything else is a fault of the store.
    if (codeOf(thrown) === 'ENOENT') return false
    throw thrown
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}
