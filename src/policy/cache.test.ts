import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCache } from './cache.ts'

test('what was put last is there, what was used stays, and what nobody used goes', () => {
  const cache = openCache<number>(2)
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    cache.put(key, value)
  expect(cache.get('a')).toBe(1)
  cache.put('d', 4)
  expect([cache.get('a'), cache.get('b')]).toEqual([1, null])
})

test('it never gives what was not put under that key, and keeps at least the last `size`', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      (keys, size) => {
        const cache = openCache<string>(size)
        for (const key of keys) cache.put(`${key}`, `value ${key}`)
        for (const key of keys) expect([null, `value ${key}`]).toContain(openAt(cache, key))
        const last = new Set(keys.slice(-size))
        const fresh = openCache<string>(size)
        for (const key of keys) fresh.put(`${key}`, `value ${key}`)
        for (const key of last) expect(fresh.get(`${key}`)).toBe(`value ${key}`)
      },
    ),
  )
})

function openAt(cache: ReturnType<typeof openCache<string>>, key: number): string | null {
  return cache.get(`${key}`)
}
