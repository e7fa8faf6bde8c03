import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = (): string => join(folder, `state-${(files += 1)}`, 'state.db')
const meta = (id: string, value: string): { id: string; value: string } => ({ id, value })

test('what a fulfilled transaction wrote is there after opening again', async () => {
  const file = fresh()
  const first = openSqlite(file)
  await first.transact((tx) => tx.put('meta', meta('a', 'b')))
  first.close()
  const second = openSqlite(file)
  expect(await second.transact((tx) => tx.get('meta', 'a'))).toEqual(meta('a', 'b'))
  second.close()
})

test('a transaction that throws leaves nothing', async () => {
  const state = openSqlite(fresh())
  const broken = state.transact(async (tx) => {
    await tx.put('meta', meta('a', 'b'))
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  expect(await state.transact((tx) => tx.get('meta', 'a'))).toBeNull()
  state.close()
})

test('transactions do not interleave, whatever they await', async () => {
  const state = openSqlite(fresh())
  const add = (): Promise<void> =>
    state.transact(async (tx) => {
      const before = Number((await tx.get('meta', 'n'))?.value ?? 0)
      await new Promise((resolve) => setImmediate(resolve))
      await tx.put('meta', { id: 'n', value: before + 1 })
    })
  await Promise.all(Array.from({ length: 40 }, add))
  expect((await state.transact((tx) => tx.get('meta', 'n')))?.value).toBe(40)
  state.close()
})

test('find gives rows by their fields, null included, in the order of their ids', async () => {
  const state = openSqlite(fresh())
  const halt = (id: string, liftedAt: number | null) => ({
    id,
    at: 1,
    by: 'x',
    reason: 'y',
    liftedAt,
  })
  await state.transact(async (tx) => {
    for (const row of [halt('c', null), halt('a', null), halt('b', 2)]) await tx.put('halt', row)
  })
  const found = await state.transact((tx) => tx.find('halt', { liftedAt: null }))
  expect(found.map((row) => row.id)).toEqual(['a', 'c'])
  expect(await state.transact((tx) => tx.find('halt', { by: "x' OR 1=1 --" }))).toEqual([])
  state.close()
})

test('any text comes back as it was put', () => {
  const state = openSqlite(fresh())
  return fc
    .assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.jsonValue(), async (id, value) => {
        await state.transact((tx) => tx.put('meta', { id, value: JSON.stringify(value) }))
        expect((await state.transact((tx) => tx.get('meta', id)))?.value).toBe(
          JSON.stringify(value),
        )
      }),
      { numRuns: 50 },
    )
    .finally(() => state.close())
})

test('the file is for its owner only', () => {
  const file = fresh()
  openSqlite(file).close()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
})

test.each<[string, (file: string) => void]>([
  [
    'text where a database should be',
    (file) =>
      writeFileSync(file, 'not a database, but long enough to look like a file '.repeat(40)),
  ],
  ['a truncated file', (file) => truncateSync(file, 5000)],
  ['a page of zeros', (file) => writeFileSync(file, Buffer.alloc(4096, 7), { flag: 'r+' })],
])('broken-is-closed: %s is refused in one line', async (_, damage) => {
  const file = fresh()
  const state = openSqlite(file)
  await state.transact((tx) => tx.put('meta', meta('a', 'x'.repeat(9000))))
  state.close()
  damage(file)
  expect(() => openSqlite(file)).toThrow(expect.objectContaining({ code: 'broken_store' }))
})

test('one who reads for long sees one moment and keeps nobody from writing', async () => {
  const file = fresh()
  const [here, there] = [openSqlite(file), openSqlite(file)]
  const seen = await here.read(async (tx) => {
    const before = await tx.get('meta', 'a')
    await there.transact((other) => other.put('meta', meta('a', 'b')))
    return [before, await tx.get('meta', 'a')]
  })
  expect(seen).toEqual([null, null])
  expect(await here.read((tx) => tx.get('meta', 'a'))).toEqual(meta('a', 'b'))
  here.close()
  there.close()
})

test('another process that writes changes the version', async () => {
  const file = fresh()
  const [here, there] = [openSqlite(file), openSqlite(file)]
  const before = here.version()
  await there.transact((tx) => tx.put('meta', meta('a', 'b')))
  expect(here.version()).not.toBe(before)
  here.close()
  there.close()
})
