/** The console by other hands: a thumb on a phone, keys alone, a screen reader; and a hand that sends a signature twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page, Request } from 'playwright-core'
import { kestrel } from '../../sim/tenant.ts'
import { isObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { openStage, phone } from './browser.ts'
import type { Stage } from './browser.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => await stage.close())

let agents = 0
/** Has an agent of its own ask for what is held, and gives the hold's id. */
async function held(field = `volumeDelete(volumeId: "${kestrel.volumeId}")`): Promise<string> {
  const grant = await stage.site.people.mint(`agent:hands-${(agents += 1)}`, everything)
  const headers = { prefer: 'respond-async' }
  const { text } = await stage.site.ask(grant, `mutation { ${field} }`, { headers })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0]
  if (id === undefined) throw new Error(text)
  return id
}
async function stateOf(id: string): Promise<unknown> {
  const row = await stage.site.people.call('hold-show', { id })
  return isObject(row) ? row['state'] : null
}
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

test('on a phone, by touch and in the dark: a yes, its undo, a no, a halt and its end', async () => {
  const look = { viewport: phone, hasTouch: true, isMobile: true, colorScheme: 'dark' } as const
  const pia = await stage.entered('pia', 'approver', look)
  const { page } = pia
  const [yes, no] = [await held(), await held()]
  await page.locator(`a.hold[href="#/hold/${yes}"]`).tap()
  // The picture of what goes: red, and as wide as it is big.
  const bar = page.locator('.things .bar').first()
  expect((await bar.boundingBox())?.width).toBeGreaterThan(phone.width * 0.75)
  const colours: [string, string] = await page.evaluate(
    `[getComputedStyle(document.querySelector('.things .bar')).fill, getComputedStyle(document.querySelector('.box.gone')).borderTopColor]`,
  )
  expect(colours[0]).toBe(colours[1])
  await page.getByLabel('To approve, type the name').fill('shop-data')
  await button(page, 'Approve with your passkey').tap()
  await page.getByText('scheduled: approved by you').waitFor()
  await page.getByRole('link', { name: /^Later/ }).tap()
  await button(page, /^Undo: it will not run/).tap()
  await expect.poll(async () => await stateOf(yes)).toBe('undone')
  await page.getByRole('link', { name: /^Now/ }).tap()
  await page.locator(`a.hold[href="#/hold/${no}"]`).tap()
  await button(page, /^Deny/).tap()
  await page.getByText('the same class of act is refused for a day').waitFor()
  expect(await stateOf(no)).toBe('denied')
  // In reach of the thumb also where the page is scrolled to its end.
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)')
  const { y = -1, height = 0 } = (await button(page, 'Halt').boundingBox()) ?? {}
  expect(y).toBeGreaterThanOrEqual(0)
  expect(y + height).toBeLessThan(phone.height)
  await button(page, 'Halt').tap()
  await button(page, 'Halt everyone').tap()
  await page.getByText('HALTED: everyone').waitFor()
  await button(page, 'Resume with your passkey').tap()
  await page.getByText('resumed: all').waitFor()
  await pia.close()
})

/** Presses Tab until that has the focus, as somebody does who has no mouse. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let times = 0; times < 80; times++) {
    await page.keyboard.press('Tab')
    const at: string = await page.evaluate(
      `(({ activeElement: at }) => at?.ariaLabel ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? '')(document)`,
    )
    if (name.test(at)) return
  }
  throw new Error(`Tab never comes to ${name.source}`)
}

test('by keys alone: in at the door, a yes, its undo, a no, a halt and its end', async () => {
  const kim = await stage.entered('kim')
  const { page } = kim
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await tabTo(page, /^Sign out$/)
  await press('Enter')
  await page.getByLabel('Your name').waitFor()
  await tabTo(page, /^Your name/)
  await press('ControlOrMeta+a')
  await page.keyboard.type('kim')
  await press('Enter')
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
  const yes = await held()
  await page.locator(`a.hold[href="#/hold/${yes}"]`).waitFor()
  await press('j', 'Enter')
  await page.getByRole('heading', { name: 'Yes or no' }).waitFor()
  await tabTo(page, /^To approve, type the name/)
  await page.keyboard.type('shop-data')
  await tabTo(page, /^Approve with your passkey$/)
  await press('Enter')
  await page.getByText('scheduled: approved by you').waitFor()
  await press('l')
  await page.getByRole('heading', { name: 'Later', level: 1 }).waitFor()
  await tabTo(page, /^Undo: it will not run/)
  await press('Enter')
  await expect.poll(async () => await stateOf(yes)).toBe('undone')
  const no = await held()
  await press('n')
  await page.locator(`a.hold[href="#/hold/${no}"]`).waitFor()
  await press('j', 'Enter')
  await page.getByRole('heading', { name: 'Yes or no' }).waitFor()
  await press('d')
  await expect.poll(async () => await stateOf(no)).toBe('denied')
  await press('h')
  await tabTo(page, /^Halt everyone$/)
  await press('Enter')
  await page.getByText('HALTED: everyone').waitFor()
  await tabTo(page, /^Resume with your passkey$/)
  await press('Enter')
  await page.getByText('resumed: all').waitFor()
  await kim.close()
})

test('what a passkey has signed is taken once: the same call again, from the very page, does nothing', async () => {
  const rex = await stage.entered('rex')
  const { page } = rex
  const again = async (sent: Request): Promise<string> => {
    const { 'x-firebreak': secret = '' } = sent.headers()
    const how = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-firebreak': secret },
      body: sent.postData(),
    }
    return await page.evaluate(
      `fetch(${JSON.stringify(sent.url())}, ${JSON.stringify(how)}).then(async (got) => got.status + ' ' + (await got.text()))`,
    )
  }
  await stage.site.people.call('halt', { who: 'all', reason: 'once' })
  const first = page.waitForRequest('**/api/resume')
  await button(page, 'Resume with your passkey').click()
  await page.getByText('resumed: all').waitFor()
  await stage.site.people.call('halt', { who: 'all', reason: 'twice' })
  await page.locator('.halted').getByText('twice').waitFor()
  expect(await again(await first)).toMatch(/^403 .*that signature was used already/)
  await page.getByText('HALTED: everyone').waitFor()
  await button(page, 'Resume with your passkey').click()
  await page.getByText('HALTED: everyone').waitFor({ state: 'detached' })

  const id = await held()
  await page.goto(`${stage.site.origin}/#/hold/${id}`)
  await page.getByLabel('To approve, type the name').fill('shop-data')
  const approving = page.waitForRequest('**/api/hold-approve')
  await button(page, 'Approve with your passkey').click()
  await page.getByText('scheduled: approved by you').waitFor()
  await stage.site.people.call('hold-undo', { id })
  expect(await again(await approving)).toMatch(/^403 .* is undone/)
  expect(await stateOf(id)).toBe('undone')
  await rex.close()
})

test('what an agent puts into a parameter is text, and what turns it or passes for another letter is told', async () => {
  const tess = await stage.entered('tess')
  const { page } = tess
  const odd = `<img src=x onerror=alert(1)>sh\u043ep\u202e`
  const id = await held(
    `volumeInstanceUpdate(volumeId: "${kestrel.volumeId}", input: { state: DELETED, note: "${odd}" })`,
  )
  await page.goto(`${stage.site.origin}/#/hold/${id}`)
  const call = page.locator('.call pre')
  await call.getByText('<img src=x onerror=alert(1)>sh').waitFor()
  const shown = `${await call.textContent()}${await page.locator('pre.text').textContent()}`
  expect(shown).not.toMatch(/[\u202e\u043e]/)
  expect(shown.match(/u\{43e\}p\\*u\{202e\}/g)).toHaveLength(2)
  expect(await page.locator('img').count()).toBe(0)
  await tess.close()
})

test('for who hears the page: each view has its heading and its landmarks, and no two things to press have one name', async () => {
  const ann = await stage.entered('ann', 'admin')
  const { page } = ann
  // Two of each, so that what is alike on one page is seen.
  await stage.site.seat('eve', 'viewer')
  await stage.site.seat('otto', 'viewer')
  stage.site.pass(1000)
  await stage.site.seat('otto', 'viewer')
  for (const principal of ['agent:twin', 'agent:twin']) {
    await stage.site.people.mint(principal, everything)
    stage.site.pass(1000)
  }
  for (const id of [await held(), await held()]) {
    const shown = await stage.site.people.call('hold-show', { id })
    const input = { id, shown: isObject(shown) ? (shown['shown'] ?? '') : '' }
    await stage.site.people.callAs('hold-approve', input)
  }
  await stage.site.people.call('hold-deny', { id: await held() })
  await held()
  await held()
  const places: { at: string; name: string }[] = await page.evaluate(
    `[...document.querySelectorAll('nav a')].map((one) => ({ at: one.getAttribute('href').slice(2), name: one.firstChild.textContent.trim() }))`,
  )
  expect(places).toHaveLength(12)
  for (const { at, name } of places) {
    await page.goto(`${stage.site.origin}/#/${at}`)
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    const main = page.locator('main')
    await main.getByText('Asking…').waitFor({ state: 'detached' })
    await expect.poll(async () => (await main.textContent())?.length).toBeGreaterThan(60)
    const said = await page.locator('body').ariaSnapshot()
    const named =
      said.match(/- '?(?:button|textbox|combobox|spinbutton|searchbox)(?: ".*?")?/g) ?? []
    const pressed = named.map((line) => line.replace(/^- '?/, ''))
    expect([at, pressed.filter((one) => !one.includes('"'))]).toEqual([at, []])
    expect([at, pressed.filter((one, nth) => pressed.indexOf(one) !== nth)]).toEqual([at, []])
    expect([at, said.match(/heading .*\[level=1\]/g)?.length]).toEqual([at, 1])
    for (const landmark of ['- banner', '- navigation "Views"', '- main'])
      expect([at, said.includes(landmark)]).toEqual([at, true])
  }
  await ann.close()
})
