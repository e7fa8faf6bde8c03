/** Recovery at the page: what is not kept is said, kept, tried and brought back, in a real browser before real files. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { checkPage, openStage, phone } from './browser.ts'
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
const shop = `railway/volumeInstance/${kestrel.productionInstanceId}`

test('what was never saved stands there; it is kept, tried and restored from the page', async () => {
  const { page } = bob
  await page.keyboard.press('r')
  await page.getByRole('heading', { name: 'Recovery', level: 1 }).waitFor()
  const card = page.getByRole('listitem').filter({ hasText: shop }).first()
  await card.getByText('No copy: what goes here is gone.').waitFor()
  await checkPage(page, 'Recovery without points')
  await page.getByRole('button', { name: `Back up now: ${shop}` }).click()
  await card.getByText('1 point, the newest').waitFor()
  await card.getByText('✓ 2 of 2 media').waitFor()
  await card.getByText('✗ tried').waitFor()
  await page.getByRole('button', { name: /^Read back / }).click()
  await page.getByText('is whole').first().waitFor()
  await page.getByRole('button', { name: /^Drill / }).click()
  await page.getByText('was restored for trial').waitFor()
  await card.getByText('✓ tried').waitFor()
  await page.getByRole('cell', { name: 'passed' }).waitFor()
  const into = join(stage.site.dir, 'restored')
  await page.getByRole('button', { name: /^Restore / }).click()
  await page.getByLabel('Into which folder').fill(into)
  await page.getByRole('button', { name: 'Restore with your passkey' }).click()
  await page.locator('.notice').getByText(into).waitFor()
  expect(readdirSync(into).length).toBeGreaterThan(0)
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    const name = `mia-${colorScheme}-${viewport.width}`
    const mia = await stage.entered(name, 'approver', { colorScheme, viewport })
    await mia.page.goto(`${stage.site.origin}/#/recovery`)
    await mia.page.getByRole('heading', { name: 'Time line' }).waitFor()
    await checkPage(mia.page, 'Recovery')
    await mia.close()
  }
})

test('a viewer sees all of it, and is offered nothing', async () => {
  const vic = await stage.entered('vic', 'viewer')
  await vic.page.goto(`${stage.site.origin}/#/recovery`)
  await vic.page.getByRole('heading', { name: 'Time line' }).waitFor()
  const offered = vic.page.getByRole('button', { name: /^(Back up|Drill|Read back|Restore)/ })
  expect(await offered.count()).toBe(0)
  await vic.close()
})
