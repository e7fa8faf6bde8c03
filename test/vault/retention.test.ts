/** last-good-stays, listed-is-whole: what a prune takes away, what it never does, and what a crash in its middle leaves. */
import { unlink } from 'node:fs/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listToPrune } from '../../src/vault/prune-list.ts'
import type { Knowing, PruneList } from '../../src/vault/prune-list.ts'
import { lockToPrune } from '../../src/vault/prune-lock.ts'
import { prune } from '../../src/vault/prune.ts'
import { objectsIn } from '../../src/vault/prune-walk.ts'
import {
  damages,
  day,
  now,
  openGround,
  plantBase,
  plantFiles,
  plantMark,
  plantWal,
} from './retention-ground.ts'
import type { Ground, Planted } from './retention-ground.ts'

let ground: Ground
beforeEach(async () => {
  ground = await openGround()
})
afterEach(() => ground.close())

function knowing(leased: readonly string[] = []): Knowing {
  const leases = new Map(leased.map((id) => [id, null]))
  return { now, keepMs: 35 * day, leased: leases, rows: ground.rows, left: new Set() }
}

function point(id: string, daysOld: number, more: Partial<Planted> = {}): Planted {
  return { id, daysOld, contents: [1], isVerified: true, hasPassed: false, ...more }
}

const ids = ({ points }: PruneList): readonly string[] => points.map(({ id }) => id)

test('what is old goes with its objects; the newest verified, the newest drilled and the leased stay', async () => {
  await plantFiles(ground, point('point_a', 90, { contents: [1, 2] }))
  await plantFiles(ground, point('point_b', 80, { contents: [2, 3] }))
  await plantFiles(ground, point('point_c', 70, { hasPassed: true, contents: [4] }))
  await plantFiles(ground, point('point_d', 60, { contents: [2, 5] }))
  await plantFiles(ground, point('point_e', 50, { isVerified: false, contents: [6] }))
  const list = await listToPrune(ground.box, knowing(['point_b']))
  expect(ids(list)).toEqual(['point_a', 'point_e'])
  // Content 1 and 6 alone are in no other point.
  expect(list.objects).toHaveLength(2)
  await prune(list)
  expect(await ground.box.store.points()).toEqual(['point_b', 'point_c', 'point_d'])
  expect(await damages(ground)).toEqual([])
  expect(await objectsIn(ground.dir)).toHaveLength(4)
})

test('a base backup stays while moments within the time to keep are reached from it, and its WAL with it', async () => {
  for (let segment = 1; segment <= 6; segment += 1)
    await plantWal(ground, segment, 100 - segment * 10)
  await plantBase(ground, point('base_a', 89), 1)
  await plantBase(ground, point('base_b', 79, { contents: [2] }), 2)
  await plantBase(ground, point('base_c', 69, { contents: [3] }), 3)
  await plantBase(ground, point('base_d', 20, { contents: [4] }), 6)
  await plantMark(ground, point('mark_a', 78), { base: 'base_b', segment: 2 })
  const first = await listToPrune(ground.box, knowing(['mark_a']))
  expect(ids(first)).toEqual(['base_a', expect.stringMatching(/^wal_.*0100000$/)])
  const second = await listToPrune(ground.box, knowing())
  expect(ids(second)).toEqual([
    'mark_a',
    'base_a',
    'base_b',
    expect.stringMatching(/0100000$/),
    expect.stringMatching(/0200000$/),
  ])
  await prune(second)
  expect(await damages(ground)).toEqual([])
})

test('each manifest is read once: whoever puts something waits so long', async () => {
  await plantFiles(ground, point('point_a', 5))
  await plantWal(ground, 1, 5)
  await plantBase(ground, point('base_a', 5, { contents: [2] }), 1)
  await plantMark(ground, point('mark_a', 5), { base: 'base_a', segment: 1 })
  const read: string[] = []
  const { store } = ground.box
  const getPoint: typeof store.getPoint = (id, isWhole) => {
    read.push(id)
    return store.getPoint(id, isWhole)
  }
  await listToPrune(ground.box.over({ ...store, getPoint }), knowing())
  expect(read.toSorted()).toEqual(['base_a', 'mark_a', 'point_a', expect.stringMatching(/^wal_/)])
})

test('where a point that stays cannot be read, no object goes', async () => {
  await plantFiles(ground, point('point_a', 90, { contents: [1] }))
  await plantFiles(ground, point('point_b', 10, { contents: [2] }))
  const file = `${ground.dir}/points/point_b.manifest`
  await unlink(file)
  const staging = await ground.box.store.stage()
  await staging.name('point_b', noise())
  await staging.discard()
  const list = await listToPrune(ground.box, knowing())
  expect(list).toMatchObject({ objects: [], unread: ['point_b'] })
})

test('a point that the state does not know stays, and one that was signed away before goes', async () => {
  await plantFiles(ground, point('point_a', 90))
  await plantFiles(ground, point('point_b', 80))
  ground.rows.clear()
  expect(ids(await listToPrune(ground.box, knowing()))).toEqual([])
  const left = new Set(['point_a'])
  expect(ids(await listToPrune(ground.box, { ...knowing(), left }))).toEqual(['point_a'])
})

test('nothing is taken away that is not what was signed', async () => {
  await plantFiles(ground, point('point_a', 90))
  await plantFiles(ground, point('point_b', 80))
  const list = await listToPrune(ground.box, knowing())
  const other = { ...list, points: list.points.map((each) => ({ ...each, sha256: 'other' })) }
  await expect(prune(other)).rejects.toThrow('`point_a` is not what was signed')
  await expect(prune({ ...list, objects: ['../../etc'] })).rejects.toThrow('no name of a thing')
  expect(await ground.box.store.points()).toContain('point_b')
})

test('nothing under a writer: no prune while something is put, and nothing is put while one is at work', async () => {
  const staging = await ground.box.store.stage()
  expect(() => lockToPrune(ground.dir)).toThrow('something is being put into the vault')
  await staging.discard()
  const unlock = lockToPrune(ground.dir)
  let isIn = false
  const enter = async (): Promise<void> => {
    const second = await ground.box.store.stage()
    isIn = true
    await second.discard()
  }
  const entered = enter()
  expect(isIn).toBe(false)
  unlock()
  await entered
  expect(isIn).toBe(true)
})

const planted = fc.record({
  kind: fc.constantFrom('files', 'base', 'mark'),
  daysOld: fc.integer({ min: 0, max: 100 }),
  contents: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
  isVerified: fc.boolean(),
  hasPassed: fc.boolean(),
  isLeased: fc.boolean(),
})

type Some = Omit<Planted, 'id'> & { readonly kind: string; readonly isLeased: boolean }

/** Gives the ids of what is leased. The older its WAL, the older it is: as time goes. */
async function plantAll(all: readonly Some[]): Promise<readonly string[]> {
  const leased: string[] = []
  const inOrder = all.toSorted((a, b) => b.daysOld - a.daysOld)
  for (const [at, each] of inOrder.entries()) await plantWal(ground, at + 1, each.daysOld)
  let base: string | null = null
  for (const [at, each] of inOrder.entries()) {
    const kind: string = each.kind === 'mark' && base === null ? 'base' : each.kind
    const id: string = `${kind === 'files' ? 'point' : kind}_${String(at).padStart(3, '0')}`
    if (each.isLeased && each.isVerified) leased.push(id)
    if (kind === 'files') await plantFiles(ground, { ...each, id })
    else if (kind === 'base' || base === null) await plantBase(ground, { ...each, id }, at + 1)
    else await plantMark(ground, { ...each, id }, { base, segment: at + 1 })
    if (kind === 'base') base = id
  }
  return leased
}

/** The young, and the last good one of each thing. */
function protectedNow(): readonly string[] {
  const rows = [...ground.rows.values()]
  const young = rows.filter((row) => row.takenAt > now - 35 * day).map(({ id }) => id)
  const copies = rows.filter(({ id }) => !id.startsWith('mark_'))
  const last = ['files', 'physical'].flatMap((engine) =>
    [isGood, hasPassed].flatMap(
      (counts) => copies.findLast((row) => row.engine === engine && counts(row))?.id ?? [],
    ),
  )
  return [...young, ...last]
}

test('listed-is-whole: cut off anywhere, every point that is still listed is whole, and nothing protected has gone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(planted, { minLength: 3, maxLength: 9 }),
      fc.integer({ min: 0, max: 25 }),
      async (all, after) => {
        ground.close()
        ground = await openGround()
        const leased = await plantAll(all)
        expect(await damages(ground)).toEqual([])
        const before = await ground.box.store.points()
        const list = await listToPrune(ground.box, knowing(leased))
        let unlinks = 0
        const cutOff = prune(list, async (file) => {
          if (unlinks === after) throw new Error('cut off')
          unlinks += 1
          await unlink(file)
        })
        const steps = list.points.length + list.objects.length
        if (steps > after) await expect(cutOff).rejects.toThrow('cut off')
        else await cutOff
        expect(await damages(ground)).toEqual([])
        const there = new Set(await ground.box.store.points())
        for (const id of [...leased, ...protectedNow()]) expect(there).toContain(id)
        // Again, to its end: what was cut off is found, and then there is nothing more.
        await prune(await listToPrune(ground.box, knowing(leased)))
        const rest = await listToPrune(ground.box, knowing(leased))
        expect(rest).toMatchObject({ points: [], objects: [] })
        expect(await damages(ground)).toEqual([])
        expect(before.length - (await ground.box.store.points()).length).toBe(list.points.length)
      },
    ),
    { numRuns: 12 },
  )
}, 120_000)

function isGood({ verifiedAt }: { readonly verifiedAt: number | null }): boolean {
  return verifiedAt !== null
}

function hasPassed(row: { readonly verifiedAt: number | null; readonly detail: object }): boolean {
  return isGood(row) && 'drill' in row.detail
}

async function* noise(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(100).fill(3)
}
