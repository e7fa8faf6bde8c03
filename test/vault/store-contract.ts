/** What every store of the vault promises; each implementation runs it whole. */
import { createHash, randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../src/vault/chunks.ts'
import type { Judge, Store } from '../../src/vault/store.ts'

export interface Place {
  /** Opens the place anew, as another process would, after `laterMs`. */
  open(laterMs?: number): Promise<Store>
  /** Changes one bit of a stored object; false where nobody can. */
  damage(name: string): Promise<boolean>
  /** How many unfinished things lie about. */
  rests(): Promise<number>
}

export interface Ground {
  /** A place in which nothing was put yet. */
  fresh(): Promise<Place>
  close(): Promise<void>
}

const dayMs = 24 * 60 * 60_000

export async function* bytesOf(...pieces: readonly (string | Uint8Array)[]): Bytes {
  for (const piece of pieces) yield Buffer.from(piece)
}

export async function gather(bytes: Bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

export async function textOf(bytes: Bytes): Promise<string> {
  return (await gather(bytes)).toString('utf8')
}

/** Puts and names things as one writer does. */
export async function put(
  store: Store,
  things: { readonly [name: string]: string },
): Promise<void> {
  const staging = await store.stage()
  for (const [name, text] of Object.entries(things)) await staging.put(name, bytesOf(text), false)
  await staging.settle()
  await staging.discard()
}

export async function namePoint(store: Store, id: string, text: string): Promise<void> {
  const staging = await store.stage()
  try {
    await staging.name(id, bytesOf(text))
  } finally {
    await staging.discard()
  }
}

const is =
  (text: string): Judge =>
  async (bytes) =>
    (await textOf(bytes).catch(() => null)) === text

export function storeContract(what: string, begin: () => Promise<Ground>): void {
  describe(`the store contract: ${what}`, () => {
    let ground: Ground
    let place: Place
    beforeAll(async () => {
      ground = await begin()
    }, 120_000)
    afterAll(async () => await ground.close())
    beforeEach(async () => {
      place = await ground.fresh()
    })

    test('what was put comes back, from another process too', async () => {
      await put(await place.open(), { obj_a: 'three cars', obj_b: '' })
      const store = await place.open()
      expect(await store.has('obj_a')).toBe(true)
      expect(await textOf(store.get('obj_a'))).toBe('three cars')
      expect(await textOf(store.get('obj_b'))).toBe('')
    })

    test('what is not there is said', async () => {
      const store = await place.open()
      await put(store, { obj_ab: 'a longer name is another thing' })
      expect(await store.has('obj_a')).toBe(false)
      await expect(textOf(store.get('obj_a'))).rejects.toMatchObject({ code: 'broken_store' })
      await expect(textOf(store.getPoint('point_a'))).rejects.toMatchObject({
        code: 'broken_store',
      })
    })

    test('nothing counts before it is named', async () => {
      const store = await place.open()
      const staging = await store.stage()
      await staging.put('obj_a', bytesOf('a'), false)
      let name = ''
      const late = async function* (): Bytes {
        yield Buffer.from('late')
        name = 'obj_late'
      }
      await staging.putLate(late(), () => name)
      expect([staging.has('obj_a'), staging.has('obj_late'), staging.has('obj_b')]).toEqual([
        true,
        true,
        false,
      ])
      expect([await store.has('obj_a'), await store.has('obj_late')]).toEqual([false, false])
      await staging.settle()
      expect([await store.has('obj_a'), await store.has('obj_late')]).toEqual([true, true])
      expect(await textOf(store.get('obj_late'))).toBe('late')
      expect(await store.points()).toEqual([])
      await staging.name('point_a', bytesOf('manifest'))
      await staging.discard()
      expect(await store.points()).toEqual(['point_a'])
      expect(await textOf(store.getPoint('point_a'))).toBe('manifest')
      expect(await place.rests()).toBe(0)
    })

    test('what was not finished is taken away when it is discarded', async () => {
      const store = await place.open()
      const staging = await store.stage()
      await staging.put('obj_a', bytesOf('a'), false)
      await staging.put('obj_big', bytesOf(Buffer.alloc(9_000_000)), false)
      await staging.discard()
      expect([await store.has('obj_a'), await store.has('obj_big')]).toEqual([false, false])
      expect(await place.rests()).toBe(0)
    })

    test('bytes that break off are no object', async () => {
      const store = await place.open()
      const staging = await store.stage()
      const broken = async function* (): Bytes {
        yield Buffer.alloc(9_000_000)
        throw new Error('the source broke')
      }
      await expect(staging.put('obj_a', broken(), false)).rejects.toThrow('the source broke')
      expect(staging.has('obj_a')).toBe(false)
      await staging.settle()
      await staging.discard()
      expect(await store.has('obj_a')).toBe(false)
      expect(await place.rests()).toBe(0)
    })

    test('put-once: an object keeps its first bytes, a point its first manifest', async () => {
      await put(await place.open(), { obj_a: 'first' })
      await put(await place.open(), { obj_a: 'second' })
      const store = await place.open()
      expect(await textOf(store.get('obj_a'))).toBe('first')
      await namePoint(store, 'point_a', 'first')
      await expect(namePoint(await place.open(), 'point_a', 'second')).rejects.toMatchObject({
        code: 'wrong_state',
      })
      expect(await textOf(store.getPoint('point_a'))).toBe('first')
      expect(await store.points()).toEqual(['point_a'])
    })

    test('a damaged object is mended by its twin, and by nothing else', async (context) => {
      const store = await place.open()
      await put(store, { obj_a: 'three cars' })
      if (!(await place.damage('obj_a'))) return context.skip('nobody can damage this store')
      const readBack = (): Promise<string> => textOf(store.get('obj_a', is('three cars')))
      const damaged = await readBack().catch((thrown: unknown) => String(thrown))
      expect(damaged).not.toBe('three cars')
      await put(store, { obj_a: 'three cars' })
      // Where the store shows no sums nobody can tell that there is a twin: then this one lies beside it.
      const after = await readBack().catch((thrown: unknown) => String(thrown))
      expect([damaged, 'three cars']).toContain(after)
      const staging = await store.stage()
      await staging.put('obj_a', bytesOf('three cars'), true)
      await staging.settle()
      await staging.discard()
      expect(await readBack()).toBe('three cars')
    })

    test.each(['../obj', 'a/b', '', '..', 'ab', 'Obj', 'obj.a', 'a\0b', 'o'.repeat(101)])(
      'a name that could leave the folder is refused: %j',
      async (name) => {
        const store = await place.open()
        const staging = await store.stage()
        const refused = { code: 'bad_input' }
        const a = (): Bytes => bytesOf('a')
        await expect(staging.put(name, a(), false)).rejects.toMatchObject(refused)
        await expect(staging.putLate(a(), () => name)).rejects.toMatchObject(refused)
        await expect(staging.name(name, a())).rejects.toMatchObject(refused)
        await expect(store.has(name)).rejects.toMatchObject(refused)
        await expect((async () => await textOf(store.get(name)))()).rejects.toMatchObject(refused)
        await expect((async () => await textOf(store.getPoint(name)))()).rejects.toMatchObject(
          refused,
        )
        await staging.discard()
        expect(await place.rests()).toBe(0)
      },
    )

    test('of writers at the same moment one names the point, and none disturbs another', async () => {
      const writers = ['w0', 'w1', 'w2', 'w3']
      const outcomes = await Promise.allSettled(
        writers.map(async (writer) => {
          const store = await place.open()
          await put(store, { obj_same: 'same', [`obj_${writer}`]: writer })
          await namePoint(store, 'point_a', writer)
        }),
      )
      const won = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? writers[at] : []))
      expect(won).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'wrong_state' })
      const store = await place.open()
      expect(await textOf(store.getPoint('point_a'))).toBe(won[0])
      expect(await textOf(store.get('obj_same'))).toBe('same')
      for (const writer of writers) expect(await textOf(store.get(`obj_${writer}`))).toBe(writer)
    })

    test('writers that put the same at the same moment all come to their end', async () => {
      const [first, second] = [await place.open(), await place.open()]
      for (let round = 0; round < 20; round += 1) {
        const same = { [`obj_${round}`]: 'same' }
        await Promise.all(
          Array.from({ length: 8 }, (_, at) => put(at % 2 === 0 ? first : second, same)),
        )
      }
      expect(await textOf(first.get('obj_19'))).toBe('same')
    })

    test('what a dead writer left does not count, and is swept after a day', async () => {
      const store = await place.open()
      await put(store, { obj_named: 'named' })
      const dead = await store.stage()
      await dead.put('obj_a', bytesOf(Buffer.alloc(9_000_000)), false)
      await place.open()
      expect(await place.rests()).toBe(1)
      const later = await place.open(dayMs + 60_000)
      expect(await place.rests()).toBe(0)
      expect(await later.has('obj_a')).toBe(false)
      expect(await textOf(later.get('obj_named'))).toBe('named')
    })

    test('points are told oldest first, and their order is that of their ids', async () => {
      const store = await place.open()
      const ids = ['point_c', 'point_a', 'point_e', 'point_b', 'point_d']
      for (const id of ids) await namePoint(store, id, id)
      expect(await store.points()).toEqual(ids.toSorted())
    })

    test('put-once: a key file keeps its first bytes, and is no point', async () => {
      const store = await place.open()
      expect(await store.keys()).toEqual([])
      await store.putKey('key_b', bytesOf('second by name'))
      await store.putKey('key_a', bytesOf('first by name'))
      const again = await place.open()
      await expect(again.putKey('key_a', bytesOf('another'))).rejects.toMatchObject({
        code: 'wrong_state',
      })
      expect(await again.keys()).toEqual(['key_a', 'key_b'])
      expect(await textOf(again.getKey('key_a'))).toBe('first by name')
      expect(await again.points()).toEqual([])
      await expect(textOf(again.getKey('key_c'))).rejects.toMatchObject({ code: 'broken_store' })
      await expect(again.putKey('../key', bytesOf('a'))).rejects.toMatchObject({
        code: 'bad_input',
      })
      expect(await place.rests()).toBe(0)
    })

    test('a big object is streamed, and memory stays flat', async () => {
      const live = liveBytes()
      const before = live()
      let most = 0
      const hash = createHash('sha256')
      const noise = randomBytes(1024 * 1024)
      const total = 160
      const source = async function* (): Bytes {
        for (let at = 0; at < total; at += 1) {
          noise.writeUInt32BE(at)
          hash.update(noise)
          yield Buffer.from(noise)
          if (at % 16 === 0) most = Math.max(most, live() - before)
        }
      }
      const store = await place.open()
      const staging = await store.stage()
      await staging.put('obj_big', source(), false)
      await staging.settle()
      await staging.discard()
      const back = createHash('sha256')
      let length = 0
      let next = 0
      for await (const piece of store.get('obj_big')) {
        back.update(piece)
        length += piece.length
        if (length < next) continue
        next += 16 * 1024 * 1024
        most = Math.max(most, live() - before)
      }
      expect(length).toBe(total * 1024 * 1024)
      expect(back.digest('hex')).toBe(hash.digest('hex'))
      // A server in this very process holds a part or two as well.
      expect(most).toBeLessThan(96 * 1024 * 1024)
    }, 120_000)

    test('a store that keeps says until when, and never for less', async () => {
      const store = await place.open()
      await put(store, { obj_a: 'a' })
      await namePoint(store, 'point_a', 'a')
      const soon = Date.now() + 3 * dayMs
      const late = Date.now() + 30 * dayMs
      const first = await store.keep('point_a', ['obj_a'], late)
      const second = await store.keep('point_a', ['obj_a'], soon)
      expect(second).toBe(first)
      if (store.kind === 'disk') expect(first).toBe(null)
      else expect(first).toBeGreaterThanOrEqual(late)
    })
  })
}

/** What this process really holds: garbage is collected first, so that it does not count. */
function liveBytes(): () => number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  return () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
}
