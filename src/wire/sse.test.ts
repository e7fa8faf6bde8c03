import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEvents, withData } from './sse.ts'

const stream =
  'id: 1\ndata:\n\n: a comment\n\nevent: message\nid: 2\ndata: {"a":\ndata: 1}\n\ndata: x\r\n\r\n'

test('however a stream is cut, the same events come, and all of its bytes', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const events = openEvents()
      const at = [...new Set([0, ...cuts, stream.length])].toSorted((a, b) => a - b)
      const parts = at.slice(0, -1).map((from, index) => stream.slice(from, at[index + 1]))
      const found = parts.flatMap((part) => events.push(part))
      expect(found.map(({ raw }) => raw).join('') + events.end()).toBe(stream)
      expect(found.map(({ data }) => data)).toEqual(['', '', '{"a":\n1}', 'x'])
      expect(found[2]?.id).toBe('2')
    }),
  ))

test('other data leaves the rest of an event as it is', () => {
  const [event] = openEvents().push('event: message\nid: 2\ndata: {"a":\ndata: 1}\n\n')
  expect(event === undefined ? null : withData(event, '{}')).toBe(
    'event: message\nid: 2\ndata: {}\n\n',
  )
})
