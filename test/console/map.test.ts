/** The map before a real Firebreak: what grants reach, the worst first, and what has no way back until a recovery point is taken. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { firebreak } from '../run.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let vic: Person
beforeAll(async () => {
  stage = await openStage()
  vic = await stage.entered('vic', 'viewer')
})
afterAll(async () => {
  await vic.close()
  await stage.close()
})

test('without a grant it says how one is made', async () => {
  const { page } = vic
  await page.keyboard.press('m')
  await page.getByText('No grant is in force.').waitFor()
})

test('the widest grant is on top, and one that reads reaches nothing that can go', async () => {
  const { page } = vic
  const { people } = stage.site
  await people.mint('agent:reader', { ...everything, operations: ['read'] })
  const grant = await people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { text } = await stage.site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  const rows = page.getByRole('row')
  await page
    .getByRole('row', { name: /agent:cleanup/ })
    .first()
    .waitFor()
  const told = await rows.allTextContents()
  const cleanup = told.findIndex((row) => row.includes('agent:cleanup'))
  const reader = told.findIndex((row) => row.includes('agent:reader'))
  expect(cleanup).toBeLessThan(reader)
  expect(told[reader]).toContain('nothing: it reads')
  expect(told.find((row) => row.includes('production') && row.includes('agent:cleanup'))).toContain(
    'what destroys waits for a person',
  )
  const thing = page.getByRole('listitem').filter({ hasText: 'shop-data' }).first()
  expect(await thing.textContent()).toContain('no way back outside')
  const config = ['--config', `${stage.site.dir}/home/firebreak.yaml`]
  const map = await firebreak(['map', ...config])
  expect(map).toMatch(/agent:cleanup +\* +railway\/production +held for a person/)
  expect(map).toMatch(/no way back outside: \S+ shop-data/)

  const shown = await people.call('hold-show', { id })
  await people.callAs('hold-approve', { id, shown: isObject(shown) ? (shown['shown'] ?? '') : '' })
  await expect.poll(async () => await thing.textContent()).toMatch(/V\d/)
  expect(await firebreak(['map', ...config])).not.toContain('shop-data')
})

test('it is drawn from credential to way back, and what it draws the table says', async () => {
  const { page } = vic
  const drawn = await page.locator('svg.map g text').allTextContents()
  expect(drawn).toEqual(
    expect.arrayContaining([
      'railway',
      'agent:reader',
      'read',
      'agent:cleanup',
      '*',
      'production',
      'shop-data',
    ]),
  )
  expect(await page.locator('svg.map path.held').count()).toBeGreaterThan(0)
  expect(await page.locator('svg.map path.stays').count()).toBeGreaterThan(0)
  expect(await page.locator('svg.map').getAttribute('aria-hidden')).toBe('true')
})

test('a grant that was taken back is gone from it', async () => {
  const { page } = vic
  const rows = await stage.site.people.call('grant-list', {})
  for (const row of Array.isArray(rows) ? rows : [])
    if (isObject(row)) await stage.site.people.call('grant-revoke', { id: row['id'] ?? '' })
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
  await page.keyboard.press('m')
  await page.getByText('No grant is in force.').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  await stage.site.people.mint('agent:cleanup', everything)
  for (const look of [{ colorScheme }, { colorScheme, viewport: phone }]) {
    const name = sitter(colorScheme, 'viewport' in look)
    const una = await stage.entered(name, 'viewer', look)
    await una.page.keyboard.press('m')
    await una.page
      .getByRole('row', { name: /agent:cleanup/ })
      .first()
      .waitFor()
    await checkPage(una.page, 'Map')
    await una.close()
  }
})
