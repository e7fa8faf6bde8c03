import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lock } from './lock.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-lock-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a second daemon on one state is refused until the first lets go', () => {
  const file = join(dir, 'lock.db')
  const unlock = lock(file)
  expect(() => lock(file)).toThrow(expect.objectContaining({ code: 'wrong_state' }))
  unlock()
  lock(file)()
})

test.each<[string, (file: string) => void]>([
  ['is no database', (file) => writeFileSync(file, 'x'.repeat(5000))],
  ['lies in a folder that is not there', () => {}],
])('a lock that %s is not taken for a running daemon', (name, make) => {
  const file = name.includes('folder') ? join(dir, 'none', 'lock.db') : join(dir, 'broken.db')
  make(file)
  expect(() => lock(file)).toThrow(expect.objectContaining({ code: 'broken_store' }))
})
