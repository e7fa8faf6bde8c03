/** The archives of a base backup back on a disk, each file held to the server's own sums. */
import { mkdir, open, symlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Archive, BaseManifest } from './physical-manifest.ts'
import { readPieces } from './physical-pieces.ts'
import { firstDifference, readSums, summing } from './physical-sums.ts'
import type { FileSums } from './physical-sums.ts'
import { openTar } from './physical-tar.ts'
import type { TarEar, TarEntry } from './physical-tar.ts'
import { damaged } from './physical-verify.ts'

export interface Writer {
  write(handle: FileHandle, bytes: Uint8Array): Promise<void>
  /** It is on the disk and closed when `settled` has ended; comes back when few enough are on their way. */
  close(handle: FileHandle): Promise<void>
  settled(): Promise<void>
  bytes(): number
}

export interface Source {
  readonly box: Box
  readonly base: BaseManifest
  readonly writer: Writer
}

/** Files that are synced while more is unpacked: one fewer than Node has threads for it, so that reading goes on. */
const closingAtOnce = 3

/** `synced`: false where it is thrown away after it was read. */
export function openWriter(progress: (bytes: number) => void, synced: boolean): Writer {
  let all = 0
  const closing = new Set<Promise<unknown>>()
  const faults: unknown[] = []
  const finish = async (handle: FileHandle): Promise<void> => {
    try {
      if (synced) await handle.sync()
    } finally {
      await handle.close()
    }
  }
  return {
    close: async (handle) => {
      const one: Promise<unknown> = finish(handle)
        .catch((thrown: unknown) => {
          faults.push(thrown)
        })
        .finally(() => closing.delete(one))
      closing.add(one)
      if (closing.size >= closingAtOnce) await Promise.race(closing)
      if (faults.length > 0) throw faults[0]
    },
    settled: async () => {
      await Promise.all(closing)
      if (faults.length > 0) throw faults[0]
    },
    write: async (handle, bytes) => {
      await handle.writeFile(bytes)
      all += bytes.length
      progress(all)
    },
    bytes: () => all,
  }
}

/** True where something of the vault is not as it was put. */
export function isBroken(thrown: unknown): boolean {
  return thrown instanceof FirebreakError && thrown.code === 'broken_store'
}

/** Writes `data` and `tablespaces` below `work`, whose name will be `into`. Throws `broken_store` with the file that is damaged. */
export async function writeBase(work: string, into: string, source: Source): Promise<void> {
  const { box, base } = source
  const found: FileSums = new Map()
  await mkdir(join(work, 'data'), { mode: 0o700 })
  await mkdir(join(work, 'tablespaces'), { mode: 0o700 })
  for (const archive of base.archives) await unpack(archive, { work, into, found }, source)
  const sums: Uint8Array[] = []
  try {
    for await (const part of readPieces(box, base.sums)) sums.push(part)
  } catch (thrown) {
    throw await damaged(box, base, "the server's manifest", thrown)
  }
  const difference = firstDifference(readSums(Buffer.concat(sums)), found)
  if (difference === null) return
  const cause = new FirebreakError('broken_store', 'it is not as the server sent it')
  throw await damaged(box, base, difference, cause)
}

interface Places {
  readonly work: string
  readonly into: string
  readonly found: FileSums
}

async function unpack(
  { tablespace, pieces }: Archive,
  { work, into, found }: Places,
  { box, base, writer }: Source,
): Promise<void> {
  const root = tablespace === null ? join(work, 'data') : join(work, 'tablespaces', tablespace)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const below = tablespace === null ? '' : `pg_tblspc/${tablespace}/`
  const steps: Step[] = []
  const sums = summing(below, found)
  let at = 'its beginning'
  const tar = openTar(stepping(sums, steps))
  let handle: FileHandle | null = null
  /** What is open after it. */
  const take = async (step: Step, file: FileHandle | null): Promise<FileHandle | null> => {
    if (step.kind === 'begins') {
      at = `\`${below}${step.entry.path}\``
      return await begin(root, step.entry, (oid) => join(into, 'tablespaces', oid), base)
    }
    if (step.kind === 'bytes' && file !== null) await writer.write(file, step.bytes)
    if (step.kind === 'bytes') return file
    if (file !== null) await writer.close(file)
    return null
  }
  try {
    for await (const bytes of broken(readPieces(box, pieces), (cause) =>
      damaged(box, base, at, cause),
    )) {
      tar.push(bytes)
      for (const step of steps.splice(0)) handle = await take(step, handle)
    }
    tar.end()
  } finally {
    await handle?.close()
  }
}

type Step =
  | { readonly kind: 'begins'; readonly entry: TarEntry }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'ends' }

/** What is to be done on the disk, in its order; the bytes are views of a piece that is still there. */
function stepping(ear: TarEar, steps: Step[]): TarEar {
  return {
    begins: (entry, at) => {
      ear.begins(entry, at)
      steps.push({ kind: 'begins', entry })
    },
    takes: (bytes) => {
      ear.takes(bytes)
      steps.push({ kind: 'bytes', bytes })
    },
    ends: (entry) => {
      ear.ends(entry)
      steps.push({ kind: 'ends' })
    },
  }
}

/** Makes a folder or a link, or opens a file. The one link that there is leads to a tablespace, wherever that was. */
async function begin(
  root: string,
  { path, kind }: TarEntry,
  placeOf: (oid: string) => string,
  { tablespaces }: BaseManifest,
): Promise<FileHandle | null> {
  const place = join(root, path)
  if (kind === 'directory') {
    await mkdir(place, { recursive: true, mode: 0o700 })
    return null
  }
  if (kind === 'file') return await created(place)
  const [, oid] = /^pg_tblspc\/(\d+)$/.exec(path) ?? []
  if (oid === undefined || !tablespaces.some((one) => one.oid === oid))
    throw new FirebreakError('broken_store', `a base backup has a link at \`${path}\``)
  await symlink(placeOf(oid), place)
  return null
}

async function created(place: string): Promise<FileHandle> {
  try {
    return await open(place, 'wx', 0o600)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
    // Mostly its folder has come before it.
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    return await open(place, 'wx', 0o600)
  }
}

async function* broken(
  bytes: AsyncIterable<Uint8Array>,
  why: (cause: unknown) => Promise<FirebreakError>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (thrown) {
    throw isBroken(thrown) ? await why(thrown) : thrown
  }
}
