/** The strict readers: what they take, another strict reader takes for the same; what is remembered is what was read. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphqlType } from './accept.ts'
import { parseAnswerHead } from './answer-head.ts'
import { ChunkReader } from './chunks.ts'
import { connectionNames, headerOf, parseHead } from './head.ts'
import type { Head } from './head.ts'
import { forwardedLines, isForwarded } from './headers.ts'
import { HeadMemory } from './memory.ts'
import { wishesOf } from './prefer.ts'

const piece = fc.constantFrom(
  'GET',
  'POST',
  ' ',
  '/',
  '/a?b',
  'HTTP/1.1',
  'Host: x',
  'host:y',
  'Content-Length: 3',
  'Content-Length: 0',
  'content-length:3',
  'Content-Length: 3 ',
  'CONTENT-LENGTH: 3',
  'Content-Length: 007',
  'Transfer-Encoding: chunked',
  'transfer-encoding:\tchunked',
  'X: y',
  'Connection: close',
  'Connection: keep-alive, x',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\t',
  ':',
  'é',
  'Expect: 100-continue',
  ', ',
)
const headText = fc.oneof(
  fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 8 }).map((more) => `GET /a HTTP/1.1\r\nHost: x\r\n${more.join('')}`),
  fc
    .array(piece, { maxLength: 8 })
    .map((more) => `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n${more.join('')}`),
)

test("what is taken for a head, Node's own strict parser takes for the same request", async () => {
  const seen: string[] = []
  const server = createServer((incoming, outgoing) => {
    const names = incoming.rawHeaders.map((text, index) =>
      index % 2 === 0 ? text.toLowerCase() : text,
    )
    seen.push([incoming.method, incoming.url, ...names].join('|'))
    incoming.resume()
    outgoing.shouldKeepAlive = false
    outgoing.end()
  })
  server.on('checkContinue', (incoming, outgoing) => server.emit('request', incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  let taken = 0
  await fc.assert(
    fc.asyncProperty(headText, async (text) => {
      const head = parseHead(text)
      if (head.kind === 'fault' || text.includes('\r\n\r\n')) return
      taken += 1
      seen.length = 0
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => undefined)
      socket.resume()
      const body = head.framing.kind === 'chunked' ? '0\r\n\r\n' : 'abc'
      socket.write(
        Buffer.from(`${text}\r\n\r\n${head.framing.kind === 'none' ? '' : body}`, 'latin1'),
      )
      await new Promise((resolve) => socket.once('close', resolve))
      expect(seen).toEqual([[head.method, head.target, ...head.headers].join('|')])
    }),
    { numRuns: 1500 },
  )
  server.close()
  expect(taken).toBeGreaterThan(20)
})

test('what is remembered of a head is what reading it again would give', () =>
  fc.assert(
    fc.property(headText, headText, fc.nat(99), (first, second, bytes) => {
      const memory = new HeadMemory<string>()
      const head = parseHead(first)
      if (head.kind === 'head') memory.keep(first, head, 'visit')
      const longer = first.replace(/(content-length: ?)\d+/i, `$1${bytes}`)
      for (const text of [first, second, longer]) {
        const recalled = memory.recall(text)
        if (recalled !== null) expect(plain(recalled.head)).toEqual(plain(parseHead(text)))
      }
    }),
    { numRuns: 5000 },
  ))

/** Everything but the value of the length, which nobody asks a remembered head for. */
function plain(head: Head | { readonly kind: 'fault' }): unknown {
  if (head.kind === 'fault') return head
  const headers = head.headers.map((text, index) =>
    head.headers[index - 1] === 'content-length' && index % 2 === 1 ? '' : text,
  )
  return { ...head, headers }
}

test.each(['5 ', ' 5', '\t5', '5\t', '05'])(
  'an oddly written length (%j) keeps its body',
  (digits) => {
    const memory = new HeadMemory<string>()
    const text = `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length:${digits}`
    const head = parseHead(text)
    expect(head).toMatchObject({ kind: 'head', framing: { kind: 'length', bytes: 5 } })
    if (head.kind === 'head') memory.keep(text, head, 'visit')
    const recalled = memory.recall(text)
    if (recalled !== null) expect(recalled.head.framing).toEqual({ kind: 'length', bytes: 5 })
  },
)

test('a repeated request with another length is recalled with its own', () => {
  const memory = new HeadMemory<string>()
  const text = (bytes: number): string =>
    `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\nX: y`
  const head = parseHead(text(5))
  if (head.kind === 'head') memory.keep(text(5), head, 'visit')
  expect(memory.recall(text(77))?.head.framing).toEqual({ kind: 'length', bytes: 77 })
  expect(memory.recall(`${text(5)}\r\nContent-Length: 6`)).toBeNull()
  expect(memory.recall('POST /a HTTP/1.1\r\nHost: x\r\nX: y')).toBeNull()
})

test('chunks come out as the bytes that went in, however they are cut', () =>
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })),
      fc.array(fc.nat(500)),
      (parts, cuts) => {
        const coded = Buffer.concat([
          ...parts.flatMap((part) => [
            Buffer.from(`${part.length.toString(16)}\r\n`),
            Buffer.from(part),
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\n\r\nnext'),
        ])
        const reader = new ChunkReader(false)
        const got: Buffer[] = []
        let at = 0
        for (const cut of [...cuts, coded.length]) {
          const some = coded.subarray(at, at + cut)
          if (reader.state === 'open')
            at += reader.feed(some, (bytes) => void got.push(Buffer.from(bytes)))
        }
        if (reader.state === 'open')
          at += reader.feed(coded.subarray(at), (bytes) => void got.push(bytes))
        expect(reader.state).toBe('done')
        expect(Buffer.concat(got).equals(Buffer.concat(parts))).toBe(true)
        expect(coded.subarray(at).toString()).toBe('next')
      },
    ),
  ))

test.each<[string, string]>([
  ['a size with a sign', '+1\r\na\r\n'],
  ['a size with a space', '1 \r\na\r\n'],
  ['an empty size', '\r\n'],
  ['a size behind 0x', '0x1\r\na\r\n'],
  ['a missing end of a chunk', '1\r\nab'.concat('\r\n')],
  ['a line without an end', '0'.repeat(5000)],
])('%s breaks the body', (_, text) => {
  const reader = new ChunkReader(true)
  reader.feed(Buffer.from(text), () => undefined)
  expect(reader.state).toBe('broken')
})

test.each<[string, string, string]>([
  ['a wildcard', '*/*', 'application/json'],
  ['nothing', '', 'application/json'],
  [
    'both, equal',
    'application/json, application/graphql-response+json',
    'application/graphql-response+json',
  ],
  ['a preference', 'application/graphql-response+json;q=0.5, application/json', 'application/json'],
  ['a refusal', 'application/graphql-response+json;q=0, */*', 'application/json'],
  ['problem details', 'application/problem+json', 'application/problem+json'],
  [
    'an odd weight',
    'application/graphql-response+json;q=high',
    'application/graphql-response+json',
  ],
])('a GraphQL client that accepts %s gets what it reads', (_, accept, type) =>
  expect(graphqlType(accept)).toBe(type),
)

test.each<[string, boolean]>([
  ['x-access-token', false],
  ['x-goog-iam-authorization-token', false],
  ['x-amz-security-token', false],
  ['x-forwarded-for', false],
  ['x-original-url', false],
  ['x-http-method', false],
  ['cookie2', false],
  ['proxy-connection', false],
  ['te', false],
  ['user-agent', true],
  ['traceparent', true],
  ['apollographql-client-name', true],
  ['x-railway-client', true],
])('the header %s goes on: %s', (name, goes) => expect(isForwarded(name)).toBe(goes))

test('what `Connection` names ends here', () => {
  const headers = [
    'connection',
    'x-a, Close',
    'x-a',
    '1',
    'connection',
    'x-b',
    'x-b',
    '2',
    'x-c',
    '3',
  ]
  expect(connectionNames(headers)).toEqual(['x-a', 'close', 'x-b'])
  expect(forwardedLines(headers)).toBe(
    'x-c: 3\r\naccept-encoding: identity\r\nvia: 1.1 firebreak\r\n',
  )
})

test.each<[string, string, number, boolean]>([
  ['wait', 'wait=5', 5000, false],
  ['a quoted wait', 'wait="5"', 5000, false],
  ['both', 'respond-async, wait=5; x=y', 5000, true],
  ['the first of two', 'wait=5, wait=9', 5000, false],
  ['too long', 'wait=400', 300_000, false],
  ['no number', 'wait=soon', 0, false],
  ['a negative number', 'wait=-1', 0, false],
  ['spaces and capitals', ' Respond-Async ,WAIT = 1', 1000, true],
])('Prefer is read: %s', (_, prefer, waitMs, async) =>
  expect(wishesOf(['prefer', prefer])).toMatchObject({ waitMs, async }),
)

test('an answer to a HEAD, a 204 and a 304 have no body, whatever they say', () => {
  const text = (status: number): string => `HTTP/1.1 ${status} X\r\nContent-Length: 5`
  expect(parseAnswerHead(text(200), true)?.framing.kind).toBe('none')
  for (const status of [204, 304])
    expect(parseAnswerHead(text(status), false)?.framing.kind).toBe('none')
  expect(parseAnswerHead(text(200), false)?.framing).toEqual({ kind: 'length', bytes: 5 })
  expect(headerOf(parseAnswerHead(text(304), false)?.headers ?? [], 'content-length')).toBe('5')
})
