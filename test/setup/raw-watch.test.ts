/** A raw credential that comes back to a checkout after `firebreak init`: the daemon tells people, once, and the doctor names it; no secret in either. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config.ts'
import { diagnose } from '../../src/app/doctor.ts'
import { openRawWatch } from '../../src/app/raw/watch.ts'
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

beforeEach(async () => {
  shop = openShop({ 'deploy/cloud.env': cloud })
  expect((await shop.init()).said).toContain('deploy/cloud.env')
  config = readConfig(join(shop.checkout, 'firebreak.yaml'))
  running = await serve(config, () => undefined)
}, 60_000)
afterEach(async () => {
  await running.stop()
  shop.close()
})

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
  const look = openRawWatch(running.firebreak)
  expect(await look()).toEqual([])
  shop.put('src/notes.md', `# the shop\nwe had ${url}\n`)
  const told = [{ file: 'src/notes.md', line: 2, target: 'shop' }]
  expect(await look()).toEqual(told)
  expect(await look()).toEqual([])
  expect(await openRawWatch(running.firebreak)()).toEqual([])
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
  const look = openRawWatch(running.firebreak)
  expect(await look()).toEqual([])
  shop.put('.env.local', `HCLOUD_TOKEN=${drawn('another', 64)}\nCOLOR=red\n`)
  expect(await look()).toEqual([{ file: '.env.local', line: 1, target: null }])
  rmSync(join(shop.checkout, 'deploy/cloud.env'))
  expect(await look()).toEqual([])
  shop.put('deploy/cloud.env', cloud)
  expect(await look()).toEqual([{ file: 'deploy/cloud.env', line: 1, target: null }])
})

test('grants, services and what others brought are nobody’s alarm', async () => {
  const look = openRawWatch(running.firebreak)
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

test('where nothing was set up nobody looks', async () => {
  await running.firebreak.state.transact((tx) => tx.remove('meta', 'setup'))
  shop.put('src/notes.md', `we had ${url}\n`)
  expect(await openRawWatch(running.firebreak)()).toEqual([])
})
