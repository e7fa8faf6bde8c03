/** The schema by pg_dump: what no statement of ours makes again comes back, in a drill and in a restore. */
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drill } from '../../src/vault/drill.ts'
import { compareLogical, restoreLogical } from '../../src/vault/logical-restore.ts'
import { openDumpHouse } from './dump-house.ts'
import type { DumpHouse } from './dump-house.ts'

let world: DumpHouse
let made = 0

beforeAll(async () => {
  world = await openDumpHouse()
}, 60_000)
afterAll(async () => await world.stop())

function empty(): string {
  made += 1
  world.shop.cluster.sql(`CREATE DATABASE back_${made} TEMPLATE template0`)
  return `back_${made}`
}

test('recovery-first: one of every kind is taken, drilled and restored, and pg_dump tells both the same', async () => {
  const from = world.kinds()
  const { manifest, house } = await world.taken(from)
  expect(manifest.dump).toMatchObject({ by: expect.stringMatching(/^pg_dump \d+\.\d+$/) })
  expect(manifest.lacks).toEqual([])
  const found = await drill(manifest.id, ['SELECT count(*) = 2 FROM kinds.notes'], house)
  expect(found.wrong).toEqual([])
  expect(found.notes.join('\n')).toMatch(/kept by pg_dump [^]*is what pg_dump/)
  const into = empty()
  const session = await world.shop.open(into, 'postgres')
  expect(await restoreLogical(session, manifest, house.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
  await session.close()
  const same = (text: string): string => text.replaceAll(from, 'it').replaceAll(into, 'it')
  expect(same(world.shop.dump(into))).toBe(same(world.shop.dump(from)))
  // Neither the socket of pg_dump nor the scratch server is left.
  expect(readdirSync(world.scratch)).toEqual([])
}, 120_000)
