/** The console's page in a real browser, with an authenticator of its own. */
import { readFileSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleConsole } from '../../scripts/console-bundle.ts'
import { openStandIn } from './stand-in.ts'
import type { StandIn } from './stand-in.ts'

const root = join(import.meta.dirname, '../..')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let [folder, browser]: [string, Browser | null] = ['', null]

beforeAll(async () => {
  folder = await bundleConsole(root)
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
})
afterAll(async () => await browser?.close())

interface Open {
  readonly daemon: StandIn
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained of: a breach of the CSP among it. */
  readonly complaints: readonly string[]
}

async function opened(
  act: (open: Open) => Promise<void>,
  more: Parameters<Browser['newContext']>[0] = {},
): Promise<void> {
  const daemon = await openStandIn(folder)
  const context = await browser?.newContext(more)
  if (context === undefined) throw new Error('no browser')
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (said) => {
      // A door that asks who sits here is told nobody.
      if (said.type() === 'error' && !said.text().includes('401')) complaints.push(said.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await act({ daemon, page, context, complaints })
    expect(complaints.filter((one) => !one.includes('403'))).toEqual([])
  } finally {
    await context.close()
    await daemon.close()
  }
}

/** Enrols by invitation and signs in. */
async function enter({ daemon, page }: Open): Promise<void> {
  await page.goto(`${daemon.url}/#invited=dG9rZW4`)
  await page.getByRole('button', { name: 'Make my passkey' }).click()
  await page.getByText('Type this number into the terminal').waitFor()
  await page.getByRole('button', { name: 'It is typed in' }).click()
  await page.getByLabel('Your name').fill('ada')
  await page.getByRole('button', { name: 'Sign in with your passkey' }).click()
  await page.getByRole('heading', { name: 'Now' }).waitFor()
}

async function onHold(open: Open): Promise<void> {
  await enter(open)
  await open.page.keyboard.press('j')
  await open.page.keyboard.press('Enter')
  await open.page.getByRole('heading', { name: 'Yes or no' }).waitFor()
}

const names = (daemon: StandIn): readonly string[] => daemon.came.map(([name]) => name)

test('an invitation leaves the address at once, makes a passkey and shows its number', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await page.goto(`${daemon.url}/#invited=dG9rZW4`)
    await page.getByRole('button', { name: 'Make my passkey' }).click()
    expect(await page.locator('.number').textContent()).toMatch(/^\d{6}$/)
    expect(page.url()).toBe(`${daemon.url}/`)
  }))

test('a yes takes the name, exactly, and the passkey; Enter in the field is none', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await onHold(open)
    const approve = page.getByRole('button', { name: 'Approve with your passkey' })
    const field = page.getByLabel('To approve, type the name')
    await field.fill('bookings-dat')
    expect(await approve.isDisabled()).toBe(true)
    await field.press('a')
    expect(await approve.isEnabled()).toBe(true)
    await field.press('Enter')
    await field.press('d')
    await field.press('Backspace')
    expect(names(daemon)).not.toContain('statement')
    expect(names(daemon)).not.toContain('hold-deny')
    await approve.click()
    await page.getByText('scheduled: approved by you').waitFor()
    expect(names(daemon)).toContain('hold-approve')
  }))

test('a statement of another text is not signed', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await onHold(open)
    daemon.bend = (statement) => ({ ...statement, shown: 'f'.repeat(64) })
    await page.getByLabel('To approve, type the name').fill('bookings-data')
    await page.getByRole('button', { name: 'Approve with your passkey' }).click()
    await page.getByText('this would not sign what you see').waitFor()
    expect(names(daemon)).not.toContain('hold-approve')
  }))

test('a hold that changes is to be read again: the typed name is gone', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await onHold(open)
    const field = page.getByLabel('To approve, type the name')
    await field.fill('bookings-data')
    daemon.hold({ text: 'hold_a1: open\nwould run  something else' })
    await page.getByText('something else').waitFor()
    expect(await field.inputValue()).toBe('')
  }))

test('one key denies, and says what it closed', () =>
  opened(async (open) => {
    await onHold(open)
    await open.page.keyboard.press('d')
    await open.page.getByText('the same class of act is refused for a day').waitFor()
    expect(names(open.daemon).filter((name) => name === 'hold-deny')).toHaveLength(1)
    expect(await open.page.locator('.notice').textContent()).toContain('data of volume on railway')
  }))

test('what others wrote is text, and what turns text is shown as its code', () =>
  opened(async (open) => {
    await onHold(open)
    expect(await open.page.locator('img').count()).toBe(0)
    await open.page.getByText('<img src=x onerror=alert(1)>').waitFor()
    expect(await open.page.locator('blockquote').textContent()).toContain('\\u{202e}stale')
  }))

test('Later counts down, and one press undoes', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await enter(open)
    daemon.hold({ state: 'scheduled', executesAt: Date.now() + 48 * 3_600_000 })
    await page.keyboard.press('l')
    expect(await page.getByRole('timer').textContent()).toMatch(/^47:59:\d\d$/)
    await page.getByRole('button', { name: 'Undo volumeDelete' }).click()
    await page.getByText('it will not run').first().waitFor()
    await page.getByText('Nothing is scheduled.').waitFor()
  }))

test('Halt is in reach of the keyboard, stands on top, and a passkey lifts it', () =>
  opened(async (open) => {
    const { page } = open
    await enter(open)
    await page.keyboard.press('h')
    await page.getByLabel('Why').fill('a drill')
    await page.keyboard.press('Enter')
    await page.getByText('HALTED: everyone').waitFor()
    await page.getByRole('button', { name: 'Resume with your passkey' }).click()
    await page.getByText('resumed: all').waitFor()
    expect(await page.getByText('HALTED: everyone').count()).toBe(0)
  }))

test.each(['light', 'dark'] as const)(
  'axe finds nothing serious, %s, also on a phone',
  (colorScheme) =>
    opened(
      async (open) => {
        const { page, daemon } = open
        const check = async (where: string): Promise<void> => {
          await page.evaluate(axe)
          const found: { id: string; impact: string; nodes: { html: string }[] }[] =
            await page.evaluate('axe.run().then((told) => told.violations)')
          const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          expect(grave.map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`)).toEqual([])
          const width: number = await page.evaluate('document.documentElement.scrollWidth')
          expect([where, width]).toEqual([where, 360])
        }
        await page.goto(daemon.url)
        await page.getByLabel('Your name').waitFor()
        await check('the door')
        await onHold(open)
        await check('Hold')
        await page.keyboard.press('n')
        daemon.send('entry', request(1, 20))
        await page.getByText('20 actions').waitFor()
        await check('Now')
        daemon.hold({ state: 'scheduled', executesAt: Date.now() + 48 * 3_600_000 })
        await page.keyboard.press('l')
        await page.getByRole('timer').waitFor()
        await check('Later')
      },
      { colorScheme, viewport: { width: 360, height: 740 } },
    ),
)

test('thousands of actions are counted to the last, in a page that does not grow', () =>
  opened(async (open) => {
    const { daemon, page } = open
    await enter(open)
    for (let batch = 0; batch < 120; batch++) daemon.send('entry', request(batch, 250))
    await page.getByText('30,000 actions').waitFor()
    expect(await page.locator('table.feed tbody tr').count()).toBe(100)
    expect(await page.locator('.agents li').count()).toBeLessThanOrEqual(12)
  }))

test('the page is small, and nothing in it writes HTML', () => {
  const [script = ''] = globSync('app-*.js', { cwd: folder })
  expect(gzipSync(readFileSync(join(folder, script))).byteLength).toBeLessThan(60_000)
  const sources = globSync('console/*.{ts,tsx}', { cwd: root })
  expect(sources.length).toBeGreaterThan(20)
  const writes =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|\beval\(|style=/
  expect(sources.filter((file) => writes.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})

/** A batch of reads, as the ledger has it. */
function request(batch: number, many: number): Parameters<StandIn['send']>[1] {
  const at = Date.now()
  const rows = Array.from({ length: many }, (_, nth) => [
    at,
    `agent:${nth % 30}`,
    'railway',
    'project',
    null,
    200,
  ])
  const body = { count: many, rows }
  return { seq: batch, kind: 'request', at, subject: null, principal: null, body }
}
