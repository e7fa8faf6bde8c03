/** The spool: WAL that has come and is not yet a whole segment in the box, sealed, on this machine's disk. */
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import { saltBytes } from './chunks.ts'
import {
  openRecords,
  recordBytes,
  sealRecord,
  spoolHead,
  spoolHeadBytes,
  spoolKey,
} from './physical-records.ts'
import type { WalRecord } from './physical-records.ts'
import { segmentAt } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { reasonOf } from './reason.ts'
import { syncPath } from './sync.ts'

/** A file of the spool: WAL from `start` on, within one segment. */
interface Part {
  readonly name: string
  readonly start: Lsn
}

export interface SpoolRead {
  /** From where on there is WAL without a gap, and up to where; null where there is none. */
  readonly from: Lsn | null
  readonly end: Lsn
  /** When the server sent the last of it. */
  readonly sentAt: number
  /** Up to where it was once on the disk: more than `end` where something was lost since. */
  readonly promised: Lsn
}

/** Reads a spool that nobody need be writing to. `from`: what came before it is of no interest. */
export async function readSpool(
  folder: string,
  key: Uint8Array,
  of: WalOf,
  from: Lsn | null = null,
): Promise<SpoolRead> {
  // By the name of its first file: whatever became of what is in it, WAL was here from there on.
  const first = from ?? (await partsOf(folder, of))[0]?.start ?? null
  let end = first ?? 0n
  let sentAt = 0
  for await (const record of records(folder, key, of, { from: end })) {
    const to = record.at + BigInt(record.bytes.length)
    // What lies behind a gap does not count, and what is there twice counts once.
    if (to <= end || record.at > end) continue
    end = to
    ;({ sentAt } = record)
  }
  return { from: first, end, sentAt, promised: await promisedOf(folder, of) }
}

/** What a spool has from `from` to `to`. Throws `broken_store` where that is not all there. */
export async function* spooled(
  folder: string,
  key: Uint8Array,
  of: WalOf,
  { from, to }: { readonly from: Lsn; readonly to: Lsn },
): AsyncGenerator<WalRecord> {
  let at = from
  for await (const { at: start, sentAt, bytes } of records(folder, key, of, { from, to })) {
    const until = min(start + BigInt(bytes.length), to)
    if (start > at || until <= at) continue
    yield { at, sentAt, bytes: bytes.subarray(Number(at - start), Number(until - start)) }
    at = until
    if (at === to) return
  }
  if (at < to) throw damaged(at)
}

export interface SpoolWriter {
  /** Up to where there is WAL. */
  readonly end: Lsn
  /** Writes what follows `end`; it counts after the next `sync`. */
  write(record: WalRecord): Promise<void>
  /** INVARIANT (durable): what was written is on the disk when this ends. */
  sync(): Promise<void>
  /** Takes away the files of whole segments below this place: they are in the box. */
  drop(below: Lsn): Promise<void>
  close(): Promise<void>
}

export async function makeSpool(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new FirebreakError(
      'broken_store',
      `the spool \`${folder}\` cannot be used: ${reasonOf(cause)}`,
      'name a folder that this user may write to',
      cause,
    )
  })
}

/** A file that is written to. */
interface OpenPart {
  readonly handle: FileHandle
  readonly key: Uint8Array
  index: number
  /** Where the next record begins. */
  at: number
  /** So long is the file: zeros behind its last record. */
  room: number
}

/**
 * A file grows by so much at once. What is written over zeros is synced as data alone; a file that grows with each record makes
 * the file system write its journal each time, and wait there for everybody else's.
 */
const aheadBytes = 1 << 20

/** Goes on at `at`, always in a new file: no key and number seal two records. */
export async function openSpool(
  folder: string,
  { key, chance }: { readonly key: Uint8Array; readonly chance: Chance },
  of: WalOf,
  at: Lsn,
): Promise<SpoolWriter> {
  const position = await open(
    join(folder, positionName(of)),
    constants.O_RDWR | constants.O_CREAT,
    0o600,
  )
  let end = at
  let file: OpenPart | null = null
  let told: Promise<unknown> = Promise.resolve()

  const begin = async (): Promise<OpenPart> => {
    const salt = chance(saltBytes)
    const name = partName(of, end, Buffer.from(chance(4)).toString('hex'))
    const handle = await open(join(folder, name), 'wx', 0o600)
    await handle.writeFile(spoolHead(salt))
    await syncPath(folder)
    const at = spoolHeadBytes
    return { handle, key: spoolKey(key, salt, name), index: 0, at, room: at }
  }
  const leave = async (): Promise<void> => {
    await file?.handle.datasync()
    await file?.handle.close()
    file = null
  }
  const put = async (record: WalRecord): Promise<void> => {
    file ??= await begin()
    const sealed = sealRecord(file.key, file.index, record)
    end = record.at + BigInt(record.bytes.length)
    const after = file.at + sealed.length
    const left = Number(segmentAt(record.at, of) + BigInt(of.segmentBytes) - end)
    const ahead = after > file.room ? Math.min(aheadBytes, left) : 0
    await writeAt(file.handle, ahead === 0 ? sealed : padded(sealed, ahead), file.at)
    file.room = Math.max(file.room, after + ahead)
    file.at = after
    file.index += 1
    if (end === segmentAt(end, of)) await leave()
  }
  return {
    get end() {
      return end
    },
    write: async ({ at, sentAt, bytes }) => {
      if (at !== end) throw damaged(end)
      for (let from = 0; from < bytes.length;) {
        const next = segmentAt(end, of) + BigInt(of.segmentBytes)
        const room = Math.min(recordBytes, Number(next - end))
        await put({ at: end, sentAt, bytes: bytes.subarray(from, from + room) })
        from += room
      }
    },
    sync: async () => {
      await file?.handle.datasync()
      await told
      // Behind what is on the disk, never before it: so it needs no sync of its own, and nobody waits for it but the next.
      told = position.write(`${end.toString(16).padStart(16, '0')}\n`, 0)
      told.catch(() => null)
    },
    drop: async (below) => {
      for (const { name, start } of await partsOf(folder, of))
        if (segmentAt(start, of) < segmentAt(below, of)) await rm(join(folder, name))
    },
    close: async () => {
      await leave()
      try {
        await told
      } finally {
        await position.close()
      }
    },
  }
}

/** A copy of what is there now, also while a receiver writes to it and takes away what is in the box. */
export async function copySpool(from: string, to: string, of: WalOf): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  // The promise first: more may come after it, and never less.
  const names = [
    historyName(of),
    positionName(of),
    ...(await partsOf(from, of)).map(({ name }) => name),
  ]
  for (const name of names)
    await copyFile(join(from, name), join(to, name)).catch((thrown: unknown) => {
      if (!isAbsent(thrown)) throw thrown
    })
}

/** The timelines that a spool has WAL of, or had, so that one is not taken for another. */
export async function timelinesIn(folder: string, system: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>()
  for (const name of await readdir(folder)) {
    const [, of, timeline] = partForm.exec(name) ?? positionForm.exec(name) ?? []
    if (of === system) found.add(Number.parseInt(timeline ?? '', 16))
  }
  return found
}

/** Beside what is spooled of a timeline: where the ones before it were left. */
export async function keepHistory(folder: string, of: WalOf, text: string): Promise<void> {
  const file = join(folder, historyName(of))
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true })
  await rename(`${file}.new`, file)
  await syncPath(folder)
}

export async function historiesIn(
  folder: string,
  system: string,
): Promise<readonly (readonly [number, string])[]> {
  const found: (readonly [number, string])[] = []
  for (const name of await readdir(folder)) {
    const [, of, timeline] = historyForm.exec(name) ?? []
    if (of === system)
      found.push([Number.parseInt(timeline ?? '', 16), await readFile(join(folder, name), 'utf8')])
  }
  return found
}

const historyForm = /^(\d{1,20})_([0-9a-f]{8})\.history$/

function historyName({ system, timeline }: WalOf): string {
  return `${system}_${timeline.toString(16).padStart(8, '0')}.history`
}

/** What the files of these segments hold: no other is opened. */
async function* records(
  folder: string,
  key: Uint8Array,
  of: WalOf,
  { from, to }: { readonly from: Lsn; readonly to?: Lsn },
): AsyncGenerator<WalRecord> {
  const first = segmentAt(from, of)
  const parts = (await partsOf(folder, of)).filter(
    ({ start }) => start >= first && (to === undefined || start < to),
  )
  for (const { name } of parts) {
    const handle = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      yield* openRecords(handle, key, name)
    } finally {
      await handle.close()
    }
  }
}

const positionForm = /^(\d{1,20})_([0-9a-f]{8})\.position$/
const partForm = /^(\d{1,20})_([0-9a-f]{8})_([0-9a-f]{16})_[0-9a-f]{8}\.wal$/

function partName({ system, timeline }: WalOf, start: Lsn, unique: string): string {
  const place = start.toString(16).padStart(16, '0')
  return `${system}_${timeline.toString(16).padStart(8, '0')}_${place}_${unique}.wal`
}

async function partsOf(folder: string, of: WalOf): Promise<readonly Part[]> {
  const parts: Part[] = []
  for (const name of (await readdir(folder)).toSorted()) {
    const [, system, timeline, start] = partForm.exec(name) ?? []
    if (system === of.system && Number.parseInt(timeline ?? '', 16) === of.timeline)
      parts.push({ name, start: BigInt(`0x${start ?? '0'}`) })
  }
  return parts
}

function positionName({ system, timeline }: WalOf): string {
  return `${system}_${timeline.toString(16).padStart(8, '0')}.position`
}

async function promisedOf(folder: string, of: WalOf): Promise<Lsn> {
  try {
    const file = await open(join(folder, positionName(of)), constants.O_RDONLY)
    const text = await file.readFile('latin1')
    await file.close()
    return /^[0-9a-f]{16}\n$/.test(text) ? BigInt(`0x${text.trim()}`) : 0n
  } catch (thrown) {
    // Nothing was promised yet.
    if (isAbsent(thrown)) return 0n
    throw thrown
  }
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, place: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, place + done)).bytesWritten
}

function padded(bytes: Uint8Array, more: number): Uint8Array {
  const all = new Uint8Array(bytes.length + more)
  all.set(bytes)
  return all
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}

function min(a: Lsn, b: Lsn): Lsn {
  return a < b ? a : b
}

function damaged(at: Lsn): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the spool of the vault has no WAL at ${lsnText(at)}: it was damaged or cut off there`,
    'start the receiver again: it asks the database for what is missing',
  )
}
