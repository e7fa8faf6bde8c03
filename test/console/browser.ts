/** A real browser before a real Firebreak: people come in by the page, with authenticators that the browser itself plays. */
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { expect } from 'vitest'
import { bundleConsole } from '../../scripts/console-bundle.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { openSite } from './site.ts'
import type { Site } from './site.ts'

export const root = join(import.meta.dirname, '../..')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const desktop = { width: 1280, height: 800 }
export const phone = { width: 390, height: 844 }

export interface Person {
  readonly name: string
  readonly page: Page
  readonly context: BrowserContext
  /** Their passkeys work on this page of theirs too, as a device's do. */
  readonly lend: (to: Page) => Promise<void>
  /** What the browser complained of: a breach of the CSP among it. */
  readonly complaints: string[]
  readonly close: () => Promise<void>
}

export interface Stage {
  readonly site: Site
  /** Somebody with a browser of their own, before the door. */
  readonly somebody: (name: string, more?: Look) => Promise<Person>
  /** Enrolled by invitation and signed in, all by hand. */
  readonly entered: (name: string, role?: string, more?: Look) => Promise<Person>
  readonly close: () => Promise<void>
}

export type Look = NonNullable<Parameters<Browser['newContext']>[0]>

/** Made once for all files of a worker. */
let bundled: Promise<string> | null = null

export async function openStage(...site: Parameters<typeof openSite>): Promise<Stage> {
  await (bundled ??= bundleConsole(root))
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  const there = await openSite(...site)
  const stage: Stage = {
    site: there,
    somebody: async (name, look = {}) => await somebody(browser, there.origin, { name, look }),
    entered: async (name, role = 'approver', look = {}) => {
      const person = await stage.somebody(name, look)
      await enrol(there, person, role)
      return person
    },
    close: async () => {
      await browser.close()
      await there.close()
    },
  }
  return stage
}

async function somebody(
  browser: Browser,
  origin: string,
  { name, look }: { readonly name: string; readonly look: Look },
): Promise<Person> {
  const context = await browser.newContext({ viewport: desktop, ...look })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (said) => {
    // What the daemon refuses, the page says; the browser need not. Other people's pages are theirs.
    const isRefusal = said.text().includes('the server responded with a status of')
    if (said.type() === 'error' && !isRefusal && page.url().startsWith(origin))
      complaints.push(said.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const cdp = await context.newCDPSession(page)
  const authenticator = await authenticatorIn(cdp)
  return {
    name,
    page,
    context,
    complaints,
    lend: async (to) => {
      const other = await context.newCDPSession(to)
      const its = await authenticatorIn(other)
      const { credentials } = await cdp.send('WebAuthn.getCredentials', {
        authenticatorId: authenticator,
      })
      for (const credential of credentials)
        await other.send('WebAuthn.addCredential', { authenticatorId: its, credential })
    },
    close: async () => {
      await context.close()
      expect(complaints).toEqual([])
    },
  }
}

/** One whose person touches it whenever it is asked. */
async function authenticatorIn(cdp: CDPSession): Promise<string> {
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return authenticatorId
}

/** The invitation is opened, the number typed where it was made, and the door passed. */
async function enrol(site: Site, { name, page }: Person, role: string): Promise<void> {
  const invited = await site.people.callAs('approver-invite', { name, role })
  const { url, terminal } = isObject(invited) ? invited : {}
  await page.goto(textOf(url ?? null))
  await page.getByRole('button', { name: 'Make my passkey' }).click()
  const number = await page.locator('.number').textContent()
  // It is gone from the address, and from the history, before anything else is done.
  expect(page.url()).toBe(`${site.origin}/`)
  await site.people.call('passkey-confirm', { terminal: terminal ?? '', number: number ?? '' })
  await page.getByRole('button', { name: 'It is typed in' }).click()
  await signIn(page, name)
}

export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in with your passkey' }).click()
  await page.getByRole('heading', { name: 'Now' }).waitFor()
}

/** What a tool finds that tests pages for people who see, hear or move otherwise; and whether anything stands out at the side. */
export async function checkPage(page: Page, where: string): Promise<void> {
  await page.evaluate(axe)
  const found: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
    'axe.run().then((told) => told.violations)',
  )
  const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(grave.map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`)).toEqual([])
  const width: number = await page.evaluate('document.documentElement.scrollWidth')
  expect([where, width]).toEqual([where, page.viewportSize()?.width])
  await shoot(page, where)
}

/** Who sits there in a picture: another for each look. */
export function sitter(colorScheme: 'light' | 'dark', isOnPhone: boolean): string {
  if (colorScheme === 'light') return isOnPhone ? 'noa' : 'mia'
  return isOnPhone ? 'tom' : 'lea'
}

/** A state that passes: on a phone by day and a desk by night, of which no pictures are made. */
export async function checkBoth(page: Page, where: string): Promise<void> {
  await page.setViewportSize(phone)
  await checkPage(page, where)
  await page.setViewportSize(desktop)
  await page.emulateMedia({ colorScheme: 'dark' })
  await checkPage(page, where)
  await page.emulateMedia({ colorScheme: null })
}

/** The pictures in `docs/console/`, of a desk by day and a phone by night, where `SCREENSHOTS=1` asks for them. */
async function shoot(page: Page, where: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return
  const isDark: boolean = await page.evaluate(`matchMedia('(prefers-color-scheme: dark)').matches`)
  const isPhone = page.viewportSize()?.width === phone.width
  if (isDark !== isPhone) return
  const name = `${where.toLowerCase().replaceAll(' ', '-')}-${isPhone ? 'phone' : 'desk'}.png`
  // A picture has no path of the machine that it was made on.
  await page.evaluate(`{
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const { nodeValue } = walk.currentNode
      const plain = nodeValue.replace(/\\/\\S*firebreak-rig-\\w+/g, '/srv')
      if (plain !== nodeValue) walk.currentNode.nodeValue = plain
    }
  }`)
  await page.screenshot({ path: join(root, 'docs/console', name) })
}
