/** An MCP server that wants OAuth: a person logs in, the daemon keeps the token alive, and nobody else ever sees one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { openIssuer } from './issuer.ts'
import type { Bent, Issuer } from './issuer.ts'
import { connect, textIn } from './rig.ts'
import type { Client } from './rig.ts'

let issuer: Issuer
let rig: Rig
const redirect = 'http://127.0.0.1:47999/callback'
const said: string[] = []

async function open(
  bent: Bent = {},
  oauth: (issuer: string) => string = () => '{}',
): Promise<void> {
  issuer = await openIssuer(bent)
  const targets = `  shop:
    platform: mcp
    url: ${issuer.url}
    oauth: ${oauth(issuer.origin)}
  bare:
    platform: mcp
    url: ${issuer.url}`
  rig = await openRig('', { targets, log: (line) => said.push(line) })
}
beforeEach(() => {
  said.length = 0
})
afterEach(async () => {
  await rig.close()
  await issuer.close()
})

async function begin(): Promise<JsonObject> {
  const begun = await rig.people.call('custody-login-begin', { target: 'shop', redirect })
  return isObject(begun) ? begun : {}
}

async function logIn(): Promise<JsonObject> {
  const begun = await begin()
  const back = new URL(await issuer.agree(textOf(begun['url'])))
  return { target: 'shop', state: begun['state'] ?? null, search: back.search }
}

async function agent(): Promise<Client> {
  const grant = await rig.people.mint('agent:cursor', everything)
  return await connect(`${rig.running.url}/shop`, grant)
}

const renewals = (): Rig['running']['firebreak']['renewals'] => rig.running.firebreak.renewals

/** All that is written anywhere, and what the daemon has said. */
async function written(): Promise<string> {
  const files = ['state.db', 'state.db-wal'].map((name) => join(rig.config.state, name))
  const asked = ['custody-list', 'grant-list', 'doctor'].map(async (name) =>
    JSON.stringify(await rig.people.call(name, {})),
  )
  const alarms = JSON.stringify(await rig.people.call('alarm-list', { all: true }))
  const bytes = files.map((file) => readFileSync(file, 'latin1'))
  return [...bytes, ...(await Promise.all(asked)), alarms, ...said].join('\n')
}

test('a person logs in, calls go with the token, and it is nowhere to be read', async () => {
  await open()
  const came = await logIn()
  const done = await rig.people.callAs('custody-login', came)
  expect(done).toEqual({ target: 'shop', endsAt: expect.any(Number), renews: true })
  const page = new URL(textOf((await begin())['url']))
  expect(Object.fromEntries(page.searchParams)).toMatchObject({
    resource: issuer.url,
    code_challenge_method: 'S256',
    redirect_uri: redirect,
  })
  expect(issuer.asked[0]?.get('resource')).toBe(issuer.url)
  const client = await agent()
  expect(textIn(await client.call('list_volumes'))).toContain('vol-1')
  expect(await rig.people.call('ledger-verify', {})).toMatchObject({ ok: true, faults: [] })
  const all = await written()
  for (const { access, refresh } of issuer.given)
    for (const secret of [
      access,
      refresh ?? '',
      new URL(`x:${textOf(came['search'])}`).searchParams.get('code') ?? '',
    ])
      expect([secret.length > 20, all.includes(secret)]).toEqual([true, false])
})

test('it is renewed before it ends, and the old refresh token is not used twice', async () => {
  await open({ lives: 600 })
  await rig.people.callAs('custody-login', await logIn())
  await renewals().round()
  expect(issuer.given).toHaveLength(1)
  rig.pass(500_000)
  await Promise.all([renewals().round(), renewals().round()])
  expect(issuer.given).toHaveLength(2)
  expect(issuer.asked.at(-1)?.get('grant_type')).toBe('refresh_token')
  expect(issuer.asked.at(-1)?.get('resource')).toBe(issuer.url)
  const client = await agent()
  expect(textIn(await client.call('list_volumes'))).toContain('vol-1')
  rig.pass(500_000)
  await renewals().round()
  expect(issuer.given).toHaveLength(3)
})

test('a token that the server refuses is renewed once, and the call then goes', async () => {
  await open()
  await rig.people.callAs('custody-login', await logIn())
  issuer.revokeAccess()
  const client = await agent()
  expect(textIn(await client.call('list_volumes'))).toContain('vol-1')
  expect(issuer.given).toHaveLength(2)
  issuer.revokeAccess()
  const echoed = await client.post('{"jsonrpc":"2.0","id":9,"method":"ping"}')
  expect(echoed.headers.get('x-shown')).toMatch(/^Bearer \*+$/)
  expect(issuer.given).toHaveLength(3)
  expect(await written()).not.toContain(issuer.given[1]?.access)
})

test('what nobody renews any more is told once, is a finding, and no 401 of the server goes on', async () => {
  await open({ lives: 600 })
  await rig.people.callAs('custody-login', await logIn())
  await issuer.revokeAll()
  const grant = await rig.people.mint('agent:cursor', everything)
  const ask = async (): Promise<Response> =>
    await fetch(`${rig.running.url}/shop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant}`, 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    })
  for (const answer of [await ask(), await ask()]) {
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([502, null])
    expect(await answer.text()).toContain('nothing renews that')
  }
  rig.pass(500_000)
  await renewals().round()
  const alarms = await rig.people.call('alarm-list', { all: true })
  const dead = (Array.isArray(alarms) ? alarms.filter(isObject) : []).filter(
    ({ rule }) => rule === 'login-dead',
  )
  expect(dead).toMatchObject([
    { subject: 'shop', message: expect.stringContaining('`invalid_grant`') },
  ])
  expect(JSON.stringify(await rig.people.call('doctor', {}))).toContain('login-dead')
  expect(issuer.asked.filter((one) => one.get('grant_type') === 'refresh_token')).toHaveLength(1)
})

test('nobody is logged in without an approver’s word, and a wrong one spends nothing', async () => {
  await open()
  const came = await logIn()
  const wrong = { ...came, approver: 'ada', code: '000000' }
  await expect(rig.people.call('custody-login', wrong)).rejects.toThrow('code')
  expect(issuer.given).toHaveLength(0)
  await rig.people.callAs('custody-login', came)
  expect(issuer.given).toHaveLength(1)
  // Once.
  await expect(rig.people.callAs('custody-login', came)).rejects.toThrow('nobody has left')
})

test.each<[string, (search: URLSearchParams) => void, string]>([
  ['a code that was never given', (search) => search.set('code', 'x'), 'invalid_grant'],
  ['another issuer (a mix-up)', (search) => search.set('iss', 'https://evil.example'), 'iss'],
  ['no issuer, of one that names itself', (search) => search.delete('iss'), 'iss'],
  ['another state', (search) => search.set('state', 'x'), 'state'],
  ['a refusal', (search) => search.set('error', 'access_denied'), 'access_denied'],
])('%s gives no token', async (_, bend, why) => {
  await open()
  const came = await logIn()
  const search = new URLSearchParams(textOf(came['search']))
  bend(search)
  const bent = { ...came, search: `?${search.toString()}` }
  await expect(rig.people.callAs('custody-login', bent)).rejects.toThrow(why)
  expect(await rig.people.call('custody-list', {})).not.toContainEqual(
    expect.objectContaining({ target: 'shop' }),
  )
})

test.each<[string, Bent, string]>([
  [
    'a server that points at another resource',
    { resource: 'https://evil.example/mcp' },
    'is about',
  ],
  ['one whose resource is beside it', { resource: 'http://127.0.0.1:1/mcp' }, 'is about'],
  ['an issuer in the clear elsewhere', { issuer: 'http://evil.example' }, 'not https'],
  ['an issuer that knows no S256', { pkce: ['plain'] }, 'PKCE'],
])('%s is not logged in to', async (_, bent, why) => {
  await open(bent)
  await expect(begin()).rejects.toThrow(why)
})

test.each([
  ['railway', 'takes no token that one logs in for'],
  ['bare', 'takes no token that one logs in for'],
  ['nothing', 'no target'],
])('`%s` is nothing to log in to', async (target, why) => {
  await open()
  await expect(rig.people.call('custody-login-begin', { target, redirect })).rejects.toThrow(why)
})

test.each([
  'https://evil.example/callback',
  'http://127.0.0.1:1/other',
  'http://127.0.0.1:1/callback?x',
])('nothing leads back to %s', async (elsewhere) => {
  await open()
  const wish = { target: 'shop', redirect: elsewhere }
  await expect(rig.people.call('custody-login-begin', wish)).rejects.toThrow('redirect')
})

test('a client of the config is used as it is, with its secret out of custody, and no other is registered', async () => {
  const registration = { client_id: 'given', client_secret: 'the-secret-of-the-client' }
  await open(
    { client: { ...registration, redirect_uris: [redirect] }, lives: 600 },
    (at) => `{ issuer: "${at}", client: given, credential: shop-client, scopes: [shop] }`,
  )
  await rig.people.callAs('custody-add', {
    target: 'shop-client',
    secret: registration.client_secret,
  })
  const came = await logIn()
  await rig.people.callAs('custody-login', came)
  rig.pass(500_000)
  await renewals().round()
  expect(issuer.given).toHaveLength(2)
  for (const one of issuer.asked)
    expect([one.get('client_id'), one.get('client_secret')]).toEqual([
      'given',
      registration.client_secret,
    ])
  expect(await written()).not.toContain(registration.client_secret)
})

test('an issuer that does not answer is asked again, and people are told once when the token has ended', async () => {
  await open({ lives: 600 })
  await rig.people.callAs('custody-login', await logIn())
  const late = async (): Promise<number> => {
    const alarms = await rig.people.call('alarm-list', { all: true })
    return (JSON.stringify(alarms).match(/"login-late"/g) ?? []).length
  }
  issuer.silent(true)
  rig.pass(500_000)
  await renewals().round()
  expect(await late()).toBe(0)
  rig.pass(200_000)
  await renewals().round()
  await renewals().round()
  expect(await late()).toBe(1)
  issuer.silent(false)
  await renewals().round()
  expect(issuer.given).toHaveLength(2)
})

test('what a person has put in its place meanwhile stays, and is not renewed', async () => {
  await open({ lives: 600 })
  await rig.people.callAs('custody-login', await logIn())
  await rig.people.callAs('custody-add', { target: 'shop', secret: 'a-token-that-was-typed' })
  rig.pass(500_000)
  await renewals().round()
  expect(issuer.given).toHaveLength(1)
  const client = await agent().catch(() => null)
  expect(client).not.toBeNull()
  expect(issuer.refused.at(-1)).toBe('a-token-that-was-typed')
})

test('under a config that nobody has accepted nothing is renewed and nobody logs in', async () => {
  await open({ lives: 600 })
  await rig.people.callAs('custody-login', await logIn())
  const file = join(rig.dir, 'home', 'firebreak.yaml')
  await rig.restart(() =>
    writeFileSync(file, `${readFileSync(file, 'utf8')}limits: { hold: 5h }\n`),
  )
  rig.pass(500_000)
  await renewals().round()
  expect(issuer.given).toHaveLength(1)
  await expect(begin()).rejects.toThrow('accepted the config')
})
