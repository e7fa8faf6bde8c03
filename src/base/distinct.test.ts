import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinct, united } from './distinct.ts'

const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 })

test('each is there once, in the order they came', () => {
  fc.assert(
    fc.property(texts, texts, (first, second) => {
      expect(distinct(first)).toEqual([...new Set(first)])
      expect(united(first, second)).toEqual([...new Set([...first, ...second])])
    }),
  )
})
