import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withKestrel } from './asking.ts'
import { countedIds, namedId } from './ids.ts'
import { rows, writeShop } from './shop.ts'
import { kestrel } from './tenant.ts'
import { writeCheckout } from './workspace.ts'

test('every run has the same shop, byte for byte', async () => {
  const digest = (): Promise<string> =>
    withKestrel((railway) => Promise.resolve(railway.ground.disk.digest()))
  expect(await digest()).toBe(await digest())
})

test('production has a few thousand rows, and backups of three ages inside it', () =>
  withKestrel((railway) => {
    const production = railway.volumePath(kestrel.productionInstanceId)
    const of = (id: string): number =>
      rows(railway.backupPath(kestrel.productionInstanceId, id)).bookings
    expect(rows(production)).toMatchObject({ bookings: 2_400, vehicles: 140, customers: 800 })
    expect(rows(production).payments).toBeGreaterThan(2_000)
    expect(railway.ground.disk.dataBytes(kestrel.productionInstanceId)).toBeGreaterThan(300_000)
    expect([kestrel.newestBackupId, kestrel.olderBackupId, kestrel.oldestBackupId].map(of)).toEqual(
      [2_394, 2_364, 1_860],
    )
    return Promise.resolve()
  }))

test('an older copy of the shop is a prefix of a newer one', () => {
  const dir = mkdtempSync(join(tmpdir(), 'shop-'))
  const read = (name: string): string =>
    readFileSync(join(dir, name, 'pgdata/base/16384/bookings.csv'), 'utf8')
  const size = { customers: 5, vehicles: 3, bookings: 40 }
  const day = fc.integer({ min: 0, max: 500 })
  fc.assert(
    fc.property(day, day, (a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)]
      const on = (days: number): Date =>
        new Date(Date.parse('2025-03-20T00:00:00Z') + days * 86_400_000)
      writeShop(join(dir, 'early'), size, on(early))
      writeShop(join(dir, 'late'), size, on(late))
      const body = (name: string): string => read(name).replace(/^id,.*\n/, '')
      expect(body('late').startsWith(body('early'))).toBe(true)
      expect(rows(join(dir, 'late')).bookings).toBeGreaterThanOrEqual(
        rows(join(dir, 'early')).bookings,
      )
    }),
    { numRuns: 25 },
  )
  rmSync(dir, { recursive: true })
})

test('a directory that is gone has nothing', () => {
  expect(rows('/nowhere/at/all')).toEqual({
    bookings: 0,
    vehicles: 0,
    customers: 0,
    payments: 0,
    newest: null,
  })
})

test('ids are version 8 UUIDs and hang on their name alone', () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(namedId(a)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
      expect(namedId(a) === namedId(b)).toBe(a === b)
      expect(countedIds(a)(b)).toBe(countedIds(a)(b))
    }),
  ))

test('the checkout has the token in a script for domains and nowhere else', () => {
  const dir = mkdtempSync(join(tmpdir(), 'checkout-'))
  const names = writeCheckout({ dir, baseUrl: 'http://127.0.0.1:1', token: 'the-token' })
  const holding = names.filter((name) =>
    readFileSync(join(dir, name), 'utf8').includes('the-token'),
  )
  expect(holding).toEqual(['scripts/domains.ts'])
  expect(readFileSync(join(dir, '.env'), 'utf8')).toContain(kestrel.volumeId)
  rmSync(dir, { recursive: true })
})

const main = join(import.meta.dirname, 'main.ts')

test('the program says how to start it when no folder is named', async () => {
  const code = await new Promise<unknown>((resolve) => {
    execFile(process.execPath, [main], (error) => resolve(error?.code))
  })
  expect(code).toBe(2)
})

test('the program serves the tenant until it is told to stop', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rehearsal-'))
  const child = spawn(process.execPath, [main, '--dir', dir, '--port', '0'])
  const ended = once(child, 'exit')
  const [chunk]: readonly unknown[] = await once(child.stdout, 'data')
  const [url = ''] = /http:\S+/.exec(String(chunk)) ?? []
  const [token = ''] = /[0-9a-f-]{36}/.exec(String(chunk)) ?? []
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"query":"{ me { name } }"}',
  })
  expect(await response.json()).toEqual({ data: { me: { name: 'Robin' } } })
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  rmSync(dir, { recursive: true })
})
