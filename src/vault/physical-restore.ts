/** Bringing a cluster back: the base backup, its WAL beside it, and a configuration by which it recovers alone. No server is started here. */
import { mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { contains } from './grade.ts'
import { isolatedAccess, isolatedSettings } from './physical-config.ts'
import type { Isolation, Until } from './physical-config.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { readPieces } from './physical-pieces.ts'
import { planWal } from './physical-plan.ts'
import type { Ending, Plan, SpoolAt } from './physical-plan.ts'
import { inOne, openPress } from './physical-press.ts'
import type { WalRecord } from './physical-records.ts'
import { openSegment, segmentFile } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { copySpool, spooled, timelinesIn } from './physical-spool.ts'
import { readTails } from './physical-tail.ts'
import type { Span } from './physical-tail.ts'
import { isBroken, writeBase } from './physical-unpack.ts'
import type { Source } from './physical-unpack.ts'
import { asSigned, damaged, openWhole } from './physical-verify.ts'
import { openWriter } from './physical-writer.ts'
import { reasonOf } from './reason.ts'
import { restoreInto } from './restore.ts'
import { syncPath } from './sync.ts'

export interface PhysicalRestore {
  readonly box: Box
  /** The spool with what came after the last whole segment; null where it is gone. */
  readonly spool: SpoolAt | null
  /** The base backup to begin with. */
  readonly point: string
  readonly until: Until
  /** A folder that is not there or is empty: it gets `data`, `wal` and `tablespaces`; what is thrown away has its WAL in `data`. */
  readonly into: string
  readonly action?: Isolation['action']
  /** Libraries that the server there has and these tables need; none where nothing is said. */
  readonly preload?: readonly string[]
  /** It is read once and thrown away: nothing is synced, and its server takes no care of it. */
  readonly scratch?: boolean
  /** Hears how many bytes are written. */
  readonly progress?: (bytes: number) => void
}

export interface PhysicalRestored {
  /** What a server of the same major version is started on. */
  readonly data: string
  /** Its socket's folder, for `psql -h`. */
  readonly socket: string
  readonly bytes: number
  /** The WAL that is there goes so far. */
  readonly known: Lsn
  /** What was once behind that and cannot be read, by its id; null where nothing was. */
  readonly cut: string | null
}

/** The longest path of a socket that systems take, its file's name not counted. */
const socketBytes = 88

/**
 * Throws `wrong_state` where something lives there, `broken_store` where a byte is missing or is not as it was: it is named,
 * with the last good point, and the place is as before.
 */
export async function restorePhysical(restore: PhysicalRestore): Promise<PhysicalRestored> {
  const { point, spool } = restore
  const into = join(
    await realpath(await there(dirname(resolve(restore.into)))),
    basename(restore.into),
  )
  fitsSocket(into)
  const { place: store } = restore.box.store
  for (const place of [store, ...(spool === null ? [] : [spool.folder])])
    if (contains(place, into) || contains(into, place))
      throw new FirebreakError(
        'wrong_state',
        `\`${into}\` is the vault itself: name another folder`,
      )
  const base = await openWhole(restore.box, point)
  const box = await asSigned(restore.box, point)
  return await restoreInto(into, base.id, async (work) => {
    const copy = spool === null ? null : { ...spool, folder: join(work, 'spool') }
    // A receiver may be at work: what it has is taken first, and what it puts into the box meanwhile is there then.
    if (spool !== null && copy !== null)
      for (const timeline of [base.timeline, ...(await timelinesIn(spool.folder, base.system))])
        await copySpool(spool.folder, copy.folder, { ...base, timeline })
    const plan = await planWal(box, base, copy, restore.until)
    const press = openPress()
    const writer = openWriter({
      press,
      synced: restore.scratch !== true,
      progress: restore.progress ?? ((): void => undefined),
    })
    try {
      // What is thrown away need not be copied once more by its server.
      const wal = restore.scratch === true ? join('data', 'pg_wal') : 'wal'
      await writeWal(join(work, wal), { box, base, plan, spool: copy, press, writer })
      await writeBase(work, into, { box, base, press, writer })
    } finally {
      // Whatever became of it, nothing is written there any more; what went wrong is thrown below, or was before.
      await writer.settled().catch(() => null)
      await press.stop()
    }
    await isolate(join(work, 'data'), into, { restore, base, plan })
    if (copy !== null) await rm(copy.folder, { recursive: true })
    await writer.settled()
    if (restore.scratch !== true) await syncFolders(work)
    const { known, cut } = plan
    return { data: join(into, 'data'), socket: into, bytes: writer.bytes(), known, cut }
  })
}

/** Throws `bad_input` for a folder whose socket no system would take. */
export function fitsSocket(into: string): void {
  if (Buffer.byteLength(into) <= socketBytes) return
  throw new FirebreakError(
    'bad_input',
    `\`${into}\` is too long for a socket`,
    'name a shorter folder',
  )
}

async function there(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return folder
}

/** Segments that are read at the same time. */
const segmentsAtOnce = 4

async function writeWal(
  folder: string,
  source: Source & { readonly plan: Plan; readonly spool: SpoolAt | null },
): Promise<void> {
  const { base, plan } = source
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = (of: WalOf, at: Lsn): string => join(folder, segmentFile(at, of))
  if (plan.later !== null) {
    const { timeline, history } = plan.later
    const name = `${timeline.toString(16).padStart(8, '0').toUpperCase()}.history`
    await writeFile(join(folder, name), history, { mode: 0o600, flush: true })
  }
  const left = [...plan.segments]
  const faults: { readonly at: Lsn; readonly thrown: unknown }[] = []
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined && faults.length === 0; one = left.shift()) {
      const { of, at } = one
      await writeSegment(file(of, at), one, source).catch((thrown: unknown) => {
        faults.push({ at, thrown })
      })
    }
  }
  await Promise.all(Array.from({ length: segmentsAtOnce }, lane))
  // What lies before the first of them can be had all the same.
  const [first] = faults.toSorted((a, b) => (a.at < b.at ? -1 : 1))
  if (first !== undefined) throw first.thrown
  const { tail } = plan
  if (tail === null) return
  const step = BigInt(base.segmentBytes)
  for (let { from: at } = tail; at < tail.to; at += step)
    await writeAll(file(tail.of, at), endingOf(tail, { from: at, to: at + step }, source), source)
}

/** What is in no whole segment: first what the spool has, and then the tails. */
async function* endingOf(
  { of, spooled: turn, to: end, tails }: Ending,
  { from, to }: Span,
  { spool, box }: Source & { readonly spool: SpoolAt | null },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const inSpool = { from, to: to < turn ? to : turn }
  if (spool !== null && from < inSpool.to)
    yield* bytesOf(spooled(spool.folder, spool.key, of, inSpool))
  const inTails = { from: from > turn ? from : turn, to: to < end ? to : end }
  if (inTails.from < inTails.to) yield* readTails(box, tails, inTails)
}

async function writeSegment(
  file: string,
  { of, at }: Plan['segments'][number],
  source: Source,
): Promise<void> {
  const { box, press } = source
  try {
    const { pieces } = await openSegment(box, of, at)
    await writeAll(file, readPieces(box, pieces, press), source)
  } catch (thrown) {
    // A fault of this disk says nothing about the vault.
    if (!isBroken(thrown)) throw thrown
    throw await damagedWal(source, at, thrown)
  }
}

/** A segment has its whole length, with nothing behind what is known. */
async function writeAll(
  path: string,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { writer, base }: Source,
): Promise<void> {
  const file = await writer.begin(path)
  try {
    for await (const plain of bytes) await writer.lay(plain, [{ span: [0, plain.length], file }])
  } finally {
    await writer.close(file, base.segmentBytes)
  }
}

async function damagedWal({ box, base }: Source, at: Lsn, cause: unknown): Promise<FirebreakError> {
  const what = `the WAL segment \`${segmentFile(at, base)}\``
  if (at < parseLsn(base.stop)) return await damaged(box, base, what, cause)
  // What lies before the damage can be had all the same.
  return new FirebreakError(
    'broken_store',
    `${what} is damaged: ${reasonOf(cause)}`,
    `the last good point is ${lsnText(at)}: restore \`${base.id}\` to that place`,
    cause,
  )
}

async function* bytesOf(
  records: AsyncIterable<WalRecord>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { bytes } of records) yield inOne([bytes])
}

async function isolate(
  data: string,
  into: string,
  {
    restore,
    base,
    plan,
  }: { readonly restore: PhysicalRestore; readonly base: BaseManifest; readonly plan: Plan },
): Promise<void> {
  for (const name of ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf'])
    await moveAside(join(data, name))
  await rm(join(data, 'standby.signal'), { force: true })
  const settings = isolatedSettings({
    wal: restore.scratch === true ? null : join(into, 'wal'),
    socket: into,
    until: plan.until,
    timeline: plan.later?.timeline ?? null,
    action: restore.action ?? 'promote',
    settings: base.settings,
    preload: restore.preload ?? [],
    scratch: restore.scratch ?? false,
  })
  const files = {
    'postgresql.conf': settings,
    'pg_hba.conf': isolatedAccess,
    'recovery.signal': '',
  }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(data, name), text, { mode: 0o600, flush: restore.scratch !== true })
}

/** It stays beside, for a person to look into. */
async function moveAside(file: string): Promise<void> {
  await rename(file, `${file}.source`).catch((thrown: unknown) => {
    // On some systems it lies elsewhere.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  })
}

/** Files were synced as they came. */
async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name))
  await syncPath(folder)
}
