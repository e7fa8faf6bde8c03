/** drill-proves: a heap that lost a page fails the drill, also where every checksum agrees with it. */
import { rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realChance } from '../../src/app/world.ts'
import { newId } from '../../src/base/clock.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { physicalText } from '../../src/vault/physical-manifest.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import { openPieces, readPieces } from '../../src/vault/physical-pieces.ts'
import { openPress } from '../../src/vault/physical-press.ts'
import { openBase } from '../../src/vault/physical-verify.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drill, openWorld, take } from './damage-engines.ts'
import type { World } from './damage-engines.ts'
import { diskGround } from './damage-ground.ts'
import { startSource } from './physical-house.ts'

const pageBytes = 8192
let cluster: Cluster
let folder: string
let world: World
let heap: string

beforeAll(async () => {
  cluster = await startSource(['synchronous_commit = on', 'autovacuum = off'])
  cluster.sql(`CREATE TABLE car (id int, name text);
    INSERT INTO car SELECT g, repeat('x', 700) FROM generate_series(1, 100) g`)
  cluster.sql('VACUUM car')
  heap = cluster.sql(`SELECT pg_relation_filepath('car')`).trim()
  folder = ownFolder('fb-heap-')
  world = await openWorld(cluster, folder, await diskGround(folder))
}, 60_000)
afterAll(async () => {
  await world.close()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The same base backup with a page less of one file, sealed as if it had come so: only the server's own sums know better. */
async function withoutPage(base: BaseManifest): Promise<string> {
  const { box, clock } = world.parts
  const pieces: Uint8Array[] = []
  for await (const part of readPieces(box, base.archives[0]?.pieces ?? [])) pieces.push(part)
  const staging = await box.store.stage()
  const press = openPress(1)
  const writer = openPieces({ box, press, staging })
  await writer.write(cutEntry(Buffer.concat(pieces), heap))
  const archives = [{ tablespace: null, pieces: (await writer.end()).pieces }]
  await press.stop()
  await staging.settle()
  const id = newId('base', clock.now(), realChance)
  await staging.name(id, box.sealManifest(id, physicalText({ ...base, id, archives })))
  await staging.discard()
  return id
}

/** A tar archive in which one file has lost its last page, with a head that says so. */
function cutEntry(tar: Buffer, path: string): Buffer {
  const at = tar.indexOf(`${path}\0`)
  const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
  expect(size).toBeGreaterThan(pageBytes)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  const head = Buffer.from(tar.subarray(at, at + 512))
  head.write(`${octal(size - pageBytes, 11)} `, 124, 'latin1')
  head.write(' '.repeat(8), 148, 'latin1')
  head.write(
    `${octal(
      head.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
    'latin1',
  )
  const end = at + 512 + size
  return Buffer.concat([
    tar.subarray(0, at),
    head,
    tar.subarray(at + 512, end - pageBytes),
    tar.subarray(end),
  ])
}

test('drill-proves: a heap file that was cut by a page before sealing is named, and the last good one', async () => {
  const good = await take('physical', world)
  expect((await drill('physical', good, world))?.wrong).toEqual([])
  const bad = await withoutPage(await openBase(world.parts.box, good))
  // Byte for byte it is what was sealed.
  expect((await world.vault.inspect(bad)).whole).toBe(true)
  const found = await drill('physical', bad, world)
  expect(found).toMatchObject({
    passed: false,
    wrong: [expect.stringMatching(new RegExp(`${bad}.* cannot be restored: .*${heap}`))],
  })
}, 60_000)

test('drill-proves: a heap that the server itself had lost a page of fails too, though its sums agree', async () => {
  cluster.sql('CHECKPOINT')
  await cluster.kill()
  const file = join(cluster.dataDir, heap)
  truncateSync(file, statSync(file).size - pageBytes)
  await cluster.start()
  const until = parseLsn(cluster.sql('SELECT pg_current_wal_flush_lsn()').trim())
  await expect.poll(() => world.physical.status().durable >= until, { timeout: 20_000 }).toBe(true)
  // Nothing in the copy itself says so: it reads to its end.
  expect(cluster.sql('SELECT count(*) FROM car').trim()).toBe('99')
  const bad = await take('physical', world)
  expect((await world.vault.inspect(bad)).whole).toBe(true)
  const found = await drill('physical', bad, world)
  expect(found).toMatchObject({
    passed: false,
    wrong: [expect.stringMatching(/^`car` is cut off: 9 of 10 pages are there$/)],
  })
}, 60_000)
