import { once } from 'node:events'
import { createServer } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyOf } from './flow.ts'

interface Sent {
  readonly chunks: readonly Uint8Array[]
  readonly rest: Uint8Array
  readonly isCounted: boolean
}

let sent: Sent = { chunks: [], rest: new Uint8Array(0), isCounted: false }
const server = createServer((_, outgoing) => {
  const { chunks, rest, isCounted } = sent
  const size = [...chunks, rest].reduce((sum, each) => sum + each.length, 0)
  outgoing.writeHead(200, isCounted ? ['content-length', String(size), 'x-a', 'é'] : [])
  const body = bodyOf(outgoing)
  body.begin(() => {})
  for (const chunk of chunks) body.push(chunk)
  body.end(rest)
})

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 8000, maxLength: 9000 }),
)

test('an answer arrives byte for byte, whether it leaves in one write or in several', async () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { maxLength: 3 }),
      bytes,
      fc.boolean(),
      async (chunks, rest, isCounted) => {
        sent = { chunks, rest, isCounted }
        const answer = await fetch(`http://127.0.0.1:${port}/`)
        expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.concat([...chunks, rest]))
      },
    ),
    { numRuns: 60 },
  )
})
