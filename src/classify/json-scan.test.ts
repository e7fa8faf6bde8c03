import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ambiguity } from './json-scan.ts'

const found = (text: string): string | null => ambiguity(text, JSON.parse(text))

test.each<[string, string, boolean]>([
  ['one key', '{"a":1}', true],
  ['the same key in two objects', '[{"a":1},{"a":{"a":2}}]', true],
  ['a key and a text of its name', '{"a":"a","b":["a","a"]}', true],
  ['a key that stands twice', '{"a":1,"b":{},"a":2}', false],
  ['a key that stands twice, with an escape', '{"a":1,"\\u0061":2}', false],
  ['a key that stands twice, and hides others', '{"a":{"b":1,"c":2},"a":{"b":1}}', false],
  ['a colon in a text, and none in an empty object', '{"a":"b:c","d":{}}', true],
  ['a key that stands twice, far below', '[[{"x":{"a":[],"a":[]}}]]', false],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', false],
  ['a quote and a backslash in a text', '{"a":"\\\\\\"","b":"\\\\"}', true],
  ['a small number', '{"a":-1.5e-9}', true],
  ['the greatest whole number', '[9007199254740991]', true],
  ['one more', '[9007199254740993]', false],
  ['an infinite one', '[1e999]', false],
])('%s', (_, text, clear) => expect(found(text) === null).toBe(clear))

test('what JavaScript writes is never ambiguous', () =>
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value)
      const large = /\d{16}/.test(text)
      // Where the engine itself reads a key wrongly, that is found.
      const isMisread = JSON.stringify(JSON.parse(text)) !== text
      expect(found(text) === null || large || isMisread).toBe(true)
      expect(found(JSON.stringify({ text })) === null).toBe(true)
    }),
  ))

test('a key written twice is found at any depth', () =>
  fc.assert(
    fc.property(
      fc.string(),
      fc.jsonValue(),
      fc.integer({ min: 0, max: 20 }),
      (key, value, depth) => {
        const [name, inner] = [JSON.stringify(key), JSON.stringify(value)]
        const twice = `{${name}:${inner},"${'x'.repeat(90)}":[],${name}:${inner}}`
        expect(found(`${'['.repeat(depth)}${twice}${']'.repeat(depth)}`)).not.toBeNull()
      },
    ),
  ))
