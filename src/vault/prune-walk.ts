/** What lies in the folder of a disk store, read from the folder itself: how much, and which objects. Nothing is taken away here. */
import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

export interface Usage {
  /** Of all that lies in the folder: objects, manifests, spool, what is being put. */
  readonly bytes: number
  /** Of what points and WAL have there. */
  readonly stored: number
  /** Free on its disk for this user. */
  readonly free: number
}

const atOnce = 32

export async function measure(root: string): Promise<Usage> {
  const { bavail, bsize } = await statfs(root)
  const [bytes, stored] = [await bytesIn(root), await bytesIn(join(root, 'objects'))]
  return { bytes, stored, free: bavail * bsize }
}

/** Names of all objects; what has no name of one is none of ours. */
export async function objectsIn(root: string): Promise<readonly string[]> {
  const names: string[] = []
  const folder = join(root, 'objects')
  for (const each of await readdir(folder)) names.push(...(await readdir(join(folder, each))))
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name))
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothing)
  const files = entries.filter((entry) => !entry.isDirectory())
  for (let at = 0; at < files.length; at += atOnce) {
    const some = files.slice(at, at + atOnce)
    const sizes = await Promise.all(some.map(({ name }) => sizeOf(join(folder, name))))
    bytes += sizes.reduce((sum, size) => sum + size, 0)
  }
  for (const entry of entries)
    if (entry.isDirectory()) bytes += await bytesIn(join(folder, entry.name))
  return bytes
}

export async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size
  } catch (thrown) {
    // What is put there and what is given a name moves while one looks.
    nothing(thrown)
    return 0
  }
}

function nothing(thrown: unknown): [] {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return []
  throw thrown
}
