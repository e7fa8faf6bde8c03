import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isInOrder } from './in-order.ts'
import { canonical, isObject } from './json.ts'
import type { Json } from './json.ts'

/** The canonical text in the plainest way: key by key, text by text. */
function plainly(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${plainly(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

const key = fc.oneof(fc.constantFrom('a', 'b', '10', '9', '__proto__', 'toJSON', 'é'), fc.string())
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((members): Json => Object.fromEntries(members)),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((members): Json => Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))),
  ),
})).value

test('a value has its one text, whether it came in order or not', () => {
  let inOrder = 0
  fc.assert(
    fc.property(json, (value) => {
      if (isInOrder(value, 128)) inOrder += 1
      expect(canonical(value)).toBe(plainly(value))
    }),
    { numRuns: 1000 },
  )
  expect(inOrder).toBeGreaterThan(100)
})

const hole: unknown[] = []
hole.length = 1

test.each<[string, unknown]>([
  ['a key before its place', { b: 1, a: 2 }],
  ['a key that a plain object puts first', { '10': 1, '9': 2 }],
  ['a deep key before its place', [{ a: { c: 1, b: 2 } }]],
  ['no value at all', { a: undefined }],
  ['a hole', hole],
  ['a lone surrogate', ['\ud800']],
  ['a lone surrogate in a key', { '\udc00': 1 }],
  ['no number', Number.NaN],
  ['a bigint', 1n],
  ['a text of its own', { toJSON: () => 'x' }],
  ['an inherited text of its own', new Date(0)],
  ['bytes', Buffer.from('a')],
  ['a text that is an object', Object('a')],
  ['an object without a prototype', Object.create(null)],
])('%s is written with care', (_, value) => expect(isInOrder(value, 128)).toBe(false))

test('as deep as is written, and no deeper', () => {
  const nested = (levels: number): Json =>
    Array.from({ length: levels }).reduce<Json>((inner) => [inner], 1)
  expect(canonical(nested(128))).toBe(`${'['.repeat(128)}1${']'.repeat(128)}`)
  expect(() => canonical(nested(129))).toThrow('deeper than 128')
})
