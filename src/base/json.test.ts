import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, digest, isObject, mapMembers, parseJson, toJson } from './json.ts'
import type { Json } from './json.ts'

test.each<[string, Json, string]>([
  ['keys are sorted by code unit', { b: 1, a: 2, '\u00e9': 3, A: 4 }, '{"A":4,"a":2,"b":1,"é":3}'],
  [
    'a key outside the BMP sorts by its surrogates (RFC 8785 §3.2.3)',
    { '\ufb33': 1, '\u{1f600}': 2 },
    `{"\u{1f600}":2,"\ufb33":1}`,
  ],
  ['numbers are as ECMAScript prints them', [1e21, 0.000001, -0, 1.5], '[1e+21,0.000001,0,1.5]'],
  ['control characters are escaped', '\u0000\n"', '"\\u0000\\n\\""'],
  ['there is no white space', { a: [1, { b: null }] }, '{"a":[1,{"b":null}]}'],
])('%s', (_, value, text) => expect(canonical(value)).toBe(text))

test.each<[string, unknown]>([
  ['a lone surrogate', '\ud800'],
  ['a lone surrogate in a key', { '\udc00': 1 }],
  ['NaN', Number.NaN],
  ['a bigint', 1n],
  ['a depth of 500', Array.from({ length: 500 }).reduce<unknown>((inner) => [inner], 1)],
])('%s is refused, not written', (_, value) => {
  expect(() => canonical(toJson(value))).toThrow(expect.objectContaining({ code: 'bad_input' }))
})

test('the same value has one text, whatever the order of its keys', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const json = toJson(value)
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(canonical(toJson(turned))).toBe(canonical(json))
      expect(canonical(parseJson(canonical(json)))).toBe(canonical(json))
    }),
  ))

test('the digest names its hash', () => {
  expect(digest({})).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
})

test('a key that cannot be written is refused each time', () => {
  for (let time = 0; time < 3; time += 1)
    expect(() => canonical({ '\udc00': 1 })).toThrow('surrogate')
})

test('members keep their names when they get other values, `__proto__` too', () => {
  const value = toJson(JSON.parse('{"__proto__":{"a":1},"b":2}'))
  const turned = isObject(value) ? mapMembers(value, (_, key) => `${key}!`) : null
  expect(JSON.stringify(turned)).toBe('{"__proto__":"__proto__!","b":"b!"}')
})
