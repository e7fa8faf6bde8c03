/** The versions under one name in a bucket: listed, read, locked, and told from rubbish. */
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'
import type { Bucket, Version } from './s3-bucket.ts'
import { faultOf, nameOf } from './s3-fault.ts'
import { lockUntil, wholeSecond } from './s3-lock.ts'
import { shownOf, sumsOf, versionWith } from './s3-sums.ts'
import type { Sums } from './s3-sums.ts'
import type { Judge, Same } from './store.ts'

/** Requests under way at the same time. */
const abreast = 8

/** What lies under one key, the oldest first. */
export async function versionsOf(bucket: Bucket, key: string): Promise<readonly Version[]> {
  const found: Version[] = []
  for await (const version of bucket.versions(key)) {
    // Sorted by key: the first other one ends it.
    if (version.key !== key) break
    found.push(version)
  }
  return found.toReversed()
}

/** Every version, since any of them may be the one that is whole. */
export async function lockAll(bucket: Bucket, key: string, until: number): Promise<number> {
  const versions = await versionsOf(bucket, key)
  if (versions.length === 0) throw missing()
  const kept = await inBatches(versions, (version) => lockUntil(bucket, version, until))
  return kept.reduce((least, at) => Math.min(least, at))
}

export async function* read(
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

/** The oldest version that is these very bytes, as the bucket shows it or as they are read; null where none is. */
export async function twinIn(
  bucket: Bucket,
  versions: readonly Version[],
  sums: Sums,
): Promise<Version | null> {
  const same = await versionWith(bucket, versions, sums)
  if (same !== null) return same
  for (const version of versions) {
    if ((await shownOf(bucket, version)) !== null) continue
    const { whole, parts } = await sumsOf(bytesOf(bucket, version))
    if (whole === sums.whole || parts === sums.parts) return version
  }
  return null
}

/** The bucket's sums are asked first: reading costs as much as what is there. A lock goes before a reading, so that what was read stays. */
export async function keepSame(
  bucket: Bucket,
  key: string,
  { bytes, isWhole }: Same,
  until: number,
): Promise<boolean> {
  const versions = await versionsOf(bucket, key)
  if (versions.length === 0) return false
  const same = await versionWith(bucket, versions, await sumsOf(bytes))
  if (same !== null) {
    await lockUntil(bucket, same, wholeSecond(until))
    return true
  }
  for (const version of versions) {
    await lockUntil(bucket, version, wholeSecond(until))
    if (await isWhole(bytesOf(bucket, version))) return true
  }
  return false
}

export async function inBatches<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const done: Out[] = []
  for (let at = 0; at < all.length; at += abreast)
    done.push(...(await Promise.all(all.slice(at, at + abreast).map(work))))
  return done
}
