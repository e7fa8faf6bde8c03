/** The ledger's pages before a real Firebreak: looked up, proven in the browser, and not shown where a byte is bent. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { readVerifier } from '../../src/ledger/note.ts'
import { readReceipt } from '../../src/ledger/receipt.ts'
import { isObject } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { verifier } from '../ledger/memory-rows.ts'
import { firebreak } from '../run.ts'
import { everything } from '../rig.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let vic: Person
let hold = ''
beforeAll(async () => {
  stage = await openStage()
  vic = await stage.entered('vic', 'viewer')
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  await stage.site.ask(grant, 'query { me { id } }')
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  hold = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  await stage.site.running.firebreak.guard.flush()
})
afterAll(async () => {
  await vic.close()
  await stage.close()
})

const search = async (input: JsonObject): Promise<JsonObject[]> => {
  const found = await stage.site.people.call('ledger-search', input)
  const entries = isObject(found) ? found['entries'] : null
  return Array.isArray(entries) ? entries.filter(isObject) : []
}

test('it is looked up by kind, by who asked, by what it is about, by text and by time', async () => {
  const { page } = vic
  await page.keyboard.press('e')
  await page.getByRole('heading', { name: 'Ledger', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Entry 0', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Check all of it' }).click()
  await page.getByText(/^\d+ entries, all whole, as the daemon says$/).waitFor()
  await page.route('**/api/ledger-verify', (route) =>
    route.fulfill({ json: { ok: false, size: 9, faults: ['entry 3 does not hash to its leaf'] } }),
  )
  await page.getByRole('button', { name: 'Check all of it' }).click()
  await page.getByText('NOT whole: 1 fault').waitFor()
  await page.getByText('entry 3 does not hash to its leaf').waitFor()
  await page.unrouteAll({ behavior: 'wait' })
  await page.getByRole('heading', { name: 'Ledger', level: 1 }).click()
  await page.keyboard.press('/')
  await page.keyboard.type('VOLUMEdelete')
  await page.getByLabel('Kind').selectOption('held')
  await page.getByLabel('Who asked').fill('agent:cleanup')
  await page.getByLabel('About').fill(hold)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.entries tbody tr').count()).toBe(1)
  expect(await page.locator('.entries tbody').textContent()).toContain(
    'agent:cleanup asked for volumeDelete on railway',
  )
  await page.getByLabel('Until').fill('2001-01-01T00:00')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByText('No entry is like that.').waitFor()
  // A batch counts for each who is in it.
  const batches = await search({ kinds: ['request'], principal: 'agent:cleanup' })
  expect(batches.length).toBeGreaterThan(0)
  expect(await search({ kinds: ['request'], principal: 'agent:clean' })).toEqual([])
})

test('the terminal finds the same by the same words', async () => {
  const found = await search({ text: 'volumedelete', kinds: ['held'] })
  const config = ['--config', `${stage.site.dir}/home/firebreak.yaml`, '--json']
  const asked = ['ledger', 'search', 'volumedelete', '--kind', 'held', '--since', '2h']
  const told = await firebreak([...asked, ...config])
  expect(JSON.parse(told)).toEqual({ entries: found, next: null })
  const odd = await firebreak(['ledger', 'search', '--since', 'yesterday', ...config])
  expect(odd).toMatch(/`--since yesterday` is no time.*exit 2$/s)
})

test('an entry is proven here, and its receipt is one for the terminal', async () => {
  const { page } = vic
  const [held] = await search({ kinds: ['held'], subject: hold })
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('link', { name: `Entry ${Number(held?.['index'])}`, exact: true }).click()
  await page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
  expect(await page.locator('pre').textContent()).toContain('"operation": "volumeDelete"')
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the receipt' }).click()
  const receipt = readFileSync(await (await saving).path(), 'utf8')
  const key = await page.locator('.proof p code').first().textContent()
  expect(readReceipt(receipt, readVerifier(key ?? ''))).toMatchObject({
    kind: 'proved',
    index: held?.['index'],
  })
  await page.getByRole('link', { name: 'The hold that it is about' }).click()
  await page.getByText(hold).first().waitFor()
})

test.each([
  ['its leaf', (receipt: string) => receipt.replace('extra ey', 'extra eX')],
  ['its place', (receipt: string) => receipt.replace(/index \d/, 'index 1')],
  ['its signature', (receipt: string) => receipt.replace(/.{3}\n$/, 'A==\n')],
])('nothing is shown of an entry with %s bent', async (_, bend) => {
  const { page } = vic
  await page.route('**/api/ledger-proof', async (route) => {
    const answer = await route.fetch()
    const told: { receipt: string } = JSON.parse(await answer.text())
    await route.fulfill({ json: { ...told, receipt: bend(told.receipt) } })
  })
  await page.goto(`${stage.site.origin}/#/ledger/0`)
  await page.getByText('Not proven:').waitFor()
  expect(await page.locator('pre').count()).toBe(0)
  expect(await page.getByText('Proven in this browser').count()).toBe(0)
  await page.unroute('**/api/ledger-proof')
  await page.goto(`${stage.site.origin}/#/ledger`)
})

test('a daemon with another key is told, and not believed until a person says so', async () => {
  const { page } = vic
  const [first] = await search({ limit: 1 })
  const index = Number(first?.['index'])
  await page.goto(`${stage.site.origin}/#/ledger/${index}`)
  await page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
  await page.evaluate(`localStorage.setItem('firebreak.ledger-key', '${verifier.text}')`)
  await page.reload()
  await page.getByText('The daemon names another key').waitFor()
  await page.getByText('Not proven:').waitFor()
  expect(await page.locator('pre').count()).toBe(0)
  await page.getByRole('button', { name: 'hold it to that' }).click()
  await page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
  expect(await page.getByText('The daemon names another key').count()).toBe(0)
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const look of [{ colorScheme }, { colorScheme, viewport: phone }]) {
    const name = sitter(colorScheme, 'viewport' in look)
    const una = await stage.entered(name, 'viewer', look)
    await una.page.keyboard.press('e')
    await una.page.getByRole('link', { name: 'Entry 0', exact: true }).waitFor()
    await checkPage(una.page, 'Ledger')
    await una.page.keyboard.press('j')
    await una.page.keyboard.press('Enter')
    await una.page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
    await checkPage(una.page, 'Entry')
    await una.close()
  }
})
