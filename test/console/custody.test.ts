/** Custody and Doctor at the page: a credential comes in by a passkey and never comes out; what weakens the set-up is said. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firebreak } from '../run.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

const secret = 'rw_Tk9-do-not-show-this-one'
let stage: Stage
let ann: Person
beforeAll(async () => {
  stage = await openStage(
    'notify: { channels: { chat: { kind: slack, credential: chat-hook } } }\n',
  )
  ann = await stage.entered('ann', 'admin')
})
afterAll(async () => {
  await ann.close()
  await stage.close()
})

test('a credential is added, replaced and removed by passkey, and the command line says the same', async () => {
  const { page } = ann
  await page.keyboard.press('u')
  const row = page.getByRole('listitem').filter({ hasText: 'railway' }).first()
  await row.getByText('••••••••').waitFor()
  await page.getByText('chat-hook: whatever needs it does not work').waitFor()
  const said = await firebreak(['custody', 'list', '--config', stage.site.config.file])
  expect(said).toMatch(/NOT KEPT: `chat-hook`, which would be sent to the channel `chat` alone/)
  await page.getByLabel('For', { exact: true }).selectOption('railway')
  await page.getByLabel('The credential').fill(secret)
  await page.keyboard.press('Enter')
  await page.getByText('kept for railway; now remove it').waitFor()
  await row.getByText('added by ann').waitFor()
  await page.getByRole('button', { name: 'Remove with your passkey: railway' }).click()
  await page.getByText('railway: whatever needs it does not work').waitFor()
  const after = await firebreak(['custody', 'list', '--config', stage.site.config.file])
  expect(after).toContain('NOT KEPT: `railway`')
})

test('secret-stays: it is sent in one request, and is in no address, no statement, no stream, no storage and nowhere on the page after', async () => {
  const { page } = ann
  const sent: string[] = []
  page.on('request', (request) => {
    const whole = `${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`
    if (whole.includes(secret)) sent.push(new URL(request.url()).pathname)
  })
  const answers: Promise<string>[] = []
  page.on('response', (answer) => {
    if (answer.url().includes('/api/') && !answer.url().endsWith('/live'))
      answers.push(answer.text().catch(() => ''))
  })
  // Refused first: also then the page has it no more.
  await page.route('**/api/custody-add', (route) => route.fulfill({ status: 503, body: '' }))
  const field = page.getByLabel('The credential')
  expect(await field.getAttribute('type')).toBe('password')
  await field.fill(secret)
  await page.getByRole('button', { name: 'Keep it with your passkey' }).click()
  await page.getByRole('alert').getByText('the daemon answers 503').waitFor()
  expect(await field.inputValue()).toBe('')
  await page.unrouteAll({ behavior: 'wait' })
  await field.fill(secret)
  await page.getByRole('button', { name: 'Keep it with your passkey' }).click()
  await page.getByRole('button', { name: 'Remove with your passkey: railway' }).waitFor()
  expect(await field.inputValue()).toBe('')
  expect(sent).toEqual(['/api/custody-add', '/api/custody-add'])
  const left: string = await page.evaluate(
    `JSON.stringify([document.documentElement.outerHTML, location.href, { ...localStorage }, { ...sessionStorage }, history.state])`,
  )
  expect(left).toContain('••••••••')
  expect(left).not.toContain(secret)
  expect((await Promise.all(answers)).join('\n')).not.toContain(secret)
  // The live stream is of the ledger.
  const { state } = stage.site.running.firebreak
  const leaves = await state.read(async ({ log }) => await log.leaves(0, await log.size()))
  const ledger = leaves.map((leaf) => Buffer.from(leaf).toString()).join('\n')
  expect(ledger).toContain('"what":"added"')
  expect(ledger).not.toContain(secret)
})

test('what no header may carry is refused in words that have none of it', async () => {
  const { page } = ann
  await page.getByLabel('For', { exact: true }).selectOption('railway')
  await page.getByLabel('The credential').fill('two words of it')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('a credential is one word').waitFor()
  expect(await page.getByRole('alert').textContent()).not.toContain('two words')
})

test('an approver and a viewer see that one is kept, and neither adds nor removes', async () => {
  for (const role of ['approver', 'viewer']) {
    const eve = await stage.entered(`eve-${role}`, role)
    await eve.page.goto(`${stage.site.origin}/#/custody`)
    await eve.page.getByText('Nobody reads one here.').waitFor()
    await eve.page.getByText('••••••••').waitFor()
    expect(await eve.page.getByRole('button', { name: /Remove|Keep it/ }).count()).toBe(0)
    expect(await eve.page.getByLabel('The credential').count()).toBe(0)
    await eve.close()
  }
})

test('Doctor says what the command line says, but for what only that can see', async () => {
  const { page } = ann
  await page.getByRole('heading', { name: 'Custody', level: 1 }).click()
  await page.keyboard.press('o')
  await page.getByText('no credential is kept for').waitFor({ state: 'detached' })
  await page.getByText("no-owner: this machine's key alone opens the vault").waitFor()
  const said = await firebreak(['doctor', '--config', stage.site.config.file])
  // As whom agents run, what their hosts would do, what lies in the checkout, what one read with a credential shows; and alarms, which have a page of their own.
  const apart =
    /^(same-user|agent-is-root|agent-user-unknown|old-credential-[a-z]+|(alarm|hook|mcp|raw)-[a-z-]+)$/
  const rules = (said.match(/^[a-z-]+(?=: )/gm) ?? []).filter((rule) => !apart.test(rule))
  expect(rules).toContain('key-beside-state')
  const shown = await page.locator('li.box strong').allTextContents()
  expect(shown.map((rule) => rule.replace(':', ''))).toEqual(rules)
  await page.getByRole('button', { name: 'Send a test by each' }).click()
  await page.getByText('chat: NOT TAKEN').waitFor()
  const told = await firebreak(['notify', 'test', '--config', stage.site.config.file])
  expect(told).toMatch(/chat +NOT TAKEN/)
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    const name = sitter(colorScheme, viewport === phone)
    const mia = await stage.entered(name, 'admin', { colorScheme, viewport })
    await mia.page.goto(`${stage.site.origin}/#/custody`)
    await mia.page.getByLabel('The credential').waitFor()
    await checkPage(mia.page, 'Custody')
    await mia.page.keyboard.press('o')
    await mia.page.getByText('no-owner').waitFor()
    await checkPage(mia.page, 'Doctor')
    await mia.close()
  }
})
