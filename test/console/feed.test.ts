/** The feed on its own: however much comes, it counts to the last and keeps a bounded picture. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openFeed } from '../../console/feed.ts'
import { openReader } from '../../console/events.ts'

test('a minute of 500 actions a second is counted to the last, and leaves no more than a page of lines', () => {
  const feed = openFeed()
  const sizes: number[] = []
  for (let second = 0; second < 60; second++) {
    const at = second * 1000
    const rows = Array.from({ length: 500 }, (_, nth) => [
      at,
      `agent:${(second * 500 + nth) % 700}`,
      'railway',
      'project',
      null,
      nth % 50 === 0 ? 403 : 200,
    ])
    const body = { count: rows.length, rows }
    feed.take({ seq: second, kind: 'request', at, subject: null, principal: null, body })
    sizes.push(JSON.stringify(feed.picture(at)).length)
  }
  const { total, lines, grave, agents } = feed.picture(59_000)
  expect([total, lines.length, grave.length, agents.length]).toEqual([30_000, 100, 100, 100])
  expect(Math.max(...sizes)).toBeLessThan(100_000)
})

test('events come whole and in order, in whatever pieces the network brings them', () => {
  const event = fc.record({
    id: fc.nat({ max: 1_000_000 }),
    data: fc.json(),
  })
  fc.assert(
    fc.property(fc.array(event), fc.array(fc.integer({ min: 1, max: 40 })), (events, cuts) => {
      const text = events
        .map(({ id, data }) => `id: ${id}\nevent: entry\ndata: ${data.replaceAll('\n', ' ')}\n\n`)
        .join('')
      const got: string[] = []
      const read = openReader(({ id, data }) => got.push(`${id} ${data}`))
      for (let at = 0, nth = 0; at < text.length; nth++) {
        const size = cuts[nth % Math.max(1, cuts.length)] ?? 7
        read(text.slice(at, at + size))
        at += size
      }
      expect(got).toEqual(events.map(({ id, data }) => `${id} ${data.replaceAll('\n', ' ')}`))
    }),
  )
})
