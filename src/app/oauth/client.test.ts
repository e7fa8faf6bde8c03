import { expect, test } from 'vitest'
import { joined } from './client.ts'
import type { Outward } from './outward.ts'

const client = { id: 'known', secret: null }
const redirect = 'http://127.0.0.1:1/callback'

/** An issuer that says at one place what it is, and nothing elsewhere. */
function saying(place: string, said: object): { outward: Outward; asked: string[] } {
  const asked: string[] = []
  const fetch: Outward['fetch'] = async (url) => {
    asked.push(url)
    const answer =
      url === place
        ? new Response(JSON.stringify(said), { headers: { 'content-type': 'application/json' } })
        : new Response(null, { status: 404 })
    return await Promise.resolve(answer)
  }
  return {
    outward: { fetch, mayAsk: () => true, close: async () => await Promise.resolve() },
    asked,
  }
}

const facts = (issuer: string): object => ({
  issuer,
  authorization_endpoint: 'https://login.example/authorize',
  token_endpoint: 'https://login.example/token',
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
})

const inserted = 'https://login.example/.well-known/oauth-authorization-server/shop'
const openid = 'https://login.example/.well-known/openid-configuration/shop'
const behind = 'https://login.example/shop/.well-known/openid-configuration'

test.each([
  ['RFC 8414, the path put in', 'https://login.example/shop', [inserted]],
  ['OpenID Connect, the path put in', 'https://login.example/shop', [inserted, openid]],
  ['OpenID Connect, behind the path', 'https://login.example/shop', [inserted, openid, behind]],
  [
    'without a path there are two',
    'https://login.example',
    [
      'https://login.example/.well-known/oauth-authorization-server',
      'https://login.example/.well-known/openid-configuration',
    ],
  ],
  ['a slash at the end is none', 'https://login.example/shop/', [inserted, openid, behind]],
])('an issuer is looked for in the order of the specification: %s', async (_, issuer, places) => {
  const { outward, asked } = saying(places.at(-1) ?? '', facts(issuer))
  const found = await joined(outward, { issuer: new URL(issuer), client, redirect })
  expect(found.config.serverMetadata().token_endpoint).toBe('https://login.example/token')
  expect(asked).toEqual(places)
})

test.each([
  ['another issuer', facts('https://evil.example/shop'), 'of the issuer `https://evil.example'],
  ['the issuer without its path', facts('https://login.example'), 'of the issuer'],
  [
    'no S256',
    { ...facts('https://login.example/shop'), code_challenge_methods_supported: [] },
    'PKCE',
  ],
  ['no token endpoint', { issuer: 'https://login.example/shop' }, 'PKCE'],
])('who says there that it is %s is not believed', async (_, said, why) => {
  for (const place of [inserted, openid, behind]) {
    const { outward } = saying(place, said)
    const joining = { issuer: new URL('https://login.example/shop'), client, redirect }
    await expect(joined(outward, joining)).rejects.toThrow(why)
  }
})
