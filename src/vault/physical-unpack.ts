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
  await mkdir(join(work, 'data'), { recursive: true, mode: 0o700 })
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
  const placeOf = (oid: string): string => join(into, 'tablespaces', oid)
  const place = { root, below, base, writer, placeOf }
  const now: Now = { at: 'its beginning', file: null, open: new Set() }
  const sums: Promise<readonly number[]>[] = []
  let read = 0
  try {
    for await (const plain of broken(readPieces(box, pieces, press), (cause) =>
      damaged(box, base, now.at, cause),
    )) {
      tar.push(plain)
      const end = read + plain.length
      const { parts, ended } = await allot(steps.splice(0), end, now, place)
      // As many as there are parts with bytes, in their order.
      spans.within(read, end)
      const filled = parts.map(({ span: [from, to] }) => to > from)
      const laid = await writer.lay(plain, parts)
      sums.push(laid.sums.then((all) => all.filter((_, index) => filled[index])))
      sums.at(-1)?.catch(() => null)
      for (const one of ended) {
        now.open.delete(one)
        await writer.close(one)
      }
      read = end
    }
    tar.end()
    spans.settle((await Promise.all(sums)).flat(), found)
  } finally {
    // Each of them, whatever went wrong with another: what did is thrown already, or by `settled`.
    for (const one of now.open) await writer.close(one).catch(() => null)
  }
}

/** How far an archive has been unpacked. */
interface Now {
  /** The last thing that began. */
  at: string
  /** Where bytes go. */
  file: Growing | string | null
  readonly open: Set<Growing>
}

/** Makes what begins, and says where the bytes of a piece go that ends at this place of the archive, and which files have ended with it. */
async function allot(
  steps: readonly Step[],
  end: number,
  now: Now,
  place: Begins,
): Promise<{ readonly parts: readonly Placed[]; readonly ended: readonly Growing[] }> {
  const parts: Placed[] = []
  const ended: Growing[] = []
  for (const step of steps) {
    if (step.kind === 'begins') {
      now.at = `\`${place.below}${step.entry.path}\``
      const file = await begin(step.entry, step.at + step.entry.size <= end, place)
      now.file = file
      if (file !== null && typeof file !== 'string') now.open.add(file)
      // One without a byte is made all the same.
      if (typeof file === 'string' && step.entry.size === 0) parts.push({ span: [0, 0], file })
    } else if (now.file !== null) {
      if (step.kind === 'bytes') parts.push({ span: step.span, file: now.file })
      else if (typeof now.file !== 'string') ended.push(now.file)
    }
  }
  return { parts, ended }
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
  /** Where that lies in the data directory. */
  readonly below: string
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
