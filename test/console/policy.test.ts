/** The policy's page before a real Firebreak: the rules in force, a text tried on them, and what shadow mode has seen. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { saidOfDefaults } from '../../src/policy/said.ts'
import { builtIn } from '../../src/policy/rule.ts'
import { everything } from '../rig.ts'
import { firebreak } from '../run.ts'
import { checkPage, openStage, phone, sitter, root } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let vic: Person
beforeAll(async () => {
  stage = await openStage('mode: shadow\n')
  vic = await stage.entered('vic', 'viewer')
})
afterAll(async () => {
  await vic.close()
  await stage.close()
})

const config = (): readonly string[] => ['--config', `${stage.site.dir}/home/firebreak.yaml`]

/** Not by a call that waits for it: the daemon lives in this process. */
function explained(lines: string): Promise<{ readonly stdout: string; readonly code: unknown }> {
  return new Promise((resolve) => {
    const args = [`${root}/bin/firebreak`, 'explain', ...config()]
    const child = execFile(process.execPath, args, (error, stdout) =>
      resolve({ stdout, code: error?.code ?? 0 }),
    )
    child.stdin?.end(lines)
  })
}

test('each rule is there, with what it is for and its text', async () => {
  const { page } = vic
  await page.keyboard.press('y')
  await page.getByRole('heading', { name: 'Policy', level: 1 }).waitFor()
  for (const id of Object.keys(saidOfDefaults).filter((one) => !builtIn.includes(one)))
    await page.locator('summary strong', { hasText: new RegExp(`^${id}$`) }).waitFor()
  const rule = page.locator('details', { hasText: 'hold-data-sql' })
  await rule.locator('summary').click()
  expect(await rule.textContent()).toContain('Asks for: a recovery point')
  expect(await rule.locator('pre').textContent()).toContain('@id("hold-data-sql")')
  const shown = await firebreak(['policy', 'show', 'hold-data-sql', ...config()])
  expect(shown).toContain('rows or tables go by SQL')
  expect(shown).toContain('@recovery("required")')
})

test('what a default is for is what its document says', () => {
  const document = readFileSync(`${root}/docs/policies.md`, 'utf8')
  const rows = [...document.matchAll(/^\| `([a-z-]+)` \| (?:guard|hold|built in) \| (.*?) \|$/gm)]
  expect(Object.fromEntries(rows.map(([, id, says]) => [id, says]))).toEqual(saidOfDefaults)
})

test('a text is tried, and the answer is that of `firebreak explain`', async () => {
  const { page } = vic
  const button = page.getByRole('button', { name: 'What would Firebreak say?' })
  await page.getByLabel('The text').fill('DROP TABLE customers')
  await button.click()
  await page.getByText('It waits for a person.').waitFor()
  await page.getByText('(hold-radius-unknown)').waitFor()
  expect(await page.locator('[role=status] .box').textContent()).toContain('DROP TABLE')
  await page.getByLabel('What it is').selectOption('graphql')
  await page.getByLabel('The text').fill('query { me { id } }')
  await button.click()
  await page.getByText('It runs.').waitFor()
  await page.getByLabel('What it is').selectOption('lines')
  const lines = ['{"id":1,"kind":"sql","text":"SELECT 1"}', 'no json', '{"id":2,"kind":"x"}']
  await page.getByLabel('The text').fill(lines.join('\n'))
  await button.click()
  await page.getByText('It cannot be read:').waitFor()
  const asked = await stage.site.people.call('explain', { lines: lines.join('\n') })
  const { stdout, code } = await explained(lines.join('\n'))
  expect(code).toBe(2)
  const told = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(told).toEqual(asked)
  expect(told).toMatchObject([{ verdict: 'allow' }, { id: null }, { verdict: 'hold' }])
})

test('more lines than one call takes are refused', async () => {
  const lines = Array.from({ length: 101 }, () => '{"kind":"x"}').join('\n')
  await expect(stage.site.people.call('explain', { lines })).rejects.toThrow('more than 100 lines')
})

test('what shadow mode let pass stands there by its rule, here as in the terminal', async () => {
  const { page } = vic
  await page.getByText('Nothing that a rule would stop has come by.').waitFor()
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  expect((await stage.site.ask(grant, query)).status).toBe(200)
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
  await page.keyboard.press('y')
  const row = page.getByRole('row', { name: /hold-data/ })
  await row.first().waitFor()
  expect(await row.first().textContent()).toContain('1 held, 0 refused')
  expect(await row.first().textContent()).toContain('volumeDelete')
  const told = await firebreak(['policy', 'shadow', ...config()])
  expect(told).toMatch(/hold-data +1 held, 0 refused +agent:cleanup +volumeDelete/)
  // Whoever only looks on holds nothing, and the map does not say otherwise.
  expect(await firebreak(['map', ...config()])).toMatch(/agent:cleanup.*production +RUNS UNASKED/)
  await row.first().getByRole('link').click()
  await page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
  expect(await page.locator('pre').textContent()).toContain('"would": "hold"')
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const look of [{ colorScheme }, { colorScheme, viewport: phone }]) {
    const name = sitter(colorScheme, 'viewport' in look)
    const una = await stage.entered(name, 'viewer', look)
    await una.page.keyboard.press('y')
    await una.page.locator('summary').first().click()
    await una.page.getByLabel('The text').fill('DROP TABLE customers')
    await una.page.getByRole('button', { name: 'What would Firebreak say?' }).click()
    await una.page.getByText('It waits for a person.').waitFor()
    await checkPage(una.page, 'Policy')
    await una.close()
  }
})
