/** The canary attack against a server in process. */
import { expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import { Secret } from '../../src/base/secret.ts'
import { gradeOfProof } from '../../src/vault/grade.ts'
import { attack } from '../../src/vault/s3-attack.ts'
import { openBucket } from '../../src/vault/s3-bucket.ts'
import type { S3Credential, S3Place } from '../../src/vault/s3-bucket.ts'
import { attackContract, came, canary } from './attack-contract.ts'
import { bucketAt, credentialOf, makeBucket, ownerOf, realClock } from './s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const stranger = { id: 'AKOTHER', secret: 'of-a-stranger', may: () => false }
const deleter = {
  id: 'AKDELETE',
  secret: 'of-who-tidies-up',
  may: (operation: string) => operation.startsWith('DeleteObject'),
}

attackContract('a server in process', async () => ({
  ...(await startSimS3([owner, stranger])),
  owner,
  stranger,
}))

test('GOVERNANCE holds against who may delete and not bypass', async () => {
  const service = { ...(await startSimS3([owner, deleter])), owner }
  const place = await makeBucket(service, true)
  const bucket = await bucketAt(service, place)
  const attacker = await openBucket(place, credentialOf(deleter), realClock, 1)
  const found = await attack(bucket, attacker, canary('GOVERNANCE'))
  expect(found).toMatchObject({ survived: true, control: true })
  expect(came(found, 'PutBucketLifecycle, expiring')).toBe('skipped')
  expect(gradeOfProof({ ...found, locked: false, apart: 'other account' })).toBe('V1')
  bucket.close()
  attacker.close()
  await service.close()
})

test.each<[string, Partial<S3Place>, Partial<S3Credential>]>([
  ['a server that is down', { endpoint: 'http://127.0.0.1:1' }, {}],
  ['a key that nobody knows', {}, { id: 'AKNOBODY' }],
  ['a wrong secret', {}, { secret: new Secret('other') }],
  ['another region', { region: 'eu-central-1' }, {}],
])('%s proves nothing', async (_, where, credential) => {
  const service = { ...(await startSimS3([owner])), owner }
  const place = await makeBucket(service, true)
  const bucket = await bucketAt(service, place)
  const by = { ...credentialOf(owner), ...credential }
  const attacker = await openBucket({ ...place, ...where }, by, realClock, 1)
  const found = await attack(bucket, attacker, canary('COMPLIANCE'))
  expect(found).toMatchObject({ survived: true, control: false, answered: false })
  expect(came(found, 'DeleteObject')).toBe('failed')
  expect(gradeOfProof({ ...found, locked: true, apart: 'other provider' })).toBe('V1')
  bucket.close()
  attacker.close()
  await service.close()
})

test('where versions are suspended they are turned on again', async () => {
  const server = await startSimS3([owner])
  const service = { ...server, owner }
  const place = await makeBucket(service, false)
  const client = ownerOf(service)
  const status = async (): Promise<unknown> =>
    (await client.getBucketVersioning({ Bucket: place.bucket })).Status
  await client.putBucketVersioning({
    Bucket: place.bucket,
    VersioningConfiguration: { Status: 'Enabled' },
  })
  const bucket = await bucketAt(service, place)
  const found = await attack(bucket, bucket, canary(null))
  expect(came(found, 'PutBucketVersioning, suspended')).toBe('done')
  expect(found).toMatchObject({ survived: false, control: true })
  expect(await status()).toBe('Enabled')
  bucket.close()
  client.destroy()
  await server.close()
})
