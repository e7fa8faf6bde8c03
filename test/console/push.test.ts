/** Browser push, against a service of our own that reads as a browser does (RFC 8291, RFC 8188, RFC 8292); and in a browser. */
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { noticeIn, placeFor } from '../../console/pushed.ts'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, parseJson, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { freePort } from '../free-port.ts'
import { everything } from '../rig.ts'
import { openStage } from './browser.ts'
import type { Stage } from './browser.ts'
import type { Seat } from './site.ts'

interface Heard {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

let stage: Stage
let bob: Seat
const heard: Heard[] = []
const answers = new Map<string, number>()
const port = await freePort()
const service = createServer((incoming, outgoing) => {
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => parts.push(part))
  incoming.on('end', () => {
    heard.push({ path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(parts) })
    outgoing.writeHead(answers.get(incoming.url ?? '') ?? 201, { connection: 'close' }).end()
  })
})
beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(port, '127.0.0.1', resolve))
  stage = await openStage(
    `notify:\n  channels:\n    phone: { kind: push, contact: "mailto:ops@kestrel.example", services: ["127.0.0.1:${port}"] }\n`,
  )
  bob = await stage.site.seat('bob')
})
afterAll(async () => {
  await stage.close()
  await new Promise((resolve) => service.close(resolve))
})
beforeEach(() => {
  heard.length = 0
})

/** A browser's side: where it is told, and how it reads. */
function browser(path: string): {
  readonly given: JsonObject
  readonly read: (body: Buffer) => JsonObject
} {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const auth = randomBytes(16)
  const p256dh = pair.getPublicKey()
  const given = {
    endpoint: `http://127.0.0.1:${port}${path}`,
    p256dh: p256dh.toString('base64url'),
    auth: auth.toString('base64url'),
  }
  const read = (body: Buffer): JsonObject => {
    // RFC 8188, §2.1: salt, record size, key id; the key id is the sender's public key.
    const [salt, length] = [body.subarray(0, 16), body[20] ?? 0]
    const [theirs, record] = [body.subarray(21, 21 + length), body.subarray(21 + length)]
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, theirs])
    const ikm = Buffer.from(hkdfSync('sha256', pair.computeSecret(theirs), auth, info, 32))
    const part = (what: string, bytes: number): Buffer =>
      Buffer.from(hkdfSync('sha256', ikm, salt, Buffer.from(`Content-Encoding: ${what}\0`), bytes))
    const open = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12))
    open.setAuthTag(record.subarray(-16))
    const text = Buffer.concat([open.update(record.subarray(0, -16)), open.final()])
    const end = text.lastIndexOf(2)
    const told = parseJson(text.toString('utf8', 0, end))
    if (!isObject(told)) throw new Error('no object')
    return told
  }
  return { given, read }
}

async function held(): Promise<string> {
  const grant = await stage.site.people.mint(`agent:p${randomBytes(3).toString('hex')}`, everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  return /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
}

/** Time passes for Firebreak until it has come: not so fast that an hour is over, and with it who is signed in, where the machine is slow. */
const came = async (is: () => boolean): Promise<void> =>
  await expect
    .poll(
      () => {
        stage.site.pass(5000)
        return is()
      },
      { interval: 200 },
    )
    .toBe(true)

/** RFC 8292: a JWT, signed by the key that the browser subscribed with; what it claims, or null for another's. */
function claimsOf(authorization: string, key: string): unknown {
  const [, jwt = '', k = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) => one.toString('base64url'))
  const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }
  const by = {
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  } as const
  const said = Buffer.from(`${head}.${claims}`)
  const isOurs = k === key && verify('sha256', said, by, Buffer.from(signature, 'base64url'))
  return isOurs ? parseJson(Buffer.from(claims, 'base64url').toString('utf8')) : null
}

test('a hold is told to a subscribed browser, readable by it alone, in our name, with a link and nothing that approves', async () => {
  const { page } = bob
  const { given, read } = browser('/push/one')
  const key = textOf((await page.call('push-key')).body['key'] ?? null)
  expect((await page.call('push-subscribe', given)).status).toBe(200)
  const id = await held()
  await came(() => heard.length > 0)
  const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = heard
  expect(body.includes('shop-data')).toBe(false)
  const told = read(body)
  expect(textOf(told['title'] ?? null)).toContain('asks for volumeDelete on railway')
  expect(told['url']).toBe(`${stage.site.origin}/#/hold/${id}`)
  expect(textOf(told['body'] ?? null)).toContain('shop-data')
  expect(JSON.stringify(told)).not.toMatch(/approve\?|token|passkey/i)
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '86400' })
  expect(claimsOf(headers.authorization ?? '', key)).toMatchObject({
    aud: `http://127.0.0.1:${port}`,
    sub: 'mailto:ops@kestrel.example',
  })
  await page.call('push-unsubscribe', { endpoint: given['endpoint'] ?? '' })
})

const good = browser('/push/x').given
test.each<readonly [string, JsonObject]>([
  ['of this machine', { ...good, endpoint: 'http://127.0.0.1:22/' }],
  ['of a private network', { ...good, endpoint: 'https://10.0.0.1/push' }],
  ['of the cloud’s metadata', { ...good, endpoint: 'http://169.254.169.254/latest' }],
  ['of nobody whom the config names', { ...good, endpoint: 'https://evil.example/push' }],
  ['that only looks like one', { ...good, endpoint: `http://127.0.0.1:${port}@evil.example/` }],
  ['with a password in it', { ...good, endpoint: `http://a:b@127.0.0.1:${port}/` }],
  ['that is a file', { ...good, endpoint: 'file:///etc/passwd' }],
  ['with a key that is none', { ...good, p256dh: 'AAAA' }],
  ['with a key of the right length that is no point', { ...good, p256dh: 'A'.repeat(87) }],
  ['with a secret that is none', { ...good, auth: 'A'.repeat(23) }],
  ['with more than it has', { ...good, approver: 'ada', by: 'ada', name: 'ada' }],
])('a subscription %s is refused', async (_, input) => {
  expect((await bob.page.call('push-subscribe', input)).status).toBe(400)
})

test('a browser that is gone is forgotten, a removed person hears nothing, and a row of another hand is nobody’s', async () => {
  const eve = await stage.site.seat('eve')
  const [gone, theirs, mine] = [browser('/push/gone'), browser('/push/eve'), browser('/push/mine')]
  answers.set('/push/gone', 410)
  await bob.page.call('push-subscribe', gone.given)
  await bob.page.call('push-subscribe', mine.given)
  await eve.page.call('push-subscribe', theirs.given)
  const { state } = stage.site.running.firebreak
  const rows = await state.transact((tx) => tx.find('push', {}))
  expect(rows).toHaveLength(3)
  expect(JSON.stringify(rows)).not.toContain('127.0.0.1')
  // A hand moves eve's browser to bob, who stays.
  await state.transact(async (tx) => {
    const [one] = rows.filter(({ approver }) => approver !== rows[0]?.approver)
    if (one !== undefined)
      await tx.put('push', { ...one, id: 'push_forged', approver: rows[0]?.approver ?? '' })
  })
  await stage.site.people.callAs('approver-remove', { name: 'eve' })
  await held()
  await came(() => new Set(heard.map(({ path }) => path)).size > 1)
  expect(new Set(heard.map(({ path }) => path))).toEqual(new Set(['/push/gone', '/push/mine']))
  await expect.poll(async () => (await state.transact((tx) => tx.find('push', {}))).length).toBe(3)
  heard.length = 0
  await held()
  await came(() => heard.length > 0)
  expect(heard.map(({ path }) => path)).toEqual(['/push/mine'])
  expect(textOf(mine.read(heard[0]?.body ?? Buffer.alloc(0))['title'] ?? null)).toContain(
    'volumeDelete',
  )
})

test('a browser that refuses gets it again, and who has taken it does not', async () => {
  const [sick, well] = [browser('/push/sick'), browser('/push/well')]
  for (const { given } of [sick, well]) await bob.page.call('push-subscribe', given)
  answers.set('/push/sick', 503)
  await held()
  const tries = (path: string): number => heard.filter((one) => one.path === path).length
  await came(() => tries('/push/sick') >= 3)
  expect(tries('/push/well')).toBe(1)
  answers.delete('/push/sick')
  const before = tries('/push/sick')
  await came(() => tries('/push/sick') > before)
  expect(tries('/push/well')).toBe(1)
  for (const { given } of [sick, well])
    await bob.page.call('push-unsubscribe', { endpoint: given['endpoint'] ?? '' })
})

test('in a browser: asked for by a press, shown by the worker, under a policy that allows no other script', async () => {
  const ned = await stage.entered('ned', 'approver', { permissions: ['notifications'] })
  const { given } = browser('/push/ned')
  // Only the service behind it is another: a browser here reaches no maker's.
  await ned.page.addInitScript(`{
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)).buffer
    const given = ${JSON.stringify(given)}
    let made = null
    PushManager.prototype.getSubscription = async () => made
    PushManager.prototype.subscribe = async () =>
      (made = { endpoint: given.endpoint, getKey: (name) => bytes(given[name]), unsubscribe: async () => { made = null } })
  }`)
  await ned.page.reload()
  await ned.page.getByRole('button', { name: 'Tell me on this device' }).click()
  await ned.page.getByRole('button', { name: 'Told on this device' }).waitFor()
  const id = await held()
  await came(() => heard.some(({ path }) => path === '/push/ned'))
  const shown = await ned.page.evaluate(
    `navigator.serviceWorker.ready.then(async (it) => it.active.scriptURL)`,
  )
  expect(shown).toBe(`${stage.site.origin}/worker.js`)
  expect(id).not.toBe('')
  await ned.page.getByRole('button', { name: 'Told on this device' }).click()
  await ned.page.getByRole('button', { name: 'Tell me on this device' }).waitFor()
  await ned.close()
})

test.each([
  ['{"title":"t","body":"b","tag":"x","url":"u"}', { title: 't', body: 'b', tag: 'x', url: 'u' }],
  ['nonsense', { title: 'Firebreak: something waits', body: '', tag: '', url: '' }],
  ['[]', { title: 'Firebreak: something waits', body: '', tag: '', url: '' }],
  ['{"title":7,"url":{}}', { title: 'Firebreak: something waits', body: '', tag: '', url: '' }],
])('a message `%s` is shown as what can be read of it', (text, shown) => {
  expect(noticeIn(text)).toEqual(shown)
})

test.each([
  ['https://fb.example/#/hold/hold_1', 'https://fb.example/#/hold/hold_1'],
  ['https://evil.example/#/hold/hold_1', 'https://fb.example/'],
  ['javascript:alert(1)', 'https://fb.example/'],
  ['https://fb.example/#invited=x', 'https://fb.example/'],
  ['https://fb.example/signed-in?code=x#/now', 'https://fb.example/'],
  [null, 'https://fb.example/'],
])('a click on `%s` leads to %s', (url, place) => {
  expect(placeFor(url, 'https://fb.example')).toBe(place)
})
