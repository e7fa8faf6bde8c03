/** The canary attack: everything that destroys in a bucket is really tried with a credential, on things made to be lost. */
import { createHash } from 'node:crypto'
import type { LifecycleRule, S3 } from '@aws-sdk/client-s3'
import type { Chance, Clock } from '../base/clock.ts'
import type { Bucket, Version } from './s3-bucket.ts'
import { nameOf, statusOf } from './s3-fault.ts'
import { wholeSecond } from './s3-lock.ts'
import { finish } from './s3-upload.ts'
import type { Lock } from './s3-upload.ts'

/** What came of one call. `skipped` says why it was not tried. */
export interface Tried {
  readonly call: string
  readonly came: 'done' | 'refused' | 'failed' | 'skipped'
  readonly why: string
}

export interface Attacked {
  readonly tried: readonly Tried[]
  /** True when the canary's bytes came back as they were, under a lock no weaker than before. */
  readonly survived: boolean
  /** True when this credential really deleted a thing without a lock: only then a refusal tells of the lock. */
  readonly control: boolean
  /** False where a call got no answer that says anything: then nothing is proven. */
  readonly answered: boolean
}

export interface Canary {
  /** As the things to be judged are kept; null: without a lock. */
  readonly lock: Lock['mode'] | null
  readonly clock: Clock
  readonly chance: Chance
}

const hourMs = 60 * 60_000

/**
 * Puts a canary and a control by the vault's own credential and attacks them by another. What an attack has changed in the bucket
 * itself is changed back. Throws where the canary cannot be put or looked at.
 */
export async function attack(
  bucket: Bucket,
  attacker: Bucket,
  { lock, clock, chance }: Canary,
): Promise<Attacked> {
  const id = Buffer.from(chance(12)).toString('hex')
  const until = wholeSecond(clock.now() + hourMs)
  const put = async (what: string, lock: Lock | null): Promise<Version> => {
    const key = bucket.key(`canary/${id}.${what}`)
    const body = Buffer.from(`${what} ${id}`)
    const version = await finish(bucket, { kind: 'small', key, lock, body }, true)
    return { key, id: version ?? '' }
  }
  const canary = await put('canary', lock === null ? null : { mode: lock, until })
  const control = await put('control', null)
  const before = await seen(bucket, canary)
  const tried: Tried[] = []
  for (const one of [
    ...weakening(attacker, canary, { lock, clock }),
    ...destroying(attacker, canary),
  ])
    tried.push(await one())
  const deleted = await attempt('DeleteObject of the control, with its version', attacker, (s3) =>
    s3.deleteObject({ Bucket: attacker.name, Key: control.key, VersionId: control.id }),
  )
  const after = await seen(bucket, canary)
  return {
    tried: [...tried, deleted],
    answered: [...tried, deleted].every(({ came }) => came !== 'failed'),
    survived: before !== null && after !== null && isAsGood(before, after),
    control: deleted.came === 'done' && (await seen(bucket, control)) === null,
  }
}

type Call = () => Promise<Tried>

/** Calls that make the canary's own lock weaker. Where it has none they would make one, so they are left out. */
function weakening(
  attacker: Bucket,
  { key, id }: Version,
  { lock, clock }: Pick<Canary, 'lock' | 'clock'>,
): readonly Call[] {
  if (lock === null) return []
  const at = { Bucket: attacker.name, Key: key, VersionId: id }
  const RetainUntilDate = new Date(clock.now() + 60_000)
  const retain = (call: string, Mode: Lock['mode'], bypass: boolean) => () =>
    attempt(call, attacker, (s3) =>
      s3.putObjectRetention({
        ...at,
        Retention: { Mode, RetainUntilDate },
        ...(bypass ? { BypassGovernanceRetention: true } : {}),
      }),
    )
  return [
    retain('PutObjectRetention, shorter', lock, false),
    retain('PutObjectRetention, GOVERNANCE', 'GOVERNANCE', false),
    retain('PutObjectRetention, bypassing', 'GOVERNANCE', true),
    () =>
      attempt('PutObjectLegalHold, off', attacker, (s3) =>
        s3.putObjectLegalHold({ ...at, LegalHold: { Status: 'OFF' } }),
      ),
  ]
}

/** In this order: the bucket while something lies in it, so that it cannot really go, then the canary itself. */
function destroying(attacker: Bucket, { key, id }: Version): readonly Call[] {
  const at = { Bucket: attacker.name, Key: key }
  const remove = (call: string, more: object) => () =>
    attempt(call, attacker, (s3) => s3.deleteObject({ ...at, ...more }))
  return [
    () => suspend(attacker),
    () => expire(attacker, key),
    () => attempt('DeleteBucket', attacker, (s3) => s3.deleteBucket({ Bucket: attacker.name })),
    () => attempt('PutObject over it', attacker, (s3) => s3.putObject({ ...at, Body: 'other' })),
    remove('DeleteObject', {}),
    remove('DeleteObject, with its version', { VersionId: id }),
    remove('DeleteObject, bypassing', { VersionId: id, BypassGovernanceRetention: true }),
  ]
}

async function suspend(attacker: Bucket): Promise<Tried> {
  const set = (Status: 'Suspended' | 'Enabled') => (s3: S3) =>
    s3.putBucketVersioning({
      Bucket: attacker.name,
      VersioningConfiguration: { Status },
    })
  const tried = await attempt('PutBucketVersioning, suspended', attacker, set('Suspended'))
  if (tried.came === 'done') await attacker.ask('turn versions on again', set('Enabled'))
  return tried
}

/** The rules that are there stay among those that are tried, so that nothing of the owner's is lost between. */
async function expire(attacker: Bucket, key: string): Promise<Tried> {
  const call = 'PutBucketLifecycle, expiring'
  const rules = await rulesOf(attacker)
  if (rules === null)
    return {
      call,
      came: 'skipped',
      why: 'the rules that are there cannot be read, so not put back',
    }
  const rule = {
    ID: 'firebreak-canary',
    Status: 'Enabled',
    Filter: { Prefix: key },
    Expiration: { Days: 1 },
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  } as const
  const put = (Rules: LifecycleRule[]) => (s3: S3) =>
    s3.putBucketLifecycleConfiguration({
      Bucket: attacker.name,
      LifecycleConfiguration: { Rules },
    })
  const tried = await attempt(call, attacker, put([...rules, rule]))
  if (tried.came !== 'done') return tried
  if (rules.length > 0) await attacker.ask('put back its lifecycle', put([...rules]))
  else
    await attacker.ask('put back its lifecycle', (s3) =>
      s3.deleteBucketLifecycle({ Bucket: attacker.name }),
    )
  return tried
}

async function rulesOf(attacker: Bucket): Promise<readonly LifecycleRule[] | null> {
  try {
    const { Rules = [] } = await attacker.raw((s3) =>
      s3.getBucketLifecycleConfiguration({ Bucket: attacker.name }),
    )
    return Rules
  } catch (thrown) {
    // Only "there are none" is known to be none.
    return nameOf(thrown) === 'NoSuchLifecycleConfiguration' ? [] : null
  }
}

/** A refusal is an answer here, and so is a fault: neither ends the attack. */
async function attempt(
  call: string,
  attacker: Bucket,
  work: (s3: S3) => Promise<unknown>,
): Promise<Tried> {
  try {
    await attacker.raw(work)
    return { call, came: 'done', why: '' }
  } catch (thrown) {
    const [name, status] = [nameOf(thrown), statusOf(thrown)]
    const isSaid = (status >= 400 && status < 500) || status === 501
    const isSense = !meaningless.has(name) && !meaninglessStatuses.has(status)
    const came = isSaid && isSense ? 'refused' : 'failed'
    return { call, came, why: `${name} ${status}` }
  }
}

/** Who asks, or how, is refused before anything is looked at: that says nothing of the lock. */
const meaningless = new Set([
  // No credential of this service, or none any more.
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'RequestExpired',
  'InvalidSecurity',
  'MissingSecurityHeader',
  'CredentialsNotSupported',
  'AccountProblem',
  'AllAccessDisabled',
  'NotSignedUp',
  // Another place, or a call that did not arrive whole.
  'NoSuchBucket',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'IncompleteBody',
  'MissingContentLength',
  'BadDigest',
  'InvalidDigest',
  'MalformedXML',
  'XAmzContentSHA256Mismatch',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'UnknownError',
])
/** Too slow, too early, too often. */
const meaninglessStatuses = new Set([408, 425, 429])

interface Seen {
  readonly sha256: string
  readonly mode: string
  readonly until: number
}

/** A version as its owner sees it; null where it is gone. */
async function seen(bucket: Bucket, { key, id }: Version): Promise<Seen | null> {
  try {
    const got = await bucket.raw((s3) =>
      s3.getObject({ Bucket: bucket.name, Key: key, VersionId: id }),
    )
    const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array()
    return {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      mode: got.ObjectLockMode ?? '',
      until: got.ObjectLockRetainUntilDate?.getTime() ?? 0,
    }
  } catch (thrown) {
    if (statusOf(thrown) === 404) return null
    return await bucket.ask('look at its canary', () => Promise.reject(thrown))
  }
}

function isAsGood(before: Seen, after: Seen): boolean {
  const isLocked = after.mode === before.mode && after.until >= before.until
  return isLocked && after.sha256 === before.sha256
}
