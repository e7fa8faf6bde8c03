import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noRadius } from '../core/blast-radius.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource, ResourceRef } from '../core/resource.ts'
import { contains, gradeOf, isEnough } from './grade.ts'
import { needsOf, parseRef } from './needs.ts'
import type { Source } from './needs.ts'

const ref = (text: string): ResourceRef => parseRef(text) ?? { target: '', type: '', id: '' }
const source = (text: string): Source => ({ covers: ref(text), path: `/mnt/${text}` })
const thing = (text: string, bytes: number | null = null): Resource => ({
  ...ref(text),
  name: text,
  environment: null,
  bytes,
  protects: null,
})
const radius = (...things: readonly string[]): BlastRadius => ({
  ...noRadius,
  resources: things.map((text) => thing(text)),
})

test.each<
  [
    string,
    BlastRadius,
    readonly string[],
    readonly (readonly [string, string])[],
    readonly string[],
    number,
  ]
>([
  [
    'a thing with its own source',
    radius('r/volumeInstance/a'),
    ['r/volumeInstance/a'],
    [],
    ['r/volumeInstance/a'],
    0,
  ],
  [
    'a volume by all its instances',
    radius('r/volume/v', 'r/volumeInstance/a', 'r/volumeInstance/b'),
    ['r/volumeInstance/a', 'r/volumeInstance/b'],
    [],
    ['r/volumeInstance/a', 'r/volumeInstance/b'],
    0,
  ],
  [
    'a volume that lacks an instance',
    radius('r/volume/v', 'r/volumeInstance/a', 'r/volumeInstance/b'),
    ['r/volumeInstance/a'],
    [],
    ['r/volumeInstance/a'],
    2,
  ],
  [
    'an instance by its only volume',
    radius('r/volume/v', 'r/volumeInstance/a'),
    ['r/volume/v'],
    [],
    ['r/volume/v'],
    0,
  ],
  [
    'an instance of one of two volumes',
    radius('r/volume/v', 'r/volume/w', 'r/volumeInstance/a'),
    ['r/volume/v'],
    [],
    ['r/volume/v'],
    2,
  ],
  [
    'a database by its volume',
    radius('pg/database/d'),
    ['r/volume/v'],
    [['r/volume/v', 'pg/database/d']],
    ['r/volume/v'],
    0,
  ],
  [
    'a schema by two links',
    radius('pg/schema/s'),
    ['r/volume/v'],
    [
      ['r/volume/v', 'pg/database/d'],
      ['pg/database/d', 'pg/schema/s'],
    ],
    ['r/volume/v'],
    0,
  ],
  [
    'links in a circle',
    radius('pg/database/d'),
    [],
    [
      ['pg/database/d', 'pg/schema/s'],
      ['pg/schema/s', 'pg/database/d'],
    ],
    [],
    1,
  ],
  ['a service alone', radius('r/service/s'), [], [], [], 0],
  ['code that is written over', radius('r/deployment/d'), [], [], [], 1],
  ['variables that are replaced', radius('r/variables/s/e'), [], [], [], 1],
  ['a type nobody thought of', radius('r/bucket/b'), [], [], [], 1],
])('%s', (_, ...row) => {
  const [asked, sources, links, wanted, missing] = row
  const found = needsOf(asked, {
    sources: sources.map(source),
    links: links.map(([holder, held]) => ({ holder: ref(holder), held: ref(held) })),
  })
  expect(found.needs.map((need) => resourceKey(need.source.covers))).toEqual(wanted)
  expect(found.missing).toHaveLength(missing)
})

test('every thing that loses data is in a need or is said to be missing', () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.constantFrom(
          'r/volume/v',
          'r/volume/w',
          'r/volumeInstance/a',
          'r/volumeInstance/b',
          'r/bucket/c',
          'p/database/d',
        ),
      ),
      fc.uniqueArray(
        fc.constantFrom('r/volume/v', 'r/volumeInstance/a', 'r/volumeInstance/b', 'r/bucket/c'),
      ),
      (things, sources) => {
        const asked = radius(...things)
        const { needs, missing } = needsOf(asked, { sources: sources.map(source), links: [] })
        const covered = new Set(needs.flatMap((need) => need.things.map(resourceKey)))
        const left = things.filter((key) => !covered.has(key))
        expect(left.every((key) => missing.some((line) => line.includes(key)))).toBe(true)
      },
    ),
  ))

test.each<[string, string | null]>([
  ['rail/volumeInstance/vi1', 'rail/volumeInstance/vi1'],
  ['pg/table/public/x', 'pg/table/public/x'],
  ['rail/volume/', null],
  ['rail/volume', null],
  ['', null],
])('`%s` is read as %s', (text, key) => {
  const found = parseRef(text)
  expect(found === null ? null : resourceKey(found)).toBe(key)
})

test.each<[string, string, string, readonly string[], readonly string[], string]>([
  ['beside it', '/a/data', '/a/vault', ['1:1', '1:2'], ['1:9'], 'V1'],
  ['a name that only begins alike', '/a/data', '/a/data2', ['1:1'], ['1:9'], 'V1'],
  ['in it', '/a/data', '/a/data/x', ['1:1'], ['1:9'], 'V0'],
  ['above it', '/a/data/x', '/a/data', ['1:1'], ['1:9'], 'V0'],
  ['the same', '/a', '/a', ['1:1'], ['1:9'], 'V0'],
  ['the root', '/a', '/', ['1:1'], ['1:9'], 'V0'],
  [
    'by another path to one of its folders',
    '/a/data',
    '/mnt/b',
    ['1:7', '1:1'],
    ['1:9', '1:7'],
    'V0',
  ],
  ['below another path to it', '/a/data', '/mnt/b/c', ['1:3', '1:9', '1:1'], ['1:9'], 'V0'],
])('a store %s has its grade', (_, ...row) => {
  const [from, store, storeNodes, sourceNodes, grade] = row
  const places = { source: from, store, storeNodes, sourceNodes: new Set(sourceNodes) }
  expect(gradeOf(places)).toBe(grade)
})

test('what lies inside the blast radius is never enough', () => {
  expect(isEnough('V0', 'V0')).toBe(false)
  expect(isEnough('V1', 'V0')).toBe(true)
  expect(isEnough('V1', 'V2')).toBe(false)
  expect(contains('/', '/x')).toBe(true)
})
