/** The gateway from outside: real sockets on both sides, a guard that says what the test wants it to say. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect, createServer as createTcp } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { FirebreakError } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { Secret } from '../../base/secret.ts'
import { actionDigest } from '../../core/action.ts'
import { noRadius } from '../../core/blast-radius.ts'
import { Clearance } from '../../core/clearance.ts'
import type { Effect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import { allow } from '../../core/verdict.ts'
import { createRedactor } from '../../custody/redact.ts'
import type { Guard, Passed, Told } from '../../guard/passed.ts'
import type { Asked } from '../../guard/ports.ts'
import { openHttpGateway } from './gateway.ts'
import type { HttpHouse } from './house.ts'
import type { HttpLimits } from './limits.ts'
import type { HttpTarget } from './target.ts'
import { openUpstream } from './upstream.ts'

const secret = 'real-credential-0123456789'
const grant = 'fbk_test-grant'
const bearer = { authorization: `Bearer ${grant}` }

interface World {
  readonly port: number
  readonly asked: Asked[]
  readonly outcomes: (readonly [number, string])[]
  readonly gateway: ReturnType<typeof openHttpGateway>
}

interface Setting {
  readonly origin: string
  readonly answer?: (asked: Asked) => Promise<Passed> | Passed
  readonly wait?: Guard['wait']
  readonly status?: Guard['status']
  readonly effect?: Effect
  readonly limits?: Partial<HttpLimits>
  readonly house?: Partial<HttpHouse>
  readonly graphql?: boolean
  readonly ca?: string
  readonly headMs?: number
}

const principal: Principal = {
  name: 'agent:test',
  root: 'grant_1',
  hops: ['grant_1'],
  chain: [],
  mintedBy: 'ada',
  scope: {
    targets: null,
    operations: [],
    environments: [],
    resources: [],
    expiresAt: 1,
    rows: null,
  },
}

function operation(name: string, effect: Effect): Operation {
  const nothing = { kinds: [], parameters: {}, shown: {}, selects: null, names: [] } as const
  return { name, effect, ...nothing, environments: [], findings: [], alternatives: [] }
}

async function world(setting: Setting): Promise<World> {
  const { effect = 'write', graphql = true, headMs = 5000 } = setting
  const target: HttpTarget = {
    name: 'railway',
    platform: 'railway',
    origin: setting.origin,
    basePath: '',
    credential: { name: 'authorization', prefix: 'Bearer ' },
    graphql,
    read: ({ method, path }) => [operation(`${method} ${path}`, effect)],
  }
  const limits = { connectMs: 2000, headMs, bodyMs: 5000, connections: 20 }
  const upstream = openUpstream(target, limits, setting.ca ?? null)
  const asked: Asked[] = []
  const outcomes: (readonly [number, string])[] = []
  const go = (ask: Asked): Passed => {
    const { target: at, operations, key } = ask
    const action = { principal: ask.principal.name, root: 'grant_1', target: at, operations, key }
    const digest = actionDigest(action)
    const clearance = Clearance.clear(digest, allow, null)
    if (clearance === null) throw new FirebreakError('internal', 'no clearance')
    const done = (status: number, summary: string): void => void outcomes.push([status, summary])
    return { kind: 'allowed', action, digest, clearance, findings: [], done }
  }
  const gateway = openHttpGateway({
    guard: {
      pass: async (ask) => {
        asked.push(ask)
        return await (setting.answer ?? go)(ask)
      },
      wait: setting.wait ?? (async () => await Promise.resolve(null)),
      status: setting.status ?? (async () => await Promise.resolve(null)),
    },
    targets: new Map([['railway', { target, upstream }]]),
    authenticate: ({ token }) => (token === grant ? principal : 'the grant was revoked'),
    credential: async () => await Promise.resolve(new Secret(secret)),
    redactor: createRedactor,
    sent: () => undefined,
    limits: {
      bodyBytes: 100_000,
      headMs: 2000,
      requestMs: 2000,
      concurrent: 100,
      lingerMs: 300,
      ...setting.limits,
    },
    ...setting.house,
  })
  const port = await listening(gateway.server)
  onTestFinished(async () => {
    await gateway.drain(Promise.resolve())
    await upstream.close()
  })
  return { port, asked, outcomes, gateway }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return portOf(server.address())
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A tiny upstream; gives its origin. */
async function upstream(listener: RequestListener): Promise<string> {
  const server = createServer({ maxHeaderSize: 64 * 1024 }, listener)
  const port = await listening(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${port}`
}

/** An upstream that says these bytes and nothing else. */
async function rawUpstream(speak: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcp((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', () => speak(socket))
  })
  const port = await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${port}`
}

const silent: RequestListener = (incoming, outgoing) => {
  incoming.resume()
  incoming.on('end', () => outgoing.end('ok'))
}

/** Sends raw bytes and gives everything that came back until the other side closed. */
async function raw(port: number, parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const got: Buffer[] = []
  socket.on('data', (part: Buffer) => got.push(part))
  socket.on('error', () => undefined)
  for (const part of parts) socket.write(part)
  await closed
  return Buffer.concat(got).toString('latin1')
}

const post = (more: string, body = ''): string =>
  `POST /railway/graphql/v2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${grant}\r\n${more}\r\n${body}`

async function problem(response: Response): Promise<JsonObject> {
  const body = parseJson(await response.text())
  if (!isObject(body)) throw new FirebreakError('bad_input', 'no object')
  return body
}

const told: Told = {
  operation: 'volumeDelete',
  effect: 'destroy',
  verdict: 'hold',
  findings: [{ rule: 'destroy-data', message: 'a volume and its backups go' }],
  radius: {
    ...noRadius,
    environments: ['env-1'],
    resources: [
      {
        target: 'railway',
        type: 'volume',
        id: 'v1',
        name: 'shop',
        environment: 'env-1',
        bytes: 7,
        protects: null,
      },
    ],
  },
  holdId: 'hold_1',
  state: 'open',
  executesAt: null,
  expiresAt: 1_800_000_000_000,
  retryable: true,
  alternatives: ['take a backup first'],
}

test('an allowed request goes on with the real credential and comes back as it was', async () => {
  const seen: IncomingMessage[] = []
  const origin = await upstream((incoming, outgoing) => {
    seen.push(incoming)
    outgoing.writeHead(201, { 'content-type': 'application/x-thing', 'x-odd': 'ü' })
    outgoing.write('echo ')
    incoming.pipe(outgoing)
  })
  const { port, asked, outcomes } = await world({ origin })
  const response = await fetch(`http://127.0.0.1:${port}/railway/graphql/v2?a=b`, {
    method: 'POST',
    headers: {
      ...bearer,
      cookie: 'a=b',
      'x-api-key': 'k',
      'x-harmless': 'yes',
      'x-http-method-override': 'DELETE',
    },
    body: 'hello',
  })
  expect([response.status, await response.text()]).toEqual([201, 'echo hello'])
  expect(response.headers.get('content-type')).toBe('application/x-thing')
  const [first] = seen
  expect([first?.method, first?.url]).toEqual(['POST', '/graphql/v2?a=b'])
  expect(first?.headers).toMatchObject({
    authorization: `Bearer ${secret}`,
    'content-length': '5',
    'x-harmless': 'yes',
    'accept-encoding': 'identity',
    host: origin.slice('http://'.length),
  })
  for (const name of ['cookie', 'x-api-key', 'x-http-method-override', 'transfer-encoding'])
    expect(first?.headers[name]).toBeUndefined()
  expect(asked[0]?.operations[0]?.name).toBe('POST /graphql/v2')
  expect(outcomes).toEqual([[201, 'forwarded']])
})

test('bodies are the same bytes upstream and back, whole or in chunks', async () => {
  const origin = await upstream((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      if (incoming.headers['x-chunked'] !== '1') outgoing.setHeader('content-length', body.length)
      for (let at = 0; at < body.length; at += 1000) outgoing.write(body.subarray(at, at + 1000))
      outgoing.end()
    })
  })
  const { port } = await world({ origin })
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 9000 }),
      fc.boolean(),
      fc.boolean(),
      async (bytes, up, down) => {
        const stream = new ReadableStream({
          start: (controller) => {
            for (let at = 0; at < bytes.length; at += 700)
              controller.enqueue(bytes.slice(at, at + 700))
            controller.close()
          },
        })
        const whole = new Blob([new Uint8Array(bytes)])
        const response = await fetch(`http://127.0.0.1:${port}/railway/x`, {
          method: 'POST',
          headers: { ...bearer, 'x-chunked': down ? '1' : '0' },
          body: up ? stream : whole,
          ...(up ? { duplex: 'half' } : {}),
        })
        expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('the first bytes of an answer arrive before the upstream has ended', async () => {
  const release = Promise.withResolvers<void>()
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    outgoing.write('first')
    void release.promise.then(() => outgoing.end('last'))
  })
  const { port } = await world({ origin })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(Buffer.from(first?.value ?? []).toString()).toBe('first')
  release.resolve()
  const last = await reader?.read()
  expect(Buffer.from(last?.value ?? []).toString()).toBe('last')
})

test('a large answer waits for a slow client and arrives whole', async () => {
  const size = 20_000_000
  let sent = 0
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    outgoing.writeHead(200, { 'content-length': String(size) })
    const part = Buffer.alloc(100_000, 7)
    const more = (): void => {
      while (sent < size) {
        sent += part.length
        if (!outgoing.write(part)) {
          outgoing.once('drain', more)
          return
        }
      }
      outgoing.end()
    }
    more()
  })
  const { port } = await world({ origin })
  const socket = connect({ port, host: '127.0.0.1' })
  socket.pause()
  socket.write(
    `GET /railway/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${grant}\r\nconnection: close\r\n\r\n`,
  )
  let before = -1
  await expect
    .poll(
      () => {
        const stuck = sent > 0 && sent === before
        before = sent
        return stuck
      },
      { interval: 200, timeout: 10_000 },
    )
    .toBe(true)
  // The kernel's buffers take some megabytes; the gateway itself must not take the rest.
  expect(sent).toBeLessThan(size)
  let got = 0
  socket.on('data', (part: Buffer) => (got += part.length))
  socket.resume()
  await once(socket, 'close')
  expect(got).toBeGreaterThan(size)
})

test.each<[string, string, number]>([
  ['both lengths', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  ['two lengths that differ', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'), 400],
  ['two lengths that agree', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
  ['a list of lengths', post('Content-Length: 5, 5\r\n', 'hello'), 400],
  ['a signed length', post('Content-Length: +5\r\n', 'hello'), 400],
  ['a negative length', post('Content-Length: -5\r\n', 'hello'), 400],
  ['a hexadecimal length', post('Content-Length: 0x5\r\n', 'hello'), 400],
  ['an empty length', post('Content-Length:\r\n', ''), 400],
  ['an unknown coding', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 400],
  ['an odd coding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400],
  [
    'a coding twice',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
  ],
  ['a space before the colon', post('Content-Length : 5\r\n', 'hello'), 400],
  ['a folded header', post('X-A: b\r\n c: d\r\n'), 400],
  ['a bare line feed', `GET /railway/x HTTP/1.1\nHost: x\n\n`, 400],
  ['a bare line feed inside', post('X-A: b\nTransfer-Encoding: chunked\r\n'), 400],
  ['a bare carriage return', post('X-A: b\rX-B: c\r\n'), 400],
  ['a NUL in a value', post('X-A: b\0c\r\n'), 400],
  ['a header without a name', post(': b\r\n'), 400],
  ['a line without a colon', post('nonsense\r\n'), 400],
  ['a leading empty line', `\r\nGET /railway/x HTTP/1.1\r\nHost: x\r\n\r\n`, 400],
  ['no host', `GET /railway/x HTTP/1.1\r\nAuthorization: Bearer ${grant}\r\n\r\n`, 400],
  ['two hosts', post('Host: y\r\n'), 400],
  ['two grants', post(`Authorization: Bearer ${grant}\r\n`), 400],
  ['two content types', post('Content-Type: a/b\r\nContent-Type: c/d\r\n'), 400],
  ['a connection that takes the type away', post('Connection: content-type\r\n'), 400],
  ['absolute form', `GET http://evil.example/railway/x HTTP/1.1\r\nHost: x\r\n\r\n`, 400],
  ['authority form', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a trace', 'TRACE /railway/x HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ['a method in small letters', 'get /railway/x HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ['an upgrade', post('Connection: upgrade\r\nUpgrade: websocket\r\n'), 501],
  ['another expectation', post('Expect: 200-maybe\r\n'), 417],
  ['HTTP/1.0', 'GET /railway/x HTTP/1.0\r\nHost: x\r\n\r\n', 505],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['HTTP/0.9', 'GET /railway/x\r\n\r\n', 400],
  ['TLS to the plain port', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
  ['two spaces in the request line', 'GET  /railway/x HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['101 headers', post('a: b\r\n'.repeat(101)), 431],
  ['a head of 20 kB', post(`a: ${'b'.repeat(20_000)}\r\n`), 431],
  [
    'a chunk size that is none',
    post('Transfer-Encoding: chunked\r\n', 'zz\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  ['a chunk extension', post('Transfer-Encoding: chunked\r\n', '5;a=b\r\nhello\r\n0\r\n\r\n'), 400],
  [
    'a chunk that ends in a line feed',
    post('Transfer-Encoding: chunked\r\n', '5\nhello\r\n0\r\n\r\n'),
    400,
  ],
  [
    'a chunk longer than it says',
    post('Transfer-Encoding: chunked\r\n', '3\r\nhello\r\n0\r\n\r\n'),
    400,
  ],
  ['a trailer', post('Transfer-Encoding: chunked\r\n', '0\r\nX-A: b\r\n\r\n'), 400],
  [
    'a chunk of four gigabytes and more',
    post('Transfer-Encoding: chunked\r\n', 'fffffffff\r\n'),
    400,
  ],
])('%s is refused, and the connection ends', async (_, bytes, status) => {
  const origin = await upstream(silent)
  const { port, asked } = await world({ origin })
  const answer = await raw(port, [bytes, 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'])
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer.toLowerCase()).toContain('connection: close')
  expect(answer.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1)
  expect(asked).toEqual([])
})

test.each<[string, string]>([
  ['dot segments', '/railway/../admin'],
  ['one dot', '/railway/./x'],
  ['encoded dots', '/railway/%2e%2e/admin'],
  ['an encoded slash', '/railway/a%2Fb'],
  ['an encoded backslash', '/railway/a%5cb'],
  ['a backslash', '/railway/a\\b'],
  ['an empty segment', '/railway//evil.example/x'],
  ['a double encoding', '/railway/%252e%252e/x'],
  ['an encoded NUL', '/railway/a%00'],
  ['an encoded line break', '/railway/a%0d%0aX:y'],
  ['a path parameter', '/railway/..;/x'],
  ['a fragment', '/railway/x#y'],
  ['another target', '/other/x'],
  ['an authority', '//evil.example/railway'],
  ['a half escape', '/railway/%4'],
  ['a name like the target', '/railway.evil.example/x'],
])('a path with %s reaches nothing', async (_, path) => {
  const seen: string[] = []
  const origin = await upstream((incoming, outgoing) => {
    seen.push(incoming.url ?? '')
    outgoing.end()
  })
  const { port, asked } = await world({ origin })
  const answer = await raw(port, [
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${grant}\r\nConnection: close\r\n\r\n`,
  ])
  expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /)
  expect([seen, asked]).toEqual([[], []])
})

test.each<[string, Record<string, string>, string, number]>([
  ['no grant', {}, '/railway/x', 401],
  ['a credential of the platform', { authorization: 'Bearer real' }, '/railway/x', 401],
  ['basic authentication', { authorization: 'Basic Zm9v' }, '/railway/x', 401],
  ['two different grants', { ...bearer, 'project-access-token': 'fbk_other' }, '/railway/x', 401],
  ['a revoked grant', { authorization: 'Bearer fbk_revoked' }, '/railway/x', 401],
  ['a grant in the URL', bearer, `/railway/x?token=${grant}`, 400],
  ['a grant in the URL, disguised', bearer, '/railway/x?token=%66b%6b_abc', 400],
  ['a compressed body', { ...bearer, 'content-encoding': 'gzip' }, '/railway/x', 415],
  [
    'another charset',
    { ...bearer, 'content-type': 'application/json; charset=utf-16' },
    '/railway/x',
    415,
  ],
  ['a key that is too long', { ...bearer, 'idempotency-key': 'k'.repeat(256) }, '/railway/x', 400],
])('%s is refused before the guard', async (_, headers, path, status) => {
  const { port, asked } = await world({ origin: await upstream(silent) })
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers,
    body: 'x',
  })
  expect(response.status).toBe(status)
  expect(response.headers.get('www-authenticate') !== null).toBe(status === 401)
  const body = await problem(response)
  expect(body).toMatchObject({ status, executed: false, verdict: 'deny', data: null })
  expect(JSON.stringify(body)).not.toContain(grant)
  expect(asked).toEqual([])
})

test('the grant is also taken from the header of a project token, and never goes on', async () => {
  const seen: IncomingMessage[] = []
  const origin = await upstream((incoming, outgoing) => {
    seen.push(incoming)
    outgoing.end('ok')
  })
  const { port } = await world({ origin })
  const headers = { 'project-access-token': grant, authorization: 'Basic Zm9v' }
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers })
  expect(await response.text()).toBe('ok')
  expect(seen[0]?.rawHeaders.join('\n')).not.toContain(grant)
  expect(seen[0]?.rawHeaders.join('\n')).not.toContain('Zm9v')
})

test('an upstream that echoes the request does not give the credential away', async () => {
  const origin = await upstream((incoming, outgoing) => {
    const { authorization = '' } = incoming.headers
    outgoing.setHeader('x-echo', authorization)
    outgoing.setHeader('set-cookie', 'session=1')
    outgoing.setHeader('alt-svc', 'h3=":443"')
    if (incoming.url === '/chunked') {
      outgoing.write(`you sent ${authorization.slice(0, 15)}`)
      setImmediate(() => outgoing.end(`${authorization.slice(15)} thanks`))
    } else outgoing.end(`you sent ${authorization} thanks`)
  })
  const { port } = await world({ origin })
  for (const path of ['whole', 'chunked']) {
    const response = await fetch(`http://127.0.0.1:${port}/railway/${path}`, { headers: bearer })
    const text = await response.text()
    expect(text).toMatch(/^you sent Bearer \*{26} thanks$/)
    expect(response.headers.get('x-echo')).toMatch(/^Bearer \*+$/)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(response.headers.get('alt-svc')).toBeNull()
  }
})

test('an upstream that compresses against the wish is looked through', async () => {
  const origin = await upstream((incoming, outgoing) => {
    const text =
      incoming.url === '/echo' ? `you sent ${incoming.headers.authorization}` : 'harmless'
    outgoing.writeHead(200, { 'content-encoding': incoming.url === '/odd' ? 'odd' : 'gzip' })
    outgoing.end(gzipSync(text))
  })
  const { port } = await world({ origin })
  const get = (path: string): Promise<string> =>
    raw(port, [
      `GET /railway/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${grant}\r\nConnection: close\r\n\r\n`,
    ])
  const fine = await get('fine')
  const [head = '', size = ''] = fine.split('\r\n\r\n')
  expect(head).toContain('content-encoding: gzip')
  const body = Buffer.from(fine.slice(head.length + 4), 'latin1')
  const start = head.includes('chunked') ? size.indexOf('\r\n') + 2 : 0
  const end = head.includes('chunked') ? body.length - 7 : body.length
  expect(gunzipSync(body.subarray(start, end)).toString()).toBe('harmless')
  expect(await get('echo')).toMatch(/^HTTP\/1\.1 502 /)
  expect(await get('odd')).toMatch(/^HTTP\/1\.1 502 /)
})

test('a redirect is handed on as text, and never followed', async () => {
  const origin = await upstream((_, outgoing) => {
    outgoing.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' })
    outgoing.end()
  })
  const { port, outcomes } = await world({ origin })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, {
    headers: bearer,
    redirect: 'manual',
  })
  expect([response.status, response.headers.get('location')]).toEqual([
    302,
    'http://127.0.0.1:1/elsewhere',
  ])
  expect(outcomes).toEqual([[302, 'forwarded']])
})

test.each<[string, (socket: Socket) => void]>([
  ['says nothing and closes', (socket) => socket.end()],
  ['is no HTTP', (socket) => socket.end('SSH-2.0-x\r\n\r\n')],
  [
    'has two lengths',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  ],
  [
    'has both framings',
    (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na'),
  ],
  [
    'folds a header',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n'),
  ],
  ['switches protocols', (socket) => socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n')],
])('an upstream that %s is a 502, and the write is not called undone', async (_, speak) => {
  const { port, outcomes } = await world({ origin: await rawUpstream(speak) })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, {
    method: 'POST',
    headers: bearer,
    body: 'x',
  })
  expect(response.status).toBe(502)
  expect(await problem(response)).toMatchObject({ executed: null, retryable: false })
  expect(outcomes).toHaveLength(1)
  expect(outcomes[0]?.[0]).toBe(0)
})

test('an upstream that cannot be reached has surely done nothing', async () => {
  const { port } = await world({ origin: 'http://127.0.0.1:1' })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, {
    method: 'POST',
    headers: bearer,
  })
  expect(response.status).toBe(502)
  expect(await problem(response)).toMatchObject({ executed: false, retryable: true })
})

test('an answer that breaks off is cut, so that nobody takes half for whole', async () => {
  const origin = await rawUpstream((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
  })
  const { port, outcomes } = await world({ origin })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  await expect(response.text()).rejects.toThrow('terminated')
  await expect.poll(() => outcomes.length).toBe(1)
  expect(outcomes[0]?.[0]).toBe(0)
})

test('early answers and answers without an end are understood', async () => {
  const origin = await rawUpstream((socket) => {
    socket.end(
      'HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\n\r\nuntil the end',
    )
  })
  const { port } = await world({ origin })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect([response.status, await response.text()]).toEqual([200, 'until the end'])
})

test('a read is asked once more when a kept connection was just closed, a write never is', async () => {
  const arrived: string[] = []
  const server = createTcp((socket) => {
    let first = true
    socket.on('error', () => socket.destroy())
    socket.on('data', (part: Buffer) => {
      arrived.push(part.toString('latin1').split(' ')[0] ?? '')
      if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else socket.destroy()
      first = false
    })
  })
  const origin = `http://127.0.0.1:${await listening(server)}`
  onTestFinished(() => void server.close())
  const reads = await world({ origin, effect: 'read' })
  for (const _ of [1, 2]) {
    const response = await fetch(`http://127.0.0.1:${reads.port}/railway/x`, { headers: bearer })
    expect(await response.text()).toBe('ok')
  }
  expect(arrived).toEqual(['GET', 'GET', 'GET'])
  arrived.length = 0
  const writes = await world({ origin, effect: 'write' })
  const send = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${writes.port}/railway/x`, { method: 'POST', headers: bearer })
  expect((await send()).status).toBe(200)
  expect((await send()).status).toBe(502)
  expect(arrived).toEqual(['POST', 'POST'])
})

test('a body of 100 MB is refused by its length alone, and by its size when it has none', async () => {
  const { port, asked } = await world({ origin: await upstream(silent) })
  const told = await raw(port, [post('Content-Length: 104857600\r\n'), Buffer.alloc(1_000_000)])
  expect(told).toMatch(/^HTTP\/1\.1 413 /)
  const part = Buffer.concat([
    Buffer.from('100000\r\n'),
    Buffer.alloc(0x100000),
    Buffer.from('\r\n'),
  ])
  const before = process.memoryUsage().rss
  const parts = Array.from({ length: 100 }, () => part)
  const untold = await raw(port, [post('Transfer-Encoding: chunked\r\n'), ...parts])
  expect(untold === '' || untold.startsWith('HTTP/1.1 413 ')).toBe(true)
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
  expect(asked).toEqual([])
})

test.each<[string, string, string]>([
  ['a head', 'POST /railway/x HTT', '408'],
  ['a body', post('Content-Length: 10\r\n', 'hel'), '408'],
  ['chunks', post('Transfer-Encoding: chunked\r\n', '5\r\nhel'), '408'],
])('a client that never ends %s is let go', async (_, bytes, status) => {
  const limits = { headMs: 50, requestMs: 50, lingerMs: 50 }
  const { port, asked } = await world({ origin: await upstream(silent), limits })
  expect(await raw(port, [bytes])).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(asked).toEqual([])
})

test('a client that says nothing, or nothing more, is let go', async () => {
  const limits = { headMs: 50, idleMs: 50, lingerMs: 50 }
  const { port } = await world({ origin: await upstream(silent), limits })
  expect(await raw(port, [])).toBe('')
  const answer = await raw(port, [post('Content-Length: 1\r\n', 'x')])
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
})

test('an upstream that never answers is a 502 in time', async () => {
  const { port } = await world({ origin: await rawUpstream(() => undefined), headMs: 100 })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect(response.status).toBe(502)
})

test('Expect: 100-continue is answered before the body, or by the refusal', async () => {
  const origin = await upstream(silent)
  const { port } = await world({ origin })
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(post('Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n'))
  const [first] = await once(socket, 'data')
  expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('hello')
  const [second] = await once(socket, 'data')
  expect(String(second)).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
  const refused = await raw(port, [
    'POST /railway/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
  ])
  expect(refused).toMatch(/^HTTP\/1\.1 401 /)
})

test('requests that come together are answered in their order', async () => {
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    outgoing.end(incoming.url)
  })
  const { port } = await world({ origin })
  const get = (path: string, more = ''): string =>
    `GET /railway/${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${grant}\r\n${more}\r\n`
  const answer = await raw(port, [get('a') + get('b') + get('c', 'Connection: close\r\n')])
  expect(answer.match(/\/[abc](?=HTTP|$|\r)/g)).toEqual(['/a', '/b', '/c'])
})

test('thousands of refused requests in one packet do not exhaust the stack', async () => {
  const { port } = await world({ origin: await upstream(silent) })
  const one = 'GET /r HTTP/1.1\r\nHost: x\r\n\r\n'
  const last = 'GET /r HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  const answer = await raw(port, [one.repeat(2000) + last])
  expect(answer.split('HTTP/1.1 401 ').length - 1).toBe(2001)
})

test('a head that differs in one letter is never taken for the one before', async () => {
  const { port, asked } = await world({ origin: await upstream(silent) })
  const send = (key: string, body: string): string =>
    post(`Idempotency-Key: ${key}\r\nContent-Length: ${body.length}\r\n`, body)
  const last = post('Connection: close\r\nContent-Length: 1\r\n', 'z')
  await raw(port, [send('a', 'x') + send('a', 'xyz') + send('b', 'x') + last])
  expect(asked.map(({ key }) => key)).toEqual(['a', 'a', 'b', null])
})

test('a client that goes away gives a read up, and lets a write be known', async () => {
  const release = Promise.withResolvers<void>()
  const closed: string[] = []
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    outgoing.on('close', () => closed.push(`${incoming.method} ${outgoing.writableFinished}`))
    void release.promise.then(() => outgoing.end('done'))
  })
  for (const effect of ['read', 'write'] as const) {
    const { port, asked, outcomes } = await world({ origin, effect })
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(post('Content-Length: 1\r\n', 'x'))
    await expect.poll(() => asked.length).toBe(1)
    socket.destroy()
    if (effect === 'read') {
      await expect.poll(() => outcomes).toEqual([[0, 'the client has gone']])
      expect(closed).toEqual(['POST false'])
    } else {
      await new Promise((resolve) => setImmediate(resolve))
      release.resolve()
      await expect.poll(() => outcomes).toEqual([[200, 'forwarded']])
    }
  }
})

test.each<[string, Partial<HttpHouse>]>([
  [
    'authentication',
    {
      authenticate: () => {
        throw new Error(`boom ${secret}`)
      },
    },
  ],
  ['custody', { credential: async () => await Promise.reject(new Error(`boom ${secret}`)) }],
  [
    'the guard',
    {
      guard: {
        pass: async () => await Promise.reject(new Error(`boom ${secret}`)),
        wait: async () => await Promise.resolve(null),
        status: async () => await Promise.resolve(null),
      },
    },
  ],
  [
    'a credential that is no header text',
    { credential: async () => await Promise.resolve(new Secret('a\r\nb')) },
  ],
])('broken-is-closed: when %s breaks, nothing is sent and no secret is told', async (_, house) => {
  const seen: string[] = []
  const origin = await upstream((incoming, outgoing) => {
    seen.push(incoming.url ?? '')
    outgoing.end()
  })
  const { port } = await world({ origin, house })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  const body = await problem(response)
  expect(body).toMatchObject({ type: 'urn:firebreak:problem:closed', executed: false })
  expect(JSON.stringify(body)).not.toMatch(/real-credential|boom|at /)
  expect(seen).toEqual([])
})

test('destroy-needs-clearance: a spent clearance, or one for another digest, sends nothing', async () => {
  const seen: string[] = []
  const origin = await upstream((incoming, outgoing) => {
    seen.push(incoming.url ?? '')
    outgoing.end()
  })
  const other = Clearance.clear('sha256:other', allow, null)
  const { port } = await world({
    origin,
    answer: ({ operations }) => {
      const action = { principal: 'a', root: 'b', target: 'railway', operations, key: null }
      if (other === null) throw new FirebreakError('internal', 'none')
      const digest = actionDigest(action)
      return {
        kind: 'allowed',
        action,
        digest,
        clearance: other,
        findings: [],
        done: () => undefined,
      }
    },
  })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect([response.status, seen]).toEqual([503, []])
})

test('a denial is 403, final, with all that was found', async () => {
  const denied: Passed = {
    kind: 'denied',
    told: { ...told, verdict: 'deny', holdId: null, state: null, retryable: false },
  }
  const { port } = await world({
    origin: await upstream(silent),
    answer: () => denied,
    graphql: false,
  })
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect(response.status).toBe(403)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('retry-after')).toBeNull()
  expect(await problem(response)).toEqual({
    type: 'urn:firebreak:problem:denied',
    title: 'Denied by Firebreak',
    status: 403,
    detail:
      'volumeDelete: a volume and its backups go; would go: volume shop in env-1; asking again will not help',
    operation: 'volumeDelete',
    effect: 'destroy',
    verdict: 'deny',
    findings: [{ rule: 'destroy-data', message: 'a volume and its backups go' }],
    blastRadius: {
      known: true,
      environments: ['env-1'],
      resources: [{ type: 'volume', id: 'v1', name: 'shop', environment: 'env-1', bytes: 7 }],
      backups: [],
      rows: null,
      left: [],
      unknown: [],
    },
    retryable: false,
    executed: false,
    alternatives: ['take a backup first'],
  })
})

test.each<[string, string, number]>([
  ['a hold is 403', '', 403],
  ['a hold is 202 for who asked for it', 'respond-async', 202],
  ['another preference changes nothing', 'return=minimal', 403],
])('%s', async (_, prefer, status) => {
  const { port } = await world({
    origin: await upstream(silent),
    answer: () => ({ kind: 'held', told }),
  })
  const headers = { ...bearer, prefer, accept: 'application/graphql-response+json' }
  const response = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers })
  expect(response.status).toBe(status)
  expect(response.headers.get('retry-after')).toBe('30')
  expect(response.headers.get('content-type')).toBe('application/graphql-response+json')
  expect(response.headers.get('location')).toBe(status === 202 ? '/.firebreak/holds/hold_1' : null)
  const members = {
    type: 'urn:firebreak:problem:held',
    instance: '/.firebreak/holds/hold_1',
    holdId: 'hold_1',
    statusUrl: '/.firebreak/holds/hold_1',
    approve: 'a person runs: firebreak approve hold_1',
    expiresAt: '2027-01-15T08:00:00.000Z',
    retryable: true,
    executed: false,
  }
  const body = await problem(response)
  expect(body).toMatchObject({ ...members, data: null })
  expect(body['errors']).toMatchObject([{ extensions: { code: 'FIREBREAK', ...members } }])
})

test('Prefer: wait waits that long for the person, and tells what became of it', async () => {
  const waits: (readonly [string, number])[] = []
  const { port } = await world({
    origin: await upstream(silent),
    answer: () => ({ kind: 'held', told }),
    wait: async (id, ms) => {
      waits.push([id, ms])
      return await Promise.resolve({
        kind: 'scheduled',
        told: { ...told, state: 'scheduled', executesAt: 1_800_000_000_000 },
      })
    },
  })
  for (const prefer of ['wait=7', 'respond-async, wait="99999"']) {
    const response = await fetch(`http://127.0.0.1:${port}/railway/x`, {
      headers: { ...bearer, prefer },
    })
    expect(response.status).toBe(202)
    expect(await problem(response)).toMatchObject({ executesAt: '2027-01-15T08:00:00.000Z' })
  }
  expect(waits).toEqual([
    ['hold_1', 7000],
    ['hold_1', 300_000],
  ])
})

test('a retry of what has run gets the stored answer of the one execution', async () => {
  const answer = {
    status: 200,
    contentType: 'application/json',
    body: Buffer.from('{"a":1}').toString('base64'),
  }
  const settled = (ok: boolean, stored: JsonObject | null): Passed => ({
    kind: 'settled',
    told,
    ok,
    answer: stored,
  })
  const { port } = await world({
    origin: await upstream(silent),
    answer: ({ key }) => (key === 'none' ? settled(false, null) : settled(true, answer)),
  })
  const run = await fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  expect([run.status, await run.text(), run.headers.get('firebreak-replayed')]).toEqual([
    200,
    '{"a":1}',
    'true',
  ])
  const failed = await fetch(`http://127.0.0.1:${port}/railway/x`, {
    headers: { ...bearer, 'idempotency-key': 'none' },
  })
  expect(failed.status).toBe(403)
  expect(await problem(failed)).toMatchObject({
    type: 'urn:firebreak:problem:failed',
    executed: null,
  })
})

test('where a hold stands is told to its own grant alone', async () => {
  const { port } = await world({
    origin: await upstream(silent),
    status: async (id, root) =>
      await Promise.resolve(id === 'hold_1' && root === 'grant_1' ? { kind: 'held', told } : null),
  })
  const at = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers })
  expect((await at('/.firebreak/holds/hold_1', bearer)).status).toBe(202)
  expect((await at('/.firebreak/holds/hold_2', bearer)).status).toBe(404)
  expect((await at('/.firebreak/holds/hold_1', {})).status).toBe(401)
  expect((await at('/.firebreak/health', {})).status).toBe(200)
})

test('what was asked reaches the guard: key, reason in its own words, the bytes as they came', async () => {
  const { port, asked } = await world({ origin: await upstream(silent) })
  const body = Buffer.from([0xff, 0xfe, 0x7b])
  await raw(port, [
    post(
      `Idempotency-Key: k-1\r\nFirebreak-Reason: gr\u00fc\u00dfe\r\nContent-Length: 3\r\nConnection: close\r\n`,
    ),
    body,
  ])
  expect(asked[0]).toMatchObject({ key: 'k-1', reason: 'grüße', principal: { root: 'grant_1' } })
  expect(asked[0]?.request).toMatchObject({
    method: 'POST',
    path: '/graphql/v2',
    body: body.toString('base64'),
  })
})

test('more requests than there are places are told to come later', async () => {
  const release = Promise.withResolvers<void>()
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    void release.promise.then(() => outgoing.end('ok'))
  })
  const { port, asked } = await world({ origin, limits: { concurrent: 8, perGrant: 2 } })
  const send = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/railway/x`, { headers: bearer })
  const first = [send(), send()]
  await expect.poll(() => asked.length).toBe(2)
  const third = await send()
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '5'])
  release.resolve()
  for (const response of await Promise.all(first)) expect(await response.text()).toBe('ok')
  expect((await send()).status).toBe(200)
})

test('a drain ends what is under way, tells who waits, takes nothing new, and cuts at the deadline', async () => {
  const release = Promise.withResolvers<void>()
  const origin = await upstream((incoming, outgoing) => {
    incoming.resume()
    if (incoming.url !== '/never') void release.promise.then(() => outgoing.end('finished'))
  })
  const { port, asked, gateway } = await world({
    origin,
    wait: async (_, __, signal) => {
      await once(signal, 'abort')
      return { kind: 'held', told }
    },
    answer: (ask) => {
      const digest = actionDigest({ ...ask, principal: 'a', root: 'b' })
      const clearance = Clearance.clear(digest, allow, null)
      if (ask.key === 'hold' || clearance === null) return { kind: 'held', told }
      const action = {
        principal: 'a',
        root: 'b',
        target: 'railway',
        operations: ask.operations,
        key: null,
      }
      return { kind: 'allowed', action, digest, clearance, findings: [], done: () => undefined }
    },
  })
  const send = (path: string, more: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/railway/${path}`, { headers: { ...bearer, ...more } })
  const slow = send('slow')
  const never = send('never').catch(() => null)
  const waiting = send('hold', { 'idempotency-key': 'hold', prefer: 'wait=300' })
  await expect.poll(() => asked.length).toBe(3)
  const deadline = Promise.withResolvers<void>()
  const drained = gateway.drain(deadline.promise)
  expect((await waiting).status).toBe(403)
  release.resolve()
  const response = await slow
  expect([await response.text(), response.headers.get('connection')]).toEqual(['finished', 'close'])
  await expect(send('new')).rejects.toThrow('fetch failed')
  deadline.resolve()
  await drained
  expect(await never).toBeNull()
})
