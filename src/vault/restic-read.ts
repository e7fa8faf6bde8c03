/** Reads a snapshot back out of its repository, every byte, and holds each file to its hash. */
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { parseJson, isObject } from '../base/json.ts'
import type { Budget } from './budget.ts'
import { nameBytes, nameShown } from './manifest.ts'
import type { Item } from './manifest.ts'
import { sayRepository } from './restic-manifest.ts'
import type { ResticManifest } from './restic-manifest.ts'
import { outputOf, textOf } from './restic-run.ts'
import type { Call } from './restic-run.ts'
import { filesInTar } from './restic-tar.ts'
import type { TarPart } from './restic-tar.ts'

export type FileItem = Item & { readonly kind: 'file' }

/** Where the bytes of a file go. */
export interface Filling {
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Whatever has come of it. */
  readonly close: () => Promise<void>
}

export interface Reading {
  readonly call: Call
  readonly budget: Budget
  /** Null: the bytes are compared and go nowhere. */
  readonly begin: ((item: FileItem) => Promise<Filling>) | null
}

/** What of every call: no cache, since what counts is what the repository has; nothing said that nobody reads. */
export const quietly = ['--quiet', '--no-cache'] as const

/**
 * The first path that is not as it was, null when all are; the snapshot itself where it is gone. Throws `not_reachable` or
 * `bad_config` where the repository cannot be asked: that says nothing about the point.
 */
export async function readSnapshot(
  manifest: ResticManifest,
  reading: Reading,
): Promise<string | null> {
  const { call } = reading
  // No lock: reading changes nothing, and a lock that a dead restic has left must not keep a way back shut.
  const how = ['--no-lock', '--archive', 'tar', '--', manifest.snapshot, '/'] as const
  const damage = await compare(manifest, reading, outputOf(['dump', ...quietly, ...how], call))
  if (damage === null) return null
  // Some versions say nothing of what they could not read, whether it is damaged or out of reach.
  return (await isThere(manifest, call)) ? damage : sayRepository(manifest)
}

/** Throws where the repository cannot be opened. */
async function isThere({ snapshot }: ResticManifest, call: Call): Promise<boolean> {
  const all = parseJson(await textOf(['snapshots', ...quietly, '--no-lock', '--json'], call))
  return Array.isArray(all) && all.some((one) => isObject(one) && one['id'] === snapshot)
}

async function compare(
  manifest: ResticManifest,
  { budget, begin }: Reading,
  archive: AsyncGenerator<Uint8Array>,
): Promise<string | null> {
  const sieve = openSieve(manifest, begin)
  try {
    for await (const part of filesInTar(archive)) {
      budget.time()
      const damage = await sieve[part.kind](part)
      if (damage !== null) return damage
    }
  } catch (thrown) {
    if (!isCutOff(thrown)) throw thrown
    return sieve.under() ?? sieve.missing() ?? 'the end of it'
  } finally {
    await sieve.close()
  }
  return sieve.missing()
}

interface Sieve {
  file(part: TarPart): Promise<string | null>
  bytes(part: TarPart): Promise<string | null>
  end(): Promise<string | null>
  /** What is being read. */
  under(): string | null
  /** The first that has not come. */
  missing(): string | null
  close(): Promise<void>
}

/** Whatever comes is held to what the manifest says of its path. */
function openSieve({ items, source }: ResticManifest, begin: Reading['begin']): Sieve {
  const wanted = new Map<string, FileItem>()
  for (const item of items) if (item.kind === 'file') wanted.set(keyOf(item), item)
  const root = source === '/' ? '' : `${Buffer.from(source.slice(1)).toString('latin1')}/`
  let now: Now | null = null
  const close = async (): Promise<void> => {
    const { filling = null } = now ?? {}
    now = null
    await filling?.close()
  }
  return {
    close,
    file: async (part) => {
      const path = part.kind === 'file' && part.path.startsWith(root) ? part.path : root
      const item = wanted.get(path.slice(root.length))
      // What nobody asked for is nobody's: a pipe comes as an empty file.
      if (item !== undefined) now = { item, hash: createHash('sha256'), size: 0, filling: null }
      if (now !== null && begin !== null) now.filling = await begin(now.item)
      return null
    },
    bytes: async (part) => {
      if (now === null || part.kind !== 'bytes') return null
      now.hash.update(part.bytes)
      now.size += part.bytes.length
      if (now.size > now.item.size) return nameShown(now.item.path)
      await now.filling?.write(part.bytes)
      return null
    },
    end: async () => {
      if (now === null) return null
      const { item, hash, size } = now
      await close()
      wanted.delete(keyOf(item))
      return size === item.size && hash.digest('hex') === item.sha256 ? null : nameShown(item.path)
    },
    under: () => (now === null ? null : nameShown(now.item.path)),
    missing: () => {
      const [first] = wanted.values()
      return first === undefined ? null : nameShown(first.path)
    },
  }
}

interface Now {
  readonly item: FileItem
  readonly hash: Hash
  size: number
  filling: Filling | null
}

function keyOf({ path }: FileItem): string {
  return nameBytes(path).toString('latin1')
}

/** In the middle of something; whether the repository is there at all is asked afterwards. */
function isCutOff(thrown: unknown): boolean {
  return (
    thrown instanceof FirebreakError &&
    (thrown.code === 'broken_store' || thrown.code === 'not_reachable')
  )
}
