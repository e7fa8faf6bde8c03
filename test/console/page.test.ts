/** The console as people use it: a real browser, with an authenticator of its own, before a real Firebreak. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { openEvil } from './evil.ts'
import { checkPage, openStage, phone, root, signIn, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let bob: Person
beforeAll(async () => {
  stage = await openStage()
  bob = await stage.entered('bob')
})
afterAll(async () => {
  await bob.close()
  await stage.close()
})

let agents = 0
/** Has an agent of its own ask for a destroy that is held, and gives the hold's id. */
async function held(reason = 'stale'): Promise<string> {
  agents += 1
  const mine = await stage.site.people.mint(`agent:cleanup-${agents}`, everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const headers = { prefer: 'respond-async', 'firebreak-reason': reason }
  const { text } = await stage.site.ask(mine, query, { headers })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0]
  if (id === undefined) throw new Error(text)
  return id
}

const objectOf = (value: Json): JsonObject => (isObject(value) ? value : {})

async function stateOf(id: string): Promise<unknown> {
  const row = await stage.site.people.call('hold-show', { id })
  return isObject(row) ? row['state'] : null
}

async function onHold(page: Page, id: string): Promise<void> {
  await page.goto(`${stage.site.origin}/#/hold/${id}`)
  await page.getByRole('heading', { name: 'Yes or no' }).waitFor()
}

test('a yes takes the name, exactly, and the passkey; Enter in the field is none', async () => {
  const { page } = bob
  const id = await held()
  await page.keyboard.press('n')
  const card = page.locator(`a.hold[href="#/hold/${id}"]`)
  await card.getByText('shop-data in production and 1 more, with 3 backups').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const field = page.getByLabel('To approve, type the name')
  const approve = page.getByRole('button', { name: 'Approve with your passkey' })
  await field.fill('shop-dat')
  expect(await approve.isDisabled()).toBe(true)
  await field.press('a')
  expect(await approve.isEnabled()).toBe(true)
  for (const key of ['Enter', 'd', 'Backspace']) await field.press(key)
  expect(await stateOf(id)).toBe('open')
  await approve.click()
  await page.getByText('scheduled: approved by you').waitFor()
  expect(await stateOf(id)).toBe('scheduled')
})

test('a hold that has changed since it was shown is not signed, and is read again', async () => {
  const { page } = bob
  const id = await held()
  await onHold(page, id)
  await page.getByLabel('To approve, type the name').fill('shop-data')
  // What the daemon shows is changed under the page: the text that would be signed is another.
  await page.route('**/api/statement', async (route) => {
    const answer = await route.fetch()
    const told: { statement: object } = JSON.parse(await answer.text())
    await route.fulfill({
      json: { ...told, statement: { ...told.statement, shown: 'f'.repeat(64) } },
    })
  })
  await page.getByRole('button', { name: 'Approve with your passkey' }).click()
  await page.getByText('this would not sign what you see').waitFor()
  await page.unroute('**/api/statement')
  expect(await stateOf(id)).toBe('open')
})

test('where two must sign, the second yes of one person is refused and the other’s runs it', async () => {
  const { page } = bob
  const eve = await stage.entered('eve')
  const mine = await stage.site.people.mint('agent:leaving', everything)
  const query = `mutation { projectLeave(id: "${kestrel.projectId}") }`
  const { text } = await stage.site.ask(mine, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  const approve = async (who: Page): Promise<void> => {
    await onHold(who, id)
    const named = (await who.locator('.yes-side strong').textContent()) ?? ''
    await who.getByLabel('To approve, type the name').fill(named)
    await who.getByRole('button', { name: 'Approve with your passkey' }).click()
  }
  await approve(page)
  await page.getByText('1 of 2 approved').waitFor()
  await page.reload()
  await approve(page)
  await page.getByText('has approved it already: another person must').waitFor()
  await eve.page.goto(stage.site.origin)
  await approve(eve.page)
  // It has no grace, and the rehearsal platform nothing to leave: that it failed says that it ran.
  await expect.poll(async () => await stateOf(id)).toBe('failed')
  await eve.close()
})

// Before anybody lets hours pass: in its pictures a hold has the time that a hold has.
test.each(['light', 'dark'] as const)(
  'axe finds nothing serious, %s, on a desk and on a phone',
  async (colorScheme) => {
    for (const viewport of [undefined, phone]) {
      const name = sitter(colorScheme, viewport === phone)
      const mia = await stage.somebody(name, {
        colorScheme,
        ...(viewport === undefined ? {} : { viewport }),
      })
      await mia.page.goto(stage.site.origin)
      await mia.page.getByLabel('Your name').waitFor()
      await checkPage(mia.page, 'the door')
      await mia.close()
      const ned = await stage.entered(name, 'approver', {
        colorScheme,
        ...(viewport === undefined ? {} : { viewport }),
      })
      const id = await held()
      await ned.page.locator(`a.hold[href="#/hold/${id}"]`).waitFor()
      await checkPage(ned.page, 'Now')
      await onHold(ned.page, id)
      await checkPage(ned.page, 'Hold')
      await ned.page.getByLabel('To approve, type the name').fill('shop-data')
      await ned.page.getByRole('button', { name: 'Approve' }).scrollIntoViewIfNeeded()
      await checkPage(ned.page, 'Yes or no')
      await ned.page.getByRole('link', { name: /^Later/ }).click()
      await ned.page.getByRole('heading', { name: 'Later', level: 1 }).waitFor()
      await checkPage(ned.page, 'Later')
      await ned.page.keyboard.press('h')
      await ned.page.getByLabel('Why (optional)').waitFor()
      await checkPage(ned.page, 'Halt')
      await ned.close()
    }
  },
)

test('a hold that nobody answered has expired, and offers no yes; its class is as open as before', async () => {
  const { page } = bob
  const id = await held()
  await onHold(page, id)
  const { state } = stage.site.running.firebreak
  const left = ((await state.transact((tx) => tx.get('hold', id)))?.expiresAt ?? 0) - Date.now()
  stage.site.pass(Math.max(0, left) + 60_000)
  await expect.poll(async () => await stateOf(id)).toBe('expired')
  await page.getByRole('heading', { name: 'Yes or no' }).waitFor({ state: 'detached' })
  // So much time has passed for the daemon that nobody is signed in any more.
  await page.goto(stage.site.origin)
  await page.getByLabel('Your name').waitFor()
  await signIn(page, 'bob')
})

test('one key denies, and says what it closed', async () => {
  const { page } = bob
  const id = await held()
  await onHold(page, id)
  await page.keyboard.press('d')
  await page.getByText('the same class of act is refused for a day').waitFor()
  expect(await stateOf(id)).toBe('denied')
  const { principal } = objectOf(await stage.site.people.call('hold-show', { id }))
  const again = await stage.site.people.mint(textOf(principal ?? null), everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  expect((await stage.site.ask(again, query)).text).toMatch(/"rule":"closed|was denied|is closed/)
})

test('a hold that is gone to while another is being read is read too', async () => {
  const { page } = bob
  const [one, other] = [await held(), await held()]
  const asked = Promise.withResolvers<null>()
  const letGo = Promise.withResolvers<null>()
  await page.route(
    '**/api/hold-show',
    async (route) => {
      asked.resolve(null)
      await letGo.promise
      await route.continue()
    },
    { times: 1 },
  )
  await page.goto(`${stage.site.origin}/#/hold/${one}`)
  await asked.promise
  await page.goto(`${stage.site.origin}/#/hold/${other}`)
  await page.getByRole('heading', { name: 'Yes or no' }).waitFor()
  letGo.resolve(null)
  expect(await page.title()).toContain(other)
})

test('Later counts down, and one press undoes', async () => {
  const { page } = bob
  const id = await held()
  await onHold(page, id)
  await page.getByLabel('To approve, type the name').fill('shop-data')
  await page.getByRole('button', { name: 'Approve with your passkey' }).click()
  await page.getByText('scheduled: approved by you').waitFor()
  await page.keyboard.press('l')
  const mine = page.getByRole('listitem').filter({ has: page.locator(`a[href="#/hold/${id}"]`) })
  expect(await mine.getByRole('timer').textContent()).toMatch(/^\d+:\d\d:\d\d$/)
  await mine.getByRole('button', { name: 'Undo: it will not run' }).click()
  await page.getByText('it will not run').first().waitFor()
  expect(await stateOf(id)).toBe('undone')
})

test('Halt is in reach of the keyboard, stops every agent within a second, and a passkey lifts it', async () => {
  const { page } = bob
  const read = 'query { me { id } }'
  const grant = await stage.site.people.mint('agent:busy', everything)
  expect((await stage.site.ask(grant, read)).status).toBe(200)
  await page.keyboard.press('h')
  await page.getByLabel('Why (optional)').fill('a drill')
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/halt'))
  await page.keyboard.press('Enter')
  await answered
  // From the daemon's answer on there is no moment in which anything passes.
  expect((await stage.site.ask(grant, read)).status).not.toBe(200)
  await page.getByText('HALTED: everyone').waitFor()
  await page.getByRole('button', { name: 'Resume with your passkey' }).click()
  await page.getByText('resumed: all').waitFor()
  expect((await stage.site.ask(grant, read)).status).toBe(200)
})

test('what others wrote is text, and what turns text is shown as its code', async () => {
  const { page } = bob
  const id = await held('<img src=x onerror=alert(1)><b>stale</b>')
  await onHold(page, id)
  expect(await page.locator('img').count()).toBe(0)
  const said = (await page.locator('blockquote').textContent()) ?? ''
  expect(said).toContain('<img src=x onerror=alert(1)><b>stale</b>')
  await stage.site.people.call('halt', { who: 'agent:x', reason: '\u202egnitset\u2066 <i>x</i>' })
  await page.getByText('\\u{202e}gnitset\\u{2066} <i>x</i>').waitFor()
  await stage.site.people.callAs('resume', { who: 'agent:x' })
})

test('a viewer sees, halts and says no; there is nothing to approve with', async () => {
  const vic = await stage.entered('vic', 'viewer')
  const id = await held()
  await onHold(vic.page, id)
  expect(await vic.page.getByRole('button', { name: 'Approve with your passkey' }).count()).toBe(0)
  await vic.close()
})

test('who is signed out on the machine is at the door within a moment, and comes back by the passkey', async () => {
  const { page } = bob
  await page.goto(`${stage.site.origin}/#/`)
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  await stage.site.people.call('session-end', { who: 'bob' })
  await page.getByLabel('Your name').waitFor()
  await signIn(page, 'bob')
})

test('another page on this host has nothing of the session, and what a person signs there counts for nothing', async () => {
  const { page, context } = bob
  const id = await held()
  const row = await stage.site.people.call('hold-show', { id })
  const input = { id, shown: isObject(row) ? (row['shown'] ?? '') : '' }
  const wish = { command: 'hold-approve', input, approver: 'bob' }
  const asked = await stage.site.people.call('statement', wish)
  const other = await context.newPage()
  const evil = await openEvil(stage.site.origin)
  try {
    await bob.lend(other)
    await other.goto(evil.url)
    const challenge = isObject(asked) ? textOf(asked['challenge'] ?? null) : ''
    const tried: { status: string; framed: boolean; assertion: JsonObject } = await other.evaluate(
      `attack(${JSON.stringify(challenge)})`,
    )
    expect(tried).toMatchObject({ status: 'blocked', framed: false })
    const signed = { ...input, approver: 'bob', assertion: tried.assertion }
    const sent = stage.site.people.call('hold-approve', signed)
    await expect(sent).rejects.toThrow(/made on another page|origin/)
    expect(await stateOf(id)).toBe('open')
    // The browser did hand it the cookie: it is of no use without the page, and says so by ending the session.
    expect(evil.cookies.join()).toContain('firebreak=')
    const stolen = stage.site.open()
    stolen.cookie = evil.cookies.at(-1) ?? ''
    expect((await stolen.call('hold-list', { all: false })).status).toBe(401)
    await page.getByLabel('Your name').waitFor()
    await signIn(page, 'bob')
  } finally {
    await other.close()
    await evil.close()
  }
})

test('alarms stand on top until a person takes them down', async () => {
  const { page } = bob
  await page.keyboard.press('n')
  await page.getByText('made on another page').waitFor()
  await page.getByRole('button', { name: 'Seen: take them down' }).click()
  await page.getByText('made on another page').waitFor({ state: 'detached' })
  const left = await stage.site.people.call('alarm-list', { all: false })
  expect(left).toEqual([])
})

test('the page is small, and nothing in it writes HTML', () => {
  const folder = join(root, 'console/dist')
  const [script = ''] = globSync('app-*.js', { cwd: folder })
  expect(gzipSync(readFileSync(join(folder, script))).byteLength).toBeLessThan(60_000)
  const sources = globSync('console/*.{ts,tsx}', { cwd: root })
  expect(sources.length).toBeGreaterThan(20)
  const writes =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|\beval\(|style=/
  expect(sources.filter((file) => writes.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
