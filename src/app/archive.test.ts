import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readMemory, writeInto } from './archive.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-archive-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('what is written into a shared folder is not written through a link that lies there', async () => {
  const victim = join(dir, 'victim')
  writeFileSync(victim, 'kept')
  symlinkSync(victim, join(dir, 'checkpoint.new'))
  symlinkSync(victim, join(dir, 'checkpoint'))
  await writeInto(dir)('checkpoint', Buffer.from('note'))
  expect(readFileSync(victim, 'utf8')).toBe('kept')
  expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe('note')
  expect(existsSync(join(dir, 'checkpoint.new'))).toBe(false)
})

test("a witness's memory that is there and cannot be read is not passed off as none", () => {
  const memory = join(dir, 'seen')
  expect(readMemory(memory)).toBeNull()
  mkdirSync(memory)
  expect(() => readMemory(memory)).toThrow(expect.objectContaining({ code: 'bad_input' }))
})
