/** What an agent writes on the wire that two servers could read differently, and what a platform could hand back that it must not. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hookWorld } from '../../src/app/hook-world.ts'
import { Secret } from '../../src/base/secret.ts'
import { allow } from '../../src/core/verdict.ts'
import { createRedactor } from '../../src/custody/redact.ts'
import { openHttpGateway } from '../../src/gateways/http/gateway.ts'
import type { HttpTarget } from '../../src/gateways/http/target.ts'
import { openUpstream } from '../../src/gateways/http/upstream.ts'
import { openGuard } from '../../src/guard/guard.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import { asked, newWorld, openHarness, principal } from '../world.ts'

const credential = 'real/credential+0123456789abcdef'
const secret = new Secret(credential)
const portOf = (address: unknown): number =>
  typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0

/** A platform that notes what arrives and answers as it is told. */
let heads: IncomingHttpHeaders[] = []
let noted: string[] = []
let answer: (outgoing: ServerResponse) => void = (outgoing) => void outgoing.end('{}')
const platform = createServer((incoming, outgoing) => {
  heads.push(incoming.headers)
  incoming.resume()
  incoming.on('end', () => answer(outgoing))
})
let port = 0
let stop = async (): Promise<void> => {}

beforeAll(async () => {
  await new Promise<void>((done) => platform.listen(0, '127.0.0.1', done))
  const target: HttpTarget = {
    name: 'railway',
    platform: 'world',
    origin: `http://127.0.0.1:${portOf(platform.address())}`,
    basePath: '',
    credential: { name: 'authorization', prefix: 'Bearer ' },
    graphql: true,
    read: () => asked('drop').operations.map((one) => ({ ...one, effect: 'write', kinds: [] })),
  }
  const limits = { connectMs: 2000, headMs: 2000, bodyMs: 2000, connections: 4 }
  const upstream = openUpstream(target, limits, null)
  const { house } = openHarness(newWorld())
  const decision = {
    verdict: allow,
    policies: [],
    set: 'test',
    approvals: 1,
    graceMs: 0,
    needsRecoveryPoint: false,
  }
  const gateway = openHttpGateway({
    guard: openGuard({
      ...house,
      inventory: {
        measure: async (_, operations) => ({ operations, kept: false, radius: noRadius }),
        measureFresh: async (_, operations) => ({ operations, kept: false, radius: noRadius }),
      },
      policy: () => ({ set: 'test', decide: () => decision }),
    }),
    targets: new Map([['railway', { target, upstream }]]),
    authenticate: () => principal,
    credential: async () => secret,
    redactor: createRedactor,
    sent: (_, id) => noted.push(id),
    hook: () => hookWorld(1000),
    limits: {
      bodyBytes: 10_000,
      headMs: 2000,
      requestMs: 5000,
      idleMs: 5000,
      queueMs: 5000,
      connections: 4000,
      concurrent: 10,
    },
  })
  await new Promise<void>((done) => gateway.server.listen(0, '127.0.0.1', done))
  port = portOf(gateway.server.address())
  stop = async () => {
    await gateway.drain(Promise.resolve())
    await upstream.close()
    platform.close()
  }
})
afterAll(() => stop())
beforeEach(() => {
  heads = []
  noted = []
  answer = (outgoing) => void outgoing.end('{}')
})

/** Writes bytes to the gateway and gives everything that comes back. */
function raw(head: readonly string[], body = '{}'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')))
    socket.on('error', reject)
    socket.write(
      [
        'POST /railway/graphql/v2 HTTP/1.1',
        'Host: x',
        'Authorization: Bearer fbk_x_00000000',
        `Content-Length: ${Buffer.byteLength(body)}`,
        ...head,
        '',
        body,
      ].join('\r\n'),
    )
  })
}
const json = 'Content-Type: application/json'
const close = 'Connection: close'

test.each<[string, readonly string[]]>([
  ['content-type', [json, 'Connection: close, content-type']],
  ['content-type, in another case', [json, 'Connection: close, Content-Type']],
  ['accept', [json, 'Connection: close, accept', 'Accept: application/json']],
])('a connection header cannot take away %s, by which the request was read', async (_, head) => {
  await raw(head)
  expect(heads.map((each) => each['content-type'])).toEqual(heads.map(() => 'application/json'))
})

test('what a client would be known by, or steer the platform with, does not arrive', async () => {
  const names = [
    'X-Request-Id',
    'X-Railway-Request-Id',
    'X_HTTP_Method_Override',
    'X-Real-IP',
    'Forwarded',
    'Cookie',
    'X-Forwarded-Prefix',
  ]
  await raw([json, close, ...names.map((name) => `${name}: chosen-by-the-agent`)])
  expect(heads).toHaveLength(1)
  expect(JSON.stringify(heads)).not.toContain('chosen-by-the-agent')
})

test('no server that takes `_` for `-` is told of another body than the one that was read', async () => {
  const names = ['Transfer_Encoding', 'Content_Type', 'Content_Encoding', 'Content_Length']
  await raw([json, close, ...names.map((name) => `${name}: other`)])
  expect(heads).toHaveLength(1)
  expect(Object.keys(heads[0] ?? {}).filter((name) => name.includes('_'))).toEqual([])
})

const echoes: readonly (readonly [string, string])[] = [
  ['plain', credential],
  ['in a URL', `https://x.example/?t=${encodeURIComponent(credential)}`],
  ['in base64', Buffer.from(`:${credential}`).toString('base64')],
]
test.each(echoes)(
  'secret-stays: a header that echoes the credential %s does not',
  async (_, echo) => {
    answer = (outgoing) => {
      outgoing.writeHead(200, { 'x-debug': `before ${echo} after`, location: echo })
      outgoing.end('{}')
    }
    const told = await raw([json, close])
    expect(told).toContain('x-debug: before ')
    expect(told).not.toContain(echo)
  },
)

test('an early hint of the platform is no answer: the answer behind it comes through', async () => {
  answer = (outgoing) => {
    outgoing.writeEarlyHints({ link: '</x>; rel=preload' })
    outgoing.end('{"data":1}')
  }
  const told = await raw([json, close])
  expect(told).toMatch(/^HTTP\/1\.1 200 /)
  expect(told).toContain('{"data":1}')
})
