/** The second place and an identity alone: what was copied there opens for its owners, whatever was done to the bucket since. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import { openOffsite } from '../../src/vault/offsite.ts'
import { putFile, sum } from './files-house.ts'
import { asOwner, daemonOf, freshFolder, person, start, storeIn } from './keys-house.ts'
import { bucketAt, dayMs, makeBucket, ownerOf, realClock, storeAt } from './s3-ground.ts'
import { textOf } from './store-contract.ts'

test('points under two keys and the keys themselves are copied, locked, and open there', async () => {
  const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
  const service = { ...(await startSimS3([owner])), owner }
  const place = await makeBucket(service, true)
  const bucket = await bucketAt(service, place)
  const [ada, ben, eve] = [await person(), await person(), await person()]
  const [folder, daemon] = [freshFolder(), daemonOf(1)]
  const store = await storeIn(folder)
  await putFile(await start(store, daemon, [ada, ben]), 'point_one', 'three cars')
  const box = await start(store, daemon, [ben])
  await putFile(box, 'point_two', 'and a van')
  const offsite = openOffsite({
    place: 'there',
    box,
    open: async () => await storeAt(bucket),
    keepMs: 30 * dayMs,
    clock: realClock,
    grade: () => 'V4',
  })
  for (const id of ['point_one', 'point_two'])
    expect(await offsite.copy(id)).toBeGreaterThan(Date.now() + 29 * dayMs)
  rmSync(folder, { recursive: true })

  // All that who owns the bucket can do to the keys.
  const hand = ownerOf(service)
  const Bucket = place.bucket
  const wrapped = (
    (await hand.listObjectVersions({ Bucket, Prefix: 'vault/keys/' })).Versions ?? []
  ).map(({ Key = '', VersionId = '' }) => ({ Bucket, Key, VersionId }))
  expect(wrapped).toHaveLength(5)
  for (const version of wrapped) {
    await expect(hand.deleteObject(version)).rejects.toMatchObject({ name: 'AccessDenied' })
    await hand.putObject({ Bucket, Key: version.Key, Body: randomBytes(99) })
    await hand.deleteObject({ Bucket, Key: version.Key })
  }
  const there = await storeAt(bucket)
  const found = await asOwner(there, ben, daemon.signer)
  for (const [id, content] of [
    ['point_one', 'three cars'],
    ['point_two', 'and a van'],
  ] as const) {
    expect(await found.proof(id)).toMatchObject({ signed: true })
    expect(await textOf(found.open(sum(content)))).toBe(content)
  }
  await expect((await asOwner(there, ada)).proof('point_two')).rejects.toThrow('not at hand')
  await expect(asOwner(there, eve)).rejects.toMatchObject({ code: 'custody_locked' })
  hand.destroy()
  bucket.close()
  await service.close()
}, 60_000)
