/** The incident's page before a real Firebreak: told of a hold and of a window, printed, and taken away as the same bundle that the terminal writes. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { everything } from '../rig.ts'
import { firebreak } from '../run.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let vic: Person
let hold = ''
beforeAll(async () => {
  stage = await openStage()
  vic = await stage.entered('vic', 'viewer')
  const grant = await stage.site.people.mint('agent:cleanup', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const headers = { prefer: 'respond-async', 'firebreak-reason': '<b>stale</b> [0]' }
  const { text } = await stage.site.ask(grant, query, { headers })
  hold = /hold_[a-z0-9]+/.exec(text)?.[0] ?? ''
  await stage.site.people.callAs('approver-invite', { name: 'later', role: 'viewer' })
  await stage.site.people.call('hold-deny', { id: hold, by: 'ada' })
})
afterAll(async () => {
  await vic.close()
  await stage.close()
})

/** What is in an archive, by path below its one folder. */
function unpacked(tar: string): Map<string, string> {
  const into = join(stage.site.dir, 'unpacked')
  const made = spawnSync('sh', ['-c', 'mkdir -p "$1" && tar -xf "$2" -C "$1"', '-', into, tar])
  expect(made.status).toBe(0)
  return filesIn(into, '*/')
}

function filesIn(folder: string, below = ''): Map<string, string> {
  const paths = globSync(`${below}**/*`, { cwd: folder, withFileTypes: true })
  const files = paths.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const cut = below === '' ? 0 : 1
  return new Map(
    files.map((file) => [
      file
        .slice(folder.length + 1)
        .split('/')
        .slice(cut)
        .join('/'),
      readFileSync(file, 'utf8'),
    ]),
  )
}

test('a hold is told minute by minute, and its bundle is the one that the terminal writes', async () => {
  const { page } = vic
  await page.keyboard.press('i')
  await page.getByText('What happened, for whoever was not there.').waitFor()
  await page.getByLabel('A hold, or an action').fill(hold)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: `Incident ${hold}` }).waitFor()
  await page.getByText('It was refused. It has not run.').waitFor()
  const minutes = page.locator('.minutes')
  expect(await minutes.textContent()).toContain('agent:cleanup asked for volumeDelete on railway')
  expect(await minutes.textContent()).toContain('ada said no to volumeDelete')
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the bundle' }).click()
  const own = unpacked(await (await saving).path())
  const out = join(stage.site.dir, 'bundle')
  const config = ['--config', `${stage.site.dir}/home/firebreak.yaml`]
  await firebreak(['ledger', 'incident', hold, '--out', out, ...config])
  const theirs = filesIn(out)
  expect([...own.keys()].toSorted()).toEqual([...theirs.keys()].toSorted())
  for (const path of own.keys())
    if (path.startsWith('entries/')) expect(own.get(path)).toBe(theirs.get(path))
  const [proof = ''] = globSync('*/proofs/*', { cwd: join(stage.site.dir, 'unpacked') })
  const key = own.get('verifier-key')?.trim() ?? ''
  const receipt = join(stage.site.dir, 'unpacked', proof)
  const checked = await firebreak(['ledger', 'check', receipt, '--key', key])
  expect(checked).toMatch(/^entry \d+ of \d+/)
  await minutes.getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Proven in this browser' }).waitFor()
})

test('it is reached from the hold, and from the last holds where nobody knows an id', async () => {
  const { page } = vic
  await page.goto(`${stage.site.origin}/#/hold/${hold}`)
  await page.getByRole('link', { name: 'What happened, minute by minute' }).click()
  await page.getByText('It was refused. It has not run.').waitFor()
  await page.keyboard.press('i')
  await page.getByText('What happened, for whoever was not there.').waitFor()
  const last = page.getByRole('region', { name: 'The last holds' })
  expect(await last.textContent()).toMatch(/volumeDelete on railway agent:cleanup, .*: denied/)
  await last.getByRole('link').click()
  await page.getByText('It was refused. It has not run.').waitFor()
})

test('a window of time is told too, here as in the terminal', async () => {
  const { page } = vic
  await page.keyboard.press('i')
  await page.getByLabel('Or from').fill('2020-01-01T00:00')
  await page.getByLabel('Until').fill('2090-01-01T00:00')
  await page.getByRole('button', { name: 'Tell it' }).click()
  await page.getByRole('heading', { name: 'Asked', exact: true }).waitFor()
  await page.getByText('agent:cleanup: 1 in all, 0 refused, 1 held').waitFor()
  const config = ['--config', `${stage.site.dir}/home/firebreak.yaml`]
  const window = ['--since', '2020-01-01T00:00:00Z', '--until', '2090-01-01T00:01:00Z']
  const told = await firebreak(['ledger', 'incident', ...window, ...config])
  expect(told).toContain('agent:cleanup: 1 in all, 0 refused, 1 held')
  await page.getByLabel('Until').fill('2020-01-02T00:00')
  await page.getByRole('button', { name: 'Tell it' }).click()
  await page.getByText('nothing was written down in').waitFor()
})

test('on paper there is what happened, and nothing to press', async () => {
  const { page } = vic
  await page.goto(`${stage.site.origin}/#/incident/${hold}`)
  await page.getByText('It was refused. It has not run.').waitFor()
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('button').allTextContents()).toEqual([])
  expect(await page.locator('.minutes').isVisible()).toBe(true)
  await page.emulateMedia({ media: 'screen' })
})

test('a hold that nobody knows is told as that', async () => {
  const { page } = vic
  await page.goto(`${stage.site.origin}/#/incident/hold_none`)
  await page.getByText('no entry is about `hold_none`').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const look of [{ colorScheme }, { colorScheme, viewport: phone }]) {
    const name = sitter(colorScheme, 'viewport' in look)
    const una = await stage.entered(name, 'viewer', look)
    await una.page.goto(`${stage.site.origin}/#/incident/${hold}`)
    await una.page.getByText('It was refused. It has not run.').waitFor()
    await checkPage(una.page, 'Incident')
    await una.close()
  }
})
