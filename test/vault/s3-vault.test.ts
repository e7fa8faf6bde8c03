/** The vault over a bucket: a folder is covered, survives who deletes everything he can, and comes back. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Store } from '../../src/vault/store.ts'
import type { OpenVault } from '../../src/vault/vault.ts'
import { openVault } from '../../src/vault/vault.ts'
import { bucketAt, makeBucket, ownerOf, realClock, storeAt } from './s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const vi1 = { target: 'rail', type: 'volumeInstance', id: 'vi1' }
const radius = {
  ...noRadius,
  resources: [{ ...vi1, name: 'pgdata', environment: 'prod', bytes: null, protects: null }],
}
const drop = {
  principal: 'agent:a',
  root: 'g1',
  target: 'rail',
  key: null,
  operations: [
    {
      name: 'volumeDelete',
      effect: 'destroy',
      kinds: ['data'],
      parameters: {},
      shown: {},
      selects: null,
      names: [],
      environments: [],
      findings: [],
      alternatives: [],
    },
  ],
} as const

function vaultOver(
  store: Store,
  path: string,
  state: ReturnType<typeof openSqlite> | null,
): OpenVault {
  return openVault({
    box: openBox(store, new Uint8Array(32).fill(1), randomBytes),
    sources: [{ covers: vi1, path }],
    links: [],
    storeOn: [],
    minimum: 'V1',
    state,
    note: async () => await Promise.resolve(),
    clock: realClock,
    chance: randomBytes,
    progress: () => undefined,
  })
}

test('a covered folder comes back after the owner has deleted all that the bucket lets him', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-s3-')))
  const data = join(root, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'bookings'), 'three cars until Monday\n')
  writeFileSync(join(data, 'wal'), randomBytes(9_000_000))
  const server = await startSimS3([owner])
  const service = { ...server, owner }
  const place = await makeBucket(service, true)
  const bucket = await bucketAt(service, place)
  const store = await storeAt(bucket)
  const state = openSqlite(':memory:')
  const covered = await vaultOver(store, data, state).cover(drop, radius)
  const [point] = covered.kind === 'covered' ? covered.points : []
  expect(point).toMatchObject({ engine: 'files', place: bucket.place })

  const client = ownerOf(service)
  const { Versions = [] } = await client.listObjectVersions({ Bucket: place.bucket })
  expect(Versions).toHaveLength(3)
  for (const { Key, VersionId } of Versions) {
    const at = { Bucket: place.bucket, Key }
    await expect(client.deleteObject({ ...at, VersionId })).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    await client.putObject({ ...at, Body: 'garbage' })
    await client.deleteObject(at)
  }
  state.close()

  // From the bucket and the key alone.
  const vault = vaultOver(await storeAt(bucket), data, null)
  expect(await vault.verify(point?.id ?? '')).toBe(true)
  expect((await vault.list()).map(({ kind }) => kind)).toEqual(['point'])
  const back = join(root, 'back')
  await vault.restoreTo(point?.id ?? '', back)
  for (const file of ['bookings', 'wal'])
    expect(readFileSync(join(back, file)).equals(readFileSync(join(data, file)))).toBe(true)
  client.destroy()
  bucket.close()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})
