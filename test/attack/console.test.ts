/** R16 against the console: an agent's shell, its page, a stolen cookie and a viewer's session approve nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf, toJson } from '../../src/base/json.ts'
import { openAuthenticator } from '../authenticator.ts'
import { everything } from '../rig.ts'
import { openSite } from '../console/site.ts'
import type { Answer, Seat, Sent, Site } from '../console/site.ts'

let site: Site
let bob: Seat
let vic: Seat
let id = ''
let shown = ''
beforeAll(async () => {
  site = await openSite()
  bob = await site.seat('bob')
  vic = await site.seat('vic', 'viewer')
  const grant = await site.people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  shown = textOf((await bob.page.call('hold-show', { id })).body['shown'] ?? null)
})
afterAll(async () => await site.close())
// Whatever was tried, the hold is as it was: this is what every attack here is held to.
afterEach(async () => {
  const row = await site.people.call('hold-show', { id })
  expect(isObject(row) ? [row['state'], row['approvals']] : row).toEqual(['open', 0])
})

const alarms = async (): Promise<readonly string[]> => {
  const rows = await site.people.call('alarm-list', { all: false })
  return Array.isArray(rows)
    ? rows.map((row) => textOf(isObject(row) ? (row['message'] ?? null) : null))
    : []
}

/** With bob's whole session in hand, and a signature of his for it: what is left to stop it is the door. */
const statement = async (): Promise<string> => {
  const { body } = await bob.page.call('statement', {
    command: 'hold-approve',
    input: { id, shown },
  })
  return textOf(body['challenge'] ?? null)
}

test.each<readonly [string, Sent, number]>([
  [
    'another site, by a form',
    {
      headers: {
        origin: 'https://evil.example',
        'content-type': 'text/plain',
        'sec-fetch-site': 'cross-site',
        'x-firebreak': null,
      },
    },
    403,
  ],
  [
    'another site, by a script',
    { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } },
    403,
  ],
  [
    'another port of this host',
    { headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' } },
    403,
  ],
  ['a page without an origin', { headers: { origin: 'null' } }, 403],
  ['a frame that sends none', { headers: { origin: null } }, 403],
  ['what is typed into the address', { headers: { 'sec-fetch-site': 'none' } }, 403],
  [
    'a name that points to this machine',
    { headers: { host: 'evil.example', origin: 'http://evil.example' } },
    421,
  ],
  ['the address instead of the name', { headers: { host: '127.0.0.1:7078' } }, 421],
  ['JSON under another name', { headers: { 'content-type': 'text/plain' } }, 415],
  [
    'JSON with something behind it',
    { headers: { 'content-type': 'application/json; charset=utf-8, text/plain' } },
    415,
  ],
  ['another method', { method: 'PUT' }, 405],
  ['a reading one', { method: 'GET', body: '' }, 404],
  ['no header of the page', { headers: { 'x-firebreak': null } }, 403],
])('%s is turned away, whatever it carries', async (_, bent, status) => {
  const assertion = toJson(bob.key.get(await statement(), { origin: site.origin }))
  const answer = await bob.page.call(
    'hold-approve',
    { id, shown, approver: 'bob', assertion },
    bent,
  )
  expect(answer.status, answer.text).toBe(status)
})

test.each<readonly [string, (challenge: string) => object]>([
  ['another origin', (challenge) => bob.key.get(challenge, { origin: 'http://localhost:3000' })],
  [
    'another host',
    (challenge) => bob.key.get(challenge, { origin: site.origin, rpId: 'evil.example' }),
  ],
  [
    'no verification of the user',
    (challenge) => bob.key.get(challenge, { origin: site.origin, flags: 0x01 }),
  ],
  [
    'another key',
    (challenge) => ({
      ...openAuthenticator().get(challenge, { origin: site.origin }),
      id: bob.key.id,
    }),
  ],
  [
    'a frame in another page',
    (challenge) => bob.key.get(challenge, { origin: site.origin, crossOrigin: true }),
  ],
  ['another challenge', () => bob.key.get('AAAA', { origin: site.origin })],
])('a signature of %s counts for nothing', async (_, get) => {
  const assertion = toJson(get(await statement()))
  const answer = await bob.page.call('hold-approve', { id, shown, approver: 'bob', assertion })
  expect(answer.status, answer.text).toBe(403)
})

test('a signature for coming in, for a no or for another text approves nothing', async () => {
  const { body } = await bob.page.call('sign-in-statement', { approver: 'bob' })
  const [signIn, other] = [
    textOf(body['challenge'] ?? null),
    await bob.page.call('statement', { command: 'resume', input: { who: 'all' } }),
  ]
  for (const challenge of [signIn, textOf(other.body['challenge'] ?? null)]) {
    const assertion = toJson(bob.key.get(challenge, { origin: site.origin }))
    const answer = await bob.page.call('hold-approve', { id, shown, approver: 'bob', assertion })
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining('for something else'),
    ])
  }
  const bent = await bob.page.call('statement', {
    command: 'hold-approve',
    input: { id, shown: 'f'.repeat(64) },
  })
  expect([bent.status, bent.text]).toEqual([
    409,
    expect.stringContaining('has changed since it was shown'),
  ])
})

test('a signature that was used comes to nothing a second time', async () => {
  const { body } = await bob.page.call('statement', {
    command: 'resume',
    input: { who: 'agent:x' },
  })
  const assertion = toJson(bob.key.get(textOf(body['challenge'] ?? null), { origin: site.origin }))
  await site.people.call('halt', { who: 'agent:x', reason: 'test' })
  const input = { who: 'agent:x', approver: 'bob', assertion }
  expect((await bob.page.call('resume', input)).status).toBe(200)
  await site.people.call('halt', { who: 'agent:x', reason: 'test' })
  const again = await bob.page.call('resume', input)
  expect([again.status, again.text]).toEqual([403, expect.stringContaining('was used already')])
})

test('a cookie without its page is nobody, and ends the session that it was taken from', async () => {
  const { page } = await site.seat('eve')
  const { cookie } = page
  for (const secret of ['1', '', 'A'.repeat(43)]) {
    const thief = site.open()
    thief.cookie = cookie
    thief.secret = secret
    expect((await thief.call('hold-list', { all: false })).status).toBe(401)
  }
  expect((await page.call('me')).status).toBe(401)
  expect(
    (await alarms()).some((line) =>
      line.includes('a session of `eve` was ended: its cookie came without'),
    ),
  ).toBe(true)
})

test('nobody comes in by a name alone, by another person’s key, or by a key of their own', async () => {
  const page = site.open()
  expect((await page.call('hold-list', { all: false })).status).toBe(401)
  expect((await page.call('me')).status).toBe(401)
  expect((await page.signIn('bob', vic.key)).status).toBe(403)
  expect((await page.signIn('bob', openAuthenticator())).status).toBe(403)
  expect((await page.signIn('nobody', vic.key)).status).toBe(403)
  expect((await page.call('me')).status).toBe(401)
})

test('what needs no session is slowed down before it fills the state, and a person gets a turn', async () => {
  const page = site.open()
  const answers: Answer[] = []
  const begun = performance.now()
  for (let times = 0; times < 200; times++)
    answers.push(await page.call('sign-in-statement', { approver: 'bob' }))
  // So many at once, and so many each second that it took: where it takes one, most are refused.
  const most = 41 + (20 * (performance.now() - begun)) / 1000
  expect(answers.filter(({ status }) => status !== 429).length).toBeLessThan(most)
  site.pass(2000)
  expect((await site.open().signIn('bob', bob.key)).status).toBe(200)
})

const paths = [
  '/',
  '/index.html',
  '/nothing',
  '/../../../etc/passwd',
  '/%2e%2e/package.json',
  '//evil.example/',
  '/api/',
  '/api/me',
  '/api/live',
  '/api/__proto__',
  '/?next=https://evil.example',
  '/api/me/../hold-list',
]
test.each(paths)(
  '%s says what the browser must know, leads nowhere else and is kept by no cache',
  async (path) => {
    const { status, headers, text } = await site.send(path)
    expect(status).toBeOneOf([200, 403, 404, 503])
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers).not.toHaveProperty('location')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(text).not.toContain('root:')
  },
)

test.each(['__proto__', 'constructor', 'toString', 'hold-approve/', 'HOLD-APPROVE', ''])(
  'a call named `%s` is none',
  async (name) => {
    expect((await bob.page.call(name, {})).status).toBe(404)
  },
)

test('a body that is too large, no JSON, or no object is refused in one line', async () => {
  for (const [body, status] of [
    ['{', 400],
    ['[]', 400],
    ['"x"', 400],
    [`{"id":"${'x'.repeat(300_000)}"}`, 429],
  ] as const) {
    const answer = await bob.page.call('hold-show', {}, { body })
    expect(answer.status).toBe(status)
    expect(textOf(isObject(answer.body['error'] ?? null) ? 'told' : null)).toBe('told')
  }
})
