/** Rubbish under a known name: what lies in the bucket counts where it was shown to be the same, or was read, and never by its name. */
import { randomBytes } from 'node:crypto'
import type { S3 } from '@aws-sdk/client-s3'
import { afterEach, expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { SimS3 } from '../../sim/s3/server.ts'
import type { Box } from '../../src/vault/box.ts'
import { openOffsite } from '../../src/vault/offsite.ts'
import type { Bucket, S3Place } from '../../src/vault/s3-bucket.ts'
import { putFile, sum } from './files-house.ts'
import { asOwner, daemonOf, freshFolder, person, start, storeIn } from './keys-house.ts'
import { bucketAt, dayMs, makeBucket, ownerOf, realClock, storeAt } from './s3-ground.ts'
import { bytesOf, textOf } from './store-contract.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
/** A lock that has ended when it is set. */
const lapsed = { keepMs: -dayMs } as const
const kept = { keepMs: 30 * dayMs } as const

let server: SimS3
let hand: S3
let bucket: Bucket
let place: S3Place
let asked: string[]

async function open(ignores: readonly string[] = []): Promise<Box> {
  asked = []
  server = await startSimS3([owner], {
    ignores,
    refuses: (operation) => {
      asked.push(operation)
      return null
    },
  })
  place = await makeBucket({ ...server, owner }, true)
  bucket = await bucketAt({ ...server, owner }, place)
  hand = ownerOf({ ...server, rot: () => false, owner })
  return await start(await storeIn(freshFolder()), daemonOf(1), [await person()])
}
afterEach(async () => {
  hand.destroy()
  bucket.close()
  await server.close()
})

async function copy(box: Box, id: string, { keepMs }: { readonly keepMs: number }): Promise<void> {
  const opened = async (): ReturnType<typeof storeAt> => await storeAt(bucket, { keepMs })
  const parts = { place: 'there', box, keepMs, clock: realClock, grade: () => 'V4' as const }
  await openOffsite({ ...parts, open: opened }).copy(id)
}

/** All that lies under what begins so goes, and rubbish comes in its place. */
async function replace(prefix: string): Promise<void> {
  const Bucket = place.bucket
  const Prefix = `${place.prefix}/${prefix}`
  const { Versions = [] } = await hand.listObjectVersions({ Bucket, Prefix })
  expect(Versions.length).toBeGreaterThan(0)
  for (const { Key = '', VersionId = '' } of Versions) {
    await hand.deleteObject({ Bucket, Key, VersionId })
    await hand.putObject({ Bucket, Key, Body: randomBytes(99) })
  }
}

const count = (operation: string): number => asked.filter((each) => each === operation).length
const old = ['if-none-match', 'x-amz-checksum-sha256', 'x-amz-checksum-mode']

test.each<[string, readonly string[]]>([
  ['a bucket that shows sums', []],
  ['an old one, which is read', old],
])('rubbish under the name of a content is no content: %s', async (_, ignores) => {
  const box = await open(ignores)
  await putFile(box, 'point_one', 'three cars')
  await copy(box, 'point_one', lapsed)
  await replace('objects/')
  await putFile(box, 'point_two', 'three cars')
  await copy(box, 'point_two', kept)
  const there = box.over(await storeAt(bucket))
  expect(await textOf(there.open(sum('three cars')))).toBe('three cars')
  // And whoever comes again cannot take it away.
  await expect(replace('objects/')).rejects.toMatchObject({ name: 'AccessDenied' })
})

test.each<[string, number]>([
  ['small', 1000],
  ['in parts', 17 * 1024 * 1024],
])('what is there and is the same is neither read nor sent again: %s', async (_, size) => {
  const box = await open()
  const content = randomBytes(size / 2).toString('hex')
  await putFile(box, 'point_one', content)
  await copy(box, 'point_one', lapsed)
  await putFile(box, 'point_two', content)
  const before = [count('PutObject'), count('CompleteMultipartUpload'), count('GetObject')]
  await copy(box, 'point_two', kept)
  // The manifest alone.
  const after = [count('PutObject'), count('CompleteMultipartUpload'), count('GetObject')]
  expect(after).toEqual([(before[0] ?? 0) + 1, before[1], before[2]])
  await expect(replace('objects/')).rejects.toMatchObject({ name: 'AccessDenied' })
})

test('a bucket that shows no sums is read, once for each content', async () => {
  const box = await open(old)
  await putFile(box, 'point_one', 'three cars')
  await copy(box, 'point_one', lapsed)
  await putFile(box, 'point_two', 'three cars')
  const before = [count('PutObject'), count('GetObject')]
  await copy(box, 'point_two', kept)
  // The content, and the manifest alone is sent. Each key file is read as well.
  expect(count('PutObject')).toBe((before[0] ?? 0) + 1)
  expect(count('GetObject')).toBe((before[1] ?? 0) + 1 + (await box.store.keys()).length)
})

test('rubbish that comes between the look and the naming does not count either', async () => {
  await open()
  const store = await storeAt(bucket)
  const staging = await store.stage()
  await staging.put('obj_a', bytesOf('three cars'), false)
  const Key = `${place.prefix}/objects/ob/obj_a`
  await hand.putObject({ Bucket: place.bucket, Key, Body: 'rubbish' })
  await staging.settle()
  await staging.discard()
  const isWhole = async (bytes: ReturnType<typeof bytesOf>): Promise<boolean> =>
    (await textOf(bytes)) === 'three cars'
  expect(await textOf(store.get('obj_a', isWhole))).toBe('three cars')
})

test('a point whose lock had lapsed is extended by what is shown, and mended where it is rubbish', async () => {
  const box = await open()
  await putFile(box, 'point_one', 'three cars')
  await copy(box, 'point_one', lapsed)
  await replace('objects/')
  const parts = { place: 'there', box, ...kept, clock: realClock, grade: () => 'V4' as const }
  const offsite = openOffsite({ ...parts, open: async () => await storeAt(bucket, kept) })
  await offsite.extend('point_one', true)
  const there = box.over(await storeAt(bucket))
  expect(await textOf(there.open(sum('three cars')))).toBe('three cars')
})

test('rubbish in place of the key files is mended: the owners can open what is there', async () => {
  const box = await open()
  const ada = await person()
  const mine = await start(await storeIn(freshFolder()), daemonOf(2), [ada])
  await putFile(mine, 'point_one', 'three cars')
  await copy(mine, 'point_one', lapsed)
  await replace('keys/')
  await putFile(mine, 'point_two', 'a van')
  await copy(mine, 'point_two', kept)
  const there = await asOwner(await storeAt(bucket), ada, daemonOf(2).signer)
  expect(await textOf(there.open(sum('a van')))).toBe('a van')
  expect(box.store.kind).toBe('disk')
})
