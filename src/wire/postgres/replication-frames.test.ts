import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frame } from './frame.ts'
import { openFrames } from './replication-frames.ts'
import type { Message } from './replication-frames.ts'
import { writeBackupPart } from './replication.ts'

const bytes = fc.uint8Array({ maxLength: 40 })
const said = fc.oneof(
  fc.record({ type: fc.constantFrom('Z', 'T', 'C', 'W'), body: bytes }),
  fc.record({ type: fc.constant('d'), body: bytes.filter((body) => body[0] !== 100) }),
  bytes.map((body) => ({
    type: 'd',
    body: writeBackupPart({ kind: 'bytes', bytes: body }),
  })),
)

/** The parts of each long message put together, however they came. */
function whole(messages: readonly Message[]): readonly string[] {
  const all: string[] = []
  let backup = ''
  for (const { type, body } of messages) {
    const hex = Buffer.from(body).toString('hex')
    if (type === 'dd') backup += hex
    else all.push(`${type} ${hex}`)
  }
  return [...all, backup]
}

test('however the stream is cut, the same messages are heard', () =>
  fc.assert(
    fc.property(fc.array(said), fc.array(fc.integer({ min: 1, max: 30 })), (list, cuts) => {
      const stream = Buffer.concat(list.map(({ type, body }) => frame(type, body)))
      const heard: Message[] = []
      const push = openFrames((message) => heard.push(message), 1000)
      let at = 0
      for (const cut of [...cuts, stream.length]) {
        // A chunk of its own, that is written over afterwards no sooner than it was heard.
        push(Uint8Array.from(stream.subarray(at, at + cut)))
        at += cut
      }
      const backup = list
        .filter(({ type, body }) => type === 'd' && body[0] === 100)
        .map(({ body }) => Buffer.from(body.subarray(1)).toString('hex'))
      const others = list
        .filter(({ type, body }) => !(type === 'd' && body[0] === 100))
        .map(({ type, body }) => `${type} ${Buffer.from(body).toString('hex')}`)
      expect(whole(heard)).toEqual([...others, backup.join('')])
    }),
  ))

test('a message longer than any is refused before it has come', () => {
  const push = openFrames(() => undefined, 1000)
  expect(() => push(Uint8Array.of(90, 0, 1, 0, 0))).toThrow('longer than')
})
