/** What the canary attack must find out about a bucket; each server runs it whole. */
import { randomBytes } from 'node:crypto'
import type { S3 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gradeOfProof } from '../../src/vault/grade.ts'
import { attack } from '../../src/vault/s3-attack.ts'
import type { Attacked, Canary } from '../../src/vault/s3-attack.ts'
import { openBucket } from '../../src/vault/s3-bucket.ts'
import type { Bucket, S3Place } from '../../src/vault/s3-bucket.ts'
import { bucketAt, credentialOf, makeBucket, ownerOf, realClock } from './s3-ground.ts'
import type { Service } from './s3-ground.ts'

/** With a stranger, who has no right in the owner's buckets. */
export type AttackService = Service & { readonly stranger: Service['owner'] }

export const canary = (lock: Canary['lock']): Canary => ({
  lock,
  clock: realClock,
  chance: randomBytes,
})
export const came = ({ tried }: Attacked, call: string): string | undefined =>
  tried.find((one) => one.call === call)?.came

export function attackContract(what: string, start: () => Promise<AttackService>): void {
  describe(`the canary attack: ${what}`, () => {
    let service: AttackService
    let owner: S3
    let place: S3Place
    let bucket: Bucket
    beforeAll(async () => {
      service = await start()
      owner = ownerOf(service)
      place = await makeBucket(service, true)
      bucket = await bucketAt(service, place)
    }, 120_000)
    afterAll(async () => {
      bucket.close()
      owner.destroy()
      await service.close()
    })

    test('COMPLIANCE resists its own owner, who can delete what is not locked', async () => {
      const found = await attack(bucket, bucket, canary('COMPLIANCE'))
      expect(found).toMatchObject({ survived: true, control: true, answered: true })
      expect(came(found, 'DeleteObject, with its version')).toBe('refused')
      expect(came(found, 'DeleteObject, bypassing')).toBe('refused')
      expect(came(found, 'PutObjectRetention, shorter')).toBe('refused')
      expect(came(found, 'PutObjectRetention, bypassing')).toBe('refused')
      expect(came(found, 'PutBucketVersioning, suspended')).toBe('refused')
      expect(came(found, 'DeleteBucket')).toBe('refused')
      expect(came(found, 'DeleteObject')).toBe('done')
      const proof = { ...found, locked: true } as const
      expect(gradeOfProof({ ...proof, apart: 'same account' })).toBe('V2')
      expect(gradeOfProof({ ...proof, apart: 'other account' })).toBe('V4')
      expect(gradeOfProof({ ...proof, apart: 'other provider' })).toBe('V5')
    })

    test('GOVERNANCE falls to who may bypass it', async () => {
      const found = await attack(bucket, bucket, canary('GOVERNANCE'))
      expect(found).toMatchObject({ survived: false, control: true })
      expect(came(found, 'DeleteObject, bypassing')).toBe('done')
      expect(gradeOfProof({ ...found, locked: false, apart: 'other provider' })).toBe('V1')
    })

    test('without a lock it falls', async () => {
      const found = await attack(bucket, bucket, canary(null))
      expect(found).toMatchObject({ survived: false, control: true })
      expect(came(found, 'DeleteObject, with its version')).toBe('done')
      expect(gradeOfProof({ ...found, locked: false, apart: 'other account' })).toBe('V1')
    })

    test('a credential that can delete nothing proves itself, and not the lock', async () => {
      const stranger = await openBucket(place, credentialOf(service.stranger), realClock, 1)
      const found = await attack(bucket, stranger, canary('COMPLIANCE'))
      stranger.close()
      expect(found).toMatchObject({ survived: true, control: false, answered: true })
      expect(found.tried.filter(({ came }) => came === 'done' || came === 'failed')).toEqual([])
      expect(gradeOfProof({ ...found, locked: true, apart: 'same account' })).toBe('V2')
      expect(gradeOfProof({ ...found, locked: true, apart: 'other account' })).toBe('V3')
    })

    test('the rules of the bucket are afterwards what they were', async () => {
      const Bucket = place.bucket
      const rules = async (): Promise<unknown> =>
        (await owner.getBucketLifecycleConfiguration({ Bucket })).Rules
      await expect(rules()).rejects.toMatchObject({ name: 'NoSuchLifecycleConfiguration' })
      await owner.putBucketLifecycleConfiguration({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            { ID: 'own', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 9 } },
          ],
        },
      })
      const before = await rules()
      const found = await attack(bucket, bucket, canary('COMPLIANCE'))
      expect(came(found, 'PutBucketLifecycle, expiring')).toBe('done')
      expect(await rules()).toEqual(before)
    })
  })
}
