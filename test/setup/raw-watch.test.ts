/** A raw credential that comes back to a checkout after `firebreak init`: the daemon tells people, once, and the doctor names it; no secret in either. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config.ts'
import { diagnose } from '../../src/app/doctor.ts'
import { openRawWatch } from '../../src/app/raw/watch.ts'
import type { RawWatch } from '../../src/app/raw/watch.ts'
import { serve } from '../../src/app/serve.ts'
import type { Running } from '../../src/app/serve.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import { drawn } from '../scan/planted.ts'
import { openShop, password } from './small-shop.ts'
import type { SmallShop } from './small-shop.ts'

const url = `postgres://app:${password}@db.kestrel-rentals.io/shop`
const cloud = `HCLOUD_TOKEN=${drawn('hetzner', 64)}\n`
let shop: SmallShop
let config: Config
let running: Running
let watches: RawWatch[]

beforeEach(async () => {
  watches = []
  shop = openShop({ 'deploy/cloud.env': cloud })
  expect((await shop.init()).said).toContain('deploy/cloud.env')
  config = readConfig(join(shop.checkout, 'firebreak.yaml'))
  running = await serve(config, () => undefined)
}, 60_000)
afterEach(async () => {
  for (const watch of watches) watch.close()
  await running.stop()
  shop.close()
})

/** As after a start. */
function opened(): RawWatch['look'] {
  const watch = openRawWatch(running.firebreak)
  watches.push(watch)
  return watch.look
}

/** All that the ledger and the alarms say. */
async function written(): Promise<{ readonly alarms: readonly string[]; readonly text: string }> {
  const { state } = running.firebreak
  return await state.transact(async (tx) => {
    const leaves = await tx.log.leaves(0, await tx.log.size())
    const alarms = await tx.find('alarm', {})
    const entries = leaves.map((leaf) => readLeaf(leaf))
    return {
      alarms: entries.flatMap((one) => (one?.kind === 'alarm' ? [one.subject ?? ''] : [])),
      text: JSON.stringify([entries, alarms]),
    }
  })
}

test('one that is in custody is told with its target, once, over restarts too, and again when it comes back', async () => {
  const look = opened()
  expect(await look()).toEqual([])
  shop.put('src/notes.md', `# the shop\nwe had ${url}\n`)
  const told = [{ file: 'src/notes.md', line: 2, target: 'shop' }]
  expect(await look()).toEqual(told)
  expect(await look()).toEqual([])
  expect(await opened()()).toEqual([])
  shop.put('src/notes.md', '# the shop\n')
  expect(await look()).toEqual([])
  shop.put('src/notes.md', `# the shop\nwe had ${url}\n`)
  expect(await look()).toEqual(told)
  const { alarms, text } = await written()
  expect(alarms).toEqual(['src/notes.md:2', 'src/notes.md:2'])
  expect(text).toContain(
    'the credential of `shop`, which is in custody, lies in src/notes.md, line 2',
  )
  expect(text).not.toContain(password)
})

test('what reaches infrastructure is told when it comes, and not when `init` has named it', async () => {
  const look = opened()
  expect(await look()).toEqual([])
  shop.put('.env.local', `HCLOUD_TOKEN=${drawn('another', 64)}\nCOLOR=red\n`)
  expect(await look()).toEqual([{ file: '.env.local', line: 1, target: null }])
  rmSync(join(shop.checkout, 'deploy/cloud.env'))
  expect(await look()).toEqual([])
  shop.put('deploy/cloud.env', cloud)
  expect(await look()).toEqual([{ file: 'deploy/cloud.env', line: 1, target: null }])
})

test('grants, services and what others brought are nobody’s alarm', async () => {
  const look = opened()
  expect(await look()).toEqual([])
  shop.put('copy.env', readFileSync(join(shop.checkout, '.env'), 'utf8'))
  shop.put('node_modules/other/.env', `DATABASE_URL=${url}\n`)
  shop.put('mail.env', `SENDGRID_API_KEY=${['SG', drawn('a', 22), drawn('b', 43)].join('.')}\n`)
  expect(await look()).toEqual([])
})

test('the doctor names the place of what is kept', async () => {
  shop.put('src/notes.md', `# the shop\nwe had ${url}\n`)
  const found = await diagnose(config)
  expect(found.find(({ rule }) => rule === 'raw-kept')?.message).toContain('src/notes.md:2')
  expect(JSON.stringify(found)).not.toContain(password)
})

test('a checkout full of credentials keeps the doctor from nothing', async () => {
  for (const file of ['a', 'b', 'c', 'd', 'e'])
    shop.put(
      `many/${file}.env`,
      Array.from({ length: 900 }, (_, at) => `HCLOUD_TOKEN=${drawn(`${file} ${at}`, 64)}\n`).join(
        '',
      ),
    )
  shop.put('src/notes.md', `# the shop\nwe had ${url}\n`)
  const found = await diagnose(config)
  expect(found.filter(({ rule }) => rule === 'not-running')).toEqual([])
  expect(found.find(({ rule }) => rule === 'raw-kept')?.message).toContain('src/notes.md:2')
})

test('where nothing was set up nobody looks', async () => {
  await running.firebreak.state.transact((tx) => tx.remove('meta', 'setup'))
  shop.put('src/notes.md', `we had ${url}\n`)
  expect(await opened()()).toEqual([])
})

test('a thread that is gone is another one at the next look, and nothing is told twice', async () => {
  const look = opened()
  shop.put('src/notes.md', `we had ${url}\n`)
  expect(await look()).toHaveLength(1)
  watches[0]?.close()
  expect(await look()).toEqual([])
  shop.put('src/notes.md', 'we had one\n')
  watches[0]?.close()
  expect(await look()).toEqual([])
  shop.put('src/notes.md', `we had ${url}\n`)
  expect(await look()).toHaveLength(1)
})

test('a flood of strangers fills neither the ledger nor the alarms, and hides no credential that is kept', async () => {
  const look = opened()
  expect(await look()).toEqual([])
  const flood = (name: string): string =>
    Array.from({ length: 300 }, (_, at) => `HCLOUD_TOKEN=${drawn(`${name} ${at}`, 64)}\n`).join('')
  shop.put('a.env', flood('first'))
  shop.put('z.env', `DATABASE_URL=${url}\n`)
  const first = await look()
  expect(first.length).toBeGreaterThan(290)
  expect(first[0]).toEqual({ file: 'z.env', line: 1, target: 'shop' })
  shop.put('b.env', flood('second'))
  expect((await look()).length).toBeGreaterThan(290)
  const { alarms, text } = await written()
  expect(alarms).toHaveLength(1 + 20 + 2)
  expect(alarms[0]).toBe('z.env:1')
  expect(text).toContain(`${first.length - 21} more credentials that reach infrastructure`)
})
