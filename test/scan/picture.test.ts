/** The picture of the blast radius: what is in it, where, and that nothing which others chose as a name breaks out of it. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layOut } from '../../src/scan/picture/lay-out.ts'
import { layeredOf } from '../../src/scan/picture/layers.ts'
import { boxSize } from '../../src/scan/picture/layered.ts'
import type { Drawn, Layered } from '../../src/scan/picture/layered.ts'
import { markup } from '../../src/scan/picture/markup.ts'
import { svgOf } from '../../src/scan/picture/svg.ts'
import { crowdedGraph, incidentGraph } from './graphs.ts'

const caption = {
  title: 'One credential here can delete production and its 3 backups, and staging too',
  description: 'A: railway token in scripts/domains.ts:3',
}

test('the incident, as docs/scan.md shows it', async () => {
  const svg = svgOf(layOut(layeredOf(incidentGraph)), caption)
  await expect(svg).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/scan.svg'))
})

test('what goes is told from what stays, and what is dead is not drawn', () => {
  const { boxes, lines } = layeredOf(incidentGraph)
  expect(boxes.map(({ mark, text, tone }) => `${mark} ${text}: ${tone}`.trim())).toEqual([
    'A railway token: bare',
    'B postgres password: gone',
    'A? github token: unsaid',
    'volumeDelete +2: gone',
    'DROP: gone',
    'not said: unsaid',
    'apiTokenCreate: plain',
    'shop-data: bare',
    'shop-data: bare',
    'ledger: gone',
    'web: plain',
    'production: bare',
    'staging: bare',
    '3 backups: gone',
    'V2: stays',
  ])
  expect(boxes.filter(({ sub }) => sub === 'volumeInstance, id shared')).toHaveLength(2)
  const texts = new Map(boxes.map(({ id, text }) => [id, text]))
  const drawn = lines.map(({ from, to, tone }) => `${texts.get(from)} → ${texts.get(to)} ${tone}`)
  expect(drawn.toSorted()).toEqual(
    [
      'railway token → volumeDelete +2 gone',
      'railway token → apiTokenCreate plain',
      'postgres password → DROP gone',
      'github token → not said unsaid',
      'volumeDelete +2 → shop-data gone',
      'volumeDelete +2 → shop-data gone',
      'volumeDelete +2 → web gone',
      'DROP → ledger gone',
      'shop-data → production bare',
      'shop-data → staging bare',
      'web → production plain',
      'production → 3 backups gone',
      'ledger → V2 stays',
    ].toSorted(),
  )
})

test('a column without end is cut, and says by how many', () => {
  const { boxes } = layeredOf(crowdedGraph(60))
  for (const column of [0, 1, 2, 3, 4]) {
    const own = boxes.filter((box) => box.column === column)
    expect(own.length).toBeLessThanOrEqual(25)
    expect(own.some(({ text }) => text === 'and 36 more')).toBe(true)
  }
})

test('names that others chose stay text', () => {
  const svg = svgOf(layOut(layeredOf(crowdedGraph(20))), {
    title: '<b>"&',
    description: '\u0000\ud800 ]]> -->',
  })
  for (const text of ['<script', '<b>', '\u202e', '\u0000', '\ud800'])
    expect(svg).not.toContain(text)
  expect(svg).toContain('&lt;script&gt;')
  const tags = [...svg.matchAll(/<\/?([A-Za-z]+)/g)].map(([, name]) => name)
  expect(new Set(tags)).toEqual(
    new Set(['svg', 'title', 'desc', 'style', 'text', 'path', 'g', 'rect']),
  )
})

test.each([
  ['<a href="x">', '&lt;a href=&quot;x&quot;&gt;'],
  ["it's & so", 'it&#39;s &amp; so'],
  ['a\u0000b\u001bc\ufffe\td', 'abc\td'],
  ['\ud800x', '\ufffdx'],
])('as markup: %j', (text, escaped) => {
  expect(markup(text)).toBe(escaped)
})

const layers: fc.Arbitrary<Layered> = fc
  .record({
    columns: fc.array(fc.nat(4), { maxLength: 40 }),
    lines: fc.array(fc.tuple(fc.nat(44), fc.nat(44)), { maxLength: 80 }),
  })
  .map(({ columns, lines }) => ({
    heads: ['a', 'b', 'c', 'd', 'e'],
    boxes: columns.map((column, at) => ({
      id: `box ${at}`,
      column,
      mark: '',
      text: 'x',
      sub: '',
      tone: 'plain',
      full: 'x',
    })),
    lines: lines.map(([from, to]) => ({ from: `box ${from}`, to: `box ${to}`, tone: 'gone' })),
  }))

test('whatever the graph, no box lies on another, all lie in the picture, and lines lead from edge to edge', () => {
  fc.assert(
    fc.property(layers, (layered) => {
      const drawn = layOut(layered)
      expect(overlaps(drawn)).toEqual([])
      expect(drawn.boxes.length).toBe(layered.boxes.length)
      for (const { x, y } of drawn.boxes) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
        expect(x + boxSize.width).toBeLessThanOrEqual(drawn.width)
        expect(y + boxSize.height).toBeLessThanOrEqual(drawn.height)
      }
      for (const { d } of drawn.lines) {
        const [, x, y] = /^M([\d.]+) ([\d.]+)C/.exec(d) ?? []
        const [, endX, endY] = / ([\d.]+) ([\d.]+)$/.exec(d) ?? []
        expect(touches(drawn, boxSize.width, [Number(x), Number(y)])).toBe(true)
        expect(touches(drawn, 0, [Number(endX), Number(endY)])).toBe(true)
      }
      expect(layOut(layered)).toEqual(drawn)
    }),
  )
})

/** An edge of a box, so far from its left one. */
const touches = ({ boxes }: Drawn, from: number, [x, y]: readonly [number, number]): boolean =>
  boxes.some((box) => box.x + from === x && Math.abs(box.y + boxSize.height / 2 - y) < 0.06)

function overlaps({ boxes }: Drawn): readonly string[] {
  return boxes.flatMap((one, at) =>
    boxes
      .slice(at + 1)
      .filter(
        (other) => one.column === other.column && Math.abs(one.y - other.y) < boxSize.height - 0.01,
      )
      .map((other) => `${one.id} ${other.id}`),
  )
}
