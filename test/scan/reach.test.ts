/** Each provider against a server that answers as its documentation says: what a credential can do, and every way of not being told. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reachOf } from '../../src/app/reach.ts'
import { kubeIn } from '../../src/app/reach-kube.ts'
import { Secret } from '../../src/base/secret.ts'
import { findIn } from '../../src/scan/find.ts'
import { merge } from '../../src/scan/merged.ts'
import { graphOf } from '../../src/scan/radius.ts'
import { openAsk } from '../../src/scan/reach/ask.ts'
import { providerOf, providers } from '../../src/scan/reach/known.ts'
import { clusterReach } from '../../src/scan/reach/kubernetes.ts'
import type { Credential } from '../../src/scan/reach/provider.ts'
import type { Reach } from '../../src/scan/reach/reach.ts'
import { drawn, uuid } from './planted.ts'
import { startPlatforms } from './reach-server.ts'
import type { Platforms, Script } from './reach-server.ts'

let server: Platforms
beforeAll(async () => {
  server = await startPlatforms()
})
afterAll(async () => await server.close())

const limits = { callMs: 10_000, answerBytes: 100_000, calls: 150, allMs: 60_000 }
const jwt = (claims: object): string =>
  ['{"alg":"HS256"}', JSON.stringify(claims), drawn('signature', 32)]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

const credential = (rule: string, text: string, beside: Credential['beside'] = []): Credential => ({
  rule,
  secret: new Secret(text),
  beside,
})
const awsKey = credential('aws-secret-key', drawn('aws', 40), [
  { rule: 'aws-access-key', secret: new Secret(['AKIA', 'ABCDEFGH23456723'].join('')) },
])
const credentials: Readonly<Record<string, Credential>> = {
  railway: credential('railway-token', uuid('railway')),
  github: credential('github-token', `ghp_${drawn('github', 36)}`),
  aws: awsKey,
  supabase: credential('supabase-token', `sbp_${drawn('supabase', 40)}`),
  neon: credential('neon-key', `napi_${drawn('neon', 60)}`),
  vercel: credential('vercel-token', drawn('vercel', 24)),
  cloudflare: credential('cloudflare-token', drawn('cloudflare', 40)),
  digitalocean: credential('digitalocean-token', `dop_v1_${drawn('ocean', 64)}`),
  hetzner: credential('hetzner-token', drawn('hetzner', 64)),
  stripe: credential('stripe-key', ['sk', 'live', drawn('stripe', 40)].join('_')),
  openai: credential('openai-key', `sk-proj-${drawn('openai', 60)}`),
  anthropic: credential('anthropic-key', `sk-ant-api03-${drawn('anthropic', 80)}`),
  openrouter: credential('openrouter-key', drawn('openrouter', 60)),
  groq: credential('groq-key', drawn('groq', 52)),
  planetscale: credential('planetscale-token', `pscale_oauth_${drawn('scale', 40)}`),
  turso: credential('turso-cli', drawn('turso', 60)),
  npm: {
    ...credential('npm-token', `npm_${drawn('npm', 36)}`),
    within: new Secret('//registry.example/:_authToken=x'),
  },
  heroku: credential('heroku-token', `HRKU-${drawn('heroku', 60)}`),
  render: credential('render-key', `rnd_${drawn('render', 30)}`),
  netlify: credential('netlify-token', `nfp_${drawn('netlify', 40)}`),
  xai: credential('xai-key', drawn('xai', 80)),
}

async function reach(
  name: string,
  which: Credential = credentials[name] ?? awsKey,
  least: Partial<typeof limits> = {},
): Promise<Reach> {
  const provider = providerOf(name, which)
  if (provider === null) throw new Error(`${name} is not asked`)
  const ask = openAsk({
    hosts: provider.hosts(which) ?? [],
    hide: [which.secret, ...which.beside.map(({ secret }) => secret)],
    instead: server.url,
    ca: null,
    limits: { ...limits, ...least },
  })
  const answer = await provider.reach(which, ask)
  expect(JSON.stringify(answer).includes(which.secret.reveal())).toBe(false)
  return answer
}

const outcomeOf = (answer: Reach): string => {
  const one = { finding: 'f', provider: 'p', label: 'l', place: 'a:1', reach: answer }
  const [node] = graphOf([one]).nodes
  return node?.kind === 'credential' ? `${node.outcome ?? '-'}${node.isKnown ? '' : '?'}` : ''
}

const scopes = (text: string): Script => ({
  'api.github.com/user': { body: { login: 'robin' }, headers: { 'x-oauth-scopes': text } },
  'api.github.com/user/repos': {
    body: [{ id: 7, full_name: 'kestrel/shop', permissions: { admin: true } }],
  },
})
const simulated = (decide: (action: string) => string, inner = ''): Script => ({
  'sts.amazonaws.com/': {
    text: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/robin</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  },
  'iam.amazonaws.com/': {
    text: `<r><EvaluationResults>${[
      'rds:DeleteDBInstance',
      'rds:DeleteDBSnapshot',
      'dynamodb:DeleteTable',
      's3:DeleteBucket',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      'ec2:DeleteVolume',
      'ec2:TerminateInstances',
      'ec2:DeleteSnapshot',
      'elasticfilesystem:DeleteFileSystem',
      'backup:DeleteRecoveryPoint',
      'kms:ScheduleKeyDeletion',
      'cloudformation:DeleteStack',
      'iam:CreateAccessKey',
      'iam:AttachUserPolicy',
      'iam:PassRole',
      'ec2:StopInstances',
      's3:GetObject',
      'secretsmanager:GetSecretValue',
    ]
      .map(
        (action) =>
          `<member>${inner}<EvalActionName>${action}</EvalActionName><EvalDecision>${decide(action)}</EvalDecision></member>`,
      )
      .join('')}</EvaluationResults></r>`,
  },
})
const tokenId = 'a'.repeat(32)
const policies = (...names: readonly string[]): Script => ({
  'api.cloudflare.com/client/v4/user/tokens/verify': {
    body: { success: true, result: { id: tokenId, status: 'active' } },
  },
  [`api.cloudflare.com/client/v4/user/tokens/${tokenId}`]: {
    body: {
      result: {
        policies: [{ effect: 'allow', permission_groups: names.map((name) => ({ name })) }],
      },
    },
  },
  'api.cloudflare.com/client/v4/zones': {
    body: { result: [{ id: 'z', name: 'kestrel.example' }] },
  },
})
const ref = 'abcdefghijklmnopqrst'

test.each<[string, string, Script, string, readonly string[]]>([
  ['github', 'may delete repositories', scopes('repo, delete_repo'), 'A', ['delete a repository']],
  ['github', 'may push', scopes('repo'), 'C', ['push, also by force', 'add deploy keys']],
  ['github', 'reads what is public', scopes(''), 'D', ['read what is public']],
  [
    'github',
    'does not tell the permissions of a fine-grained token',
    {
      'api.github.com/user': { body: { login: 'robin' } },
      'api.github.com/user/repos': { body: [] },
    },
    'A?',
    [],
  ],
  ['aws', 'may do all', simulated(() => 'allowed'), 'A', ['rds:DeleteDBInstance']],
  [
    'aws',
    'may only read',
    simulated((action) => (action === 's3:GetObject' ? 'allowed' : 'implicitDeny')),
    'D',
    ['s3:GetObject'],
  ],
  [
    'aws',
    'tells by which policies, in a list within the list',
    simulated(
      (action) => (action === 'rds:DeleteDBInstance' ? 'allowed' : 'implicitDeny'),
      `<MatchedStatements><member><SourcePolicyId>robin</SourcePolicyId><EndPosition><Line>9</Line></EndPosition></member><member><SourcePolicyId>all</SourcePolicyId></member></MatchedStatements><MissingContextValues/>`,
    ),
    'A',
    ['rds:DeleteDBInstance'],
  ],
  [
    'aws',
    'may give itself rights',
    simulated((action) => (action === 'iam:AttachUserPolicy' ? 'allowed' : 'explicitDeny')),
    'A?',
    ['iam:AttachUserPolicy'],
  ],
  [
    'aws',
    'may not ask what it may',
    {
      ...simulated(() => ''),
      'iam.amazonaws.com/': { status: 403, text: '<Code>AccessDenied</Code>' },
    },
    'A?',
    [],
  ],
  [
    'supabase',
    'deletes projects with their backups',
    {
      'api.supabase.com/v1/projects': { body: [{ id: ref, name: 'shop' }] },
      [`api.supabase.com/v1/projects/${ref}/database/backups`]: {
        body: { backups: [{ inserted_at: '2026-11-26', status: 'COMPLETED' }] },
      },
    },
    'A',
    ['DELETE /v1/projects/{ref}'],
  ],
  [
    'neon',
    'deletes projects with their history',
    {
      'console.neon.tech/api/v2/auth': {
        body: { account_id: 'org-a', auth_method: 'api_key_org' },
      },
      'console.neon.tech/api/v2/projects': {
        body: { projects: [{ id: 'p', name: 'shop', history_retention_seconds: 86_400 }] },
      },
    },
    'A',
    ['DELETE /projects/{id}', 'POST /api_keys'],
  ],
  [
    'vercel',
    'does not list stores',
    {
      'api.vercel.com/v2/user': { body: { user: { id: 'u', username: 'robin' } } },
      'api.vercel.com/v10/projects': { body: { projects: [{ id: 'p', name: 'web' }] } },
    },
    'A?',
    ['DELETE /v9/projects/{id}'],
  ],
  ['cloudflare', 'may write to a store', policies('Workers R2 Storage Write'), 'A', []],
  ['cloudflare', 'may change records', policies('DNS Write'), 'C', ['DNS Write']],
  ['cloudflare', 'may make tokens', policies('API Tokens Write'), 'C', ['API Tokens Write']],
  ['cloudflare', 'may read records', policies('DNS Read'), 'D', ['DNS Read']],
  [
    'hetzner',
    'has backups bound to a server, and whether it writes is not said',
    {
      'api.hetzner.cloud/v1/servers': { body: { servers: [{ id: 1, name: 'db' }] } },
      'api.hetzner.cloud/v1/volumes': { body: { volumes: [] } },
      'api.hetzner.cloud/v1/images': {
        body: { images: [{ id: 5, type: 'backup', bound_to: 1, description: 'daily' }] },
      },
    },
    'A',
    ['DELETE'],
  ],
  [
    'digitalocean',
    'has snapshots beside the volume',
    {
      'api.digitalocean.com/v2/account': { body: { account: { uuid: 'u' } } },
      'api.digitalocean.com/v2/droplets': {
        body: { droplets: [{ id: 3, name: 'web', backup_ids: [9] }] },
      },
      'api.digitalocean.com/v2/volumes': { body: { volumes: [{ id: 'v', name: 'data' }] } },
      'api.digitalocean.com/v2/databases': { body: { databases: [] } },
      'api.digitalocean.com/v2/snapshots': {
        body: { snapshots: [{ id: 's', name: 'n', resource_type: 'volume', resource_id: 'v' }] },
      },
    },
    'A',
    ['DELETE'],
  ],
  [
    'stripe',
    'of the live mode',
    { 'api.stripe.com/v1/balance': { body: { object: 'balance', livemode: true } } },
    'A',
    ['DELETE /v1/customers/{id}'],
  ],
  [
    'openai',
    'keeps files',
    {
      'api.openai.com/v1/models': { body: { data: [] } },
      'api.openai.com/v1/files': { body: { data: [{ id: 'f', filename: 'train.jsonl' }] } },
    },
    'A',
    ['DELETE a file'],
  ],
  [
    'openai',
    'keeps nothing',
    {
      'api.openai.com/v1/models': { body: { data: [] } },
      'api.openai.com/v1/files': { body: { data: [] } },
    },
    'C',
    ['spend money'],
  ],
  [
    'anthropic',
    'is alive',
    {
      'api.anthropic.com/v1/models': {},
      'api.anthropic.com/v1/files': { body: { data: [], next_page: null } },
    },
    'C',
    ['spend money'],
  ],
  ['openrouter', 'is alive', { 'openrouter.ai/api/v1/key': {} }, 'C', ['spend money']],
  [
    'groq',
    'is alive',
    { 'api.groq.com/openai/v1/models': {}, 'api.groq.com/openai/v1/files': { body: { data: [] } } },
    'C',
    ['spend money'],
  ],
  ['xai', 'is alive', { 'api.x.ai/v1/api-key': {} }, 'C', ['spend money']],
])('%s %s', async (...[name, , script, outcome, operations]) => {
  server.say(script)
  const answer = await reach(name)
  expect(answer).toMatchObject({ kind: 'told' })
  expect(outcomeOf(answer)).toBe(outcome)
  const powers = answer.kind === 'told' ? answer.powers.map(({ operation }) => operation) : []
  expect(powers).toEqual(expect.arrayContaining([...operations]))
  // AWS is asked by signed forms; nobody else is sent anything but GET.
  expect(server.calls().filter((call) => !call.startsWith('GET ') && name !== 'aws')).toEqual([])
})

const asked = providers.map(({ name }) => name).filter((name) => name !== 'fly')
const refusedBy: Readonly<Record<string, Script>> = {
  aws: { '*': { status: 403, text: '<Error><Code>InvalidClientTokenId</Code></Error>' } },
}

test.each(asked)('%s: refused is dead, without outcome', async (name) => {
  server.say(refusedBy[name] ?? { '*': { status: 401, body: { message: 'Unauthorized' } } })
  const answer = await reach(name)
  expect(answer).toMatchObject({ kind: 'dead' })
  expect(outcomeOf(answer)).toBe('-')
})

test('railway: one question of three that was put off is no death', async () => {
  const which = credentials['railway'] ?? awsKey
  const answer = await providerOf('railway', which)?.reach(
    which,
    async ({ body = '' }) =>
      await Promise.resolve({
        status: body.includes('me {') ? 429 : 200,
        headers: {},
        body: { errors: [{ message: 'Not Authorized' }] },
        text: '',
        why: '',
      }),
  )
  expect(answer).toMatchObject({ kind: 'silent', why: expect.stringContaining('asked later') })
})

const troubles: readonly (readonly [string, Script, Partial<typeof limits>, RegExp])[] = [
  [
    'asked too often',
    { '*': { status: 429, headers: { 'retry-after': '7' } } },
    {},
    /later \(in 7 s\)/,
  ],
  ['broken', { '*': { status: 503 } }, {}, /status 503/],
  ['garbage', { '*': { text: '<html>' } }, {}, /not understood/],
  ['huge', { '*': { text: 'x'.repeat(200_000) } }, {}, /more than 100000 bytes/],
  ['slow', { '*': { silent: true } }, { callMs: 50 }, /did not answer within/],
  [
    'without end',
    { '*': { drip: true } },
    { callMs: 50 },
    /cannot be reached|did not answer|could not be read/,
  ],
  [
    'led elsewhere',
    { '*': { status: 302, headers: { location: 'https://evil.example/' } } },
    {},
    /leads elsewhere/,
  ],
]
test.each(asked.flatMap((name) => troubles.map((trouble) => [name, ...trouble] as const)))(
  '%s: %s counts as everything, and says so',
  async (...[name, , script, least, said]) => {
    server.say(script)
    const answer = await reach(name, undefined, least)
    expect(outcomeOf(answer)).toBe('A?')
    expect(JSON.stringify(answer)).toMatch(said)
  },
)

test('what echoes the secret is told without it', async () => {
  const which = credentials['hetzner'] ?? awsKey
  const echo = { id: 1, name: `was ${which.secret.reveal()}` }
  server.say({ '*': { body: { servers: [echo], volumes: [echo], images: [] } } })
  expect(JSON.stringify(await reach('hetzner'))).toContain('was [secret]')
})

const kube = (user: string, cluster: string): string =>
  `users: [{ name: me, user: ${user} }]
contexts: [{ name: c, context: { user: me, cluster: prod, namespace: shop } }]
clusters: [{ name: prod, cluster: ${cluster} }]
`
const login = drawn('kube', 40)

test.each<[string, string, string | null]>([
  [
    'by its token',
    kube(`{ token: ${login} }`, '{ server: "https://10.0.0.1:6443" }'),
    '10.0.0.1:6443',
  ],
  [
    'by its key',
    kube(`{ client-key-data: ${login} }`, '{ server: "https://k8s.shop.io" }'),
    'k8s.shop.io',
  ],
  ['in the clear', kube(`{ token: ${login} }`, '{ server: "http://10.0.0.1" }'), null],
  [
    'unchecked',
    kube(`{ token: ${login} }`, '{ server: "https://10.0.0.1", insecure-skip-tls-verify: true }'),
    null,
  ],
  ['of somebody else', kube('{ token: another }', '{ server: "https://10.0.0.1" }'), null],
])('a cluster’s login %s: where it goes', (_, text, host) =>
  expect(kubeIn(text, new Secret(login))?.cluster.host ?? null).toBe(host),
)

test.each<[string, boolean, object, string, readonly string[]]>([
  ['an administrator', true, { resourceRules: [] }, 'A', ['delete anything']],
  [
    'who may delete volumes in a namespace',
    false,
    { resourceRules: [{ verbs: ['*'], resources: ['persistentvolumeclaims'] }] },
    'A',
    ['delete persistentvolumeclaims'],
  ],
  ['who reads', false, { resourceRules: [{ verbs: ['get'], resources: ['*'] }] }, 'A?', ['get']],
])('kubernetes: %s', async (...[, allowed, status, outcome, operations]) => {
  const at = 'k8s.shop.io/apis/authorization.k8s.io/v1'
  server.say({
    [`${at}/selfsubjectaccessreviews`]: { status: 201, body: { status: { allowed } } },
    [`${at}/selfsubjectrulesreviews`]: { status: 201, body: { status } },
  })
  const hide = [new Secret(login)]
  const ask = openAsk({ hosts: ['k8s.shop.io'], hide, instead: server.url, ca: null, limits })
  const ofCluster = { host: 'k8s.shop.io', prefix: '', headers: {}, namespace: 'shop' }
  const answer = await clusterReach(ofCluster, ask)
  expect(outcomeOf(answer)).toBe(outcome)
  const powers = answer.kind === 'told' ? answer.powers.map(({ operation }) => operation) : []
  expect(powers).toEqual(expect.arrayContaining([...operations]))
  server.say({ '*': { status: 401 } })
  expect(await clusterReach(ofCluster, ask)).toMatchObject({ kind: 'dead' })
})

test('a call to another host is not made', async () => {
  server.say({ '*': {} })
  const ask = openAsk({
    hosts: ['api.github.com'],
    hide: [],
    instead: server.url,
    ca: null,
    limits,
  })
  expect(await ask({ host: 'evil.example', path: '/' })).toMatchObject({
    status: 0,
    why: 'evil.example is none of its hosts',
  })
  expect(server.calls()).toEqual([])
})

test('a platform that pages for ever is left', async () => {
  const ask = openAsk({
    hosts: ['a.example'],
    hide: [],
    instead: server.url,
    ca: null,
    limits: { ...limits, calls: 2 },
  })
  const answers = []
  for (const path of ['/1', '/2', '/3']) answers.push(await ask({ host: 'a.example', path }))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 0])
})

test('of very many the first are asked, and the rest counts as everything', async () => {
  server.say({ '*': { status: 401 } })
  const text = Array.from({ length: 203 }, (_, at) => `HCLOUD_TOKEN=${drawn(`many ${at}`, 64)}\n`)
  const findings = merge(findIn(text.join(''), '.env'))
  const { held } = await reachOf(findings, {
    instead: new Map([['hetzner', server.url]]),
    before: (lines) => expect(lines).toEqual([expect.stringContaining('(for 200 credentials)')]),
    progress: () => {},
    place: () => '.env',
  })
  expect(held.filter(({ reach }) => reach.kind === 'dead')).toHaveLength(200)
  expect(held.filter(({ reach }) => reach.kind === 'silent')).toHaveLength(3)
})

test('a platform that takes too long for all of it is left', async () => {
  server.say({ '*': {} })
  const late = { ...limits, allMs: -1 }
  const ask = openAsk({
    hosts: ['a.example'],
    hide: [],
    instead: server.url,
    ca: null,
    limits: late,
  })
  expect((await ask({ host: 'a.example', path: '/' })).why).toContain('for all questions')
  expect(server.calls()).toEqual([])
})

test.each<[string, string, Credential]>([
  ['a GitHub refresh token', 'github', credential('github-token', `ghr_${drawn('r', 36)}`)],
  [
    'a new Supabase key, which names no project',
    'supabase',
    credential('supabase-secret-key', `sb_secret_${drawn('s', 30)}`),
  ],
  [
    'a Supabase key that names another host',
    'supabase',
    credential('supabase-service-key', jwt({ role: 'service_role', ref: 'evil.example/' })),
  ],
  ['half of an AWS key', 'aws', credential('aws-secret-key', drawn('half', 40))],
  ['two AWS keys in one file', 'aws', { ...awsKey, beside: [...awsKey.beside, ...awsKey.beside] }],
  ['a global key of Cloudflare', 'cloudflare', credential('cloudflare-token', 'a'.repeat(37))],
  ['a webhook secret of Stripe', 'stripe', credential('stripe-webhook-secret', drawn('w', 40))],
])('%s is not asked about', (_, name, which) => expect(providerOf(name, which)).toBeNull())

test('a service key of Supabase goes to the project that it names itself', async () => {
  server.say({
    [`${ref}.supabase.co/rest/v1/`]: { body: { definitions: { bookings: {}, cars: {} } } },
  })
  const which = credential('supabase-service-key', jwt({ role: 'service_role', ref }))
  const answer = await reach('supabase', which)
  expect(outcomeOf(answer)).toBe('A')
  expect(JSON.stringify(answer)).toContain('2 tables')
})

test.each([
  ['SignatureDoesNotMatch', 'silent'],
  ['AccessDenied', 'silent'],
  ['InvalidClientTokenId', 'dead'],
  ['ExpiredToken', 'dead'],
])('aws: %s is %s', async (code, kind) => {
  server.say({ '*': { status: 403, text: `<Error><Code>${code}</Code></Error>` } })
  expect(await reach('aws')).toMatchObject({ kind })
})

test.each<[string, Script[string], string]>([
  ['a key of China', { text: '<r><Account>123456789012</Account></r>' }, 'it is of sts.cn-north-1'],
  [
    'a cloud that cannot be asked',
    { status: 500 },
    'sts.amazonaws.com does not know it, and sts.cn',
  ],
])('aws: %s is no dead one', async (_, said, why) => {
  const unknown = { status: 403, text: '<Error><Code>InvalidClientTokenId</Code></Error>' }
  server.say({ '*': unknown, 'sts.cn-north-1.amazonaws.com.cn/': said })
  const answer = await reach('aws')
  expect(answer).toMatchObject({ kind: 'silent' })
  expect(JSON.stringify(answer)).toContain(why)
})

test('aws: a simulation in parts is read to its end, and one without end is left', async () => {
  const part = simulated((action) => (action === 's3:GetObject' ? 'allowed' : 'implicitDeny'))
  const more = '<IsTruncated>true</IsTruncated><Marker>next</Marker></r>'
  const text = (part['iam.amazonaws.com/']?.text ?? '').replace('</r>', more)
  server.say({ ...part, 'iam.amazonaws.com/': { text } })
  expect(outcomeOf(await reach('aws'))).toBe('D')
  expect(server.bodies().filter((body) => body.includes('Marker=next')).length).toBeGreaterThan(0)
  expect(server.calls().length).toBeLessThan(25)
})

test('the secret of AWS is sent nowhere, and the form is signed', async () => {
  server.say(simulated(() => 'allowed'))
  await reach('aws')
  const heads = JSON.stringify(server.heads())
  expect(heads).not.toContain(awsKey.secret.reveal())
  expect(heads).toMatch(
    /AWS4-HMAC-SHA256 Credential=AKIA\w{16}\/\d{8}\/us-east-1\/sts\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}/,
  )
})
