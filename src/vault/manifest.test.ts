import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  manifestDigest,
  manifestText,
  nameBytes,
  nameOf,
  nameShown,
  parseManifest,
} from './manifest.ts'
import type { Item, Manifest, Name } from './manifest.ts'

const owned = { uid: 1000, gid: 1000, mtime: '1700000000000000001' }
const root: Item = { kind: 'directory', path: '', mode: 0o755, ...owned }
const file = (path: Name): Item => ({
  kind: 'file',
  path,
  mode: 0o644,
  size: 3,
  sha256: 'ab'.repeat(32),
  ...owned,
})
const point = (...items: readonly Item[]): Manifest => ({
  v: 1,
  id: 'point_1',
  engine: 'files',
  covers: [{ target: 'rail', type: 'volumeInstance', id: 'vi1' }],
  source: '/mnt/data',
  takenAt: 1_700_000_000_000,
  bytes: 3,
  items,
})

test('the golden digest: a manifest of version 1 keeps its bytes', () => {
  expect(manifestDigest(point(root, file('a')))).toBe(
    'sha256:f6531ca1a1afa029c1bc2620cac14f54c12e6c4ec5816649dfa0c1092a75563c',
  )
})

test('a manifest that was read and written has the same bytes', () => {
  const link: Item = { kind: 'link', path: 'z', to: { base64: '/w==' }, ...owned }
  const pipe: Item = { kind: 'special', path: 'zz', what: 'pipe', ...owned }
  const text = manifestText(point(root, file('a'), link, pipe))
  expect(manifestText(parseManifest(text))).toBe(text)
})

test.each<[string, readonly Item[]]>([
  ['climbs out', [root, file('../etc/passwd')]],
  ['is absolute', [root, file('/etc/passwd')]],
  ['has an empty part', [root, file('a//b')]],
  ['has a dot', [root, file('./a')]],
  ['has a NUL byte', [root, file('a\0b')]],
  ['climbs out in bytes', [root, file({ base64: Buffer.from('../x').toString('base64') })]],
  [
    'lies below a link',
    [root, { kind: 'link', path: 'a', to: '/etc', ...owned }, file('a/passwd')],
  ],
  ['lies in a folder that is not there', [root, file('a/b')]],
  ['lies below a file', [root, file('a'), file('a/b')]],
  ['has no root', [file('a')]],
  ['has two roots', [root, root]],
  ['is a root that is no folder', [{ kind: 'link', path: '', to: '/', ...owned }, file('a')]],
])('a path that %s is refused', (_, items) => {
  expect(() => parseManifest(manifestText(point(...items)))).toThrow(
    expect.objectContaining({ code: 'broken_store' }),
  )
})

test.each<[string, string]>([
  ['a later version', manifestText(point(root)).replace('"v":1', '"v":2')],
  ['another engine', manifestText(point(root)).replace('"files"', '"tape"')],
  ['an unknown kind', manifestText(point(root)).replace('"directory"', '"constructor"')],
  ['a hash that is none', manifestText(point(root, file('a'))).replace('abab', 'xyzt')],
  ['a size below nothing', manifestText(point(root, file('a'))).replace('"size":3', '"size":-3')],
  ['no object', '[]'],
])('%s is refused', (_, text) => {
  expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: 'broken_store' }))
})

test('a name keeps its bytes, whatever they are', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(nameBytes(nameOf(bytes)).equals(Buffer.from(bytes))).toBe(true)
    }),
  ))

test('a name is shown without control characters', () => {
  expect(nameShown('a\u001b[31m\nb')).toBe('a?[31m?b')
})
