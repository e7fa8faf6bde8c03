/** Coming in by a company's provider: a real one, in a real browser; it opens the page, and approves nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { nameIn } from '../../src/app/console/oidc.ts'
import { textOf } from '../../src/base/json.ts'
import { freePort } from '../free-port.ts'
import { openStage } from './browser.ts'
import type { Stage } from './browser.ts'
import { client, openCompany } from './provider.ts'
import type { Company } from './provider.ts'

let stage: Stage
let company: Company
beforeAll(async () => {
  const port = await freePort()
  company = await openCompany(`http://localhost:${port}`, {
    bob: { email: 'bob@kestrel.example', verified: true },
    eve: { email: 'eve@kestrel.example', verified: true },
    mal: { email: 'bob@kestrel.example', verified: false },
  })
  const people = '{ bob: bob@kestrel.example, gone: gone@kestrel.example }'
  const oidc = `, oidc: { issuer: "${company.issuer}", client: ${client.id}, credential: kestrel-oidc, name: Kestrel, claim: email, people: ${people} }`
  stage = await openStage('', { port, console: oidc })
  await stage.site.people.callAs('custody-add', { target: 'kestrel-oidc', secret: client.secret })
  const bob = await stage.entered('bob')
  await bob.close()
})
afterAll(async () => {
  await stage.close()
  await company.close()
})

/** At the provider: types a name, agrees. */
async function pass(page: Page, login: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with Kestrel' }).click()
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill('x')
  await page.locator('button[type=submit]').click()
  await page.locator('button[type=submit]').click()
}

test('whom the config names comes in, and leaves nothing in the address', async () => {
  const who = await stage.somebody('bob')
  await who.page.goto(stage.site.origin)
  await pass(who.page, 'bob')
  await who.page.getByRole('heading', { name: 'Now' }).waitFor()
  expect(who.page.url()).toBe(`${stage.site.origin}/`)
  const me = await who.page.evaluate(
    `fetch('/api/me', { method: 'POST', headers: { 'content-type': 'application/json', 'x-firebreak': localStorage.getItem('firebreak.page') }, body: '{}' }).then((answer) => answer.json())`,
  )
  expect(me).toMatchObject({ name: 'bob', role: 'approver' })
  await who.close()
})

test.each([
  ['whom the config does not name', 'eve', 'the config has nobody'],
  ['whose address the provider has not verified', 'mal', 'the config has nobody'],
])('nobody comes in %s', async (_, login, why) => {
  const who = await stage.somebody(login)
  await who.page.goto(stage.site.origin)
  await pass(who.page, login)
  await who.page.getByText(why).waitFor()
  expect(await who.page.getByLabel('Your name').count()).toBe(1)
  await who.close()
})

test('a link that somebody else has begun signs nobody in', async () => {
  const victim = await stage.somebody('victim')
  await victim.page.goto(`${stage.site.origin}/signed-in?code=stolen&state=theirs`)
  await victim.page.getByText('nobody has left from this page for that').waitFor()
  expect(victim.page.url()).toBe(`${stage.site.origin}/`)
  await victim.close()
})

test.each<
  readonly [string, (began: string) => { readonly state: string; readonly search: string }]
>([
  ['a state of nobody', () => ({ state: 'x', search: '?code=a&state=x' })],
  ['a code that the provider never gave', (state) => ({ state, search: `?code=a&state=${state}` })],
  ['another state in the address', (state) => ({ state, search: '?code=a&state=x' })],
  [
    'an error of the provider',
    (state) => ({ state, search: `?error=access_denied&state=${state}` }),
  ],
  [
    'another issuer (a mix-up)',
    (state) => ({ state, search: `?code=a&state=${state}&iss=https%3A%2F%2Fevil.example` }),
  ],
])('%s opens nothing, and is spent', async (_, bent) => {
  const page = stage.site.open()
  const began = await page.call('oidc-begin')
  const [url, state] = [began.body['url'], began.body['state']].map((one) => textOf(one ?? null))
  const address = new URL(url ?? '')
  expect(address.origin).toBe(company.issuer)
  expect(address.searchParams.get('code_challenge_method')).toBe('S256')
  expect(address.searchParams.get('nonce')).toMatch(/^.{20,}$/)
  const input = bent(state ?? '')
  const first = await page.call('oidc-finish', input)
  expect([first.status, first.headers['set-cookie']]).toEqual([403, undefined])
  const again = await page.call('oidc-finish', {
    state: state ?? '',
    search: `?code=a&state=${state ?? ''}`,
  })
  if (input.state !== 'x') expect(again.text).toContain('nobody has left for it')
  expect(JSON.stringify(first.body)).not.toContain(client.secret)
})

test.each([
  [{ sub: 'b', email: 'bob@x', email_verified: true }, 'bob'],
  [{ sub: 'b', email: 'bob@x', email_verified: false }, null],
  [{ sub: 'b', email: 'bob@x', email_verified: 'true' }, null],
  [{ sub: 'b', email: 'BOB@x', email_verified: true }, null],
  [{ sub: 'bob@x' }, null],
  [{ sub: 'b', email: '', email_verified: true }, null],
])('the claim %j is %s', (claims, name) => {
  const oidc = {
    issuer: 'https://x',
    client: 'c',
    name: 'X',
    claim: 'email',
    people: { bob: 'bob@x', none: '' },
  } as const
  const whole = { iss: 'https://x', aud: 'c', iat: 0, exp: 1, ...claims }
  // What a provider sends is not always of the type that the standard gives it.
  expect(nameIn(oidc, JSON.parse(JSON.stringify(whole)))).toBe(name)
})
