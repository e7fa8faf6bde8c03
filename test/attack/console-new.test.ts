/** The console again, by hands that hold more: a viewer's or approver's whole session, a page on another port, the state file without its key. */
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visible } from '../../console/say.ts'
import { kestrel } from '../../sim/tenant.ts'
import { roles } from '../../src/app/console/roles.ts'
import { isObject, parseJson, textOf, toJson } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { openAuthenticator } from '../authenticator.ts'
import type { Authenticator } from '../authenticator.ts'
import { everything } from '../rig.ts'
import { openSite } from '../console/site.ts'
import type { Answer, OpenPage, Seat, Site } from '../console/site.ts'

let site: Site
let ann: Seat
let bob: Seat
let cy: Seat
let vic: Seat
let grant = ''
beforeAll(async () => {
  site = await openSite()
  ann = await site.seat('ann', 'admin')
  bob = await site.seat('bob')
  cy = await site.seat('cy')
  vic = await site.seat('vic', 'viewer')
  grant = await site.people.mint('agent:cleanup', everything)
}, 60_000)
afterAll(async () => await site.close())

/** Takes two persons. */
const leave = `mutation { projectLeave(id: "${kestrel.projectId}") }`
let asked = 0
async function hold(query = leave): Promise<string> {
  const headers = { prefer: 'respond-async', 'idempotency-key': `att6-${(asked += 1)}` }
  const { text } = await site.ask(grant, query, { headers })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0]
  if (id === undefined) throw new Error(text)
  return id
}
const show = async (id: string): Promise<JsonObject> => {
  const row = await site.people.call('hold-show', { id })
  return isObject(row) ? row : {}
}
const shownOf = async (id: string): Promise<string> => textOf((await show(id))['shown'] ?? null)

/** What somebody signs, with a statement put before them. */
async function signature({ page, key }: Seat, command: string, input: JsonObject): Promise<Json> {
  const { body, text } = await page.call('statement', { command, input })
  const challenge = textOf(body['challenge'] ?? null)
  if (challenge === '') throw new Error(text)
  return toJson(key.get(challenge, { origin: site.origin }))
}

interface Invitation {
  readonly token: string
  readonly terminal: string
}
async function invite(name: string, role: string, by: Seat = ann): Promise<Invitation> {
  const { body, text } = await by.page.sign(by, 'approver-invite', { name, role })
  const token = textOf(body['url'] ?? null).split('#invited=')[1]
  if (token === undefined) throw new Error(text)
  return { token, terminal: textOf(body['terminal'] ?? null) }
}
async function arrive(token: string, key: Authenticator, bend: object = {}): Promise<Answer> {
  const page = site.open()
  const { body } = await page.call('passkey-open', { token })
  const given = key.create(textOf(body['challenge'] ?? null), { origin: site.origin })
  return await page.call('passkey-arrive', { token, given: toJson({ ...given, ...bend }) })
}
const confirm = async (terminal: string, came: Answer, by: Seat = ann): Promise<Answer> =>
  await by.page.call('passkey-confirm', { terminal, number: came.body['number'] ?? '' })

async function keysOf(name: string): Promise<readonly string[]> {
  const rows = await site.people.call('passkey-list')
  return (Array.isArray(rows) ? rows : [])
    .filter((row) => isObject(row) && row['name'] === name)
    .map((row) => textOf(isObject(row) ? (row['id'] ?? null) : null))
}

async function listen({ cookie, secret }: OpenPage): Promise<IncomingMessage> {
  const { host, port } = new URL(site.origin)
  return await new Promise((resolve, reject) => {
    const headers = { host, cookie, 'x-firebreak': secret }
    request({ host: '127.0.0.1', port, path: '/api/live', headers, agent: false }, resolve)
      .on('error', reject)
      .end()
  })
}

function sql(text: string): void {
  const db = new DatabaseSync(join(site.config.state, 'state.db'))
  db.exec(text)
  db.close()
}

/** The tables of rows that hold this text. */
function rowsWith(text: string): readonly string[] {
  const db = new DatabaseSync(join(site.config.state, 'state.db'), { readOnly: true })
  const found = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%row TEXT%'")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => db.prepare(`SELECT 1 FROM "${name}" WHERE instr(row, ?)`).get(text))
  db.close()
  return found
}

/** What an assertion signs. */
function challengeOf(assertion: Json): string {
  const data = isObject(assertion) ? textOf(assertion['clientDataJSON'] ?? null) : ''
  const said = parseJson(Buffer.from(data, 'base64url').toString('utf8'))
  return isObject(said) ? textOf(said['challenge'] ?? null) : ''
}

/** Bytes as no HTTP client sends them; gives all that comes back. */
async function raw(text: string): Promise<string> {
  return await new Promise((resolve) => {
    const parts: Buffer[] = []
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1', () => socket.write(text))
    socket.on('data', (part) => parts.push(part))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')))
    setTimeout(() => socket.destroy(), 500)
  })
}

test('a signature for one text of a hold is none for its next text', async () => {
  const id = await hold()
  const before = await shownOf(id)
  const assertion = await signature(cy, 'hold-approve', { id, shown: before })
  const first = await bob.page.sign(bob, 'hold-approve', { id, shown: before })
  expect(first.body).toMatchObject({ approvals: 1, state: 'open' })
  const after = await shownOf(id)
  expect(after).not.toBe(before)
  const answer = await cy.page.call('hold-approve', { id, shown: after, approver: 'cy', assertion })
  const verified = JSON.stringify(await site.people.call('ledger-verify'))
  const { approvals } = await show(id)
  expect([answer.status, approvals, verified]).toEqual([
    403,
    1,
    expect.not.stringContaining('another text'),
  ])
})

test('one signature in two calls at once counts once', async () => {
  await site.people.call('halt', { who: 'agent:once', reason: 'test' })
  const assertion = await signature(bob, 'resume', { who: 'agent:once' })
  const input = { who: 'agent:once', approver: 'bob', assertion }
  const all = await Promise.all(Array.from({ length: 8 }, () => bob.page.call('resume', input)))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('what was put before one is signed by no other, in their name or in one’s own', async () => {
  const id = await hold()
  const shown = await shownOf(id)
  const { body } = await bob.page.call('statement', {
    command: 'hold-approve',
    input: { id, shown },
  })
  const assertion = toJson(cy.key.get(textOf(body['challenge'] ?? null), { origin: site.origin }))
  for (const approver of ['cy', 'bob'])
    expect(
      (await cy.page.call('hold-approve', { id, shown, approver, assertion })).status,
      approver,
    ).toBe(403)
  const own = await signature(cy, 'hold-approve', { id, shown })
  const lent = { id, shown, approver: 'cy', assertion: own }
  expect((await bob.page.call('hold-approve', lent)).status).toBe(403)
  expect((await vic.page.call('hold-approve', lent)).status).toBe(403)
  expect(await show(id)).toMatchObject({ approvals: 0 })
})

test('an older signature of a key that counts is none after a newer one', async () => {
  for (const who of ['agent:old', 'agent:new'])
    await site.people.call('halt', { who, reason: 'test' })
  const old = await signature(bob, 'resume', { who: 'agent:old' })
  const recent = await signature(bob, 'resume', { who: 'agent:new' })
  const resume = async (who: string, assertion: Json): Promise<number> =>
    (await bob.page.call('resume', { who, approver: 'bob', assertion })).status
  expect(await resume('agent:new', recent)).toBe(200)
  expect(await resume('agent:old', old)).toBe(403)
})

test('a viewer’s whole session does nothing that asks for more, by any spelling of who asks', async () => {
  for (const [name, role] of roles) {
    if (role === 'viewer') continue
    for (const input of [{}, { by: 'ann' }, { approver: 'ann' }, { role: 'admin' }]) {
      const { status } = await vic.page.call(name, input)
      expect([name, status]).toEqual([name, 403])
    }
    const { status } = await vic.page.call('statement', { command: name, input: {} })
    expect([name, status]).toEqual([name, 403])
  }
})

test('an admin’s whole session widens nothing without a signature', async () => {
  const id = await hold()
  const shown = await shownOf(id)
  const wishes: readonly (readonly [string, JsonObject])[] = [
    ['hold-approve', { id, shown }],
    ['resume', { who: 'all' }],
    ['approver-invite', { name: 'mallory', role: 'admin' }],
    ['approver-invite', { name: 'ann', role: 'admin' }],
    ['approver-remove', { name: 'bob' }],
    ['passkey-remove', { name: 'bob', id: bob.key.id }],
    ['reopen', { id: 'x' }],
    ['grant-mint', { principal: 'agent:m', note: 'x', caveats: toJson([everything]) }],
    ['accept', {}],
    ['custody-remove', { target: 'railway' }],
  ]
  for (const [name, input] of wishes)
    for (const more of [
      {},
      { approver: 'ann' },
      { approver: 'ann', code: '' },
      { approver: 'ann', code: '000000' },
      { approver: 'ann', assertion: toJson(ann.key.get('AAAA', { origin: site.origin })) },
    ]) {
      const { status } = await ann.page.call(name, { ...input, ...more })
      expect([name, more, status]).toEqual([name, more, expect.toBeOneOf([400, 403, 404, 409])])
    }
  expect(await show(id)).toMatchObject({ approvals: 0 })
})

test('a cookie that a page on another port puts before the real one keeps nobody out, nor do twenty', async () => {
  const { cookie } = bob.page
  // `document.cookie = 'firebreak=x; path=/api'` on localhost:3000: browsers send the longer path first (RFC 6265, §5.4).
  for (const many of [1, 20]) {
    const headers = { cookie: `${`firebreak=${'A'.repeat(43)}; `.repeat(many)}${cookie}` }
    expect((await bob.page.call('me', {}, { headers })).status, `${many}`).toBe(200)
  }
})

test('who is removed hears nothing more, on a page that is still open', async () => {
  const eve = await site.seat('eve')
  const stream = await listen(eve.page)
  expect(stream.statusCode).toBe(200)
  let heard = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => (heard += text))
  stream.on('error', () => undefined)
  const removed = await ann.page.sign(ann, 'approver-remove', { name: 'eve' })
  expect(removed.status, removed.text).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 600))
  await site.people.call('halt', { who: 'agent:secret', reason: 'eve shall not hear it' })
  await new Promise((resolve) => setTimeout(resolve, 900))
  stream.destroy()
  expect(heard).not.toContain('eve shall not hear it')
})

test('a signature and a session of who was removed come to nothing', async () => {
  const gus = await site.seat('gus')
  const id = await hold()
  const shown = await shownOf(id)
  const assertion = await signature(gus, 'hold-approve', { id, shown })
  await ann.page.sign(ann, 'approver-remove', { name: 'gus' })
  const late = { id, shown, approver: 'gus', assertion }
  expect((await gus.page.call('hold-approve', late)).status).toBe(401)
  const again = await site.seat('gus')
  expect((await again.page.call('hold-approve', late)).status).toBe(403)
  expect(await show(id)).toMatchObject({ approvals: 0 })
})

test('an invitation of who was removed gives no key to who has their name now', async () => {
  const hal = await site.seat('hal')
  // Made with hal's session and one signature; kept.
  const kept = await invite('hal', 'approver', hal)
  const evil = openAuthenticator()
  const came = await arrive(kept.token, evil)
  await ann.page.sign(ann, 'approver-remove', { name: 'hal' })
  await site.seat('hal')
  const late = await confirm(kept.terminal, came, cy)
  expect([late.status, (await keysOf('hal')).includes(evil.id)]).toEqual([403, false])
})

test('an invitation by an admin who was removed serves nobody, also where their name is back', async () => {
  const ida = await site.seat('ida', 'admin')
  const kept = await invite('mole', 'admin', ida)
  const came = await arrive(kept.token, openAuthenticator())
  await ann.page.sign(ann, 'approver-remove', { name: 'ida' })
  await site.seat('ida', 'admin')
  const late = await confirm(kept.terminal, came, cy)
  expect([late.status, await keysOf('mole')]).toEqual([403, []])
})

test('an invitation as a viewer gives no key to an admin of that name', async () => {
  const low = await invite('jo', 'viewer')
  const evil = openAuthenticator()
  const came = await arrive(low.token, evil)
  await site.enrol('jo', 'admin')
  const late = await confirm(low.terminal, came)
  expect([late.status, (await keysOf('jo')).includes(evil.id)]).toEqual([403, false])
})

test('a passkey that two invitations brought is the first one’s', async () => {
  const [one, other] = [await invite('kay', 'approver'), await invite('lou', 'viewer')]
  const key = openAuthenticator()
  const [first, second] = [await arrive(one.token, key), await arrive(other.token, key)]
  expect((await confirm(one.terminal, first)).status).toBe(200)
  if (second.status === 200) await confirm(other.terminal, second)
  expect(await keysOf('kay')).toEqual([key.id])
})

test('an invitation takes one key, once, and one number', async () => {
  const { token, terminal } = await invite('max', 'viewer')
  const [a, b] = [openAuthenticator(), openAuthenticator()]
  const both = await Promise.all([arrive(token, a), arrive(token, b)])
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
  const tries = await Promise.all(
    ['000000', '000001', '000002'].map((number) =>
      ann.page.call('passkey-confirm', { terminal, number }),
    ),
  )
  expect(tries.map(({ status }) => status)).toEqual([403, 403, 403])
  expect(await keysOf('max')).toEqual([])
})

test('a key of another kind, of another’s name or of a weak sort is not taken', async () => {
  const { token } = await invite('ned', 'viewer')
  for (const bend of [
    { id: bob.key.id },
    { publicKeyAlgorithm: -257 },
    { publicKeyAlgorithm: -8 },
    { publicKey: 'AAAA' },
    { publicKey: '' },
    { publicKeyAlgorithm: 0 },
  ])
    expect((await arrive(token, openAuthenticator(), bend)).status).toBe(403)
})

test('a flood of wrong sign-ins rings once', async () => {
  const count = async (): Promise<number> => {
    const rows = await site.people.call('alarm-list', { all: true })
    return Array.isArray(rows) ? rows.length : -1
  }
  site.pass(10_000)
  const before = await count()
  for (let nth = 0; nth < 40; nth += 1)
    await site.open().call('sign-in', { approver: `nobody${nth}`, code: '123456' })
  expect((await count()) - before).toBeLessThanOrEqual(1)
})

// Known, and told in SECURITY.md: it fails until that is mended.
test('a viewer cannot take all places at the stream', async () => {
  const streams = await Promise.all(Array.from({ length: 64 }, () => listen(vic.page)))
  const mine = await listen(bob.page)
  for (const one of [...streams, mine]) one.destroy()
  expect(mine.statusCode).toBe(200)
})

test.each(['\u3164', '\u115F', '\u034F', '\uFE0F', '\uFFA0', '\u2003'.repeat(40)])(
  'the page shows %j as its code',
  (text) => {
    expect(visible(`a${text}b`)).not.toContain(text)
  },
)

test('what an agent nests in a parameter is as harmless as what stands at its top', async () => {
  const odd = 'x\u202E\u3164\u2066y'
  const query = `mutation { volumeInstanceUpdate(volumeId: "${kestrel.volumeId}", input: { state: DELETED, note: "${odd}" }) }`
  const { text } = await site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  const { text: told } = await bob.page.call('hold-show', { id })
  expect(id, text).not.toBe('')
  expect(told).not.toMatch(/[\u202E\u3164\u2066]/)
})

test('nothing is smuggled behind a call, and a name that is no other’s host is turned away', async () => {
  const { host } = new URL(site.origin)
  const { cookie, secret } = bob.page
  const head = `Host: ${host}\r\nOrigin: ${site.origin}\r\nContent-Type: application/json\r\nX-Firebreak: ${secret}\r\nCookie: ${cookie}\r\n`
  const inner = `POST /api/me HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\n{}`
  for (const framing of [
    `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${inner}`,
    `Content-Length: 2\r\nContent-Length: ${2 + inner.length}\r\n\r\n{}${inner}`,
    `Content-Length : 2\r\n\r\n{}${inner}`,
    `Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n${inner}`,
  ]) {
    const told = await raw(`POST /api/me HTTP/1.1\r\n${head}${framing}`)
    expect(told, framing).not.toContain('"name":"bob"')
  }
  const turned = [
    `GET / HTTP/1.1\r\n\r\n`,
    `GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: evil.example\r\nHost: ${host}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}.evil.example\r\n\r\n`,
    `GET / HTTP/1.0\r\n\r\n`,
  ]
  for (const text of turned) expect(await raw(text), text).not.toMatch(/^HTTP\/1\.1 200/)
  expect((await bob.page.call('me')).status).toBe(200)
})

test('deep, odd and poisoned bodies are refused in one line and change no prototype', async () => {
  const deep = `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`
  for (const body of [
    deep,
    `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    '{"__proto__":{"approver":"ann"},"id":"x"}',
    '{"constructor":{"prototype":{"role":"admin"}},"id":"x"}',
    '{"id":"x","id":"y","approver":"ann"}',
  ])
    for (const name of ['hold-show', 'statement', 'hold-approve', 'push-subscribe'])
      expect((await bob.page.call(name, {}, { body })).status).toBeOneOf([400, 403, 404])
  expect({}).not.toHaveProperty('role')
  expect((await bob.page.call('me')).body['role']).toBe('approver')
})

test('who may write the state and holds an approver’s session uses no signature twice', async () => {
  const who = 'agent:twice'
  await site.people.call('halt', { who, reason: 'test' })
  const assertion = await signature(bob, 'resume', { who })
  const input = { who, approver: 'bob', assertion }
  const before = await site.running.firebreak.state.read((tx) => tx.get('passkey', bob.key.id))
  expect((await bob.page.call('resume', input)).status).toBe(200)
  await site.people.call('halt', { who, reason: 'again' })
  // All that the use of it has left in the state beside the ledger.
  sql(`UPDATE passkey SET row = '${JSON.stringify(before)}' WHERE id = '${bob.key.id}'`)
  const again = await bob.page.call('resume', input)
  expect([again.status, again.text]).toEqual([403, expect.stringContaining('used already')])
  expect(rowsWith(challengeOf(assertion))).toEqual([])
})

test('a signature that was made before a restart is none after it, used or not', async () => {
  const other = await openSite()
  const eve = await other.seat('eve', 'admin')
  await other.people.call('halt', { who: 'agent:old', reason: 'test' })
  const { body } = await eve.page.call('statement', {
    command: 'resume',
    input: { who: 'agent:old' },
  })
  const challenge = textOf(body['challenge'] ?? null)
  const assertion = toJson(eve.key.get(challenge, { origin: other.origin }))
  await other.restart()
  await eve.page.signIn('eve', eve.key)
  const input = { who: 'agent:old', approver: 'eve', assertion }
  const { status, text } = await eve.page.call('resume', input)
  await other.close()
  expect([status, text]).toEqual([403, expect.stringContaining('begin again')])
})
