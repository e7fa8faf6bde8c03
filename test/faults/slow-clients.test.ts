/** Slow, huge and crooked clients and upstreams, whole path: each ends in a clear answer or a cut, memory stays bounded, and others are served meanwhile. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hookWorld } from '../../src/app/hook-world.ts'
import { kestrel } from '../../sim/tenant.ts'
import { openRedactors } from '../../src/custody/redact.ts'
import { openHttpGateway } from '../../src/gateways/http/gateway.ts'
import type { HttpGateway } from '../../src/gateways/http/gateway.ts'
import { openUpstream } from '../../src/gateways/http/upstream.ts'
import { FirebreakError } from '../../src/base/error.ts'
import { everything, openRig, toldOf } from '../rig.ts'
import type { Rig, Told } from '../rig.ts'
import { openDaemon, openPeople } from './daemon.ts'
import type { Daemon } from './daemon.ts'

const read = '{"query":"query { me { id } }"}'
const mib = 1024 * 1024

/** The guard of a whole Firebreak behind a gateway of our own, whose patience is short. */
let rig: Rig
let gateway: HttpGateway
let port = 0
let grant = ''
/** An upstream that sends without end, as fast as it is let; and how much it got rid of. */
let fountain: Server
let poured = 0
let stalls = false
/** The bodies that reached it. */
const asked: string[] = []

beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n')
  grant = await rig.people.mint('agent:cursor', everything)
  fountain = createServer((incoming, outgoing) => {
    incoming.on('data', (part: Buffer) => asked.push(part.toString('utf8')))
    outgoing.writeHead(200, { 'content-type': 'application/json' })
    if (stalls) {
      outgoing.write('{"data":')
      return
    }
    const pour = (): void => {
      while (!outgoing.destroyed && poured < 512 * mib) {
        poured += 64 * 1024
        if (!outgoing.write(Buffer.alloc(64 * 1024, 'x'))) break
      }
    }
    outgoing.on('drain', pour)
    pour()
  })
  const { firebreak } = rig.running
  const open = firebreak.targets.get('railway')
  if (open === undefined) throw new FirebreakError('internal', 'the rig has no target')
  const { target } = open
  const impatient = { connectMs: 500, headMs: 400, bodyMs: 400, connections: 8 }
  const endless = {
    ...target,
    name: 'endless',
    origin: `http://127.0.0.1:${await listening(fountain)}`,
  }
  gateway = openHttpGateway({
    guard: firebreak.guard,
    targets: new Map([
      ['railway', { target, upstream: openUpstream(target, impatient, null) }],
      [
        'endless',
        {
          target: { ...endless, name: 'railway' },
          upstream: openUpstream(endless, impatient, null),
        },
      ],
    ]),
    authenticate: firebreak.grants.authenticate,
    credential: firebreak.credential.of,
    redactor: openRedactors(),
    sent: () => {},
    hook: () => hookWorld(1000),
    limits: {
      bodyBytes: 1_000_000,
      headMs: 400,
      requestMs: 800,
      idleMs: 1000,
      queueMs: 200,
      concurrent: 20,
      connections: 40,
    },
  })
  port = await listening(gateway.server)
}, 60_000)
afterAll(async () => {
  fountain.closeAllConnections()
  fountain.close()
  await gateway.drain(Promise.resolve())
  await rig.close()
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const head = (more = ''): string =>
  `POST /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer ${grant}\r\n${more}`

const endlessly = (): string =>
  head(`Content-Length: ${read.length}\r\n\r\n`).replace('/railway/', '/endless/') + read

async function post(body: string, where = `http://127.0.0.1:${port}`): Promise<Told> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${grant}` }
  return await toldOf(await fetch(`${where}/railway/graphql/v2`, { method: 'POST', headers, body }))
}

/** Writes `first`, then one byte at a time, and gives what came back until it was closed. */
async function drip(first: string, byte: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(first)
    const drops = setInterval(() => socket.write(byte), 20)
    socket.once('close', () => clearInterval(drops))
  })
  return await heard(socket)
}
function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (bytes) => (text += bytes.toString('latin1')))
    socket.on('close', () => resolve(text))
    socket.on('error', () => resolve(text))
  })
}
/** When the other side has ended; this one stays open. */
async function ended(socket: Socket): Promise<void> {
  socket.resume()
  await new Promise<void>((resolve) => socket.once('end', resolve))
}
/** How many connections a server has open. */
function openAt(server: Server): () => Promise<number> {
  return async () =>
    await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
}
async function raw(text: string, at = port): Promise<string> {
  const socket = connect(at, '127.0.0.1', () => socket.write(text))
  return await heard(socket)
}

test.each<[string, () => string, string]>([
  ['headers that never end', () => head('X-Slow: '), 'x'],
  ['a body that never ends', () => head('Content-Length: 100000\r\n\r\n{'), ' '],
  ['chunks that never end', () => head('Transfer-Encoding: chunked\r\n\r\n5000\r\n{'), ' '],
])(
  'a slow client (%s) is told 408 and cut, and others are served meanwhile',
  async (_, first, byte) => {
    const slow = Array.from({ length: 8 }, async () => await drip(first(), byte))
    expect((await post(read)).status).toBe(200)
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect((await post(read)).status).toBe(200)
  },
)

test('idle connections are bounded, and cut before they are a burden; then others are served again', async () => {
  const sockets = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'))
  const ends = sockets.map(heard)
  await new Promise<void>((resolve) => {
    const look = (): unknown =>
      gateway.server.getConnections((_, count) => (count >= 40 ? resolve() : setImmediate(look)))
    look()
  })
  await Promise.all(ends)
  expect((await post(read)).status).toBe(200)
})

test('more requests at a time than the gateway takes: the next is told 503 and when to come again', async () => {
  const hanging = Array.from(
    { length: 20 },
    async () => await drip(head('Content-Length: 5000\r\n\r\n{'), ' '),
  )
  await expect.poll(async () => (await post(read)).status, { interval: 10 }).toBe(503)
  await Promise.all(hanging)
  expect((await post(read)).status).toBe(200)
})

test.each<[string, Parameters<Rig['platform']['faults']['set']>[1], number]>([
  ['never answers', { kind: 'hang' }, 502],
  ['drops the connection', { kind: 'crash' }, 502],
])('an upstream that %s: 502 in plain words, within its time', async (_, fault, status) => {
  rig.platform.faults.set('me', fault, 1)
  const told = await post(read)
  expect(told.status).toBe(status)
  expect(told.body).toMatchObject({
    executed: null,
    detail: expect.stringMatching(/^the target gave no answer: /),
  })
  expect((await post(read)).status).toBe(200)
})

test('an upstream that stalls in mid-body: the answer is cut off, so that half is not taken for whole', async () => {
  stalls = true
  const text = await raw(endlessly())
  stalls = false
  expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"data":\r\n$/)
  expect((await post(read)).status).toBe(200)
})

test('a client that does not read holds back the upstream, not the memory, and others are served', async () => {
  poured = 0
  const socket = connect(port, '127.0.0.1')
  socket.pause()
  socket.write(endlessly())
  // It has stopped pouring once two looks in a row see the same.
  let seen = -1
  await expect
    .poll(
      () => {
        const still = poured > 0 && poured === seen
        seen = poured
        return still
      },
      { interval: 150, timeout: 10_000 },
    )
    .toBe(true)
  expect(poured).toBeLessThan(32 * mib)
  expect((await post(read)).status).toBe(200)
  socket.destroy()
})

test('a client that reads nothing any more is let go, and with it the way to the upstream', async () => {
  poured = 0
  const socket = connect(port, '127.0.0.1')
  socket.pause()
  socket.write(endlessly())
  await expect.poll(() => poured).toBeGreaterThan(0)
  await expect.poll(openAt(fountain)).toBe(0)
  socket.destroy()
})

test('where every way to the upstream is taken, what waits for one is told so, is never sent, and keeps nobody else waiting', async () => {
  poured = 0
  const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').pause())
  for (const socket of sockets) socket.write(endlessly())
  await expect.poll(() => poured).toBeGreaterThan(0)
  const write = '{"query":"mutation { userTermsUpdate { id } }"}'
  const text = await raw(
    head(`Connection: close\r\nContent-Length: ${write.length}\r\n\r\n`).replace(
      '/railway/',
      '/endless/',
    ) + write,
  )
  expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*"executed":false/)
  await expect.poll(openAt(fountain)).toBe(0)
  expect(asked.filter((each) => each.includes('userTermsUpdate'))).toEqual([])
  for (const socket of sockets) socket.destroy()
})

test('a connection that was refused is let go, though the client never ends its side', async () => {
  const before = await openAt(gateway.server)()
  const sockets = Array.from({ length: 5 }, () =>
    connect({ port, host: '127.0.0.1', allowHalfOpen: true }, function (this: Socket) {
      this.write('no request\r\n\r\n')
    }),
  )
  await Promise.all(sockets.map(async (socket) => await ended(socket)))
  await expect.poll(openAt(gateway.server)).toBeLessThanOrEqual(before)
  for (const socket of sockets) socket.destroy()
})

test.each<[string, () => string, RegExp]>([
  [
    'a bare line feed',
    () => `POST /railway/graphql/v2 HTTP/1.1\nHost: a\nAuthorization: Bearer ${grant}\n\n`,
    /^HTTP\/1\.1 400/,
  ],
  ['a bare line feed in one header', () => head('X: a\nY: b\r\n\r\n'), /^HTTP\/1\.1 400/],
  [
    'two lengths in one header',
    () => head('Content-Length: 5, 6\r\n\r\nabcdef'),
    /^HTTP\/1\.1 400/,
  ],
  ['a length with a sign', () => head('Content-Length: +5\r\n\r\nabcde'), /^HTTP\/1\.1 400/],
  [
    'a coding that is not the last',
    () => head('Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  ],
  [
    'a coding that looks like chunked',
    () => head('Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  ],
  [
    'chunked in two headers',
    () =>
      head(
        'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      ),
    /^HTTP\/1\.1 (400|403)/,
  ],
  [
    'a chunk length that is no number',
    () => head('Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  ],
  [
    'a chunk that is longer than it says',
    () => head('Transfer-Encoding: chunked\r\n\r\n2\r\nabcde\r\n0\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  ],
  [
    'a chunk extension without end',
    () => head(`Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(40_000)}\r\nab\r\n0\r\n\r\n`),
    /^HTTP\/1\.1 (400|413)/,
  ],
  ['a head of 64 KB', () => head(`X: ${'x'.repeat(65_536)}\r\n\r\n`), /^HTTP\/1\.1 431/],
])('smuggling: %s is refused by its status, and nothing goes upstream', async (_, text, answer) => {
  const before = rig.platform.requests().length
  const told = await raw(text())
  expect(told).toMatch(answer)
  expect(told).toMatch(/\r\n\r\n\{.*"detail":"[^"]{10,}".*"executed":false/)
  expect(rig.platform.requests()).toHaveLength(before)
})

test('a chunk extension is read over and not passed on', async () => {
  const chunk = `${read.length.toString(16)};a=b\r\n${read}\r\n0\r\n\r\n`
  const text = await raw(head(`Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}`))
  expect(text).toMatch(/^HTTP\/1\.1 200/)
  expect(rig.platform.requests().at(-1)).toMatchObject({ body: read })
})

test('requests in one breath (pipelining) are answered each by itself, in order', async () => {
  const drop = JSON.stringify({
    query: `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`,
  })
  const one = (body: string, more = ''): string =>
    head(`Content-Length: ${body.length}\r\n${more}\r\n`) + body
  const text = await raw(one(read) + one(drop) + one(read, 'Connection: close\r\n'))
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)
  expect(statuses).toEqual(['200', '403', '200'])
  expect(rig.platform.mutations()).toBe(0)
})

test('what is broken behind a request that is still under way ends the connection, and is never told as the answer to it', async () => {
  rig.platform.faults.set('me', { kind: 'hang' }, 1)
  const told = await raw(
    `${head(`Content-Length: ${read.length}\r\n\r\n`)}${read}no request at all\r\n\r\n`,
  )
  expect(told).toBe('')
  expect((await post(read)).status).toBe(200)
})

test.each<[string, string]>([
  [
    'JSON 500 deep',
    `{"query":"query { me { id } }","variables":{"a":${'['.repeat(500)}${']'.repeat(500)}}}`,
  ],
  [
    'JSON 100,000 deep',
    `{"query":"query { me { id } }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
  ],
  ['a query of 100,000 braces', JSON.stringify({ query: '{'.repeat(100_000) })],
  [
    '30,000 aliases',
    JSON.stringify({
      query: `{ ${Array.from({ length: 30_000 }, (_, nth) => `a${nth}: me { id }`).join(' ')} }`,
    }),
  ],
  [
    'a fragment that spreads itself',
    JSON.stringify({ query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' }),
  ],
])('broken-is-closed: %s is refused in words, and the next request is served', async (_, body) => {
  const told = await post(body)
  expect(told.status).toBe(403)
  expect(told.text).toMatch(/"detail":"[^"]{5,}/)
  expect((await post(read)).status).toBe(200)
})

test('the daemon takes bodies of 100 MB, with and without their length, and 1000 idle connections, in bounded memory', async () => {
  const daemon = await openDaemon()
  const idle: Socket[] = []
  try {
    await daemon.up()
    const people = await openPeople(daemon)
    const own = await people.mint('agent:a', everything)
    const at = Number(new URL(daemon.url()).port)
    const before = rss(daemon)
    const begin = `POST /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${own}\r\n`
    const declared = Array.from(
      { length: 4 },
      async () => await flood(at, `${begin}Content-Length: ${100 * mib}\r\n\r\n`, ''),
    )
    const chunked = Array.from(
      { length: 4 },
      async () => await flood(at, `${begin}Transfer-Encoding: chunked\r\n\r\n`, '10000\r\n'),
    )
    for (let nth = 0; nth < 1000; nth += 1)
      idle.push(connect(at, '127.0.0.1').on('error', () => {}))
    expect((await daemon.ask(own, 'query { me { id } }')).status).toBe(200)
    for (const text of await Promise.all([...declared, ...chunked]))
      expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*larger than 1000000 bytes/)
    expect((await daemon.ask(own, 'query { me { id } }')).status).toBe(200)
    // The stated bound: what eight such bodies and a thousand connections may cost at most.
    expect(rss(daemon) - before).toBeLessThan(320 * mib)
  } finally {
    for (const socket of idle) socket.destroy()
    await daemon.close()
  }
}, 60_000)

/** Sends 100 MB, as fast as it is taken, and gives what came back until it was closed. */
async function flood(at: number, begin: string, chunkHead: string): Promise<string> {
  const socket = connect(at, '127.0.0.1')
  const part = Buffer.from(`${chunkHead}${'x'.repeat(65_536)}${chunkHead === '' ? '' : '\r\n'}`)
  let left = 1600
  const pour = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= 1
      if (!socket.write(part)) return
    }
  }
  socket.on('drain', pour)
  socket.once('connect', () => {
    socket.write(begin)
    pour()
  })
  return await heard(socket)
}

/** The resident memory of the daemon's process, as the kernel counts it. */
function rss(daemon: Daemon): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid()}/status`, 'utf8'))?.[1]
  return Number(kib ?? Number.NaN) * 1024
}
