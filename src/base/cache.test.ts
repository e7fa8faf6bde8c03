import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCache, remembered } from './cache.ts'

test('what was put last is there, what was used stays, and what nobody used goes', () => {
  const cache = openCache<number>({ most: 2, characters: 100 })
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    cache.put(key, value)
  expect(cache.get('a')).toBe(1)
  cache.put('d', 4)
  expect([cache.get('a'), cache.get('b')]).toEqual([1, null])
  cache.clear()
  expect(cache.get('a')).toBeNull()
})

test('long keys push out what is old as many keys do', () => {
  const cache = openCache<number>({ most: 100, characters: 10 })
  cache.put('aaaaaa', 1)
  cache.put('bbbbbb', 2)
  expect(cache.get('aaaaaa')).toBe(1)
  cache.put('cccccc', 3)
  cache.put('dddddd', 4)
  expect(cache.get('bbbbbb')).toBeNull()
})

test('a remembered function answers as it does itself, and is asked once for what is in use', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (texts) => {
      const cached = remembered({ most: 3, characters: 20 }, (text) => `${text}!`)
      expect(texts.map(cached)).toEqual(texts.map((text) => `${text}!`))
    }),
  )
  const made: string[] = []
  const cached = remembered({ most: 10, characters: 1000 }, (text) => {
    made.push(text)
    return text
  })
  for (let other = 0; other < 50; other += 1) {
    cached(`other ${other}`)
    cached('a')
  }
  for (let other = 50; other < 80; other += 1) cached(`other ${other}`)
  cached('a')
  expect(made.filter((text) => text === 'a')).toHaveLength(2)
})

test('it never gives what was not put under that key, and keeps at least the last `size`', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      (keys, size) => {
        const cache = openCache<string>({ most: size, characters: 1000 })
        for (const key of keys) cache.put(`${key}`, `value ${key}`)
        for (const key of keys) expect([null, `value ${key}`]).toContain(openAt(cache, key))
        const last = new Set(keys.slice(-size))
        const fresh = openCache<string>({ most: size, characters: 1000 })
        for (const key of keys) fresh.put(`${key}`, `value ${key}`)
        for (const key of last) expect(fresh.get(`${key}`)).toBe(`value ${key}`)
      },
    ),
  )
})

function openAt(cache: ReturnType<typeof openCache<string>>, key: number): string | null {
  return cache.get(`${key}`)
}
