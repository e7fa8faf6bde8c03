/** A store for recovery points in a bucket with Object Lock: each object is locked, and nothing here takes a stored one away. */
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'
import type { Bucket, Version } from './s3-bucket.ts'
import { readAll } from './read-all.ts'
import { faultOf, nameOf } from './s3-fault.ts'
import { lockUntil, wholeSecond } from './s3-lock.ts'
import { abort, begin, drop, finish } from './s3-upload.ts'
import type { Lock, Upload } from './s3-upload.ts'
import { checked } from './store.ts'
import type { Judge, Staging, Store } from './store.ts'

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
/** Requests under way at the same time. */
const abreast = 8

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
    putKey: async (name, bytes) => {
      const until = wholeSecond(keeping.clock.now() + keeping.keepMs)
      await putOnce(bucket, keyFile(name), bytes, {
        roomBytes,
        lock: { mode: 'COMPLIANCE', until },
      })
    },
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
    // Servers that do not know "only where there is none" would lay a second one beside it.
    const isThere = !mend && (await versionsOf(bucket, upload.key)).length > 0
    const id = isThere ? await drop(bucket, upload) : await finish(bucket, upload, !mend)
    waiting.delete(name)
    if (upload.kind === 'small') room += upload.body.length
    // The twin that was first may be locked for less.
    if (id === null) await lockAll(bucket, upload.key, lock.until)
    else await lockUntil(bucket, { key: upload.key, id }, lock.until)
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
  const version = await finish(bucket, await begin(bucket, key, bytes, way), true)
  if (version === null) throw taken()
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

/** What lies under one key, the oldest first. */
async function versionsOf(bucket: Bucket, key: string): Promise<readonly Version[]> {
  const found: Version[] = []
  for await (const version of bucket.versions(key)) {
    // Sorted by key: the first other one ends it.
    if (version.key !== key) break
    found.push(version)
  }
  return found.toReversed()
}

/** Every version, since any of them may be the one that is whole. */
async function lockAll(bucket: Bucket, key: string, until: number): Promise<number> {
  const versions = await versionsOf(bucket, key)
  if (versions.length === 0) throw missing()
  const kept = await inBatches(versions, (version) => lockUntil(bucket, version, until))
  return kept.reduce((least, at) => Math.min(least, at))
}

async function* read(
  bucket: Bucket,
  key: string,
  isWhole: Judge | undefined,
): AsyncGenerator<Uint8Array> {
  const versions = await versionsOf(bucket, key)
  const [first] = versions
  if (first === undefined) throw missing()
  yield* bytesOf(bucket, (await whole(bucket, versions, isWhole)) ?? first)
}

/** The oldest that is whole; not asked where there is no choice, since it costs a reading. */
async function whole(
  bucket: Bucket,
  versions: readonly Version[],
  isWhole: Judge | undefined,
): Promise<Version | null> {
  if (versions.length === 1 || isWhole === undefined) return null
  for (const version of versions) if (await isWhole(bytesOf(bucket, version))) return version
  return null
}

/** A line that breaks is taken up where it broke, as long as each time some more has come. */
async function* bytesOf(bucket: Bucket, version: Version): AsyncGenerator<Uint8Array> {
  let at = 0
  for (;;) {
    const from = at
    try {
      for await (const piece of await opened(bucket, version, from)) {
        at += piece.length
        yield piece
      }
      return
    } catch (thrown) {
      // The SDK compares what comes with the sum that was stored, and has no name for the difference.
      if (nameOf(thrown) === 'Error') throw changed()
      const fault = faultOf(thrown, 'give back an object', bucket.place)
      if (fault.code !== 'not_reachable' || at === from) throw fault
    }
  }
}

async function opened(bucket: Bucket, { key, id }: Version, from: number): Promise<Bytes> {
  const { Body } = await bucket.ask('give back an object', (s3) =>
    s3.getObject({
      Bucket: bucket.name,
      Key: key,
      VersionId: id,
      ChecksumMode: 'ENABLED',
      ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
    }),
  )
  if (Body === undefined || !(Symbol.asyncIterator in Body)) throw missing()
  return Body
}

function changed(): FirebreakError {
  const hint = 'use an older recovery point'
  return new FirebreakError('broken_store', 'a file in the vault comes back changed', hint)
}

function missing(): FirebreakError {
  return new FirebreakError(
    'broken_store',
    'a file in the vault is not there',
    'use an older recovery point',
  )
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

async function inBatches<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const done: Out[] = []
  for (let at = 0; at < all.length; at += abreast)
    done.push(...(await Promise.all(all.slice(at, at + abreast).map(work))))
  return done
}
