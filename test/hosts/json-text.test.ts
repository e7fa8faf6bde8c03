/** Other people's JSON: changed in one place, every other byte as it was. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText, withoutValue, withValue } from '../../src/app/hosts/json-text.ts'

const value = { command: 'x', list: [1] }

test.each<[string, string, string]>([
  ['an empty object', '{}', '{\n  "b": 1\n}'],
  ['one line', '{"a": 1}', '{"a": 1, "b": 1}'],
  ['one line with room', '{ "a": 1 }', '{ "a": 1, "b": 1 }'],
  ['several lines', '{\n "a": 1\n}\n', '{\n "a": 1,\n "b": 1\n}\n'],
  ['a note behind', '{\n  "a": 1 // one\n}', '{\n  "a": 1, // one\n  "b": 1\n}'],
  ['a note below', '{\n  "a": 1\n  // end\n}', '{\n  "a": 1,\n  "b": 1\n  // end\n}'],
  ['a note in front', '{\n  /* one */ "a": 1\n}', '{\n  /* one */ "a": 1,\n  "b": 1\n}'],
  ['a comma at the end', '{\n  "a": 1,\n}', '{\n  "a": 1,\n  "b": 1,\n}'],
  ['a comma and a note', '{\n  "a": 1, /* x */ // y\n}', '{\n  "a": 1, /* x */ // y\n  "b": 1,\n}'],
  ['nothing but a note', '{\n  // none\n}', '{\n  // none\n  "b": 1\n}'],
  ['a mark of order', '\uFEFF{"a": 1}', '\uFEFF{"a": 1, "b": 1}'],
  ['line ends of two', '{\r\n\t"a": 1\r\n}', '{\r\n\t"a": 1,\r\n\t"b": 1\r\n}'],
])('put in: %s', (_, before, after) => {
  expect(withValue(before, ['b'], 1)).toBe(after)
  expect(withoutValue(after, ['b'])).toBe(before)
})

test.each<[string, string, readonly (string | number)[], string]>([
  ['the only one', '{ "a": 1 }', ['a'], '{}'],
  ['the first', '{\n  "a": 1,\n  "b": 2\n}', ['a'], '{\n  "b": 2\n}'],
  ['one between', '[1, 2, 3]', [1], '[1, 3]'],
  [
    'the last, with a note in front',
    '{\n  "a": 1, // x,\n  "b": 2\n}',
    ['b'],
    '{\n  "a": 1 // x,\n}',
  ],
  [
    'the first, with a note behind',
    '{\n  "a": 1, // x\n  "b": 2\n}',
    ['a'],
    '{\n  // x\n  "b": 2\n}',
  ],
  ['the only one, with notes', '{\n  // x\n  "a": 1, // y\n}', ['a'], '{\n  // x // y\n}'],
  ['the last of those with a comma', '{\n  "a": 1,\n  "b": 2,\n}', ['b'], '{\n  "a": 1,\n}'],
  ['none', '{"a": 1}', ['b'], '{"a": 1}'],
])('taken out: %s', (_, before, at, after) => expect(withoutValue(before, at)).toBe(after))

test.each<[string, unknown, string]>([
  ['a text', 'y', '{\n  "a": "y",\n  "z": 1\n}'],
  ['a list in one line', [1, { b: 2 }], '{\n  "a": [1, { "b": 2 }],\n  "z": 1\n}'],
])('in the place of another: %s', (_, now, after) => {
  const json: Parameters<typeof withValue>[2] = JSON.parse(JSON.stringify(now))
  expect(withValue('{\n  "a": [0],\n  "z": 1\n}', ['a'], json)).toBe(after)
})

const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
const layout = fc.constantFrom(undefined, 0, 1, 2, 4, '\t')

test('what is put in and taken out again leaves the same bytes', () =>
  fc.assert(
    fc.property(json, layout, fc.boolean(), (file, indent, isOther) => {
      const plain = JSON.stringify(file, null, indent)
      const text = isOther ? plain.replaceAll('\n', '\r\n') : plain
      const name = 'firebreak-hooks'
      const after = withValue(text, [name], value)
      expect(readText('f', after, 'strict')[name]).toEqual(value)
      expect(withoutValue(after, [name])).toBe(text)
    }),
  ))

test('a text of any kind is read as JSON reads it, or refused', () =>
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      let wanted: unknown = null
      try {
        wanted = JSON.parse(text)
      } catch {
        // Then it is to be refused.
      }
      let got: unknown = null
      try {
        got = readText('f', text, 'strict')
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'bad_input' })
        return
      }
      expect(got).toEqual(wanted)
    }),
  ))
