import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTableManifest, tableManifestDigest, tableManifestText } from './table-manifest.ts'
import type { TableManifest } from './table-manifest.ts'

const part = {
  id: 'trigger shop.bookings.noted',
  rank: 70,
  kind: 'trigger',
  rel: 'shop.bookings',
  other: null,
  make: 'CREATE TRIGGER …',
  unmake: null,
  exact: true,
}
const manifest: TableManifest = {
  v: 1,
  id: 'point_1',
  engine: 'table',
  covers: [{ target: 'db', type: 'table', id: 'shop.bookings' }],
  source: 'db',
  takenAt: 1_760_000_000_000,
  bytes: 12,
  tables: [
    {
      table: 'shop.bookings',
      moved: ['id', '"Full Name"'],
      all: ['id', '"Full Name"', 'gross'],
      sha256: 'ab'.repeat(32),
      bytes: 12,
      before: '2 5 -7',
      after: null,
    },
  ],
  parts: [{ id: part.id, before: part, after: null }],
  sequences: [{ sequence: 'shop.booking_number', last: '-9223372036854775808', called: false }],
  stored: [{ view: 'shop.income', columns: ['paid'], sum: '0  ' }],
}

test('the golden vector: the text and the digest of one manifest, also as docs/formats/recovery-point.md gives it', () => {
  const digest = 'sha256:f5bb9f38d61e09f33e5b561602c921c83f0392774245bb306de05b70358db7f2'
  const root = new URL('../../', import.meta.url)
  const text = readFileSync(new URL('test/vectors/recovery-point/table.json', root), 'utf8')
  expect(tableManifestText(manifest)).toBe(text)
  expect(tableManifestDigest(parseTableManifest(text))).toBe(digest)
  expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(digest)
  expect(readFileSync(new URL('docs/formats/recovery-point.md', root), 'utf8')).toContain(digest)
})

test('a manifest that was written reads as it was, whatever is in its texts', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, made) => {
      const one = {
        ...manifest,
        source: text,
        parts: [
          { id: text, before: made ? null : { ...part, make: text }, after: made ? text : null },
        ],
      }
      expect(parseTableManifest(tableManifestText(one))).toEqual(one)
    }),
  ))

test.each<[string, object]>([
  ['another engine', { engine: 'files' }],
  ['another version', { v: 2 }],
  ['no list of tables', { tables: null }],
  ['a hash that is none', { tables: [{ ...manifest.tables[0], sha256: '../x' }] }],
  ['a table without a sum', { tables: [{ ...manifest.tables[0], before: null }] }],
  [
    'a part without its statement',
    { parts: [{ id: 'x', before: { ...part, make: 7 }, after: null }] },
  ],
  ['a sequence at no number', { sequences: [{ sequence: 'x', last: '1; DROP', called: true }] }],
])('%s is refused', (_, change) => {
  const text = JSON.stringify({ ...manifest, ...change })
  expect(() => parseTableManifest(text)).toThrow(/no table image/)
})
