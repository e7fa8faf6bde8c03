/** An MCP client that has no grant asks for one by OAuth, as a client that somebody else has written does it; and what others try on that way. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  dynamicClientRegistration,
  None,
  randomPKCECodeVerifier,
} from 'openid-client'
import { startMcpServer } from '../../sim/mcp/http.ts'
import type { McpServer } from '../../sim/mcp/http.ts'
import { openStore } from '../../sim/mcp/store.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { checkedAsk } from '../../src/app/oauth/asks.ts'
import { revokeLapsed } from '../../src/app/revoke.ts'
import { openSite } from '../console/site.ts'
import type { Answer, Seat, Site } from '../console/site.ts'
import { connect, resultIn, textIn } from './rig.ts'

let server: McpServer
let site: Site
let bob: Seat
let resource: string
const redirect = 'http://127.0.0.1:5500/callback'
beforeAll(async () => {
  server = await startMcpServer(openStore())
  const targets = ['shop', 'other']
    .map(
      (name) => `  ${name}:
    platform: mcp
    url: ${server.url}
    secret: authorization
    environments:
      staging: { id: stage-1, protected: false }`,
    )
    .join('\n')
  site = await openSite('limits:\n  burst: { count: 1000, window: 1m }\n', { targets })
  for (const target of ['shop', 'other'])
    await site.people.callAs('custody-add', { target, secret: 'real-token-of-the-shop' })
  bob = await site.seat('bob')
  resource = `${site.running.url}/shop`
}, 60_000)
afterAll(async () => {
  await site.close()
  await server.close()
})

const caveats = {
  operations: ['read'],
  environments: ['staging'],
  targets: ['shop'],
  expiresMs: 3_600_000,
}

interface Begun {
  readonly id: string
  readonly verifier: string
  readonly ask: string
}

const form = async (path: string, fields: Readonly<Record<string, string>>): Promise<Answer> =>
  await site.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })

async function registered(redirects: readonly string[] = [redirect]): Promise<string> {
  const body = JSON.stringify({ client_name: 'Cursor', redirect_uris: redirects })
  return textOf((await site.send('/register', { method: 'POST', body })).body['client_id'])
}

function queryOf(id: string, verifier: string): Record<string, string> {
  return {
    response_type: 'code',
    client_id: id,
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
    state: 'the-state',
  }
}

async function begin(more: Readonly<Record<string, string>> = {}): Promise<Begun> {
  const id = await registered()
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({ ...queryOf(id, verifier), ...more })
  const answer = await site.send(`/authorize?${query.toString()}`)
  const ask = /^\/#\/ask\/([\w.-]+)$/.exec(textOf(answer.headers.location ?? null))?.[1] ?? ''
  expect([answer.status, ask === '']).toEqual([303, false])
  return { id, verifier, ask }
}

const mintInput = (ask: string): JsonObject => ({
  principal: 'agent:cursor',
  note: '',
  caveats,
  ask,
})

/** A person says yes; the address that the browser goes to. */
async function signedBy({ page, name, key }: Seat, ask: string): Promise<URL> {
  const { status, text, body } = await page.sign({ name, key }, 'grant-mint', mintInput(ask))
  if (status !== 200) throw new Error(text)
  expect(text).not.toContain('fbk_')
  return new URL(textOf(body['back']))
}

const exchange = (
  { id, verifier }: Begun,
  code: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  form('/token', {
    grant_type: 'authorization_code',
    client_id: id,
    redirect_uri: redirect,
    code,
    code_verifier: verifier,
    resource,
    ...more,
  })

async function isRevoked(code: Answer | null = null): Promise<boolean> {
  const grants = await site.people.call('grant-list')
  const last = Array.isArray(grants) ? grants.filter(isObject).at(-1) : undefined
  expect(code?.status ?? 400).toBe(400)
  return last?.['revokedAt'] !== null
}

test('from the 401 to the first call, by a client that knows nothing but the address', async () => {
  const bare = await fetch(resource, { method: 'POST', body: '{}' })
  const where = /resource_metadata="([^"]+)"/.exec(bare.headers.get('www-authenticate') ?? '')?.[1]
  const known: unknown = await (await fetch(where ?? '')).json()
  expect(known).toMatchObject({ resource, authorization_servers: [site.origin] })
  const config = await dynamicClientRegistration(
    new URL(site.origin),
    { client_name: 'Cursor', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    None(),
    { algorithm: 'oauth2', execute: [allowInsecureRequests] },
  )
  const verifier = randomPKCECodeVerifier()
  const page = buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    response_type: 'code',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    state: 's',
  })
  const led = await fetch(page, { redirect: 'manual' })
  const ask = (led.headers.get('location') ?? '').split('/#/ask/')[1] ?? ''
  const back = await signedBy(bob, ask)
  expect(back.href.startsWith(`${redirect}?`)).toBe(true)
  const checks = { pkceCodeVerifier: verifier, expectedState: 's' }
  const tokens = await authorizationCodeGrant(config, back, checks, { resource })
  expect(tokens.refresh_token).toBeUndefined()
  expect(tokens.expires_in).toBeGreaterThan(3500)
  expect(tokens.expires_in).toBeLessThanOrEqual(3600)
  const client = await connect(resource, tokens.access_token)
  expect(textIn(await client.call('list_volumes'))).toContain('vol-1')
  // For that server and no other, and no wider than what was signed.
  const elsewhere = await fetch(`${site.running.url}/other`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.access_token}` },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  })
  expect(elsewhere.status).toBe(403)
  const wider = await client.call('create_note', { text: 'x' })
  expect(resultIn(wider)).toMatchObject({ isError: true })
})

test('what a person reads is what was asked, and the ledger says to whom it went', async () => {
  const { ask } = await begin()
  const shown = await bob.page.call('grant-ask', { ask })
  expect(shown.body).toMatchObject({
    name: 'Cursor',
    target: 'shop',
    environments: ['staging'],
    to: { name: 'Cursor', redirect, resource },
  })
  const back = await signedBy(bob, ask)
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    state: 'the-state',
    iss: site.origin,
  })
  const verified = await site.people.call('ledger-verify')
  expect(verified).toMatchObject({ ok: true, faults: [] })
})

test('a code works once: whoever is second gets nothing, and the grant of the first is revoked', async () => {
  const begun = await begin()
  const code = (await signedBy(bob, begun.ask)).searchParams.get('code') ?? ''
  const first = await exchange(begun, code)
  expect(first.status).toBe(200)
  expect(first.headers['cache-control']).toBe('no-store')
  expect(await isRevoked(await exchange(begun, code))).toBe(true)
  const used = await fetch(resource, {
    method: 'POST',
    headers: { authorization: `Bearer ${textOf(first.body['access_token'])}` },
    body: '{}',
  })
  expect(used.status).toBe(401)
  const alarms = await site.people.call('alarm-list', { all: true })
  expect(JSON.stringify(alarms)).toContain('it was used already')
})

test.each<[string, Readonly<Record<string, string>>]>([
  ['another redirect', { redirect_uri: 'http://127.0.0.1:5501/callback' }],
  ['another resource', { resource: 'http://127.0.0.1:1/other' }],
  ['another verifier', { code_verifier: 'x'.repeat(43) }],
  ['no verifier (PKCE left out)', { code_verifier: '' }],
  ['another client', { client_id: 'fbs1.x' }],
])('a code with %s gives nothing, and is spent', async (_, more) => {
  const begun = await begin()
  const code = (await signedBy(bob, begun.ask)).searchParams.get('code') ?? ''
  expect(await isRevoked(await exchange(begun, code, more))).toBe(true)
  expect((await exchange(begun, code)).status).toBe(400)
})

test('a code is good for a minute', async () => {
  const begun = await begin()
  const code = (await signedBy(bob, begun.ask)).searchParams.get('code') ?? ''
  site.pass(61_000)
  expect(await isRevoked(await exchange(begun, code))).toBe(true)
})

test('a grant that nobody fetches is revoked', async () => {
  const { ask } = await begin()
  await signedBy(bob, ask)
  await revokeLapsed(site.running.firebreak)
  expect(await isRevoked()).toBe(false)
  site.pass(61_000)
  await revokeLapsed(site.running.firebreak)
  expect(await isRevoked()).toBe(true)
})

test.each(['a\u202eb', '\ud800', 'a\nb', ' '.repeat(200), 'é'.repeat(200)])(
  'a name is one line of what can be seen, and is signed as it is shown: %j',
  async (name) => {
    const body = JSON.stringify({ client_name: name, redirect_uris: [redirect] })
    const told = await site.send('/register', { method: 'POST', body })
    expect(textOf(told.body['client_name'])).toMatch(/^[\x20-\x7eé…×]{1,100}$/)
    const query = new URLSearchParams(queryOf(textOf(told.body['client_id']), 'x'))
    const led = await site.send(`/authorize?${query.toString()}`)
    const back = await signedBy(bob, textOf(led.headers.location ?? null).split('/ask/')[1] ?? '')
    expect(back.searchParams.get('code')).toMatch(/^[\w-]{43}$/)
  },
)

test.each<[string, Readonly<Record<string, string>>]>([
  ['another address', { redirect_uri: 'https://evil.example/callback' }],
  ['its path with more', { redirect_uri: `${redirect}/../x` }],
  ['a query that was not registered', { redirect_uri: `${redirect}?x` }],
  ['a host that begins alike', { redirect_uri: 'http://127.0.0.1.evil.example:5500/callback' }],
  ['who it is before the host', { redirect_uri: 'http://127.0.0.1:5500@evil.example/callback' }],
  ['no address', { redirect_uri: '' }],
  ['PKCE in the clear', { code_challenge_method: 'plain' }],
  ['no method (which means in the clear)', { code_challenge_method: '' }],
  ['no challenge', { code_challenge: '' }],
  ['a token at once', { response_type: 'token' }],
  ['a server elsewhere', { resource: 'https://evil.example/shop' }],
  ['no server', { resource: '' }],
  ['a target that is no MCP server', { resource: 'http://127.0.0.1:7077/railway' }],
  ['a client that nobody is', { client_id: 'fbs1.a.b' }],
])('%s is asked for in vain, and nobody is sent anywhere', async (_, more) => {
  const query = new URLSearchParams({ ...queryOf(await registered(), 'x'), ...more })
  const answer = await site.send(`/authorize?${query.toString()}`)
  expect([answer.status, answer.headers.location]).toEqual([400, undefined])
})

test('what stands there twice is not read', async () => {
  const query = new URLSearchParams(queryOf(await registered(), 'x'))
  query.append('redirect_uri', 'https://evil.example/')
  expect((await site.send(`/authorize?${query.toString()}`)).status).toBe(400)
})

test('a program on this machine takes another port each time, and no other path', async () => {
  const { ask } = await begin({ redirect_uri: 'http://127.0.0.1:6600/callback' })
  expect((await signedBy(bob, ask)).port).toBe('6600')
})

test.each([
  ['in the clear elsewhere', ['http://evil.example/']],
  ['a script', ['javascript:alert(1)']],
  ['a scheme of its own', ['cursor://callback']],
  ['with a fragment', ['https://a.example/#x']],
  ['with letters that look like others', ['https://аpple.example/']],
  ['with a slash of another kind', ['https://a.example\\@evil.example/']],
  ['none', []],
  ['too many', Array.from({ length: 6 }, () => 'https://a.example/')],
  ['too long', [`https://a.example/${'x'.repeat(600)}`]],
])('a client is not registered with an address %s', async (_, redirects) => {
  const body = JSON.stringify({ redirect_uris: redirects })
  expect((await site.send('/register', { method: 'POST', body })).status).toBe(400)
})

test('an agent cannot say yes: neither without a session, nor with one and no passkey, nor by a grant', async () => {
  const { ask } = await begin()
  const input = mintInput(ask)
  expect((await site.open().call('grant-mint', input)).status).toBe(401)
  expect((await site.open().call('grant-ask', { ask })).status).toBe(401)
  expect((await bob.page.call('grant-mint', input)).status).toBe(400)
  const vic = await site.seat('vic', 'viewer')
  const asked = await vic.page.sign({ name: 'vic', key: vic.key }, 'grant-mint', input)
  expect(asked.status).toBe(403)
  // By a page of another origin (CSRF), whose browser brings the cookie.
  const forged = await bob.page.call('grant-mint', input, {
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  })
  expect(forged.status).toBe(403)
})

test('a yes to one is no yes to another: what was signed names who gets it', async () => {
  const [mine, theirs] = [
    await begin(),
    await begin({ redirect_uri: 'http://127.0.0.1:6666/callback' }),
  ]
  const { page, key } = bob
  const asked = await page.call('statement', {
    command: 'grant-mint',
    input: mintInput(mine.ask),
    approver: 'bob',
  })
  const assertion = key.get(textOf(asked.body['challenge']), { origin: site.origin })
  const given = { approver: 'bob', assertion: JSON.parse(JSON.stringify(assertion)) }
  const swapped = await page.call('grant-mint', { ...mintInput(theirs.ask), ...given })
  expect([swapped.status, swapped.text.includes('code=')]).toEqual([403, false])
  const { ask: _, ...bare } = mintInput(mine.ask)
  expect((await page.call('grant-mint', { ...bare, ...given })).status).toBe(403)
})

test.each<[string, JsonObject]>([
  ['all targets', { operations: ['read'], environments: ['staging'], expiresMs: 1000 }],
  ['one target more', { ...caveats, targets: ['shop', 'other'] }],
  ['another target', { ...caveats, targets: ['other'] }],
])('what was asked for one server is minted for that alone: not for %s', async (_, wider) => {
  const { ask } = await begin()
  const { page, name, key } = bob
  const answer = await page.sign({ name, key }, 'grant-mint', { ...mintInput(ask), caveats: wider })
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('asked for `shop`')])
})

test('a no is told to the client, and mints nothing', async () => {
  const before = await site.people.call('grant-list')
  const { ask } = await begin()
  const { body } = await bob.page.call('grant-ask-refuse', { ask })
  const back = new URL(textOf(body['back']))
  expect(Object.fromEntries(back.searchParams)).toEqual({
    error: 'access_denied',
    state: 'the-state',
    iss: site.origin,
  })
  expect(await site.people.call('grant-list')).toEqual(before)
})

test('an ask is over after a quarter of an hour, and one of a client’s own making is none', async () => {
  const { ask, id } = await begin()
  for (const odd of [id, `${ask}x`, 'x'])
    expect((await bob.page.call('grant-ask', { ask: odd })).status).toBe(400)
  site.pass(16 * 60_000)
  expect((await bob.page.call('grant-ask', { ask })).status).toBe(409)
})

test('there is no refresh, no other grant type, and no page of another host', async () => {
  expect((await form('/token', { grant_type: 'refresh_token' })).body).toEqual({
    error: 'unsupported_grant_type',
  })
  const json = await site.send('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(json.status).toBe(400)
  const named = await site.send('/authorize', { headers: { host: 'evil.example' } })
  expect(named.status).toBe(421)
  const framed = await site.send('/authorize')
  expect(framed.headers['x-frame-options']).toBe('DENY')
  expect(framed.headers['content-security-policy']).toContain("frame-ancestors 'none'")
})

const own = 'https://client.example/about.json'
const about = { client_id: own, client_name: 'Known', redirect_uris: [redirect] }

test('a client that is known by a document of its own: looked up for who is signed in, and signed for by that name', async () => {
  const begun = { ...(await begin({ client_id: own })), id: own }
  const { firebreak } = site.running
  const checked = await checkedAsk(firebreak, begun.ask, async () => await Promise.resolve(about))
  expect(checked.ask).toMatchObject({ name: 'Known', document: own, isChecked: true })
  const shown = await bob.page.call('grant-ask', { ask: checked.sealed })
  expect(shown.body).toMatchObject({ ask: checked.sealed, to: { name: 'Known', document: own } })
  const code = (await signedBy(bob, checked.sealed)).searchParams.get('code') ?? ''
  expect((await exchange(begun, code)).status).toBe(200)
})

test('before it is looked up nobody is sent there, with a yes or a no, and nobody but who is signed in has it looked up', async () => {
  const { ask } = await begin({ client_id: own, redirect_uri: 'https://evil.example/x' })
  const { page, name, key } = bob
  const yes = await page.sign({ name, key }, 'grant-mint', mintInput(ask))
  const no = await page.call('grant-ask-refuse', { ask })
  for (const answer of [yes, no])
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('nobody has looked'),
    ])
  expect((await site.open().call('grant-ask', { ask })).status).toBe(401)
  const { firebreak } = site.running
  const read = async (): Promise<JsonObject> => await Promise.resolve(about)
  await expect(checkedAsk(firebreak, ask, read)).rejects.toThrow('none that this client registered')
})
