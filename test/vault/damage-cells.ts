/** Cells of the damage matrix that are of one engine, or of one kind of store: WAL, clocks, credentials. */
import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lsnText, parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn } from '../../src/platforms/postgres/replication.ts'
import {
  openSegment,
  segmentAt,
  segmentFile,
  segmentId,
} from '../../src/vault/physical-segments.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { openBase } from '../../src/vault/physical-verify.ts'
import { drill, drop, engines, going, restore, take } from './damage-engines.ts'
import type { Engine, World } from './damage-engines.ts'
import type { Change } from './damage-ground.ts'
import { flip, hintOf, lose } from './damage-kinds.ts'

const yearMs = 365 * 86_400_000

/** WAL that the base backup needs itself, and WAL behind it: there it is good up to the damage. */
export function walCells(
  given: () => { readonly world: World; readonly id: string; readonly older: string },
): void {
  const cells: readonly (readonly [string, 'object' | 'manifest', Change])[] = [
    ['a flipped bit in a segment', 'object', flip],
    ['a segment that is missing', 'manifest', lose],
  ]
  test.each(cells)(
    'physical: %s of its own WAL',
    async (_, what, change) => {
      const { world, id, older } = given()
      const base = await openBase(world.parts.box, id)
      const at = segmentAt(parseLsn(base.start), base)
      const mend = await harmed({ world, id }, at, what, change)
      try {
        const named = `the WAL segment \`${segmentFile(at, base)}\``
        expect(await world.vault.inspect(id)).toEqual({
          whole: false,
          wrong: `${named} is damaged or missing`,
          lastGood: expect.not.stringContaining(id),
        })
        const failure: unknown = await restore('physical', id, world).catch(
          (thrown: unknown) => thrown,
        )
        expect(failure).toMatchObject({ code: 'broken_store' })
        expect(String(failure)).toContain(segmentFile(at, base))
        if (what === 'object') expect(hintOf(failure)).toContain(older)
        const drilled = await drill('physical', id, world)
        expect(drilled?.wrong.join()).toContain(segmentFile(at, base))
      } finally {
        mend()
      }
      expect((await world.vault.inspect(id)).whole).toBe(true)
    },
    60_000,
  )

  test.each(cells)(
    'physical: %s of the WAL behind it',
    async (_, what, change) => {
      const { world, id } = given()
      const base = await openBase(world.parts.box, id)
      world.cluster.sql(
        `CREATE TABLE IF NOT EXISTS filler (t text); INSERT INTO filler SELECT repeat('x', 900) FROM generate_series(1, 6000)`,
      )
      const step = BigInt(base.segmentBytes)
      const at = segmentAt(parseLsn(base.stop), base) + step * 2n
      await world.vault.inspect(id)
      await expect
        .poll(() => world.physical.status().shelved > at + step * 2n, { timeout: 20_000 })
        .toBe(true)
      const mend = await harmed({ world, id }, at, what, change)
      try {
        expect((await world.vault.inspect(id)).wrong).toBe(
          `the WAL segment \`${segmentFile(at, base)}\` is damaged or missing: it goes back to any moment up to ${lsnText(at)}, and to none after it`,
        )
        const failure: unknown = await restore('physical', id, world).catch(
          (thrown: unknown) => thrown,
        )
        expect(failure).toMatchObject({ code: 'broken_store' })
        expect(String(failure)).toContain(segmentFile(at, base))
        expect(hintOf(failure)).toContain(`the last good point is ${lsnText(at)}`)
        const drilled = await drill('physical', id, world)
        expect(drilled?.wrong.join()).toContain(segmentFile(at, base))
      } finally {
        mend()
      }
      expect((await world.vault.inspect(id)).whole).toBe(true)
    },
    60_000,
  )

  test('physical: a flipped bit in the spool is named, with the place up to which it is good', async () => {
    const { world, id } = given()
    world.cluster.sql('CREATE TABLE IF NOT EXISTS spooled (n int); INSERT INTO spooled VALUES (1)')
    const until = parseLsn(world.cluster.sql('SELECT pg_current_wal_flush_lsn()').trim())
    await expect
      .poll(() => world.physical.status().durable >= until, { timeout: 20_000 })
      .toBe(true)
    const name =
      readdirSync(world.spool)
        .toSorted()
        .findLast((one) => one.endsWith('.wal')) ?? ''
    const file = join(world.spool, name)
    // In its first record: behind the last one there may be room. That byte alone: the receiver goes on writing behind it.
    flipAt(file, 80)
    try {
      const failure: unknown = await restore('physical', id, world).catch(
        (thrown: unknown) => thrown,
      )
      expect(String(failure)).toMatch(/WAL of `base_\w+` is missing from/)
      expect(hintOf(failure)).toMatch(/the last good point is [0-9A-F]+\/[0-9A-F]+/)
      expect((await drill('physical', id, world))?.passed).toBe(false)
    } finally {
      flipAt(file, 80)
    }
    await world.vault.inspect(id)
  }, 60_000)
}

/** Flips a bit where it lies; twice, and it is as it was. */
function flipAt(file: string, at: number): void {
  const open = openSync(file, 'r+')
  try {
    const byte = Buffer.alloc(1)
    readSync(open, byte, 0, 1, at)
    byte.writeUInt8(byte.readUInt8() ^ 1)
    writeSync(open, byte, 0, 1, at)
  } finally {
    closeSync(open)
  }
}

async function harmed(
  { world, id }: { readonly world: World; readonly id: string },
  at: Lsn,
  what: 'object' | 'manifest',
  change: Change,
): Promise<() => void> {
  const { box } = world.parts
  const base = await openBase(box, id)
  const { pieces } = await openSegment(box, base, at)
  const name = what === 'manifest' ? segmentId(at, base) : box.name(pieces[0]?.sha256 ?? '')
  return world.ground.harm(what, name, change)
}

/** The clock of the vault's machine, years ahead and years back: what is dated wrong is neither lost nor believed. */
export function clockCells(given: () => World): void {
  test.each([
    ['ahead', 5 * yearMs],
    ['back', -5 * yearMs],
  ])(
    'the clock is years %s: a point is whole and restores, and is not offered as the newest',
    async (_, ms) => {
      const world = given()
      world.set(ms)
      let [wrong, base] = ['', '']
      try {
        for (const engine of engines) {
          const id = await take(engine, world)
          expect((await world.vault.inspect(id)).whole).toBe(true)
          await restore(engine, id, world)
          if (engine === 'files') wrong = id
          if (engine === 'physical') base = id
        }
      } finally {
        world.set(0)
      }
      expect(await restoredToTime(world, base)).toMatch(/^recovery_target_time = /m)
      const before = await take('files', world)
      const newest = await take('files', world)
      const mend = world.ground.harm('manifest', newest, flip)
      try {
        const { lastGood } = await world.vault.inspect(newest)
        expect(lastGood).not.toBe(wrong)
        expect(lastGood).toBe(before)
      } finally {
        mend()
      }
      await world.vault.inspect(newest)
    },
    150_000,
  )
}

/** The times of commits are the server's: what the vault's clock said when it was wrong refuses none of them. */
async function restoredToTime(world: World, id: string): Promise<string> {
  const { cluster, physical, key, spool: folder, parts } = world
  cluster.sql('CREATE TABLE IF NOT EXISTS timed (n int); INSERT INTO timed VALUES (1)')
  const time = Date.now()
  cluster.sql('INSERT INTO timed VALUES (2)')
  const lsn = parseLsn(cluster.sql('SELECT pg_current_wal_flush_lsn()').trim())
  // A receiver that was cut off tries again after a while: longer than a busy machine needs for it.
  await expect.poll(() => physical.status().durable >= lsn, { timeout: 60_000 }).toBe(true)
  const into = join(world.folder, 'timed')
  const until = { kind: 'time', time } as const
  await restorePhysical({ box: parts.box, spool: { folder, key }, point: id, until, into })
  const settings = readFileSync(join(into, 'data/postgresql.conf'), 'utf8')
  rmSync(into, { recursive: true })
  return settings
}

/** The store does not answer, or not to this credential: that is said, and nothing is called damaged. */
export function credentialCells(
  given: () => { readonly world: World; readonly of: (engine: Engine) => string },
): void {
  const refusals: readonly (readonly [string, number, string, RegExp])[] = [
    ['has expired', 400, 'ExpiredToken', /the credential has expired/],
    ['is refused', 403, 'AccessDenied', /the credential may not do this/],
    ['is unknown', 403, 'InvalidAccessKeyId', /the credential is not accepted/],
  ]
  for (const [what, status, code, why] of refusals)
    test.each(engines)(
      `%s: a credential that ${what}`,
      async (engine) => {
        const { world, of } = given()
        const id = of(engine)
        const verifiedAt = await world.parts.state.transact((tx) => tx.get('point', id))
        const again = world.ground.refuse(status, code)
        const said = { code: 'bad_config', message: expect.stringMatching(why) }
        try {
          await expect(world.vault.inspect(id)).rejects.toMatchObject(said)
          await expect(restore(engine, id, world)).rejects.toMatchObject(said)
          if (engine === 'logical' || engine === 'physical')
            await expect(drill(engine, id, world)).rejects.toMatchObject(said)
          if (engine === 'files') {
            const covered = await world.vault.cover(drop, going)
            expect(covered).toMatchObject({ kind: 'missing', why: [expect.stringMatching(why)] })
          }
        } finally {
          again()
        }
        expect(await world.parts.state.transact((tx) => tx.get('point', id))).toEqual(verifiedAt)
        expect((await world.vault.inspect(id)).whole).toBe(true)
      },
      60_000,
    )

  test.each(engines)(
    '%s: a bucket whose quota is used up takes no point, says so, and what is there stays good',
    async (engine) => {
      const { world, of } = given()
      const before = (await world.parts.box.store.points()).filter((one) => !one.startsWith('wal_'))
      const again = world.ground.refuse(403, 'QuotaExceeded', 'PutObject')
      try {
        await expect(take(engine, world)).rejects.toThrow(/its quota is used up/)
      } finally {
        again()
      }
      const after = (await world.parts.box.store.points()).filter((one) => !one.startsWith('wal_'))
      expect(after).toEqual(before)
      expect((await world.vault.inspect(of(engine))).whole).toBe(true)
      await take(engine, world)
    },
    60_000,
  )
}
