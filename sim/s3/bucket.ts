/** The rehearsal S3's buckets: every version of every key, and the lock that even its owner cannot open. */
import { S3Refusal, denied } from './fault.ts'

export interface Lock {
  readonly mode: string
  readonly until: number
}

export interface Version {
  readonly id: string
  /** A delete marker hides what is below it, and destroys nothing. */
  readonly isMarker: boolean
  /** Where its bytes lie, in order. */
  readonly files: readonly string[]
  readonly size: number
  readonly etag: string
  readonly sha256: string | null
  readonly at: number
  readonly lock: Lock | null
}

export interface Unfinished {
  readonly key: string
  readonly at: number
  readonly lock: Lock | null
  readonly parts: Map<
    number,
    {
      readonly file: string
      readonly size: number
      readonly md5: string
      readonly sha256: string | null
    }
  >
}

export interface SimBucket {
  readonly isLocked: boolean
  versioning: string
  lifecycle: string | null
  /** Newest last. */
  readonly keys: Map<string, Version[]>
  readonly uploads: Map<string, Unfinished>
}

export function newBucket(isLocked: boolean): SimBucket {
  return {
    isLocked,
    versioning: isLocked ? 'Enabled' : '',
    lifecycle: null,
    keys: new Map(),
    uploads: new Map(),
  }
}

/** Without an id the newest, which a marker hides. */
export function find(bucket: SimBucket, key: string, id: string | null): Version {
  const versions = bucket.keys.get(key) ?? []
  const version = id === null ? versions.at(-1) : versions.find((one) => one.id === id)
  if (version === undefined || (id === null && version.isMarker))
    throw new S3Refusal(404, id === null ? 'NoSuchKey' : 'NoSuchVersion')
  return version
}

/** Puts a version on top; a bucket without versions keeps one only. */
export function add(bucket: SimBucket, key: string, version: Version): void {
  const below = bucket.versioning === 'Enabled' ? (bucket.keys.get(key) ?? []) : []
  bucket.keys.set(key, [...below, version])
}

/** COMPLIANCE gives way to nobody before its time; GOVERNANCE gives way to who may bypass it. */
export function removeVersion(
  bucket: SimBucket,
  key: string,
  id: string,
  by: { readonly now: number; readonly mayBypass: boolean },
): void {
  const versions = bucket.keys.get(key) ?? []
  const version = versions.find((one) => one.id === id)
  if (version === undefined) return
  if (isHeld(version.lock, by)) throw denied()
  const rest = versions.filter((one) => one.id !== id)
  if (rest.length === 0) bucket.keys.delete(key)
  else bucket.keys.set(key, rest)
}

/** A lock is made longer by anyone who may, and weaker by nobody, or for GOVERNANCE by who may bypass it. */
export function setLock(
  bucket: SimBucket,
  at: { readonly key: string; readonly id: string | null },
  lock: Lock,
  by: { readonly now: number; readonly mayBypass: boolean },
): void {
  if (!bucket.isLocked) throw new S3Refusal(400, 'InvalidRequest')
  const version = find(bucket, at.key, at.id)
  const before = version.lock
  const isWeaker = before !== null && (lock.until < before.until || lock.mode !== before.mode)
  if (isWeaker && isHeld(before, by)) throw denied()
  replace(bucket, at.key, { ...version, lock })
}

export function replace(bucket: SimBucket, key: string, version: Version): void {
  const versions = bucket.keys.get(key) ?? []
  bucket.keys.set(
    key,
    versions.map((one) => (one.id === version.id ? version : one)),
  )
}

function isHeld(
  lock: Lock | null,
  { now, mayBypass }: { readonly now: number; readonly mayBypass: boolean },
): boolean {
  if (lock === null || lock.until <= now) return false
  return lock.mode === 'COMPLIANCE' || !mayBypass
}
