/** A disk that is full, of the vault or of what a restore and a drill write to: named, nothing counts that is not whole, and with room again it goes on. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drill, engines, openWorld, restore, take } from './damage-engines.ts'
import type { Engine, World } from './damage-engines.ts'
import { diskGround } from './damage-ground.ts'
import { startSource } from './physical-house.ts'

/** Whether this root may mount at all: in many containers it may not. */
const mountable =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

let cluster: Cluster
let folder: string
let world: World
const points = new Map<Engine, string>()

beforeAll(async () => {
  if (!mountable) return
  cluster = await startSource(['synchronous_commit = on'])
  cluster.sql(`CREATE TABLE car (id int PRIMARY KEY, name text);
    INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 300) g`)
  folder = ownFolder('fb-full-')
  mount('store', '64m')
  world = await openWorld(cluster, folder, await diskGround(folder))
  for (const engine of engines) points.set(engine, await take(engine, world))
}, 90_000)
afterAll(async () => {
  if (!mountable) return
  await world.close()
  await cluster.stop()
  for (const name of ['store', 'narrow']) spawnSync('umount', [join(folder, name)])
  rmSync(folder, { recursive: true, force: true })
})

function mount(name: string, size: string): string {
  const at = join(folder, name)
  mkdirSync(at)
  expect(
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', at]).status,
  ).toBe(0)
  return at
}

function fill(at: string): string {
  const filler = join(at, 'filler')
  expect(spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096']).status).toBe(1)
  return filler
}

test.skipIf(!mountable).each(engines)(
  '%s: a vault whose disk is full takes no point, says so, and what is there stays good',
  async (engine) => {
    const listed = async (): Promise<readonly string[]> =>
      (await world.parts.box.store.points()).filter((id) => !id.startsWith('wal_'))
    const before = await listed()
    const filler = fill(join(folder, 'store'))
    try {
      await expect(take(engine, world)).rejects.toThrow(/the disk of the vault is full/)
    } finally {
      rmSync(filler)
    }
    expect(await listed()).toEqual(before)
    expect(await world.vault.inspect(points.get(engine) ?? '')).toMatchObject({ whole: true })
    expect(await world.vault.inspect(await take(engine, world))).toMatchObject({ whole: true })
  },
  60_000,
)

test.skipIf(!mountable).each(['files', 'physical'] as const)(
  '%s: a restore into a full disk says so, and the point is as good as before',
  async (engine) => {
    const at = mount('narrow', '64k')
    try {
      const id = points.get(engine) ?? ''
      fill(at)
      await expect(restore(engine, id, world, { place: at })).rejects.toThrow(
        /^the disk of `[^\n]*narrow` is full: nothing was restored$/,
      )
      expect(await world.vault.inspect(id)).toMatchObject({ whole: true })
    } finally {
      spawnSync('umount', [at])
      rmSync(at, { recursive: true })
    }
  },
  60_000,
)

test.skipIf(!mountable).each(['logical', 'physical'] as const)(
  '%s: a drill on a full disk is none that failed: it says that none could be held',
  async (engine) => {
    const at = mount('narrow', '20m')
    try {
      const id = points.get(engine) ?? ''
      await expect(drill(engine, id, world, { place: at })).rejects.toThrow(
        /^(no drill could be held: the disk of `[^\n]*narrow` is full|the scratch server does not start: [^\n]*(No space left|wrote only)[^\n]*)$/,
      )
      const row = await world.parts.state.transact((tx) => tx.get('point', id))
      expect(row?.verifiedAt).not.toBe(null)
    } finally {
      spawnSync('umount', [at])
      rmSync(at, { recursive: true })
    }
  },
  60_000,
)
