/** The archives of a base backup back on a disk, each file held to the server's own sums. */
import { existsSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Archive, BaseManifest } from './physical-manifest.ts'
import { readPieces } from './physical-pieces.ts'
import type { Press } from './physical-press.ts'
import { firstDifference, openSpans, readSums } from './physical-sums.ts'
import type { FileSums, Span } from './physical-sums.ts'
import { openTar } from './physical-tar.ts'
import type { TarEar, TarEntry } from './physical-tar.ts'
import { damaged } from './physical-verify.ts'
import type { Growing, Placed, Writer } from './physical-writer.ts'

export interface Source {
  readonly box: Box
  readonly base: BaseManifest
  readonly press: Press
  readonly writer: Writer
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
  source: Source,
): Promise<void> {
  const { box, base, press, writer } = source
  const root = tablespace === null ? join(work, 'data') : join(work, 'tablespaces', tablespace)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const below = tablespace === null ? '' : `pg_tblspc/${tablespace}/`
  const steps: Step[] = []
  const spans = openSpans(below)
  const tar = openTar(stepping(spans.ear, steps))
  const place = { root, base, writer, placeOf: (oid: string) => join(into, 'tablespaces', oid) }
  const sums: Promise<readonly number[]>[] = []
  let at = 'its beginning'
  let read = 0
  let growing: Growing | null = null
  try {
    for await (const plain of broken(readPieces(box, pieces, press), (cause) =>
      damaged(box, base, at, cause),
    )) {
      tar.push(plain)
      const end = read + plain.length
      const ended: Growing[] = []
      const parts: Placed[] = []
      let file: Growing | string | null = growing
      for (const step of steps.splice(0))
        if (step.kind === 'begins') {
          at = `\`${below}${step.entry.path}\``
          file = await begin(step.entry, step.at + step.entry.size <= end, place)
          growing = typeof file === 'string' ? null : file
          // One without a byte is made all the same.
          if (typeof file === 'string') parts.push({ span: [0, 0], file })
        } else if (step.kind === 'bytes' && file !== null) {
          if (typeof file === 'string') parts.pop()
          parts.push({ span: step.span, file })
        } else if (step.kind === 'ends' && growing !== null) {
          ended.push(growing)
          growing = null
        }
      // As many as there are parts with bytes, in their order.
      spans.within(read, end)
      const filled = parts.map(({ span: [from, to] }) => to > from)
      const laid = await writer.lay(plain, parts)
      sums.push(laid.sums.then((all) => all.filter((_, index) => filled[index])))
      sums.at(-1)?.catch(() => null)
      for (const one of ended) await writer.close(one)
      read = end
    }
    tar.end()
    spans.settle((await Promise.all(sums)).flat(), found)
  } finally {
    // What is being written into it must have ended.
    if (growing !== null) await writer.close(growing)
  }
}

type Step =
  | { readonly kind: 'begins'; readonly entry: TarEntry; readonly at: number }
  | { readonly kind: 'bytes'; readonly span: Span }
  | { readonly kind: 'ends' }

/** What is to be done on the disk, in its order. */
function stepping(ear: TarEar, steps: Step[]): TarEar {
  return {
    begins: (entry, at) => {
      ear.begins(entry, at)
      steps.push({ kind: 'begins', entry, at })
    },
    takes: (bytes, at) => {
      ear.takes(bytes, at)
      steps.push({ kind: 'bytes', span: [at, at + bytes.length] })
    },
    ends: (entry) => {
      ear.ends(entry)
      steps.push({ kind: 'ends' })
    },
  }
}

interface Begins {
  readonly root: string
  readonly base: BaseManifest
  readonly writer: Writer
  readonly placeOf: (oid: string) => string
}

/** Makes a folder or a link, or says where a file goes: by its path where it is `whole`. The one link that there is leads to a tablespace, wherever that was. */
async function begin(
  { path, kind }: TarEntry,
  whole: boolean,
  { root, base, writer, placeOf }: Begins,
): Promise<Growing | string | null> {
  const place = join(root, path)
  if (kind === 'directory') {
    await mkdir(place, { recursive: true, mode: 0o700 })
    return null
  }
  if (kind === 'file') {
    // Mostly its folder has come before it.
    if (!existsSync(dirname(place))) await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    return whole ? place : await writer.begin(place)
  }
  const [, oid] = /^pg_tblspc\/(\d+)$/.exec(path) ?? []
  if (oid === undefined || !base.tablespaces.some((one) => one.oid === oid))
    throw new FirebreakError('broken_store', `a base backup has a link at \`${path}\``)
  await symlink(placeOf(oid), place)
  return null
}

async function* broken<T>(
  bytes: AsyncIterable<T>,
  why: (cause: unknown) => Promise<FirebreakError>,
): AsyncGenerator<T> {
  try {
    yield* bytes
  } catch (thrown) {
    throw isBroken(thrown) ? await why(thrown) : thrown
  }
}
