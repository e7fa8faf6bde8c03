import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bundleOf, readBundle, readTile, tilePath, tilesOf } from './tiles.ts'

const paths = (size: number, since = 0): readonly string[] => tilesOf(size, since).map(tilePath)

test.each<[string, number, readonly string[]]>([
  ['no entry has no tile', 0, []],
  ['one entry', 1, ['tile/entries/000.p/1', 'tile/0/000.p/1']],
  [
    '256 entries have a full tile and one hash above',
    256,
    ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1'],
  ],
  [
    '257 entries',
    257,
    ['tile/entries/000', 'tile/entries/001.p/1', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1'],
  ],
])('%s', (_, size, expected) => expect(paths(size)).toEqual(expected))

test('70,000 entries have the tiles that the specification counts', () => {
  const all = paths(70_000)
  expect(all.filter((path) => path.startsWith('tile/0/'))).toHaveLength(274)
  expect(all).toContain('tile/0/273.p/112')
  expect(all.filter((path) => path.startsWith('tile/1/'))).toEqual([
    'tile/1/000',
    'tile/1/001.p/17',
  ])
  expect(all.filter((path) => path.startsWith('tile/2/'))).toEqual(['tile/2/000.p/1'])
})

test('a large index is spread over folders', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 'entries', index: 1000, width: 3 })).toBe('tile/entries/x001/000.p/3')
})

test('what two exports write is what one would, and full tiles are written once', () =>
  fc.assert(
    fc.property(fc.nat({ max: 3000 }), fc.nat({ max: 3000 }), (a, b) => {
      const [since, size] = [Math.min(a, b), Math.max(a, b)]
      const later = paths(size, since)
      const both = new Set([...paths(since), ...later])
      expect(paths(size).filter((path) => !both.has(path))).toEqual([])
      const full = new Set(paths(since).filter((path) => !path.includes('.p/')))
      expect(later.filter((path) => full.has(path))).toEqual([])
    }),
  ))

test('a bundle holds what was put in; any other length is refused', () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (leaves) => {
      const bundle = bundleOf(leaves)
      expect(readBundle(bundle)?.map((leaf) => [...leaf])).toEqual(leaves.map((leaf) => [...leaf]))
      if (leaves.length > 0)
        expect(readBundle(bundle.subarray(0, -1))?.length).not.toBe(leaves.length)
    }),
  ))

test('the longest entry keeps its length', () => {
  const leaf = new Uint8Array(65_535)
  expect(readBundle(bundleOf([leaf, leaf]))?.map(({ length }) => length)).toEqual([65_535, 65_535])
})

test('a tile has whole hashes, as many as its width', () => {
  expect(readTile(new Uint8Array(64), 2)).toHaveLength(2)
  expect(readTile(new Uint8Array(63), 2)).toBeNull()
  expect(readTile(new Uint8Array(96), 2)).toBeNull()
})
