/**
 * Takes away from a disk store what is on a signed list, and nothing else. INVARIANT (no delete in the daemon): no module but
 * the command `firebreak vault prune` imports this.
 */
import { createHash } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { manifestIn, objectIn, orderOf } from './prune-list.ts'
import type { PruneList } from './prune-list.ts'
import { checked } from './store.ts'
import { syncPath } from './sync.ts'

/**
 * INVARIANT (listed-is-whole): a manifest goes before what it names, and what leans on another before that other; each step is on
 * the disk before the next. So whatever cuts this off, every point that is still there is whole.
 * Throws `broken_store` for a manifest that is not the one that was signed; whoever calls has the store to itself.
 */
export async function prune(
  { place, points, objects }: Pick<PruneList, 'place' | 'points' | 'objects'>,
  remove: (file: string) => Promise<void> = unlink,
): Promise<void> {
  const folder = join(place, 'points')
  let order: number | null = null
  for (const { id, sha256 } of points) {
    if (order !== null && orderOf(id) !== order) await syncPath(folder)
    order = orderOf(id)
    const file = manifestIn(place, checked(id))
    const is = await digestOf(file)
    if (is !== null && is !== sha256)
      throw new FirebreakError(
        'broken_store',
        `\`${id}\` is not what was signed to be taken away`,
        'look at it with `firebreak vault verify`, then prune again',
      )
    if (is !== null) await remove(file)
  }
  await syncPath(folder)
  const folders = new Set<string>()
  for (const name of objects) {
    const file = objectIn(place, checked(name))
    folders.add(dirname(file))
    await remove(file).catch((thrown: unknown) => {
      if (!isAbsent(thrown)) throw thrown
    })
  }
  for (const each of folders) await syncPath(each)
}

/** Null where it is gone already. */
async function digestOf(file: string): Promise<string | null> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch (thrown) {
    if (isAbsent(thrown)) return null
    throw thrown
  }
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}
