import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isObject, parseJson, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Entry } from '../guard/ports.ts'
import { leafOf, readLeaf, timeText, titleOf } from './leaf.ts'

const entry: Entry = {
  kind: 'held',
  at: 1_790_000_000_000,
  subject: 'hold_1',
  principal: 'agent:claude',
  body: { operation: 'volumeDelete', effect: 'destroy' },
}

const textOf = (leaf: Uint8Array): string => Buffer.from(leaf).toString('utf8')

test('a leaf is canonical JSON with its version, and bears no index', () => {
  expect(textOf(leafOf(entry))).toBe(
    '{"at":1790000000000,"body":{"effect":"destroy","operation":"volumeDelete"},"kind":"held","principal":"agent:claude","subject":"hold_1","v":1}',
  )
})

test('what a leaf tells is what was written', () =>
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      fc.maxSafeNat(),
      (raw, at) => {
        const body = toJson(raw)
        if (!isObject(body)) throw new Error('a dictionary is an object')
        const leaf = leafOf({ ...entry, at, body })
        expect(readLeaf(leaf)).toEqual({
          ...entry,
          at,
          body: parseJson(JSON.stringify(body)),
          cut: false,
        })
      },
    ),
  ))

test.each<[string, JsonObject]>([
  ['a text of 100,000 characters', { operation: 'x', note: 'y'.repeat(100_000) }],
  ['many rows', { operation: 'x', rows: Array.from({ length: 9000 }, (_, n) => `row ${n}`) }],
  ['texts of many bytes a character', { operation: 'x', note: '\u{1f9ef}'.repeat(40_000) }],
])('a body with %s is shortened, and kept by its digest', (_, body) => {
  const leaf = leafOf({ ...entry, body })
  expect(leaf.length).toBeLessThanOrEqual(65_535)
  expect(readLeaf(leaf)).toMatchObject({ kind: 'held', cut: true, body: { operation: 'x' } })
  expect(textOf(leaf)).toMatch(/"cut":\{"bytes":\d{5,},"sha256":"[0-9a-f]{64}"\}/)
})

test('a body that is long even when shortened is kept by its digest alone', () => {
  const body = Object.fromEntries(Array.from({ length: 6000 }, (_, n) => [`member ${n}`, n]))
  const told = readLeaf(leafOf({ ...entry, body }))
  expect(told).toMatchObject({ kind: 'held', subject: 'hold_1', body: {}, cut: true })
})

test('what proves who said it stays whole in a body that is shortened', () => {
  const evidence = { assertion: { clientDataJSON: 'x'.repeat(400) } }
  const told = readLeaf(leafOf({ ...entry, body: { action: 'a'.repeat(70_000), evidence } }))
  expect(told).toMatchObject({ cut: true, body: { evidence } })
})

test('the longest leaf is whole, one byte more is cut', () => {
  const room = 65_535 - leafOf({ ...entry, body: { x: '' } }).length
  const whole = leafOf({ ...entry, body: { x: 'a'.repeat(room) } })
  expect([whole.length, readLeaf(whole)?.cut]).toEqual([65_535, false])
  expect(readLeaf(leafOf({ ...entry, body: { x: 'a'.repeat(room + 1) } }))?.cut).toBe(true)
})

test('an entry that fits in no way is refused, not written half', () => {
  const long = { ...entry, principal: 'p'.repeat(70_000) }
  expect(() => leafOf(long)).toThrow(expect.objectContaining({ code: 'too_large' }))
})

test.each<[string, Entry]>([
  ['a time that is no number', { ...entry, at: Number.NaN }],
  ['a lone surrogate', { ...entry, body: { x: '\ud800' } }],
])('an entry with %s is refused', (_, bad) => {
  expect(() => leafOf(bad)).toThrow(expect.objectContaining({ code: 'bad_input' }))
})

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ['no object', Buffer.from('[]')],
  ['another version', Buffer.from('{"at":1,"body":{},"kind":"held","v":2}')],
  ['a kind that is no text', Buffer.from('{"at":1,"body":{},"kind":7,"v":1}')],
])('bytes that are %s tell nothing', (_, bytes) => expect(readLeaf(bytes)).toBeNull())

test('reading is total', () =>
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void titleOf(bytes))))

test.each<[number, string]>([
  [0, '1970-01-01T00:00:00.000Z'],
  [1e300, '1e+300'],
])('the time %d is told as %s', (at, shown) => expect(timeText(at)).toBe(shown))
