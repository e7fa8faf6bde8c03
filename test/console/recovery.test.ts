/** Recovery at the page: what is not kept is said, kept, tried and brought back, in a real browser before real files. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { everything } from '../rig.ts'
import { firebreak } from '../run.ts'
import { checkBoth, checkPage, openStage, phone, sitter } from './browser.ts'
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
  await page.getByRole('button', { name: /^Drill / }).click()
  // Each of them stands there, and not the last of the point alone; the command line says the same.
  await expect.poll(async () => await page.getByRole('cell', { name: 'passed' }).count()).toBe(2)
  await page.getByRole('img', { name: /^2 drills, 0 failed; the longest took \d/ }).waitFor()
  const said = await firebreak(['vault', 'drills', '--config', stage.site.config.file])
  expect(said.match(/passed .*back in \d+ .* old/g)).toHaveLength(2)
  await page.getByText(/; kept(| until .*): /).waitFor()
  const into = join(stage.site.dir, 'restored')
  await page.getByRole('button', { name: /^Restore / }).click()
  await page.getByLabel('Into which folder').fill(into)
  const does = page.getByText(/^This writes .*, as it was at /)
  expect(await does.textContent()).toContain(
    `into the folder ${into}, which must be empty or not there yet; what lives now is not touched; a drill of it took`,
  )
  await page.getByRole('button', { name: 'Restore with your passkey' }).click()
  await page.locator('.notice').getByText(into).waitFor()
  expect(readdirSync(into).length).toBeGreaterThan(0)
})

test('what is under way is shown with how far it is, whoever began it, and no more when it is over', async () => {
  const { page } = bob
  const { progress } = stage.site.running.firebreak
  const ends = Promise.withResolvers<null>()
  const whole = Promise.resolve({ bytes: 4_000_000, about: true })
  const work = progress.during('shop', whole, async () => await ends.promise)
  progress.heard('shop', 1_000_000)
  await page.reload()
  const line = page.getByRole('listitem').filter({ hasText: 'shop: 1.0 MB of about 4.0 MB' })
  await line.waitFor()
  expect(await page.getByRole('progressbar', { name: 'How far: shop' }).getAttribute('value')).toBe(
    '1000000',
  )
  await checkBoth(page, 'Recovery under way')
  progress.heard('shop', 3_000_000)
  await page.getByText('shop: 3.0 MB of about 4.0 MB').waitFor()
  const said = await firebreak(['vault', 'status', '--config', stage.site.config.file])
  expect(said).toContain('under way: shop: 3.0 MB of about 4.0 MB')
  ends.resolve(null)
  await work
  await page.getByRole('heading', { name: 'Under way' }).waitFor({ state: 'detached' })
})

test('what the command line warns of stands there too: stale, a gap in the WAL, what is not in the second place yet, who could not open it', async () => {
  const { page } = bob
  await page.getByRole('note').getByText("this machine's key alone opens the vault").waitFor()
  await page.route('**/api/vault-status', async (route) => {
    const told: { kept: object[] } = JSON.parse(await (await route.fetch()).text())
    const wal = { target: 'shop', receives: true, durable: '0/16B3748', lagBytes: 5, way: 'sql' }
    const rest = {
      exposedMs: 1000,
      trouble: null,
      gap: 'no base backup reaches it',
      offsite: { exposedMs: 60_000, trouble: null },
    }
    const offsite = { place: 's3://far', grade: 'V3', at: 1e12, by: [], waiting: 2, trouble: null }
    const kept = told.kept.map((one) => ({ ...one, isStale: true }))
    await route.fulfill({ json: { ...told, kept, offsite, wal: [{ ...wal, ...rest }] } })
  })
  await page.reload()
  await page.getByText(': stale, the next is overdue').first().waitFor()
  await page.getByText('grade V3, shown 2001-09-09 01:46:40Z, 2 points not there yet').waitFor()
  await page.getByText('safe up to 0/16B3748, 5 B behind; all that was there 1 s ago').waitFor()
  await page.getByText('no base backup reaches it').waitFor()
  await checkBoth(page, 'Recovery with warnings')
  await page.unrouteAll({ behavior: 'wait' })
  await page.reload()
  await page.getByText('no second place').waitFor()
})

test('what a hold has measured is called by its name, and by its id beside it', async () => {
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const headers = { prefer: 'respond-async' }
  expect((await stage.site.ask(grant, query, { headers })).status).toBe(202)
  await bob.page.reload()
  const card = bob.page.getByRole('listitem').filter({ hasText: shop }).first()
  await card.getByText('shop-data in production').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    const name = sitter(colorScheme, viewport === phone)
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
