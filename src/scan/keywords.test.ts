import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keywordsOf } from './keywords.ts'

const found = (keywords: readonly string[], text: string): readonly string[] => {
  const all: string[] = []
  keywordsOf(keywords).seek(Buffer.from(text, 'latin1'), (at, which) => {
    all.push(`${at} ${keywords[which]}`)
    return true
  })
  return all.toSorted()
}

/** The same by the plainest way. */
const plainly = (keywords: readonly string[], text: string): readonly string[] =>
  keywords
    .flatMap((keyword) =>
      Array.from(text, (_, at) => at)
        .filter((at) => text.slice(at, at + keyword.length).toLowerCase() === keyword)
        .filter((at) => keyword.length > 3 || at + keyword.length < text.length)
        .map((at) => `${at} ${keyword}`),
    )
    .toSorted()

test('finds what a plain search finds, overlapping and in any case', () => {
  const letters = fc.constantFrom('a', 'b', 'A', '_', '.', '1')
  const keyword = fc
    .array(letters, { minLength: 3, maxLength: 7 })
    .map((list) => list.join('').toLowerCase())
  const text = fc.array(letters, { maxLength: 200 }).map((list) => list.join(''))
  fc.assert(
    fc.property(
      fc.uniqueArray(keyword, { minLength: 1, maxLength: 12 }),
      text,
      (keywords, text) => {
        expect(found(keywords, text)).toEqual(plainly(keywords, text))
      },
    ),
  )
})

test('a hit that has seen enough ends the search', () => {
  let seen = 0
  keywordsOf(['abc']).seek(Buffer.from('abc abc abc abc '), () => ++seen < 2)
  expect(seen).toBe(2)
})

test('keywords of fewer than three bytes are refused', () =>
  expect(() => keywordsOf(['ab'])).toThrow('three bytes'))
