/** Bad input, whole path: each a clear answer, nothing forwarded, nothing lost. */
import { connect } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { serve } from '../src/app/serve.ts'
import { textOf } from '../src/base/json.ts'
import { everything, openRig, toldOf } from './rig.ts'
import type { Rig, Told } from './rig.ts'

let rig: Rig
let grant = ''
beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n')
  grant = await rig.people.mint('agent:cursor', everything)
}, 30_000)
afterAll(() => rig.close())

const headers = (): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${grant}`,
})
async function post(
  body: string | Uint8Array<ArrayBuffer>,
  more: Record<string, string> = {},
): Promise<Told> {
  const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
    method: 'POST',
    headers: { ...headers(), ...more },
    body,
  })
  return await toldOf(answer)
}

test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number]>([
  ['malformed JSON', '{"query": ', {}, 403],
  ['no GraphQL', '{"query":"mutation {"}', {}, 403],
  ['invalid UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), {}, 403],
  [
    'a key that comes twice',
    '{"query":"{ me { id } }","query":"mutation { volumeDelete(volumeId: \\"v\\") }"}',
    {},
    403,
  ],
  [
    'a query 500 deep',
    JSON.stringify({ query: `{ ${'a { '.repeat(500)}b${' }'.repeat(500)} }` }),
    {},
    403,
  ],
  ['an unknown mutation', JSON.stringify({ query: 'mutation { volumeShred(id: "v") }' }), {}, 403],
  ['a compressed body', 'x', { 'content-encoding': 'gzip' }, 403],
  ['a body of 2 MB', `{"query":"${'x'.repeat(2_000_000)}"}`, {}, 413],
  ['an odd idempotency key', '{"query":"{ me { id } }"}', { 'idempotency-key': 'a b' }, 400],
])('broken-is-closed: %s', async (_, body, more, status) => {
  const answer = await post(body, more)
  expect(answer.status).toBe(status)
  expect(textOf(answer.body['detail']).length).toBeGreaterThan(5)
  expect(rig.platform.mutations()).toBe(0)
})

test.each<[string, (grant: string) => string, RegExp]>([
  [
    'two lengths',
    (g) =>
      `POST /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'a length and chunks',
    (g) =>
      `POST /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'a space before the colon',
    (g) => `POST /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer ${g}\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'a folded header',
    (g) =>
      `GET /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nAuthorization: Bearer ${g}\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'a NUL in a header',
    (g) =>
      `GET /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\nAuthorization: Bearer ${g}\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'no host',
    (g) => `GET /railway/graphql/v2 HTTP/1.1\r\nAuthorization: Bearer ${g}\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'two authorizations',
    (g) =>
      `GET /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'an absolute URL',
    (g) =>
      `GET http://backboard.railway.com/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 404/,
  ],
  [
    'a path that climbs',
    (g) =>
      `GET /railway/../other HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 404/,
  ],
  [
    'an encoded slash',
    (g) =>
      `GET /railway/graphql%2fv2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 404/,
  ],
  [
    'TRACE',
    (g) =>
      `TRACE /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 405/,
  ],
  [
    'a grant in the URL',
    (g) => `GET /railway/graphql/v2?token=${g} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    /^HTTP\/1\.1 400/,
  ],
  [
    'an upgrade',
    (g) =>
      `GET /railway/graphql/v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${g}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    /^$/,
  ],
])('smuggling: %s goes nowhere', async (_, text, answer) => {
  expect(await raw(text(grant))).toMatch(answer)
  expect(rig.platform.requests().some(({ path }) => path.includes('other'))).toBe(false)
})

test('no redirect is followed, and no credential goes with one', async () => {
  rig.platform.faults.set('me', { kind: 'redirect', to: 'http://127.0.0.1:1/elsewhere' }, 1)
  const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
    method: 'POST',
    headers: headers(),
    body: '{"query":"{ me { id } }"}',
    redirect: 'manual',
  })
  expect(answer.status).toBe(307)
})

test('an upstream that breaks in mid-answer cuts the answer off: half is never taken for whole', async () => {
  rig.platform.faults.set('me', { kind: 'cut' }, 1)
  await expect(post('{"query":"{ me { id } }"}')).rejects.toThrow(
    /terminated|fetch failed|other side closed/,
  )
})

test('no answer about the radius is the widest: the delete is denied to a limited grant, held for any', async () => {
  rig.platform.faults.set('projects', { kind: 'status', status: 500 }, 9)
  const held = await post(
    JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }` }),
  )
  rig.platform.faults.clear()
  expect(held.body).toMatchObject({ verdict: 'hold', blastRadius: { known: false } })
})

test('a clock that jumps back lets nothing run early and no code twice', async () => {
  const held = await post(
    JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }` }),
    { 'idempotency-key': 'clock' },
  )
  expect(held.body['verdict'] ?? 'ran').not.toBe('deny')
  rig.jump(-3_600_000)
  expect((await post('{"query":"{ me { id } }"}')).status).toBe(200)
  rig.jump(3_600_000)
})

test('a broken state file, a newer one and a lost key refuse to start, each in one line', async () => {
  await rig.running.stop()
  const file = join(rig.config.state, 'state.db')
  const good = readFileSync(file)
  writeFileSync(file, 'no database at all, and long enough to be taken for one '.repeat(30))
  await expect(serve(rig.config, () => {})).rejects.toThrow(/state file .* cannot be used/)
  writeFileSync(file, good)
  const key = join(rig.config.state, 'key')
  const secret = readFileSync(key)
  writeFileSync(key, `${'00'.repeat(32)}\n`)
  const other = await serve(rig.config, () => {}).catch((thrown: unknown) => thrown)
  expect(other).toMatchObject({ code: expect.stringMatching(/broken_ledger|custody_locked/) })
  writeFileSync(key, secret)
  await rig.restart().catch(async () => {
    rig.running = await serve(rig.config, () => {})
  })
  expect((await post('{"query":"{ me { id } }"}')).status).toBe(200)
})

/** Sends bytes as they are and gives what comes back until the other side closes. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(rig.running.url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let out = ''
    socket.on('data', (bytes) => {
      out += bytes.toString('latin1')
    })
    socket.on('close', () => resolve(out))
    socket.on('error', () => resolve(out))
  })
}
