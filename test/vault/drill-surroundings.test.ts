/** Only damage un-verifies: a drill whose surroundings fail throws in one line, and the point is as good as before. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Box } from '../../src/vault/box.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drill, openWorld, take } from './damage-engines.ts'
import type { Engine, World } from './damage-engines.ts'
import { diskGround } from './damage-ground.ts'
import { startSource } from './physical-house.ts'

let cluster: Cluster
let folder: string
let world: World
const points = new Map<Engine, string>()

beforeAll(async () => {
  cluster = await startSource(['synchronous_commit = on'])
  cluster.sql(`CREATE TABLE car (id int PRIMARY KEY, name text); INSERT INTO car VALUES (1, 'car')`)
  folder = ownFolder('fb-surroundings-')
  world = await openWorld(cluster, folder, await diskGround(folder))
  for (const engine of ['logical', 'physical'] as const)
    points.set(engine, await take(engine, world))
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'l'.repeat(90)))
}, 60_000)
afterAll(async () => {
  await world.close()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** As a server that no program here is for: what is signed says so. */
function ofLater(box: Box): Box {
  const text = async (id: string): Promise<string> =>
    (await box.manifestText(id)).replace(/"server":("?)1\d/, '"server":$199')
  return { ...box, manifestText: text }
}

const both = ['logical', 'physical'] as const
const cases: readonly (readonly [string, readonly Engine[], string, RegExp])[] = [
  ['the scratch folder is a file', both, 'file', /^no drill could be held in `.*file`: E\w+/],
  ['it lies below a file', both, 'file/below', /^no drill could be held in `.*below`: ENOTDIR/],
  ['its path is too long', ['physical'], 'l'.repeat(90), /^no drill could be held: .* is too long/],
  [
    'no program is for it',
    both,
    'scratch',
    /no drill can be held|^no drill could be held: .*not installed/,
  ],
]
test.each(
  cases.flatMap(([what, engines, ...rest]) => engines.map((one) => [one, what, ...rest] as const)),
)(
  '%s: %s',
  async (engine, what, place, said) => {
    const id = points.get(engine) ?? ''
    const box = what.startsWith('no program') ? { box: ofLater(world.parts.box) } : {}
    const held = drill(engine, id, world, { place: join(folder, place), ...box })
    await expect(held).rejects.toThrow(said)
    await expect(held).rejects.not.toThrow('\n')
    const row = await world.parts.state.transact((tx) => tx.get('point', id))
    expect(row).toMatchObject({ verifiedAt: expect.any(Number) })
    expect(row?.detail).not.toHaveProperty('drill')
  },
  60_000,
)
