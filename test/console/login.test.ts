/** An admin without a terminal logs in for a server's token: by the page, at a real issuer, signed with a passkey. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject } from '../../src/base/json.ts'
import { openIssuer } from '../mcp/issuer.ts'
import type { Issuer } from '../mcp/issuer.ts'
import { checkPage, openStage } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let issuer: Issuer
let stage: Stage
let ann: Person
beforeAll(async () => {
  issuer = await openIssuer()
  const targets = `  shop:
    platform: mcp
    url: ${issuer.url}
    secret: authorization`
  stage = await openStage('', { targets })
  ann = await stage.entered('ann', 'admin')
})
afterAll(async () => {
  await ann.close()
  await stage.close()
  await issuer.close()
})

const loginOf = async (): Promise<unknown> => {
  const kept = await stage.site.people.call('custody-list')
  const rows = Array.isArray(kept) ? kept.filter(isObject) : []
  return rows.find(({ target }) => target === 'shop')?.['login'] ?? null
}

test('she leaves, agrees there, comes back, and signs; the page keeps no code', async () => {
  const { page } = ann
  const sent: string[] = []
  page.on('request', (request) => {
    if ((request.postData() ?? '').includes('code=')) sent.push(new URL(request.url()).pathname)
  })
  await page.goto(`${stage.site.origin}/#/custody`)
  await page.getByRole('button', { name: 'Log in for shop' }).click()
  await page.locator('input[name=login]').fill('ann')
  await page.locator('input[name=password]').fill('x')
  await page.locator('button[type=submit]').click()
  await page.locator('button[type=submit]').click()
  await page.getByText(`Back from ${issuer.origin}`).waitFor()
  expect(page.url()).toBe(`${stage.site.origin}/#/custody`)
  const left: string = await page.evaluate(
    `JSON.stringify([document.documentElement.outerHTML, location.href, { ...localStorage }, { ...sessionStorage }, history.state])`,
  )
  expect(left).not.toContain('code=')
  expect([await loginOf(), issuer.given.length]).toEqual([null, 0])
  await checkPage(page, 'Log in')
  await page.locator('.box').getByRole('button', { name: 'Keep it with your passkey' }).click()
  await page.getByText('logged in for shop: its token is kept').waitFor()
  await page.getByText('logged in, until').waitFor()
  expect(await loginOf()).toMatchObject({ deadSince: null })
  expect(sent).toEqual(['/api/custody-login'])
  expect(ann.complaints).toEqual([])
})

test('a link that somebody else has begun logs nobody in', async () => {
  const { page } = ann
  const before = issuer.given.length
  await page.goto(`${stage.site.origin}/logged-in?code=stolen&state=theirs`)
  await page.getByText('Nobody has left from this page for that login').waitFor()
  expect(await page.getByText('Back from').count()).toBe(0)
  expect([page.url(), issuer.given.length]).toEqual([`${stage.site.origin}/#/custody`, before])
})

test('an approver who is no admin does not log in', async () => {
  const bob = await stage.site.seat('bob')
  const redirect = `${stage.site.origin}/logged-in`
  const answer = await bob.page.call('custody-login-begin', { target: 'shop', redirect })
  expect(answer.status).toBe(403)
})
