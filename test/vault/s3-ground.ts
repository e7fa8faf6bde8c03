/** A bucket with Object Lock as the ground of the store contract, whatever serves it. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { S3 } from '@aws-sdk/client-s3'
import { Secret } from '../../src/base/secret.ts'
import type { Bucket, S3Credential, S3Place } from '../../src/vault/s3-bucket.ts'
import { openBucket } from '../../src/vault/s3-bucket.ts'
import { openS3Store } from '../../src/vault/store-s3.ts'
import type { Store } from '../../src/vault/store.ts'
import type { Ground } from './store-contract.ts'

export const dayMs = 24 * 60 * 60_000
export const realClock = { now: () => Date.now(), steady: () => performance.now() }

export interface Service {
  readonly endpoint: string
  /** Who owns the buckets. */
  readonly owner: { readonly id: string; readonly secret: string }
  rot(suffix: string): boolean
  close(): Promise<void>
}

export function credentialOf({ id, secret }: Service['owner']): S3Credential {
  return { id, secret: new Secret(secret), session: null }
}

/** A client that does what the product never does. */
export function ownerOf({ endpoint, owner }: Service): S3 {
  return new S3({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: owner.id, secretAccessKey: owner.secret },
    maxAttempts: 1,
  })
}

/** A new bucket of the service's; without a lock where nothing is said. */
export async function makeBucket(service: Service, locked: boolean): Promise<S3Place> {
  const bucket = `b${randomBytes(8).toString('hex')}`
  const client = ownerOf(service)
  await client.createBucket({ Bucket: bucket, ObjectLockEnabledForBucket: locked })
  client.destroy()
  return { endpoint: service.endpoint, region: 'us-east-1', bucket, prefix: 'vault' }
}

export async function bucketAt(service: Service, place: S3Place): Promise<Bucket> {
  return await openBucket(place, credentialOf(service.owner), realClock, 1)
}

export async function storeAt(
  bucket: Bucket,
  more: { staleMs?: number; keepMs?: number } = {},
): Promise<Store> {
  const keeping = {
    keepMs: 7 * dayMs,
    spool: tmpdir(),
    clock: realClock,
    chance: randomBytes,
    staleMs: dayMs,
  }
  return await openS3Store(bucket, { ...keeping, ...more })
}

/** Every place is a bucket of its own. */
export async function s3Ground(start: () => Promise<Service>): Promise<Ground> {
  const service = await start()
  const client = ownerOf(service)
  const buckets: Bucket[] = []
  return {
    fresh: async () => {
      const place = await makeBucket(service, true)
      return {
        open: async (laterMs = 0) => {
          const bucket = await bucketAt(service, place)
          buckets.push(bucket)
          return await storeAt(bucket, { staleMs: dayMs - laterMs })
        },
        damage: async (name) =>
          await Promise.resolve(service.rot(`objects/${name.slice(0, 2)}/${name}`)),
        rests: async () =>
          (await client.listMultipartUploads({ Bucket: place.bucket })).Uploads?.length ?? 0,
      }
    },
    close: async () => {
      for (const bucket of buckets) bucket.close()
      client.destroy()
      await service.close()
    },
  }
}
