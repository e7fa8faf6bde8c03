/** A vault with nothing beside it: no daemon, no state, no platform; a store and the key are enough. */
import { existsSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { readKeyFile } from '../custody/key.ts'
import { openSeal } from '../custody/seal.ts'
import { openBox } from '../vault/box.ts'
import type { Box } from '../vault/box.ts'
import { parseLogicalManifest } from '../vault/logical-manifest.ts'
import { putInto } from '../vault/logical-restore.ts'
import { openManifest } from '../vault/point.ts'
import { openDiskStore } from '../vault/store-disk.ts'
import { dialUrl } from './database-url.ts'
import { realChance, realClock } from './world.ts'

export interface Place {
  readonly store: string
  /** The file of the key that the daemon had. */
  readonly key: string
}

/** Throws `not_found` where there is no store, `custody_locked` where the key cannot be read. */
export async function openAlone({ store, key }: Place): Promise<Box> {
  if (!existsSync(store))
    throw new FirebreakError(
      'not_found',
      `there is no vault at \`${store}\``,
      'is its disk mounted?',
    )
  const seal = openSeal(readKeyFile(key, process.getuid?.() ?? null))
  const disk = await openDiskStore(store, realChance, realClock.now())
  return openBox(disk, seal.derive('vault'), realChance)
}

export interface Found {
  readonly id: string
  readonly engine: string
  readonly source: string
  readonly takenAt: number
  readonly bytes: number
}

/** Every point, oldest first; a damaged one by its id and why. */
export async function pointsAlone(
  box: Box,
): Promise<readonly (Found | { readonly id: string; readonly why: string })[]> {
  const found: (Found | { readonly id: string; readonly why: string })[] = []
  for (const id of await box.store.points())
    try {
      const { engine, source, takenAt, bytes } = await openManifest(box, id)
      found.push({ id, engine, source, takenAt, bytes })
    } catch (thrown) {
      // One damaged point must not hide the others; with another key all of them are.
      found.push({ id, why: thrown instanceof FirebreakError ? thrown.message : 'cannot be read' })
    }
  return found
}

/** Brings a point of a database into an empty one; one line of what was done. */
export async function restoreAlone(
  box: Box,
  id: string,
  { url, trusts }: { readonly url: string; readonly trusts: boolean },
): Promise<string> {
  const manifest = parseLogicalManifest(await box.manifestText(id))
  const client = await dialUrl(url, '--to')
  try {
    return await putInto(client, manifest, box, {
      database: url.slice(url.lastIndexOf('/') + 1),
      trusts,
    })
  } finally {
    await client.close()
  }
}
