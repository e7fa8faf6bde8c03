import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOurs } from '../../src/inventory/postgres/ours.ts'
import { openWatch } from '../../src/inventory/postgres/watch.ts'
import { openShop, shopOwner } from './shop.ts'
import type { Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 60_000)
afterAll(() => shop.stop())

test('a session that is none of ours is told once, and again when another takes its place', async () => {
  const database = shop.fresh()
  const watcher = await shop.open(database, 'postgres')
  const ours = await shop.open(database)
  const own = new Set([await ours.pid(), await watcher.pid()])
  const watch = openWatch({ has: (pid) => own.has(pid), there: () => undefined })
  expect(await watch.look(watcher.ask)).toEqual([])

  const stranger = await shop.open(database, 'shop_clerk')
  await stranger.ask(`SET application_name = 'psql behind your back'`)
  const told = await watch.look(watcher.ask)
  expect(told).toEqual([
    {
      pid: await stranger.pid(),
      user: 'shop_clerk',
      database,
      application: 'psql behind your back',
      address: '127.0.0.1/32',
      since: expect.stringMatching(/^\d{4}-/),
    },
  ])
  expect(await watch.look(watcher.ask)).toEqual([])
  await stranger.close()
  const next = await shop.open(database, 'shop_clerk')
  expect(await watch.look(watcher.ask)).toMatchObject([{ pid: await next.pid() }])
  for (const session of [watcher, ours, next]) await session.close()
})

test('also a user who may not see the sessions of others finds that they are there', async () => {
  const database = shop.fresh()
  const watcher = await shop.open(database)
  const stranger = await shop.open(database, 'shop_clerk')
  const watch = openWatch(openOurs())
  const told = await watch.look(watcher.ask)
  expect(told).toEqual([
    {
      pid: await stranger.pid(),
      user: 'shop_clerk',
      database,
      application: expect.anything(),
      address: null,
      since: null,
    },
  ])
  expect(await watch.look(watcher.ask)).toEqual([])
  await watcher.close()
  await stranger.close()
})

test("the server's own workers, replication and other databases' sessions are no strangers", async () => {
  const database = shop.fresh()
  const elsewhere = await shop.open(shop.fresh(), 'shop_clerk')
  const args = [
    '-h',
    shop.cluster.socketDir,
    '-p',
    String(shop.cluster.port),
    '-U',
    'postgres',
    '-D',
    '-',
    '-Ft',
    '-X',
    'none',
    '-c',
    'fast',
  ]
  const backup = spawn(`${shop.cluster.binDir}/pg_basebackup`, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // Its output is not read: it stands where it is, connected, until it is ended.
  await new Promise((resolve) => backup.stdout.once('readable', resolve))
  for (const user of [shopOwner, 'postgres']) {
    const watcher = await shop.open(database, user)
    const [row] = await watcher.ask('SELECT count(*) AS n FROM pg_stat_replication')
    expect(Number(row?.['n'])).toBeGreaterThan(0)
    expect(await openWatch(openOurs()).look(watcher.ask)).toEqual([])
    await watcher.close()
  }
  backup.kill()
  await elsewhere.close()
})

test('a session that was ours stays ours while its process goes on, and no longer', () => {
  const ours = openOurs()
  const first = ours.began(7)
  expect(ours.has(7)).toBe(true)
  first()
  ours.there(new Set([7]))
  expect(ours.has(7)).toBe(true)
  const second = ours.began(7)
  // The number is another session's by now: the end of the first says nothing of it.
  first()
  ours.there(new Set())
  expect(ours.has(7)).toBe(true)
  second()
  ours.there(new Set())
  expect(ours.has(7)).toBe(false)
})
