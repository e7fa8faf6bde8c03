/**
 * The console in a real browser before a real Firebreak: first paint, how far the feed is behind at 500 actions a second for a minute and
 * whether the page grows, and how long from the key that halts until each kind of gateway refuses. `npm run bench:console [-- --seconds 60]`; a
 * whole minute is written into docs/performance.md.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { everything } from '../../test/rig.ts'
import type { Stage } from '../../test/console/browser.ts'
import { openWaysIn } from '../../test/console/ways-in.ts'
import { writeTable } from '../table.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '500' } },
})
const [seconds, rate] = [Number(values.seconds), Number(values.rate)]

const { ways, stage, close } = await openWaysIn()
const bob = await stage.entered('bob')
const grant = await stage.site.people.mint('agent:busy', everything)
const { page } = bob
const cdp = await bob.context.newCDPSession(page)

const paints: number[] = []
for (let round = 0; round < 5; round++) {
  await page.reload()
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  paints.push(
    await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`),
  )
}

const before = { heap: await heap(), shown: await countShown() }
const [sent, lags] = await load(stage)
await page.waitForTimeout(2000)
const shown = await countShown()
const after = await heap()
const rows = await page.locator('table.feed tbody tr').count()

const halts = new Map<string, number[]>()
for (let round = 0; round < 5; round++) {
  await page.keyboard.press('h')
  await page.getByLabel('Why (optional)').fill('bench')
  const open: [string, () => Promise<boolean>][] = []
  for (const one of Object.entries(ways)) if (await one[1]()) open.push(one)
  const begun = performance.now()
  const pressed = page.keyboard.press('Enter')
  await Promise.all(
    open.map(async ([name, passes]) => {
      while (await passes());
      halts.set(name, [...(halts.get(name) ?? []), performance.now() - begun])
    }),
  )
  await pressed
  await page.getByRole('button', { name: 'Resume with your passkey' }).click()
  await page.getByText('HALTED: everyone').waitFor({ state: 'detached' })
}
await bob.close()
await close()

const facts = [
  ['first paint, ms', told(paints)],
  [
    `actions in ${seconds} s at ${rate} a second, sent and counted by the page`,
    `${sent} and ${shown - before.shown}`,
  ],
  ['the page behind what was answered, ms', told(lags)],
  ['heap of the page before and after, MB', `${before.heap.toFixed(1)} and ${after.toFixed(1)}`],
  ['lines of the feed in the page', String(rows)],
  ...[...halts].map(([name, all]) => [
    `from the key that halts to the first refusal, ms: ${name}`,
    told(all),
  ]),
]
const [model = { model: 'unknown' }] = cpus()
const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${model.model}), Node ${process.versions.node}, Debian's chromium on the same machine, without a screen; medians, the least and the most; command: \`npm run bench:console -- --seconds ${seconds}\`.`
const text = `${head}\n\n| | |\n|---|---|\n${facts.map((row) => `| ${row.join(' | ')} |`).join('\n')}`
process.stdout.write(`${text}\n`)
if (seconds >= 60) writeTable('console', text)

/** Sends at the rate, and looks each second how long the page takes to count what has been answered. */
async function load({ site }: Stage): Promise<readonly [number, readonly number[]]> {
  const behind: number[] = []
  const run = { count: 0, isOver: false }
  const began = performance.now()
  const watching = (async () => {
    while (!run.isOver) {
      const [mark, at] = [run.count, performance.now()]
      while (!run.isOver && (await countShown()) < mark) await page.waitForTimeout(20)
      if (!run.isOver) behind.push(performance.now() - at)
      await page.waitForTimeout(500)
    }
  })()
  const workers = Array.from({ length: 16 }, async (_, nth) => {
    for (let at = nth; at < rate * seconds; at += 16) {
      const due = began + (at / rate) * 1000
      const wait = due - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      await site.ask(grant, 'query { me { id } }')
      run.count += 1
    }
  })
  await Promise.all(workers)
  run.isOver = true
  await watching
  return [run.count, behind]
}

/** Since the page was opened, by its own count. */
async function countShown(): Promise<number> {
  const text: string = await page.evaluate(
    `[...document.querySelectorAll('.quiet')].find((one) => one.textContent.includes('since this page was opened'))?.textContent ?? '0'`,
  )
  return Number(text.replaceAll(/[^\d]/g, ''))
}

async function heap(): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

/** Median, and the least and the most. */
function told(all: readonly number[]): string {
  const sorted = all.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const [least, most] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN]
  return `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`
}
