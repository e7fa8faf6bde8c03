/** Looking through the ledger: what is found is what a plain reading finds, and no call reads more than its stretch. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../src/guard/ports.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import { searchLog } from '../../src/ledger/search.ts'
import type { Sought } from '../../src/ledger/search.ts'
import { entry, ledgerOf } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'

const any: Sought = {
  kinds: [],
  principal: null,
  subject: null,
  text: null,
  since: null,
  until: null,
}

const all = async (log: MemoryRows, sought: Sought, limit: number): Promise<readonly number[]> => {
  const found: number[] = []
  let before: number | null = null
  do {
    const { found: more, next } = await searchLog(log, sought, { before, limit })
    expect(more.length).toBeLessThanOrEqual(limit)
    found.push(...more.map(({ index }) => index))
    before = next
  } while (before !== null)
  return found
}

test('page by page, every entry comes once, the newest first', async () => {
  const log = await ledgerOf([Array.from({ length: 600 }, (_, n) => entry(n))])
  const down = Array.from({ length: 600 }, (_, n) => 599 - n)
  expect(await all(log, any, 100)).toEqual(down)
  expect(await all(log, any, 7)).toEqual(down)
  expect((await searchLog(log, any, { before: 1, limit: 100 })).next).toBeNull()
  expect(await searchLog(await ledgerOf([]), any, { before: null, limit: 1 })).toEqual({
    found: [],
    size: 0,
    from: 0,
    to: 0,
    next: null,
  })
})

test('it finds what a plain reading finds', async () => {
  const texts = ['vol', 'VOL "x"', 'straße', '\u202e', 'other\n']
  const written = Array.from({ length: 40 }, (_, n): Entry => {
    const kind = n % 3 === 0 ? 'held' : 'denied'
    const principal = n % 2 === 0 ? 'agent:a' : 'agent:ab'
    return entry(n, {
      kind,
      principal,
      subject: `hold_${n % 4}`,
      body: { name: texts[n % 5] ?? '' },
    })
  })
  const log = await ledgerOf([written])
  const nullable = <T>(...of: readonly T[]): fc.Arbitrary<T | null> => fc.constantFrom(null, ...of)
  const sought = fc.record<Sought>({
    kinds: fc.constantFrom([], ['held'], ['held', 'denied'], ['none']),
    principal: nullable('agent:a', 'agent:ab', 'agent'),
    subject: nullable('hold_1', 'hold_'),
    text: nullable('vol "X', 'Straße', '\u202e', '\n', 'agent:A'),
    since: nullable(written[7]?.at ?? 0),
    until: nullable(written[30]?.at ?? 0),
  })
  await fc.assert(
    fc.asyncProperty(sought, async (one) => {
      const plainly = written.flatMap(({ kind, principal, subject, at, body }, index) => {
        const text = `${JSON.stringify(body)}${principal}`.toLowerCase()
        const wanted = one.text === null ? '' : JSON.stringify(one.text).slice(1, -1).toLowerCase()
        const is = [
          one.kinds.length === 0 || one.kinds.includes(kind),
          [null, principal].includes(one.principal),
          [null, subject].includes(one.subject),
          at >= (one.since ?? 0),
          at <= (one.until ?? Infinity),
          text.includes(wanted),
        ]
        return is.includes(false) ? [] : [index]
      })
      expect(await all(log, one, 3)).toEqual(plainly.toReversed())
    }),
  )
})

test('one call reads a stretch and says where to go on, also where it found nothing', async () => {
  let read = 0
  const leaf = (await (await ledgerOf([[entry(0)]])).leaves(0, 1))[0] ?? new Uint8Array()
  const log = {
    size: async () => await Promise.resolve(1_000_000),
    leaves: async (from: number, to: number) => {
      read += to - from
      return await Promise.resolve(Array.from({ length: to - from }, () => leaf))
    },
  }
  const { found, next, from } = await searchLog(
    log,
    { ...any, text: 'none' },
    { before: null, limit: 100 },
  )
  expect([found, next]).toEqual([[], from])
  expect(read).toBeGreaterThan(1000)
  expect(read).toBeLessThan(10_000)
})

test('where an entry is missing, the others keep their numbers', async () => {
  const log = await ledgerOf([Array.from({ length: 9 }, (_, n) => entry(n))])
  log.rows.delete(4)
  const { found } = await searchLog(log, any, { before: null, limit: 100 })
  expect(found.map(({ index, told }) => [index, told.body['n']])).toEqual(
    [8, 7, 6, 5, 3, 2, 1, 0].map((n) => [n, n]),
  )
  expect(readLeaf(new Uint8Array())).toBeNull()
})
