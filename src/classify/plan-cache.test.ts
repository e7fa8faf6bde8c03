import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planCache } from './plan-cache.ts'

test('an answer is made once while it is in use', () => {
  let made = 0
  const cached = planCache((text) => ({ text, made: ++made }))
  const first = cached('a')
  for (let other = 0; other < 3_000; other++) {
    cached(`other ${other}`)
    if (other % 100 === 0) expect(cached('a')).toBe(first)
  }
  expect(cached('a')).toBe(first)
})

test('memory is bounded: what nobody asks for is made anew', () => {
  const made: string[] = []
  const cached = planCache((text) => {
    made.push(text)
    return text
  })
  cached('a')
  for (let other = 0; other < 5_000; other++) cached(`other ${other}`)
  cached('a')
  expect(made.filter((text) => text === 'a')).toHaveLength(2)
})

test('the cache answers as the function does', () =>
  fc.assert(
    fc.property(fc.array(fc.string()), (texts) => {
      const cached = planCache((text) => `${text}!`)
      expect(texts.map(cached)).toEqual(texts.map((text) => `${text}!`))
    }),
  ))
