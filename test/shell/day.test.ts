/** A working day of a developer and their agents: nobody is asked about any of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const lines = readFileSync(join(import.meta.dirname, 'day.tsv'), 'utf8')
  .trimEnd()
  .split('\n')

test.each(lines)('nobody is asked about: %s', (line) => {
  expect(told(line.replaceAll('⏎', '\n'))).not.toBe('hold')
})

test('it is a whole day', () => {
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.length).toBeGreaterThanOrEqual(300)
})
