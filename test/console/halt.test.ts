/** halt-halts, from the page: one key and Enter, and every kind of gateway refuses; `npm run bench:console` says how soon. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWaysIn } from './ways-in.ts'
import type { WaysIn } from './ways-in.ts'

let all: WaysIn
beforeAll(async () => {
  all = await openWaysIn()
}, 120_000)
afterAll(async () => await all.close())

async function passing(): Promise<readonly string[]> {
  const found: string[] = []
  for (const [name, way] of Object.entries(all.ways)) if (await way()) found.push(name)
  return found
}

test('HTTP, MCP, hooks and Postgres let nothing through once the page has halted, until a passkey lifts it', async () => {
  const bob = await all.stage.entered('bob')
  const { page } = bob
  const names = Object.keys(all.ways)
  expect(await passing()).toEqual(names)
  await page.keyboard.press('h')
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/halt'))
  await page.getByLabel('Why (optional)').press('Enter')
  await answered
  // From the daemon's answer on there is no moment in which anything passes.
  expect(await passing()).toEqual([])
  await page.getByRole('button', { name: 'Resume with your passkey' }).click()
  await page.getByText('resumed: all').waitFor()
  // The session that was open was cut off; whoever asks anew is let in.
  const cut = 'postgres, a session that is open'
  expect(await passing()).toEqual(names.filter((name) => name !== cut))
  await bob.close()
})
