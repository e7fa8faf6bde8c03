/** What a bucket must keep for the vault, whoever holds its credential; each server runs it whole. */
import { createHash, randomBytes } from 'node:crypto'
import type { S3 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBox } from '../../src/vault/box.ts'
import type { Bucket, S3Place } from '../../src/vault/s3-bucket.ts'
import type { Store } from '../../src/vault/store.ts'
import { bucketAt, dayMs, makeBucket, ownerOf, storeAt } from './s3-ground.ts'
import type { Service } from './s3-ground.ts'
import { bytesOf, namePoint, put, textOf } from './store-contract.ts'

export function lockContract(what: string, start: () => Promise<Service>): void {
  describe(`what is put is locked: ${what}`, () => {
    let service: Service
    let owner: S3
    let place: S3Place
    let bucket: Bucket
    let store: Store
    beforeAll(async () => {
      service = await start()
      owner = ownerOf(service)
      place = await makeBucket(service, true)
      bucket = await bucketAt(service, place)
      store = await storeAt(bucket)
    }, 120_000)
    afterAll(async () => {
      bucket.close()
      owner.destroy()
      await service.close()
    })
    const keyOf = (name: string): string => `vault/objects/${name.slice(0, 2)}/${name}`
    const versions = async (Prefix: string): Promise<readonly string[]> =>
      ((await owner.listObjectVersions({ Bucket: place.bucket, Prefix })).Versions ?? []).map(
        ({ VersionId }) => VersionId ?? '',
      )
    const lockOf = async (Key: string): Promise<readonly [string | undefined, number]> => {
      const [VersionId = ''] = await versions(Key)
      const head = await owner.headObject({ Bucket: place.bucket, Key, VersionId })
      return [head.ObjectLockMode, head.ObjectLockRetainUntilDate?.getTime() ?? 0]
    }

    test.each([
      ['small', 10],
      ['big', 9_000_000],
    ])('lock-shows: a %s object has its own lock, and so has a manifest', async (size, length) => {
      const name = `obj_${size}`
      const before = Date.now()
      await put(store, { [name]: 'x'.repeat(length) })
      await namePoint(store, `point_${size}`, 'manifest')
      for (const key of [keyOf(name), `vault/points/point_${size}.manifest`]) {
        const [mode, until] = await lockOf(key)
        expect(mode).toBe('COMPLIANCE')
        expect(until).toBeGreaterThanOrEqual(before + 7 * dayMs)
        expect(until).toBeLessThan(Date.now() + 7 * dayMs + 2000)
      }
    })

    test('the owner of the bucket cannot destroy a locked version', async () => {
      await put(store, { obj_locked: 'three cars' })
      const Key = keyOf('obj_locked')
      const [VersionId = ''] = await versions(Key)
      const at = { Bucket: place.bucket, Key, VersionId }
      const refused = { name: 'AccessDenied' }
      await expect(owner.deleteObject(at)).rejects.toMatchObject(refused)
      await expect(
        owner.deleteObject({ ...at, BypassGovernanceRetention: true }),
      ).rejects.toMatchObject(refused)
      const soon = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + dayMs) } as const
      await expect(owner.putObjectRetention({ ...at, Retention: soon })).rejects.toMatchObject(
        refused,
      )
      expect(await textOf(store.get('obj_locked'))).toBe('three cars')
    })

    test('a delete marker hides nothing from the vault', async () => {
      await put(store, { obj_hidden: 'three cars' })
      await namePoint(store, 'point_hidden', 'manifest')
      const point = 'vault/points/point_hidden.manifest'
      await owner.deleteObject({ Bucket: place.bucket, Key: keyOf('obj_hidden') })
      await owner.deleteObject({ Bucket: place.bucket, Key: point })
      expect(await store.has('obj_hidden')).toBe(true)
      expect(await textOf(store.get('obj_hidden'))).toBe('three cars')
      expect(await store.points()).toContain('point_hidden')
      expect(await textOf(store.getPoint('point_hidden'))).toBe('manifest')
      await expect(namePoint(store, 'point_hidden', 'forged')).rejects.toMatchObject({
        code: 'wrong_state',
      })
    })

    test('what someone wrote over a name does not count, though it is newer', async () => {
      const box = openBox(store, new Uint8Array(32).fill(1), randomBytes)
      const sha256 = createHash('sha256').update('three cars').digest('hex')
      const staging = await store.stage()
      await staging.put(box.name(sha256), box.seal(bytesOf('three cars')), false)
      await staging.name('point_over', box.sealManifest('point_over', 'the manifest'))
      await staging.settle()
      await staging.discard()
      const over = { Bucket: place.bucket, Body: 'garbage' }
      await owner.putObject({ ...over, Key: keyOf(box.name(sha256)) })
      await owner.putObject({ ...over, Key: 'vault/points/point_over.manifest' })
      expect(await box.manifestText('point_over')).toBe('the manifest')
      expect(await textOf(box.open(sha256))).toBe('three cars')
      await put(store, { obj_over: 'the oldest counts, also where nobody judges' })
      await owner.putObject({ ...over, Key: keyOf('obj_over') })
      expect(await textOf(store.get('obj_over'))).toMatch(/^the oldest counts/)
    })

    test('kept for longer while a point leans on it, and never for less', async () => {
      await put(store, { obj_kept: 'a', obj_also: 'b' })
      await namePoint(store, 'point_kept', 'manifest')
      const late = Date.now() + 30 * dayMs
      const until = await store.keep('point_kept', ['obj_kept', 'obj_also'], late)
      expect(until).toBeGreaterThanOrEqual(late)
      const keys = [
        keyOf('obj_kept'),
        keyOf('obj_also'),
        'vault/points/point_kept.manifest',
      ] as const
      for (const key of keys) expect(await lockOf(key)).toEqual(['COMPLIANCE', until])
      await store.keep('point_kept', ['obj_kept'], Date.now() + dayMs)
      for (const key of keys) expect(await lockOf(key)).toEqual(['COMPLIANCE', until])
    })

    test('a key file is locked as points are, and for as long as any point is kept', async () => {
      const before = Date.now()
      await store.putKey('key_a', bytesOf('wrapped'))
      const file = 'vault/keys/key_a.key'
      const [mode, first] = await lockOf(file)
      expect(mode).toBe('COMPLIANCE')
      expect(first).toBeGreaterThanOrEqual(before + 7 * dayMs)
      await owner.putObject({ Bucket: place.bucket, Key: file, Body: 'an intruder' })
      await owner.deleteObject({ Bucket: place.bucket, Key: file })
      expect(await store.keys()).toContain('key_a')
      expect(await textOf(store.getKey('key_a'))).toBe('wrapped')
      await namePoint(store, 'point_keyed', 'manifest')
      const until = await store.keep('point_keyed', [], Date.now() + 40 * dayMs)
      expect(await lockOf(file)).toEqual(['COMPLIANCE', until])
    })

    test('a point that leans on what is not there cannot be kept', async () => {
      await namePoint(store, 'point_torn', 'manifest')
      await expect(
        store.keep('point_torn', ['obj_never'], Date.now() + dayMs),
      ).rejects.toMatchObject({ code: 'broken_store' })
    })

    test('a twin that comes later makes the lock of the first one longer', async () => {
      await put(await storeAt(bucket, { keepMs: dayMs }), { obj_twin: 'same' })
      const [, before] = await lockOf(keyOf('obj_twin'))
      await put(store, { obj_twin: 'same' })
      const [, after] = await lockOf(keyOf('obj_twin'))
      expect(after - before).toBeGreaterThan(5 * dayMs)
      expect(await versions(keyOf('obj_twin'))).toHaveLength(1)
    })

    test('a bucket without a lock is refused in one line', async () => {
      const open = await makeBucket(service, false)
      const other = await bucketAt(service, open)
      const unlocked = await storeAt(other)
      await expect(put(unlocked, { obj_a: 'a' })).rejects.toMatchObject({
        code: 'bad_config',
        message: expect.stringMatching(/no object lock|keeps no versions|no COMPLIANCE lock/),
      })
      expect(await unlocked.points()).toEqual([])
      other.close()
    })
  })
}
