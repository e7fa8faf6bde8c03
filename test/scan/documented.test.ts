/** Each platform as its own documentation says that it answers: ids, forms and words are those of its examples, named in each row. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/base/secret.ts'
import { findIn } from '../../src/scan/find.ts'
import { merge } from '../../src/scan/merged.ts'
import { openAsk } from '../../src/scan/reach/ask.ts'
import { providerOf } from '../../src/scan/reach/known.ts'
import type { Credential } from '../../src/scan/reach/provider.ts'
import type { Reach } from '../../src/scan/reach/reach.ts'
import { drawn } from './planted.ts'
import { startPlatforms } from './reach-server.ts'
import type { Platforms, Said, Script } from './reach-server.ts'

let server: Platforms
beforeAll(async () => {
  server = await startPlatforms()
})
afterAll(async () => await server.close())

async function reach(
  name: string,
  text: string,
  rule = `${name}-token`,
  within: Secret | null = null,
): Promise<Reach> {
  const which: Credential = { rule, secret: new Secret(text), within, beside: [] }
  const provider = providerOf(name, which)
  if (provider === null) throw new Error(`${name} is not asked`)
  const limits = { callMs: 10_000, answerBytes: 100_000, calls: 40, allMs: 60_000 }
  const hosts = provider.hosts(which) ?? []
  const ask = openAsk({ hosts, hide: [which.secret], instead: server.url, ca: null, limits })
  return await provider.reach(which, ask)
}

const says = (host: string, paths: Readonly<Record<string, unknown>>): Script =>
  Object.fromEntries(
    Object.entries(paths).map(([path, body]): [string, Said] => [`${host}${path}`, { body }]),
  )
const namesIn = (answer: Reach): readonly string[] =>
  answer.kind === 'told' ? answer.things.map(({ id }) => id) : []

/** `@neondatabase/api-client` 2.7.3, listProjects: the first project is of no organization. */
const shiny = { id: 'shiny-wind-028834', name: 'shiny-wind-028834', owner_id: '1232111' }
const winter = {
  id: 'winter-boat-259881',
  name: 'winter-boat-259881',
  owner_id: '1232111',
  org_id: 'org-morning-bread-81040908',
  history_retention_seconds: 604_800,
}
const neonPath = '/api/v2/projects?limit=400&org_id=org-morning-bread-81040908'

test('neon: a person’s key lists by organization and page by page, and snapshots are copies in the project', async () => {
  server.say(
    says('console.neon.tech', {
      '/api/v2/auth': {
        account_id: '629982cc-de05-43db-ae16-28f2399c4910',
        auth_method: 'api_key_user',
      },
      '/api/v2/users/me/organizations': { organizations: [{ id: 'org-morning-bread-81040908' }] },
      [neonPath]: { projects: [shiny], pagination: { cursor: '2022-12-07T00:45:05.262011Z' } },
      [`${neonPath}&cursor=2022-12-07T00%3A45%3A05.262011Z`]: {
        projects: [winter],
        pagination: { cursor: 'last' },
      },
      [`${neonPath}&cursor=last`]: { projects: [], pagination: { cursor: 'last' } },
      '/api/v2/projects/shiny-wind-028834/snapshots': {
        snapshots: [{ id: 'snap-a', name: 'daily', created_at: '2026-11-01T00:00:00Z' }],
      },
      '/api/v2/projects/winter-boat-259881/snapshots': { snapshots: [] },
    }),
  )
  const answer = await reach('neon', `napi_${drawn('neon', 60)}`, 'neon-key')
  expect(answer).toMatchObject({
    account: 'neon 629982cc-de05-43db-ae16-28f2399c4910',
    unknown: [],
    copies: [{ id: 'history/winter-boat-259881' }, { id: 'snapshot/snap-a', lies: 'inside' }],
  })
  expect(namesIn(answer)).toEqual(['project/shiny-wind-028834', 'project/winter-boat-259881'])
})

/** `@vercel/sdk` 1.28.35: AuthToken.scopes, Pagination; `/v5/user/tokens/current`. */
test.each<[string, readonly object[], string, readonly string[]]>([
  [
    'of a user, with all teams',
    [{ type: 'user', createdAt: 1 }],
    'user jsmith',
    ['project/prj_own', 'project/prj_team', 'project/prj_more'],
  ],
  [
    'of one team',
    [{ type: 'team', teamId: 'team_1', createdAt: 1 }],
    'team team_1',
    ['project/prj_team', 'project/prj_more'],
  ],
])('vercel: a token %s', async (_, scopes, who, ids) => {
  server.say(
    says('api.vercel.com', {
      '/v2/user': {
        user: { id: 'AEIIDYVk59zbFF2Sxfyxxmua', username: 'jsmith', defaultTeamId: null },
      },
      '/v5/user/tokens/current': {
        token: { id: 't', name: 'ci', createdAt: 1, activeAt: 1, scopes },
      },
      '/v2/teams': { teams: [{ id: 'team_1' }], pagination: { count: 1, next: null, prev: null } },
      '/v10/projects?limit=100': {
        projects: [{ id: 'prj_own', name: 'own' }],
        pagination: { count: 1, next: null, prev: null },
      },
      '/v10/projects?limit=100&teamId=team_1': {
        projects: [{ id: 'prj_team', name: 'team' }],
        pagination: { count: 1, next: 1_540_095_775_951, prev: null },
      },
      '/v10/projects?limit=100&teamId=team_1&from=1540095775951': {
        projects: [{ id: 'prj_more', name: 'more' }],
        pagination: { count: 1, next: null, prev: 1_540_095_775_951 },
      },
    }),
  )
  const answer = await reach('vercel', drawn('vercel', 24))
  expect(answer).toMatchObject({ who })
  expect(namesIn(answer)).toEqual(ids)
})

const token = 'ed17574386854bf78a67040be0a770b0'
const account = '023e105f4ecef8ad9ca31a8372d0c353'
/** https://developers.cloudflare.com/api/resources/accounts/subresources/tokens: ids of its examples. */
const policies = {
  result: {
    id: token,
    policies: [
      {
        id: 'f267e341f3dd4697bd3b9f71dd96247f',
        effect: 'allow',
        permission_groups: [
          { id: 'c8fed203ed3043cba015a93ad1616f1f', name: 'Zone Read' },
          { id: '82e64a83756745bbbb1c9c2701bf816b', name: 'D1 Write' },
        ],
        resources: { [`com.cloudflare.api.account.${account}`]: '*' },
      },
    ],
  },
}

test.each<[string, string, string]>([
  ['an account’s own', `cfat_${drawn('account', 40)}`, `/accounts/${account}`],
  ['a user’s', drawn('user', 40), '/user'],
])(
  'cloudflare: %s token is verified where it belongs, and both tell one account',
  async (_, text, owner) => {
    server.say(
      says('api.cloudflare.com', {
        '/client/v4/accounts': { success: true, result: [{ id: account, name: 'kestrel' }] },
        [`/client/v4${owner}/tokens/verify`]: {
          success: true,
          result: { id: token, status: 'active', expires_on: '2030-01-01T00:00:00Z' },
        },
        [`/client/v4${owner}/tokens/${token}`]: policies,
        '/client/v4/zones?per_page=50': {
          result: [{ id: '1'.repeat(32), name: 'a.example' }],
          result_info: { page: 1, per_page: 50, count: 1, total_count: 2, total_pages: 2 },
        },
        '/client/v4/zones?per_page=50&page=2': {
          result: [{ id: '2'.repeat(32), name: 'b.example' }],
          result_info: { page: 2, per_page: 50, count: 1, total_count: 2, total_pages: 2 },
        },
      }),
    )
    const answer = await reach('cloudflare', text)
    expect(answer).toMatchObject({ account: `cloudflare ${account}`, unknown: [] })
    expect(namesIn(answer)).toEqual([
      `zone/${'1'.repeat(32)}`,
      `zone/${'2'.repeat(32)}`,
      'store/D1 Write',
    ])
  },
)

/** `@octokit/openapi-types` 29.0.1; the header is of https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api. */
test('github: all that it may push to, by each affiliation and page', async () => {
  const link =
    '<https://api.github.com/user/repos?per_page=100&page=2>; rel="next", <https://api.github.com/user/repos?per_page=100&page=2>; rel="last"'
  const scopes = { 'x-oauth-scopes': 'repo, user' }
  server.say({
    'api.github.com/user': { body: { login: 'octocat', id: 1 }, headers: scopes },
    'api.github.com/user/repos?per_page=100': {
      headers: { link },
      body: [
        {
          id: 1_296_269,
          full_name: 'octocat/Hello-World',
          permissions: { admin: false, push: true },
        },
      ],
    },
    'api.github.com/user/repos?per_page=100&page=2': {
      body: [{ id: 2, full_name: 'octocat/own', permissions: { admin: true, push: true } }],
    },
  })
  const answer = await reach('github', `ghp_${drawn('github', 36)}`)
  expect(answer).toMatchObject({ account: 'github 1', unknown: [] })
  const powers = answer.kind === 'told' ? answer.powers : []
  expect(powers.find(({ operation }) => operation.startsWith('push'))?.on).toEqual([
    'repository/1296269',
    'repository/2',
  ])
})

test('github: an installed app’s token lists its repositories', async () => {
  server.say(
    says('api.github.com', {
      '/installation/repositories': {
        total_count: 1,
        repositories: [{ id: 1_296_269, full_name: 'octocat/Hello-World' }],
      },
    }),
  )
  expect(namesIn(await reach('github', `ghs_${drawn('app', 36)}`))).toEqual(['repository/1296269'])
})

/** github.com/digitalocean/openapi at 4b3f943: models/account.yml, shared/pages. */
test('digitalocean: what is a team’s is the team’s, and pages are followed', async () => {
  server.say(
    says('api.digitalocean.com', {
      '/v2/account': {
        account: {
          uuid: 'b6fr89dbf6d9156cace5f3c78dc9851d957381ef',
          email: 'sammy@digitalocean.com',
          team: { uuid: '5df3e3004a17e242b7c20ca6c9fc25b701a47ece', name: 'My Team' },
        },
      },
      '/v2/droplets?per_page=200': {
        droplets: [{ id: 3_164_444, name: 'example.com', backup_ids: [53_893_572] }],
        links: { pages: { next: 'https://api.digitalocean.com/v2/droplets?page=2&per_page=200' } },
      },
      '/v2/droplets?page=2&per_page=200': {
        droplets: [{ id: 2, name: 'two', backup_ids: [] }],
        links: {},
      },
      '/v2/volumes': { volumes: [], links: {} },
      '/v2/databases': { databases: [] },
      '/v2/snapshots': { snapshots: [], links: {} },
    }),
  )
  const answer = await reach('digitalocean', `dop_v1_${drawn('ocean', 64)}`)
  expect(answer).toMatchObject({ account: 'digitalocean 5df3e3004a17e242b7c20ca6c9fc25b701a47ece' })
  expect(namesIn(answer)).toEqual(['droplet/3164444', 'droplet/2'])
})

/** hcloud-go schema/image.go and schema/meta.go. */
test('hetzner: a backup is bound to its server, a snapshot was made from one; pages are followed', async () => {
  const end = { pagination: { page: 1, per_page: 50, next_page: null } }
  server.say(
    says('api.hetzner.cloud', {
      '/v1/servers?per_page=50': {
        servers: [{ id: 42, name: 'my-resource' }],
        meta: { pagination: { page: 1, next_page: 2 } },
      },
      '/v1/servers?per_page=50&page=2': { servers: [{ id: 43, name: 'two' }], meta: end },
      '/v1/volumes': { volumes: [], meta: end },
      '/v1/images': {
        images: [
          {
            id: 5,
            type: 'backup',
            description: 'daily',
            bound_to: 42,
            created_from: { id: 42, name: 's' },
          },
          {
            id: 6,
            type: 'snapshot',
            description: 'by hand',
            bound_to: null,
            created_from: { id: 43, name: 's' },
          },
        ],
        meta: end,
      },
    }),
  )
  const answer = await reach('hetzner', drawn('hetzner', 64))
  expect(namesIn(answer)).toEqual(['server/42', 'server/43'])
  expect(answer).toMatchObject({
    copies: [
      { of: 'server/42', lies: 'inside' },
      { of: 'server/43', lies: 'account' },
    ],
  })
})

const ref = 'abcdefghijklmnopqrst'
test('supabase: an organization by its slug, finished backups and the continuous one', async () => {
  server.say(
    says('api.supabase.com', {
      '/v1/projects': [
        { id: ref, ref, organization_id: 'old', organization_slug: 'kestrel', name: 'shop' },
      ],
      [`/v1/projects/${ref}/database/backups`]: {
        region: 'eu-west-1',
        walg_enabled: true,
        pitr_enabled: true,
        backups: [
          { id: 1, is_physical_backup: true, status: 'COMPLETED', inserted_at: '2026-11-26' },
          { id: 2, is_physical_backup: true, status: 'FAILED', inserted_at: '2026-11-27' },
        ],
        physical_backup_data: {},
      },
    }),
  )
  expect(await reach('supabase', `sbp_${drawn('supabase', 40)}`)).toMatchObject({
    account: 'supabase kestrel',
    copies: [{ id: `backup/${ref}/0` }, { id: `backup/${ref}/pitr` }],
  })
})

/** https://docs.x.ai/developers/rest-api-reference: the example of `GET /v1/api-key`. */
const grok = {
  redacted_api_key: 'xai-...b14o',
  user_id: '59fbe5f2-040b-46d5-8325-868bb8f23eb2',
  team_id: '5ea6f6bd-7815-4b8a-9135-28b2d7ba6722',
  acls: ['api-key:model:*', 'api-key:endpoint:*'],
  team_blocked: false,
  api_key_blocked: false,
  api_key_disabled: false,
}
test.each<[string, string, Said, object]>([
  ['xai', '/v1/api-key', { body: grok }, { kind: 'told', account: `xai ${grok.team_id}` }],
  ['xai', '/v1/api-key', { body: { ...grok, api_key_disabled: true } }, { kind: 'dead' }],
  [
    'xai',
    '/v1/api-key',
    { status: 400, body: { error: 'Incorrect API key provided' } },
    { kind: 'dead' },
  ],
  ['xai', '/v1/api-key', { status: 400, body: { error: 'bad header' } }, { kind: 'silent' }],
  [
    'openrouter',
    '/api/v1/key',
    {
      body: {
        data: {
          label: 'sk-or-v1-0e6...1c96',
          is_management_key: true,
          creator_user_id: 'user_1',
          workspace_id: null,
        },
      },
    },
    { account: 'openrouter user_1', powers: [{ does: 'mints' }, {}, {}] },
  ],
])('%s%s', async (name, path, said, answer) => {
  const host = name === 'xai' ? 'api.x.ai' : 'openrouter.ai'
  server.say({ [`${host}${path}`]: said })
  expect(await reach(name, drawn(name, 60), `${name}-key`)).toMatchObject(answer)
})

test('openai: files page by page, by the last id; anthropic by a page’s word, and a header tells the organization', async () => {
  server.say({
    ...says('api.openai.com', {
      '/v1/models': { object: 'list', data: [] },
      '/v1/files?limit=500': {
        object: 'list',
        data: [{ id: 'file-abc123', filename: 'salesOverview.pdf' }],
        has_more: true,
      },
      '/v1/files?limit=500&after=file-abc123': {
        object: 'list',
        data: [{ id: 'file-abc456', filename: 'puppy.jsonl' }],
        has_more: false,
      },
    }),
    ...says('api.anthropic.com', {
      '/v1/files?limit=500': { data: [{ id: 'file_1', filename: 'a.pdf' }], next_page: 'p2' },
      '/v1/files?limit=500&page=p2': {
        data: [{ id: 'file_2', filename: 'b.pdf' }],
        next_page: null,
      },
    }),
    'api.anthropic.com/v1/models': {
      headers: { 'anthropic-organization-id': 'org_018EeWyXxfu5pfWkrYcMdjWG' },
      body: { data: [] },
    },
  })
  expect(namesIn(await reach('openai', `sk-proj-${drawn('o', 60)}`, 'openai-key'))).toEqual([
    'file/file-abc123',
    'file/file-abc456',
  ])
  const anthropic = await reach('anthropic', `sk-ant-api03-${drawn('a', 80)}`, 'anthropic-key')
  expect(anthropic).toMatchObject({ account: 'anthropic org_018EeWyXxfu5pfWkrYcMdjWG' })
  expect(namesIn(anthropic)).toEqual(['file/file_1', 'file/file_2'])
})

/** devcenter.heroku.com/articles/platform-api-reference: ids and `Next-Range` are of its own examples. */
test('heroku: a part of a list is read on by its range', async () => {
  const addon = (id: string, name: string): object => ({
    id,
    name,
    addon_service: { name: 'heroku-postgresql' },
  })
  const range = ']01234567-89ab-cdef-0123-456789abcdef..; max=200'
  server.say({
    'api.heroku.com/account': {
      body: { id: '01234567-89ab-cdef-0123-456789abcdef', email: 'username@example.com' },
    },
    'api.heroku.com/addons': {
      status: 206,
      headers: { 'next-range': range },
      body: [addon('01234567-89ab-cdef-0123-456789abcdef', 'acme-inc-primary-database')],
      by: { range: { [range]: { body: [addon('2', 'second')] } } },
    },
    'api.heroku.com/apps': { body: [{ id: '3', name: 'example' }] },
  })
  const answer = await reach('heroku', `HRKU-${drawn('heroku', 60)}`)
  expect(namesIn(answer)).toEqual([
    'addon/01234567-89ab-cdef-0123-456789abcdef',
    'addon/2',
    'app/3',
  ])
})

/** render-oss/sdk, and a recorded answer of `GET /v1/services`. */
test('render: each row has its own cursor', async () => {
  const rows = (many: number, within: string): readonly object[] =>
    Array.from({ length: many }, (_, at) => ({
      cursor: `c${at}`,
      [within]: { id: `${within}-${at}`, name: 'n' },
    }))
  server.say(
    says('api.render.com', {
      '/v1/users': { email: 'name@example.com', name: 'Name' },
      '/v1/postgres?limit=100': rows(100, 'postgres'),
      '/v1/postgres?limit=100&cursor=c99': [
        { cursor: 'z', postgres: { id: 'dpg-z', name: 'last' } },
      ],
      '/v1/key-value': [],
      '/v1/disks': [],
      '/v1/services': [
        { cursor: 'a', service: { id: 'srv-cu3a559u0jms73dmnu20', name: 'ToDoListReact' } },
      ],
    }),
  )
  const answer = await reach('render', `rnd_${drawn('render', 30)}`, 'render-key')
  expect(answer).toMatchObject({ unknown: [], account: 'render name@example.com' })
  expect(namesIn(answer)).toHaveLength(102)
  expect(namesIn(answer)).toEqual(
    expect.arrayContaining(['postgres/dpg-z', 'service/srv-cu3a559u0jms73dmnu20']),
  )
})

test('turso: databases by their own ids, in each organization', async () => {
  server.say(
    says('api.turso.tech', {
      '/v1/organizations': [{ name: 'personal', slug: 'iku', type: 'personal' }],
      '/v1/organizations/iku/databases': {
        databases: [
          {
            Name: 'my-db',
            DbId: '0eb771dd-6906-11ee-8553-eaa7715aeaf2',
            Hostname: 'my-db-iku.turso.io',
          },
        ],
      },
    }),
  )
  const answer = await reach('turso', drawn('turso', 60), 'turso-cli')
  expect(answer).toMatchObject({ account: 'turso iku', unknown: [] })
  expect(namesIn(answer)).toEqual(['database/0eb771dd-6906-11ee-8553-eaa7715aeaf2'])
})

/** The paths and forms of npm's own client, 11.19.1. */
test.each<[string, string, string | null]>([
  ['a registry', '//registry.example/:_authToken=', 'registry.example'],
  [
    'one under a path and a port',
    '//Packages.example:8443/api/npm/:_authToken=',
    'packages.example:8443',
  ],
  ['a way up', '//registry.example/../:_authToken=', null],
  ['no host', '_authToken=', null],
])('npm: a line that names %s', (_, before, host) => {
  const token = `npm_${drawn('npm', 36)}`
  const [finding] = merge([
    ...findIn(`NPM_TOKEN=${token}\n`, '.env'),
    ...findIn(`${before}${token}\n`, '.npmrc', { source: 'home' }),
  ])
  if (finding === undefined) throw new Error('nothing was found')
  const { rule, found } = finding
  const which = { rule, secret: found.secret, within: found.within, beside: [] }
  expect(providerOf('npm', which)?.hosts(which) ?? null).toEqual(host === null ? null : [host])
})

test('npm: whose token it is, and what that account may write', async () => {
  server.say(
    says('registry.example', {
      '/npm/-/whoami': { username: 'robin' },
      '/npm/-/user/robin/package': { '@kestrel/shop': 'write', lodash: 'read' },
    }),
  )
  const token = `npm_${drawn('npm', 36)}`
  const [found] = findIn(`//registry.example/npm/:_authToken=${token}\n`, '.npmrc')
  const answer = await reach('npm', token, 'npm-token', found?.within ?? null)
  expect(answer).toMatchObject({
    who: 'user robin at registry.example',
    things: [{ name: '@kestrel/shop', holds: 'rest' }],
    unknown: [expect.stringContaining('the registry does not say')],
  })
})

/** The example of https://planetscale.com/docs/api/reference/oauth/token-info. */
const scaleInfo = {
  active: true,
  scope: 'read_user read_databases',
  client_id: 'pscale_app_abc123',
  token_type: 'Bearer',
  sub: 'user_xyz789',
}
test.each<[string, object, object]>([
  [
    'which reads',
    scaleInfo,
    {
      account: 'planetscale user_xyz789',
      unknown: [],
      powers: [{ does: 'reads' }, { does: 'reads' }],
    },
  ],
  [
    'which deletes',
    { ...scaleInfo, scope: 'delete_databases' },
    { powers: [{ does: 'destroys', on: 'all' }] },
  ],
  ['which is over', { ...scaleInfo, active: false }, { kind: 'dead' }],
])('planetscale: a login %s', async (_, info, answer) => {
  server.say({
    ...says('auth.planetscale.com', { '/oauth/token/info': info }),
    ...says('api.planetscale.com', {
      '/v1/organizations': { type: 'list', next_page: null, data: [{ id: 'o', name: 'kestrel' }] },
      '/v1/organizations/kestrel/databases?per_page=100': {
        next_page: 2,
        data: [{ id: 'd1', name: 'shop' }],
      },
      '/v1/organizations/kestrel/databases?per_page=100&page=2': {
        next_page: null,
        data: [{ id: 'd2', name: 'toys' }],
      },
    }),
  })
  const told = await reach('planetscale', `pscale_oauth_${drawn('scale', 40)}`)
  expect(told).toMatchObject(answer)
  if (told.kind === 'told') expect(namesIn(told)).toEqual(['database/d1', 'database/d2'])
})

test('netlify: sites, and what they keep is told as unknown', async () => {
  server.say(
    says('api.netlify.com', {
      '/api/v1/user': { id: 'u', email: 'a@b.io' },
      '/api/v1/sites': [{ id: 's', name: 'web' }],
    }),
  )
  expect(await reach('netlify', `nfp_${drawn('n', 40)}`)).toMatchObject({
    things: [{ id: 'site/s', holds: 'rest' }],
    unknown: [expect.stringContaining('what its sites keep')],
  })
})

const next = (url: string): Said => ({
  headers: { link: `<${url}>; rel="next"` },
  body: [{ id: 1 }],
})
test.each<[string, Said, string]>([
  ['another host', next('https://evil.example/user/repos?page=2'), 'more than 1'],
  ['another list of its own', next('https://api.github.com/user/emails?page=2'), 'more than 1'],
  ['itself', next('https://api.github.com/user/repos?per_page=100'), 'more than 1'],
  ['no address', next('https://%%'), 'more than 1'],
])(
  'a next page that leads to %s is not asked, and what is behind it is told as unknown',
  async (_, said, left) => {
    server.say({
      'api.github.com/user': { body: { login: 'o' }, headers: { 'x-oauth-scopes': '' } },
      'api.github.com/user/repos': said,
    })
    expect(await reach('github', `ghp_${drawn('g', 36)}`)).toMatchObject({
      unknown: [`/user/repos: ${left}`],
    })
    expect(server.calls().filter((call) => /emails|evil/.test(call))).toEqual([])
  },
)

test('pages without end: the budget of calls ends them, and the rest is unknown', async () => {
  let at = 0
  const pages = Object.fromEntries(
    Array.from({ length: 60 }, () => {
      at += 1
      const query = at === 1 ? '?per_page=100' : `?per_page=100&page=${at}`
      return [
        `api.github.com/user/repos${query}`,
        next(`https://api.github.com/user/repos?per_page=100&page=${at + 1}`),
      ]
    }),
  )
  server.say({ 'api.github.com/user': { body: {}, headers: { 'x-oauth-scopes': '' } }, ...pages })
  expect(await reach('github', `ghp_${drawn('g', 36)}`)).toMatchObject({
    unknown: ['/user/repos: more than 40 questions'],
  })
  expect(server.calls()).toHaveLength(40)
})
