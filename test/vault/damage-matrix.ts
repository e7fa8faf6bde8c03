/** The damage matrix: every engine, both stores, every kind of damage. Found, named in one line, and the last good one offered. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realChance } from '../../src/app/world.ts'
import { openBox } from '../../src/vault/box.ts'
import { openLeases } from '../../src/vault/lease.ts'
import { sample, turnOf } from '../sample.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drill, drop, engines, going, openWorld, restore, take } from './damage-engines.ts'
import type { Engine, World } from './damage-engines.ts'
import { s3Ground } from './damage-ground.ts'
import type { Change, Ground } from './damage-ground.ts'
import { clockCells, credentialCells, walCells } from './damage-cells.ts'
import { flip, cut, hintOf, lose } from './damage-kinds.ts'
import { startSource } from './physical-house.ts'

const damages: readonly (readonly [string, 'object' | 'manifest', Change])[] = [
  ['a flipped bit in the data', 'object', flip],
  ['an object that was cut off', 'object', cut],
  ['an object that is missing', 'object', lose],
  ['a flipped bit in the manifest', 'manifest', flip],
  ['a manifest that was cut off', 'manifest', cut],
  ['a manifest that is missing', 'manifest', lose],
]

/** What is named as damaged: the file or the table, the piece, or the manifest. */
const where: Record<Engine, RegExp> = {
  files: /`bookings`/,
  logical: /`public\.car`/,
  table: /`public\.car`/,
  physical: /piece \d+ of \d+ of the data directory|`base\/\d+\/\d+`|its beginning/,
}

export function damageMatrix(openGround: (folder: string) => Promise<Ground>): void {
  const isQuick = openGround !== s3Ground

  let cluster: Cluster
  let folder: string
  let world: World
  const older = new Map<Engine, string>()
  const newer = new Map<Engine, string>()
  const of = (points: ReadonlyMap<Engine, string>, engine: Engine): string =>
    points.get(engine) ?? ''

  beforeAll(async () => {
    cluster = await startSource(['synchronous_commit = on'])
    cluster.sql(`CREATE TABLE car (id int PRIMARY KEY, name text);
      INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 300) g`)
    folder = ownFolder('fb-damage-')
    world = await openWorld(cluster, folder, await openGround(folder))
    for (const engine of engines) older.set(engine, await take(engine, world))
    for (const engine of engines) newer.set(engine, await take(engine, world))
  }, 90_000)
  afterAll(async () => {
    await world.close()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** An object that only the newer point leans on. */
  async function own(engine: Engine): Promise<string> {
    const { box } = world.parts
    const sums = async (id: string): Promise<readonly string[]> =>
      [...(await box.manifestText(id)).matchAll(/"sha256":"([0-9a-f]{64})"/g)].map(
        ([, sum]) => sum ?? '',
      )
    const old = new Set(await sums(of(older, engine)))
    // In the data: what is small in a base backup changes each time too, and the server's manifest comes last.
    const found = (await sums(of(newer, engine))).find((sum) => !old.has(sum))
    return box.name(found ?? '')
  }

  async function counts(id: string): Promise<boolean> {
    const { state, clock } = world.parts
    return await state.transact(async (tx) => {
      try {
        await openLeases(clock).lease(tx, id, 'hold_a')
        await tx.remove('lease', `${id}:hold_a`)
        return true
      } catch {
        return false
      }
    })
  }

  /** What is offered in its place: the older one; for an image, which goes back on nothing but its own act, a copy of the database. */
  const good = (engine: Engine): string | undefined =>
    engine === 'table' ? of(newer, 'physical') : of(older, engine)
  const offered = (engine: Engine): readonly string[] =>
    engine === 'logical' || engine === 'physical'
      ? [of(newer, 'logical'), of(newer, 'physical'), of(older, engine)]
      : [good(engine) ?? '', of(newer, 'logical')]

  for (const engine of engines)
    // Each run two thirds of them: one over a folder, another over a bucket.
    test.each(sample(isQuick ? damages : [...damages.slice(1), ...damages.slice(0, 1)], 3))(
      `${engine}: %s (${turnOf(3)})`,
      async (name, what, change) => {
        const id = of(newer, engine)
        expect(await world.vault.inspect(id)).toEqual({ whole: true, wrong: null, lastGood: null })
        expect(await counts(id)).toBe(true)
        const mend = world.ground.harm(what, what === 'manifest' ? id : await own(engine), change)
        try {
          const found = await world.vault.inspect(id)
          expect(found.whole).toBe(false)
          expect(found.wrong).toMatch(
            what === 'manifest' ? /^the manifest is damaged or missing/ : where[engine],
          )
          expect(found.wrong).not.toContain('\n')
          expect(offered(engine)).toContain(found.lastGood)
          expect(found.lastGood).not.toBe(id)
          // INVARIANT (recovery-first): nothing leans on it any more.
          expect(await counts(id)).toBe(false)
          const { points } = await world.vault.foresee(drop, going)
          expect(points.map((point) => point.id)).not.toContain(id)

          const failure: unknown = await restore(engine, id, world).catch(
            (thrown: unknown) => thrown,
          )
          expect(failure).toMatchObject({
            code: expect.stringMatching(/^(broken_store|not_found)$/),
            message: expect.stringMatching(new RegExp(`^.*${id}[^\n]*$`)),
          })
          expect(offered(engine).some((other) => hintOf(failure).includes(other))).toBe(true)
          const drilled = await drill(engine, id, world)
          const named = what === 'object' ? where[engine] : /in th(e|is) vault/
          if (drilled !== null)
            expect(drilled).toMatchObject({ passed: false, wrong: [expect.stringMatching(named)] })
        } finally {
          mend()
        }
        expect((await world.vault.inspect(id)).whole, name).toBe(true)
      },
      60_000,
    )

  test.each(engines)(
    '%s: the wrong key opens nothing, and says so',
    async (engine) => {
      const box = openBox(world.ground.store, new Uint8Array(32).fill(9), realChance)
      const failure = await restore(engine, of(newer, engine), world, { box }).catch(
        (thrown: unknown) => thrown,
      )
      expect(failure).toMatchObject({ code: 'broken_store' })
      expect(`${String(failure)} ${hintOf(failure)}`).toMatch(/does not open/)
      const drilled = await drill(engine, of(newer, engine), world, { box })
      if (drilled !== null) expect(drilled).toMatchObject({ passed: false })
      await world.vault.inspect(of(newer, engine))
    },
    60_000,
  )

  walCells(() => ({ world, id: of(newer, 'physical'), older: of(older, 'physical') }))
  if (isQuick) clockCells(() => world)
  if (openGround === s3Ground) credentialCells(() => ({ world, of: (engine) => of(newer, engine) }))
}
