/** The protocol's own client, which knows nothing but the address of a server: it finds the console, registers, is sent to a person, and works with what they signed. */
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import type {
  OAuthClientProvider,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import { openSite } from '../console/site.ts'
import type { Seat, Site } from '../console/site.ts'
import { openReference } from './reference/server.ts'
import type { Listening } from './reference/web.ts'

let reference: Listening
let site: Site
let bob: Seat
beforeAll(async () => {
  reference = await openReference()
  const targets = `  shop:
    platform: mcp
    url: ${reference.url}
    tools: { test_simple_text: read, test_error_handling: write }
    environments:
      staging: { id: stage-1, protected: false }`
  site = await openSite('limits:\n  burst: { count: 1000, window: 1m }\n', { targets })
  bob = await site.seat('bob')
}, 60_000)
afterAll(async () => {
  await site.close()
  await reference.close()
})

interface Kept {
  readonly provider: OAuthClientProvider
  /** Where a browser was sent, and what was kept. */
  readonly pages: URL[]
  tokens: StoredOAuthTokens | undefined
}

/** What a program of its own keeps for OAuth. */
function keeping(): Kept {
  let known: StoredOAuthClientInformation | undefined
  let verifier = ''
  const kept: Kept = {
    pages: [],
    tokens: undefined,
    provider: {
      redirectUrl: 'http://127.0.0.1:5500/callback',
      clientMetadata: {
        client_name: 'The SDK',
        redirect_uris: ['http://127.0.0.1:5500/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      },
      state: () => 'its-own-state',
      clientInformation: () => known,
      saveClientInformation: (told) => {
        known = told
      },
      tokens: () => kept.tokens,
      saveTokens: (told) => {
        kept.tokens = told
      },
      redirectToAuthorization: (page) => void kept.pages.push(page),
      saveCodeVerifier: (told) => {
        verifier = told
      },
      codeVerifier: () => verifier,
    },
  }
  return kept
}

/** A person who looks at the page, and signs for reads. */
async function signed(page: URL): Promise<URL> {
  const led = await fetch(page, { redirect: 'manual' })
  const ask = (led.headers.get('location') ?? '').split('/#/ask/')[1] ?? ''
  const caveats = {
    operations: ['read'],
    environments: ['staging'],
    targets: ['shop'],
    expiresMs: 3_600_000,
  }
  const input = { principal: 'agent:sdk', note: '', caveats, ask }
  const { body } = await bob.page.sign({ name: bob.name, key: bob.key }, 'grant-mint', input)
  return new URL(textOf(body['back']))
}

test.each([
  ['2025-11-25', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const)(
  '%s: from the address alone to a call, and no further than was signed',
  async (_, mode) => {
    const kept = keeping()
    const url = new URL(`${site.running.url}/shop`)
    const transport = (): StreamableHTTPClientTransport =>
      new StreamableHTTPClientTransport(url, { authProvider: kept.provider })
    const client = (): Client =>
      new Client({ name: 'sdk', version: '1' }, { versionNegotiation: { mode } })

    const first = transport()
    await expect(client().connect(first)).rejects.toThrow(UnauthorizedError)
    const [page] = kept.pages
    if (page === undefined) throw new Error('no page was opened')
    expect(page.origin).toBe(site.origin)
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      resource: url.href,
      code_challenge_method: 'S256',
      state: 'its-own-state',
    })
    const back = await signed(page)
    await first.finishAuth(back.searchParams)
    expect(kept.tokens).toMatchObject({ access_token: expect.stringMatching(/^fbk_/) })

    const allowed = client()
    await allowed.connect(transport())
    const { tools } = await allowed.listTools()
    expect(tools.map(({ name }) => name)).toContain('test_simple_text')
    expect(tools.map(({ name }) => name)).not.toContain('test_error_handling')
    expect(await allowed.callTool({ name: 'test_simple_text' })).toMatchObject({
      content: [{ text: 'This is a simple text response for testing.' }],
    })
    const wider = await allowed.callTool({ name: 'test_error_handling' })
    expect(wider).toMatchObject({ isError: true })
    expect(JSON.stringify(wider)).toContain('scope')
    await allowed.close()
    expect(kept.pages).toHaveLength(1)
  },
)

test('a grant that was taken back sends it to a person again, and to nobody else', async () => {
  const kept = keeping()
  const url = new URL(`${site.running.url}/shop`)
  const first = new StreamableHTTPClientTransport(url, { authProvider: kept.provider })
  await expect(new Client({ name: 'sdk', version: '1' }).connect(first)).rejects.toThrow(
    UnauthorizedError,
  )
  await first.finishAuth((await signed(kept.pages[0] ?? url)).searchParams)
  const grants = await site.people.call('grant-list')
  const last = Array.isArray(grants) ? grants.filter(isObject).at(-1) : undefined
  await site.people.call('grant-revoke', { id: textOf(last?.['id']) })
  const again = new StreamableHTTPClientTransport(url, { authProvider: kept.provider })
  await expect(new Client({ name: 'sdk', version: '1' }).connect(again)).rejects.toThrow(
    UnauthorizedError,
  )
  expect(kept.pages).toHaveLength(2)
  expect(kept.pages[1]?.origin).toBe(site.origin)
})
