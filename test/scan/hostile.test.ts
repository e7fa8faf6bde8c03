/** Platforms that mean ill: whatever they answer, nothing is written, nothing is led elsewhere, nothing of the secret comes back, and each credential has its answer. */
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reachOf } from '../../src/app/reach.ts'
import { Secret } from '../../src/base/secret.ts'
import { findIn } from '../../src/scan/find.ts'
import { merge } from '../../src/scan/merged.ts'
import { isLinkLocal, openAsk } from '../../src/scan/reach/ask.ts'
import { calledNames, providerOf } from '../../src/scan/reach/known.ts'
import type { Credential } from '../../src/scan/reach/provider.ts'
import type { Reach } from '../../src/scan/reach/reach.ts'
import { drawn, uuid } from './planted.ts'
import { startPlatforms } from './reach-server.ts'
import type { Platforms, Said } from './reach-server.ts'

let server: Platforms
beforeAll(async () => {
  server = await startPlatforms()
})
afterAll(async () => await server.close())

const rules: Readonly<Record<string, string>> = {
  aws: 'aws-secret-key',
  cloudflare: 'cloudflare-token',
  stripe: 'stripe-key',
  npm: 'npm-token',
}
const texts: Readonly<Record<string, string>> = {
  planetscale: `pscale_oauth_${drawn('planetscale', 40)}`,
  railway: uuid('hostile'),
  supabase: `sbp_${drawn('supabase', 40)}`,
}

function credentialOf(name: string): Credential {
  const secret = new Secret(texts[name] ?? drawn(`hostile ${name}`, 40))
  const id = new Secret(['AKIA', 'ABCDEFGH23456723'].join(''))
  return {
    rule: rules[name] ?? `${name}-token`,
    secret,
    within: name === 'npm' ? new Secret('//registry.example/:_authToken=x') : null,
    beside: name === 'aws' ? [{ rule: 'aws-access-key', secret: id }] : [],
  }
}

/** As `reachOf` does it: what a provider throws is no answer. */
async function reach(name: string, which = credentialOf(name)): Promise<Reach> {
  const provider = providerOf(name, which)
  if (provider === null) throw new Error(`${name} is not asked`)
  const limits = { callMs: 10_000, answerBytes: 300_000, calls: 60, allMs: 60_000 }
  const hosts = provider.hosts(which) ?? []
  const ask = openAsk({ hosts, hide: [which.secret], instead: server.url, ca: null, limits })
  try {
    return await provider.reach(which, ask)
  } catch {
    return { kind: 'silent', why: 'it threw' }
  }
}

const many = (value: unknown): unknown => ({
  projects: value,
  result: value,
  data: value,
  servers: value,
  volumes: value,
  images: value,
  droplets: value,
  databases: value,
  snapshots: value,
  backups: value,
  organizations: value,
  teams: value,
  repositories: value,
  token: value,
  user: value,
  account: value,
  policies: value,
  pagination: { cursor: value, next: value },
  links: { pages: { next: value } },
  meta: { pagination: { next_page: value } },
  workspaces: value,
  me: value,
  username: value,
})
const evil = 'https://evil.example/x'
const answers: readonly (readonly [string, Said])[] = [
  ['nothing', { body: null }],
  ['a number', { body: 7 }],
  ['a text', { body: 'yes' }],
  ['a list of lists', { body: [[[]], [null], [1]] }],
  ['members that are texts', { body: many('x') }],
  ['members that are numbers', { body: many(1e308) }],
  ['members that are lists of nothing', { body: many([null, 0, '', []]) }],
  [
    'ids that are paths',
    {
      body: many([
        { id: '../../v1/tokens?x=', ref: '/../', slug: 'a/../../b', name: '\u0000', DbId: {} },
      ]),
    },
  ],
  [
    'ids that are objects',
    { body: many([{ id: {}, name: [], full_name: null, permissions: 'all', backup_ids: {} }]) },
  ],
  [
    'pages that lead elsewhere',
    { body: many(evil), headers: { link: `<${evil}>; rel="next"`, 'next-range': evil } },
  ],
  [
    'a prototype',
    { text: '{"__proto__":{"isBlanket":true},"constructor":{"prototype":{"status":200}}}' },
  ],
  ['depth', { text: `${'['.repeat(100_000)}${']'.repeat(100_000)}` }],
  ['half of it', { text: '{"projects":[{"id":"a"},' }],
  ['very many', { body: many(Array.from({ length: 700 }, (_, id) => ({ id, name: `n${id}` }))) }],
]

test.each(
  calledNames().flatMap((name) => answers.map(([what, said]) => [name, what, said] as const)),
)(
  '%s answers %s: only reads were sent, to itself, and it is told or counts as everything',
  async (name, _, said) => {
    server.say({ '*': said })
    const which = credentialOf(name)
    const hosts = providerOf(name, which)?.hosts(which) ?? []
    const answer = await reach(name, which)
    expect(['told', 'silent', 'dead']).toContain(answer.kind)
    // By what its own words mean: nobody was refused here.
    expect(answer.kind === 'dead' ? answer.why : '').toBe('')
    for (const call of server.calls()) {
      const [method = '', address = ''] = call.split(' ')
      expect(hosts).toContain(address.split('/')[0])
      expect(method === 'GET' || ['railway', 'aws'].includes(name)).toBe(true)
      expect(address).not.toMatch(/evil|\.\.|\/tokens\?x=/)
    }
    for (const body of server.bodies().filter((text) => text !== '')) {
      if (name === 'railway') expect(JSON.parse(body).query).toMatch(/^\s*query\b/)
      if (name === 'railway')
        expect(JSON.parse(body).query).not.toMatch(/\b(?:mutation|subscription)\b/)
      if (name === 'aws')
        expect(new URLSearchParams(body).get('Action')).toMatch(
          /^(?:GetCallerIdentity|SimulatePrincipalPolicy)$/,
        )
      expect(body.includes(which.secret.reveal())).toBe(false)
    }
  },
)

const forms: readonly (readonly [string, (raw: string) => string])[] = [
  ['as it is', (raw) => raw],
  ['as an address writes it', encodeURIComponent],
  ['in base 64', (raw) => Buffer.from(raw).toString('base64')],
  ['in base 64 for addresses', (raw) => Buffer.from(raw).toString('base64url')],
  ['by the codes of its letters', (raw) => raw],
]
test.each(forms)(
  'a secret that comes back %s is not told, in a name, a header, a refusal',
  async (how, form) => {
    const raw = `p+/w=${drawn('echo', 40)}`
    const which: Credential = { rule: 'heroku-token', secret: new Secret(raw), beside: [] }
    const codes = (text: string): string =>
      how.startsWith('by the codes')
        ? text.replaceAll(
            form(raw),
            Array.from(raw)
              .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
              .join(''),
          )
        : text
    const echo = form(raw)
    for (const status of [200, 401, 403, 500]) {
      server.say({
        '*': {
          status,
          headers: how.startsWith('by the codes') ? {} : { 'retry-after': echo, 'x-said': echo },
          text: codes(
            JSON.stringify([{ id: `was ${echo}`, name: echo, addon_service: { name: echo } }]),
          ),
        },
        'api.heroku.com/account': {
          status,
          text: codes(JSON.stringify({ id: echo, email: echo, message: echo })),
        },
      })
      const said = JSON.stringify(await reach('heroku', which))
      for (const [, each] of forms) expect(said.includes(each(raw).replace(/=+$/, ''))).toBe(false)
    }
  },
)

test.each<[string, boolean]>([
  ['169.254.169.254', true],
  ['169.254.169.254:443', true],
  ['[::ffff:169.254.169.254]', true],
  ['::ffff:a9fe:a9fe', true],
  ['[fe80::1]:6443', true],
  ['fd00:ec2::254', true],
  ['metadata.google.internal', true],
  ['10.0.0.1:6443', false],
  ['169.25.4.1', false],
  ['metadata.example.com', false],
  ['db.shop.io', false],
])('%s is an address where nothing is asked: %j', (host, yes) =>
  expect(isLinkLocal(host)).toBe(yes),
)

test('files that lead to a cloud’s own address, to nobody, or to a server that tells lies: each has its answer, and no password was sent', async () => {
  const seen: string[] = []
  const listener = createServer((request, response) => {
    seen.push(JSON.stringify([request.method, request.url, request.headers]))
    response.end('{}')
  })
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const password = drawn('ssrf', 24)
  const at = [
    '169.254.169.254:80',
    '[::ffff:169.254.169.254]:5432',
    '[fd00:ec2::254]:80',
    `localhost:${port}`,
  ]
  const text = at
    .map((where, nth) => `URL_${nth}=postgres://u${nth}:${password}${nth}@${where}/d\n`)
    .join('')
  const { held } = await reachOf(merge(findIn(text, '.env')), {
    instead: new Map(),
    before: () => {},
    progress: () => {},
    place: () => '.env',
  })
  listener.closeAllConnections()
  await new Promise((resolve) => listener.close(resolve))
  expect(held.map(({ reach: { kind } }) => kind)).toEqual(held.map(() => 'silent'))
  expect(held.length).toBeGreaterThan(2)
  expect(seen.join().includes(password)).toBe(false)
  expect(JSON.stringify(held).includes(password)).toBe(false)
})
