/** People at the page: invited with the page as the terminal, removed, signed out; a config accepted, a class reopened. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { everything } from '../rig.ts'
import { checkPage, openStage, phone, sitter, signIn } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let ann: Person
beforeAll(async () => {
  stage = await openStage()
  ann = await stage.entered('ann', 'admin')
})
afterAll(async () => {
  await ann.close()
  await stage.close()
})

test('an admin invites at the page, the number is typed there, and the new person comes in', async () => {
  const { page } = ann
  await page.keyboard.press('w')
  await page.getByLabel('Name', { exact: true }).fill('bob')
  await page.getByLabel('As', { exact: true }).selectOption('approver')
  await page.getByRole('button', { name: 'Invite with your passkey' }).click()
  const link = (await page.getByLabel('The link').textContent()) ?? ''
  const bob = await stage.somebody('bob')
  await bob.page.goto(link)
  await bob.page.getByRole('button', { name: 'Make my passkey' }).click()
  const number = (await bob.page.locator('.number').textContent()) ?? ''
  await page.getByLabel('The number on their page').fill(number)
  await page.getByRole('button', { name: 'That is the number' }).click()
  await page.getByText('bob signs with that passkey from now on').waitFor()
  await bob.page.getByRole('button', { name: 'It is typed in' }).click()
  await signIn(bob.page, 'bob')
  // An approver invites nobody else, and ends nobody's session.
  await bob.page.keyboard.press('w')
  await bob.page.getByText('Others, an admin invites.').waitFor()
  expect(await bob.page.getByRole('button', { name: /^(Remove|Sign out b)/ }).count()).toBe(0)
  await bob.page.getByLabel('Name', { exact: true }).fill('mallory')
  await bob.page.getByRole('button', { name: 'Invite with your passkey' }).click()
  await bob.page.getByRole('alert').getByText('takes an admin').waitFor()
  await page.getByRole('button', { name: 'Sign out bob' }).click()
  await bob.page.getByLabel('Your name').waitFor()
  await page.getByRole('button', { name: 'Remove bob', exact: true }).click()
  await page.getByText('bob signs nothing any more').waitFor()
  await bob.page.getByLabel('Your name').fill('bob')
  await bob.page.getByRole('button', { name: 'Sign in with your passkey' }).click()
  await bob.page.getByText('nobody of that name comes in with a passkey').waitFor()
  await bob.close()
})

test('somebody is away: a viewer signs in their place at the page, until it is taken back', async () => {
  const { page } = ann
  const otto = await stage.entered('otto', 'viewer')
  await page.goto(`${stage.site.origin}/#/people`)
  await page.getByLabel('Who is away').selectOption('ann')
  await page.getByLabel('Who signs instead').selectOption('otto')
  const soon = new Date(stage.site.running.firebreak.clock.now() + 2 * 86_400_000)
  await page.getByLabel('Until the end of').fill(soon.toISOString().slice(0, 10))
  const grant = await stage.site.people.mint('agent:holiday', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  await otto.page.goto(`${stage.site.origin}/#/hold/${id}`)
  await otto.page.getByText('You are a viewer here').waitFor()
  await page.getByRole('button', { name: 'Lend with your passkey' }).click()
  await page.getByText('otto signs in the place of ann until').waitFor()
  // The page of who stands in hears of it by itself.
  await otto.page.getByText('You sign in the place of ann').waitFor()
  await checkPage(otto.page, 'Hold in the place of another')
  await otto.page.getByLabel('To approve, type the name').fill('shop-data')
  await otto.page.getByRole('button', { name: 'Approve with your passkey' }).click()
  await otto.page.getByText('scheduled: approved by you').waitFor()
  await page.getByRole('button', { name: 'Take back the voice of ann' }).click()
  await page.getByText('nobody signs in the place of ann any more').waitFor()
  await otto.page.getByText('You sign in the place of ann').waitFor({ state: 'detached' })
  await stage.site.people.call('hold-undo', { id })
  await otto.close()
})

test('a wrong number spends the link, and says that somebody else may have been there', async () => {
  const { page } = ann
  await page.getByLabel('Name', { exact: true }).fill('eve')
  await page.getByRole('button', { name: 'Invite with your passkey' }).click()
  const link = (await page.getByLabel('The link').textContent()) ?? ''
  const agent = await stage.somebody('eve')
  await agent.page.goto(link)
  await agent.page.getByRole('button', { name: 'Make my passkey' }).click()
  const theirs = (await agent.page.locator('.number').textContent()) ?? ''
  await page.getByLabel('The number on their page').fill(theirs === '000000' ? '000001' : '000000')
  await page.getByRole('button', { name: 'That is the number' }).click()
  await page.getByRole('alert').getByText('somebody else may have used the invitation').waitFor()
  await page.getByRole('button', { name: 'Leave it' }).click()
  await agent.close()
})

test('a class that a no has closed is reopened by a passkey', async () => {
  const { page } = ann
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  await stage.site.people.call('hold-deny', { id: /hold_[a-z0-9]+/.exec(text)?.[0] ?? '' })
  await page.keyboard.press('n')
  const closed = page.getByRole('button', {
    name: /^Reopen with your passkey: .* for agent:cleanup/,
  })
  await closed.first().waitFor()
  for (let left = await closed.count(); left > 0; left--) {
    await closed.first().click()
    await expect.poll(async () => await closed.count()).toBe(left - 1)
  }
  expect(await stage.site.people.call('closed-list')).toEqual([])
})

test('a config that has changed is shown line by line, and an admin accepts it at the page', async () => {
  const { page } = ann
  const { file } = stage.site.config
  await stage.site.running.stop()
  writeFileSync(file, `${readFileSync(file, 'utf8')}\nlimits: { openHolds: 7 }\n`)
  await stage.site.start()
  await page.getByLabel('Your name').waitFor()
  await signIn(page, 'ann')
  await page.getByRole('heading', { name: 'Nobody has accepted this' }).waitFor()
  await page.getByText('limits.openHolds: 20 → 7').waitFor()
  await checkPage(page, 'Changed')
  await page.getByRole('button', { name: 'Accept with your passkey' }).click()
  await page.getByText('accepted: this config').waitFor()
  await page
    .getByRole('heading', { name: 'Nobody has accepted this' })
    .waitFor({ state: 'detached' })
  // While it was down the browser had to say so.
  expect(ann.complaints.filter((one) => !one.includes('net::ERR_'))).toEqual([])
  ann.complaints.length = 0
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    const name = sitter(colorScheme, viewport === phone)
    const mia = await stage.entered(name, 'admin', { colorScheme, viewport })
    await mia.page.goto(`${stage.site.origin}/#/people`)
    await mia.page.getByRole('heading', { name: 'Signed in' }).waitFor()
    await checkPage(mia.page, 'People')
    await mia.close()
  }
})
