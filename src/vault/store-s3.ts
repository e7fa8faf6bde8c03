/** A store for recovery points in a bucket with Object Lock: each object is locked, and nothing here takes a stored one away. */
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'
import type { Bucket } from './s3-bucket.ts'
import { readAll } from './read-all.ts'
import { lockUntil, wholeSecond } from './s3-lock.ts'
import { sumsOfUpload } from './s3-sums.ts'
import { abort, begin, drop, finish } from './s3-upload.ts'
import type { Lock, Upload } from './s3-upload.ts'
import { inBatches, keepSame, lockAll, read, twinIn, versionsOf } from './s3-versions.ts'
import { checked } from './store.ts'
import type { Staging, Store } from './store.ts'

export interface Keeping {
  /** How long each object is locked from the moment it is put. */
  readonly keepMs: number
  /** A folder for sealed bytes whose name is not known yet. */
  readonly spool: string
  readonly clock: Clock
  readonly chance: Chance
  /** What a writer left when it died is swept after this long. */
  readonly staleMs: number
}

/** So many sealed bytes of small objects wait in memory until they are named; more of them wait in the bucket. */
const roomBytes = 16 * 1024 * 1024

/**
 * Opens a store in a bucket. Throws one clear line where it cannot be used; whether it locks shows at each put.
 * INVARIANT (put-once): of several versions under one name the oldest that is whole counts, so neither a delete marker nor
 * a second put hides what was there, and a lock keeps it from being taken away.
 */
export async function openS3Store(bucket: Bucket, keeping: Keeping): Promise<Store> {
  const object = (name: string): string =>
    bucket.key(`objects/${checked(name).slice(0, 2)}/${name}`)
  const point = (id: string): string => bucket.key(`points/${checked(id)}.manifest`)
  const keyFile = (name: string): string => bucket.key(`keys/${checked(name)}.key`)
  const keys = async (): Promise<readonly string[]> => await namesIn(bucket, 'keys/', '.key')
  await sweep(bucket, keeping)
  return {
    place: bucket.place,
    kind: 's3',
    nodes: async () => await Promise.resolve([]),
    has: async (name) => (await versionsOf(bucket, object(name))).length > 0,
    get: (name, isWhole) => read(bucket, object(name), isWhole),
    getPoint: (id, isWhole) => read(bucket, point(id), isWhole),
    hasPoint: async (id) => (await versionsOf(bucket, point(id))).length > 0,
    points: async () => await namesIn(bucket, 'points/', '.manifest'),
    keys,
    getKey: (name, isWhole) => read(bucket, keyFile(name), isWhole),
    putKey: async (name, bytes, mend = false) => {
      const until = wholeSecond(keeping.clock.now() + keeping.keepMs)
      const way = { roomBytes, lock: { mode: 'COMPLIANCE', until } } as const
      await (mend ? putBeside : putOnce)(bucket, keyFile(name), bytes, way)
    },
    keepSame: async ({ kind, name }, same, until) =>
      await keepSame(bucket, kind === 'key' ? keyFile(name) : object(name), same, until),
    stage: async () => await Promise.resolve(staging(bucket, keeping, object, point)),
    keep: async (id, names, until) => {
      const wrapped = (await keys()).map(keyFile)
      const all = [point(id), ...names.map(object), ...wrapped]
      const kept = await inBatches(all, (key) => lockAll(bucket, key, wholeSecond(until)))
      return kept.reduce((least, at) => Math.min(least, at))
    },
  }
}

interface Waiting {
  readonly upload: Upload
  readonly mend: boolean
}

function staging(
  bucket: Bucket,
  { keepMs, spool, clock, chance }: Keeping,
  object: (name: string) => string,
  point: (id: string) => string,
): Staging {
  const waiting = new Map<string, Waiting>()
  const put = new Set<string>()
  let room = roomBytes
  const lock = { mode: 'COMPLIANCE', until: wholeSecond(clock.now() + keepMs) } as const
  const add = async (name: string, bytes: Bytes, mend: boolean): Promise<void> => {
    const upload = await begin(bucket, object(name), bytes, { roomBytes: room, lock })
    const before = waiting.get(name)
    if (before !== undefined) await forget(name, before.upload)
    if (upload.kind === 'small') room -= upload.body.length
    waiting.set(name, { upload, mend })
    put.add(name)
  }
  const forget = async (name: string, upload: Upload): Promise<void> => {
    waiting.delete(name)
    if (upload.kind === 'small') room += upload.body.length
    await drop(bucket, upload)
  }
  const settle = async (name: string, { upload, mend }: Waiting): Promise<void> => {
    const id = (mend ? null : await first(upload)) ?? (await finish(bucket, upload, false))
    waiting.delete(name)
    if (upload.kind === 'small') room += upload.body.length
    // The twin that was first may be locked for less.
    if (id !== null) await lockUntil(bucket, { key: upload.key, id }, lock.until)
  }
  /** INVARIANT (shown): what somebody else has put under the name counts where it is the same bytes; else ours lies beside it. */
  const first = async (upload: Upload): Promise<string | null> => {
    const before = await versionsOf(bucket, upload.key)
    const id = before.length > 0 ? null : await finish(bucket, upload, true)
    if (id !== null) return id
    const versions = await versionsOf(bucket, upload.key)
    const same = await twinIn(bucket, versions, sumsOfUpload(upload))
    if (same !== null) await drop(bucket, upload)
    return same?.id ?? null
  }
  return {
    has: (name) => put.has(name),
    put: add,
    putLate: async (bytes, name) => {
      const handle = await spooled(join(spool, Buffer.from(chance(12)).toString('hex')))
      try {
        for await (const piece of bytes) await handle.writeFile(piece)
        await add(name(), readAll(handle), false)
      } finally {
        await handle.close()
      }
    },
    settle: async () => {
      await inBatches([...waiting], ([name, one]) => settle(name, one))
    },
    name: async (id, manifest, mend = false) => {
      const way = { roomBytes: room, lock }
      if (mend) await putBeside(bucket, point(id), manifest, way)
      else await putOnce(bucket, point(id), manifest, way)
    },
    discard: async () => {
      for (const [name, { upload }] of waiting) await forget(name, upload)
    },
  }
}

/** Puts one object under a name that nobody has yet, locked; throws `wrong_state` where somebody has it. */
async function putOnce(
  bucket: Bucket,
  key: string,
  bytes: Bytes,
  way: { readonly roomBytes: number; readonly lock: Lock },
): Promise<void> {
  if ((await versionsOf(bucket, key)).length > 0) throw taken()
  const upload = await begin(bucket, key, bytes, way)
  const version = await finish(bucket, upload, true)
  if (version === null) {
    await drop(bucket, upload)
    throw taken()
  }
  await lockUntil(bucket, { key, id: version }, way.lock.until)
  // A server that does not know "only where there is none" lets two in: the first one counts.
  const [first] = await versionsOf(bucket, key)
  if (first?.id !== version) throw taken()
}

/** One version more, behind what somebody else has put there: of them the oldest that opens counts. */
async function putBeside(
  bucket: Bucket,
  key: string,
  bytes: Bytes,
  way: { readonly roomBytes: number; readonly lock: Lock },
): Promise<void> {
  const id = await finish(bucket, await begin(bucket, key, bytes, way), false)
  if (id !== null) await lockUntil(bucket, { key, id }, way.lock.until)
}

/** What lies in a folder, each name once, hidden by a delete marker or not. */
async function namesIn(bucket: Bucket, part: string, ending: string): Promise<readonly string[]> {
  const folder = bucket.key(part)
  const names = new Set<string>()
  for await (const { key } of bucket.versions(folder))
    if (key.endsWith(ending)) names.add(key.slice(folder.length, -ending.length))
  return [...names].toSorted()
}

function taken(): FirebreakError {
  return new FirebreakError('wrong_state', 'the vault has a thing of this name already')
}

/** A file without a name: it is gone when it is closed, or when this process ends. */
async function spooled(file: string): Promise<FileHandle> {
  const handle = await open(file, 'wx+', 0o600)
  await unlink(file)
  return handle
}

/** Only what a dead writer left unfinished: none of it was ever an object. */
async function sweep(bucket: Bucket, { clock, staleMs }: Keeping): Promise<void> {
  const { Uploads = [] } = await bucket.ask('be opened', (s3) =>
    s3.listMultipartUploads({ Bucket: bucket.name, Prefix: bucket.key('') }),
  )
  for (const { Key, UploadId, Initiated } of Uploads)
    if (Key !== undefined && UploadId !== undefined && Initiated !== undefined)
      if (clock.now() - Initiated.getTime() > staleMs) await abort(bucket, Key, UploadId)
}
