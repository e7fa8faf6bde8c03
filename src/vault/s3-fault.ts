/** What goes wrong with a bucket, in one line each: what, where, and what to do. Nothing that a server said is repeated. */
import { FirebreakError } from '../base/error.ts'
import type { ErrorCode } from '../base/error.ts'

type Told = readonly [code: ErrorCode, what: string, hint: string]

/**
 * The fault in our words. The SDK's own error goes no further, not even as a cause: it carries the request, and so a session's token.
 */
export function faultOf(thrown: unknown, doing: string, place: string): FirebreakError {
  if (thrown instanceof FirebreakError) return thrown
  const name = nameOf(thrown)
  const [code, what, hint] = told(name, statusOf(thrown))
  return new FirebreakError(code, `the vault \`${place}\` could not ${doing}: ${what}`, hint)
}

/** The name of an error, as the server or the system gave it. */
export function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown'
  const name = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name
  return /^[A-Za-z0-9_]{1,60}$/.test(name) ? name : 'unknown'
}

export function statusOf(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('$metadata' in thrown)) return 0
  const { $metadata: meta } = thrown
  const known = typeof meta === 'object' && meta !== null && 'httpStatusCode' in meta
  return known && typeof meta.httpStatusCode === 'number' ? meta.httpStatusCode : 0
}

function told(name: string, status: number): Told {
  return (
    names[name] ??
    statuses[status] ?? [
      status === 0 ? 'not_reachable' : 'broken_store',
      status === 0 ? `no answer came (${name})` : `it answered ${status} (${name})`,
      'look at the network and at the state of the storage service',
    ]
  )
}

const noLock: Told = [
  'bad_config',
  'the bucket has no object lock',
  'make a bucket with object lock turned on: most services cannot turn it on later',
]
const region: Told = [
  'bad_config',
  'the bucket lies in another region',
  'name the region of the bucket in `region`, or its own endpoint',
]
const unknownKey: Told = [
  'bad_config',
  'the credential is not accepted',
  'put the right access key into custody',
]
const expired: Told = ['bad_config', 'the credential has expired', 'put a fresh one into custody']
const denied: Told = [
  'bad_config',
  'the credential may not do this',
  'give it PutObject, PutObjectRetention, GetObjectVersion, GetObjectRetention, ListBucketVersions, ListBucketMultipartUploads and AbortMultipartUpload, and no delete',
]
const noBucket: Told = [
  'bad_config',
  'there is no such bucket',
  'make it, with object lock, or name another',
]
const busy: Told = [
  'not_reachable',
  'it asks to slow down',
  'try again later; if it stays so, spread the copies over the day',
]
const skewed: Told = [
  'bad_config',
  'the clocks of it and of this machine differ',
  'set the clock of this machine by a time service',
]
const unreachable: Told = [
  'not_reachable',
  'it cannot be reached',
  'look at the network, the name of the endpoint and its port',
]
const slow: Told = [
  'not_reachable',
  'it does not answer in time',
  'look at the network, and try again',
]
const garbled: Told = [
  'broken_store',
  'the bytes arrived changed',
  'look at the network, and try again',
]
const gone: Told = [
  'broken_store',
  'a file in the vault is not there',
  'use an older recovery point',
]
const full: Told = ['broken_store', 'its quota is used up', 'raise the quota of the bucket']

const names: { readonly [name: string]: Told | undefined } = {
  ObjectLockConfigurationNotFoundError: noLock,
  InvalidRequest: noLock,
  InvalidBucketState: noLock,
  PermanentRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
  InvalidAccessKeyId: unknownKey,
  SignatureDoesNotMatch: unknownKey,
  ExpiredToken: expired,
  TokenRefreshRequired: expired,
  AccessDenied: denied,
  NoSuchBucket: noBucket,
  SlowDown: busy,
  ServiceUnavailable: busy,
  TooManyRequests: busy,
  RequestTimeTooSkewed: skewed,
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ETIMEDOUT: slow,
  TimeoutError: slow,
  RequestTimeout: slow,
  BadDigest: garbled,
  XAmzContentSHA256Mismatch: garbled,
  NoSuchKey: gone,
  NoSuchVersion: gone,
  QuotaExceeded: full,
}

/** A HEAD has no body, so no name: the number must do. */
const statuses: { readonly [status: number]: Told | undefined } = {
  301: region,
  403: denied,
  404: gone,
  429: busy,
  503: busy,
}
