/** The lock of one version in a bucket: set, read back, made longer; never shorter, and never believed unseen. */
import { FirebreakError } from '../base/error.ts'
import type { Bucket, Version } from './s3-bucket.ts'

/**
 * Sees to it that a version is locked in COMPLIANCE until then, and gives back until when it really is.
 * INVARIANT (lock-shows): what counts is what the bucket shows after it was set. Throws `bad_config` where it shows less.
 */
export async function lockUntil(bucket: Bucket, version: Version, until: number): Promise<number> {
  const before = await shown(bucket, version)
  if (before !== null && before >= until) return before
  // Some servers drop the lock of an upload in parts: it is set on the version then.
  await bucket.ask('lock an object', (s3) =>
    s3.putObjectRetention({
      Bucket: bucket.name,
      Key: version.key,
      VersionId: version.id,
      Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until) },
    }),
  )
  const after = await shown(bucket, version)
  if (after !== null && after >= until) return after
  throw new FirebreakError(
    'bad_config',
    after === null
      ? `the vault \`${bucket.place}\` took an object and shows no COMPLIANCE lock on it`
      : `the vault \`${bucket.place}\` shortened a lock: asked until ${day(until)}, it shows ${day(after)}`,
    'use a bucket with object lock, on a service that keeps it for each object',
  )
}

/** A moment that a bucket can hold: services keep whole seconds. */
export function wholeSecond(at: number): number {
  return Math.ceil(at / 1000) * 1000
}

async function shown(bucket: Bucket, { key, id }: Version): Promise<number | null> {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = await bucket.ask(
    'show an object',
    (s3) => s3.headObject({ Bucket: bucket.name, Key: key, VersionId: id }),
  )
  return mode === 'COMPLIANCE' && until !== undefined ? until.getTime() : null
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 19)
}
