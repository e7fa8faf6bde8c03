/** A bucket as the vault uses it: asked in our words, its clock watched, every version of a name seen. */
import type { S3 } from '@aws-sdk/client-s3'
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import { faultOf } from './s3-fault.ts'

export interface S3Place {
  /** Null: the one that AWS has for the region. */
  readonly endpoint: string | null
  readonly region: string
  readonly bucket: string
  /** A folder in the bucket, without slashes at its ends; empty for all of it. */
  readonly prefix: string
}

export interface S3Credential {
  readonly id: string
  readonly secret: Secret
  readonly session: Secret | null
}

export interface Bucket {
  readonly name: string
  /** For a person. */
  readonly place: string
  /** The whole key of a path in the vault. */
  key(path: string): string
  /** Throws one clear line, whatever went wrong. `doing` ends the sentence "the vault could not …". */
  ask<T>(doing: string, work: (s3: S3) => Promise<T>): Promise<T>
  /** As `ask`, and what is thrown is the SDK's own. */
  raw<T>(work: (s3: S3) => Promise<T>): Promise<T>
  /** Every version whose key begins so, the newest of each key first. A delete marker hides nothing here. */
  versions(prefix: string): AsyncGenerator<Version>
  close(): void
}

export interface Version {
  readonly key: string
  readonly id: string
}

/** A lock that ends minutes too soon by the bucket's clock is no lock; more than this is no delay of the network. */
const maxSkewMs = 5 * 60_000

/** Loads the SDK, which costs start-up time: so only where a bucket is configured. */
export async function openBucket(
  where: S3Place,
  { id, secret, session }: S3Credential,
  clock: Clock,
  attempts = 4,
): Promise<Bucket> {
  const { S3: Client } = await import('@aws-sdk/client-s3')
  const { endpoint, region, bucket, prefix } = where
  const s3 = new Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    credentials: {
      accessKeyId: id,
      secretAccessKey: secret.reveal(),
      ...(session === null ? {} : { sessionToken: session.reveal() }),
    },
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 120_000 },
  })
  const place = `s3://${bucket}/${prefix}${endpoint === null ? '' : ` at ${endpoint}`}`
  const folder = prefix === '' ? '' : `${prefix}/`
  let skewMs = 0
  s3.middlewareStack.add(
    (next) => async (asked) => {
      const result = await next(asked)
      const at = dateOf(result.response)
      if (at !== null) skewMs = at - clock.now()
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'clock' },
  )
  const timed = (): void => {
    if (Math.abs(skewMs) <= maxSkewMs) return
    const minutes = Math.round(Math.abs(skewMs) / 60_000)
    const which = skewMs > 0 ? 'ahead of' : 'behind'
    throw new FirebreakError(
      'bad_config',
      `the clock of the vault \`${place}\` is ${minutes} minutes ${which} this machine's, so no lock would end when it should`,
      'set the clock that is wrong by a time service',
    )
  }

  const ask: Bucket['ask'] = async (doing, work) => {
    try {
      const answer = await work(s3)
      timed()
      return answer
    } catch (thrown) {
      // One clear line in place of the SDK's error, which carries the request.
      throw faultOf(thrown, doing, place)
    }
  }

  return {
    name: bucket,
    place,
    key: (path) => `${folder}${path}`,
    ask,
    raw: (work) => work(s3),
    async *versions(prefix) {
      for (let from: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } = {}; ;) {
        const marks = from
        const page = await ask('be listed', (s3) =>
          s3.listObjectVersions({ Bucket: bucket, Prefix: prefix, ...marks }),
        )
        for (const { Key, VersionId } of page.Versions ?? [])
          if (Key !== undefined && VersionId !== undefined) yield { key: Key, id: VersionId }
        if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return
        const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page
        from = { KeyMarker, ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }) }
      }
    },
    close: () => s3.destroy(),
  }
}

/** When the server says that it is; null where it does not say. */
function dateOf(response: unknown): number | null {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return null
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return null
  const at = Date.parse(String(headers.date))
  return Number.isNaN(at) ? null : at
}
