/** Grants at the page: minted, narrowed in the browser, used, revoked; and the browser's hop is byte for byte the program's. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { narrowed } from '../../console/narrow.ts'
import type { Caveat } from '../../src/grants/caveat.ts'
import { attenuate, mintGrant } from '../../src/grants/grant.ts'
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

const root: readonly Caveat[] = [
  ['operations', ['*']],
  ['environments', ['*']],
  ['expires', 9_999_999_999_999],
]

test('a grant that is narrowed in the browser is the one that the command line makes', async () => {
  const name = fc.stringMatching(/^[a-z][a-zA-Z*]{0,12}$/)
  const names = fc.array(name, { maxLength: 4 })
  const wish = fc.record({
    operations: names,
    environments: names,
    expires: fc.option(fc.integer({ min: 1, max: 2 ** 48 - 1 })),
  })
  await fc.assert(
    fc.asyncProperty(wish, async ({ operations, environments, expires }) => {
      const caveats: Caveat[] = [
        ...(operations.length === 0 ? [] : [['operations', operations] as const]),
        ...(environments.length === 0 ? [] : [['environments', environments] as const]),
        ...(expires === null ? [] : [['expires', expires] as const]),
      ]
      const grant = mintGrant(randomBytes(32), 'grant_1', root)
      const given = await narrowed(grant, { operations, environments, expires })
      expect(given).toBe(caveats.length === 0 ? null : attenuate(grant, caveats, null))
    }),
  )
})

test.each(['', 'fbk_x', 'fbk_AAAA_00000000'])('`%s` is no grant', async (text) => {
  expect(await narrowed(text, { operations: ['read'], environments: [], expires: null })).toBeNull()
})

test('a grant is minted by passkey, works, is narrowed, and works no more once it is revoked', async () => {
  const { page } = bob
  await page.keyboard.press('g')
  await page.getByText('No agent holds anything.').waitFor()
  await checkPage(page, 'Grants without any')
  await page.getByLabel('For which agent').fill('agent:cursor')
  await page.getByLabel('Operations', { exact: true }).fill('read, customDomain*')
  await page.getByLabel('Environments', { exact: true }).fill('staging production')
  await page.getByRole('button', { name: 'Mint with your passkey' }).click()
  const grant = (await page.locator('section[aria-labelledby=fresh] pre').textContent()) ?? ''
  expect(grant).toMatch(/^fbk_/)
  const read = 'query { me { id } }'
  expect((await stage.site.ask(grant, read)).status).toBe(200)
  await page.getByLabel('The grant', { exact: true }).fill(grant)
  await page.getByLabel('Only these operations').fill('customDomain*')
  await page.getByRole('button', { name: 'Narrow it' }).click()
  const less = (await page.getByLabel('The narrowed grant').textContent()) ?? ''
  expect((await stage.site.ask(less, read)).status).toBe(403)
  await page.getByRole('button', { name: 'Revoke the grant of agent:cursor' }).click()
  await page.getByText('None: every grant is over or revoked.').waitFor()
  for (const one of [grant, less]) expect((await stage.site.ask(one, read)).status).toBe(401)
})

test('what is refused is said where it was asked', async () => {
  const { page } = bob
  await page.getByLabel('For which agent').fill('Agent With Blanks')
  await page.getByLabel('Environments', { exact: true }).fill('staging')
  await page.getByRole('button', { name: 'Mint with your passkey' }).click()
  await page.getByRole('alert').getByText('principal').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    await stage.site.people.mint(`agent:${colorScheme}`, {
      operations: ['read'],
      environments: ['staging'],
      expiresMs: 3_600_000,
    })
    const name = `mia-${colorScheme}-${viewport.width}`
    const mia = await stage.entered(name, 'approver', { colorScheme, viewport })
    await mia.page.goto(`${stage.site.origin}/#/grants`)
    await mia.page
      .getByRole('button', { name: `Revoke the grant of agent:${colorScheme}` })
      .first()
      .waitFor()
    await checkPage(mia.page, 'Grants')
    await mia.close()
  }
})
