/** A working day by the whole hook, with what it watches over besides the reader: nobody is asked, and nothing is refused. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hookWorld } from '../../src/app/hook-world.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { claudeCode } from '../../src/gateways/hook/dialects.ts'

const cwd = mkdtempSync(join(tmpdir(), 'day-'))
const lines = readFileSync(join(import.meta.dirname, '../shell/day.tsv'), 'utf8')
  .trimEnd()
  .split('\n')

test.each(lines)('%s', async (line) => {
  const payload = {
    hook_event_name: 'PreToolUse',
    cwd,
    tool_name: 'Bash',
    tool_input: { command: line.replaceAll('⏎', '\n') },
  }
  const { stdout } = await answer(claudeCode, JSON.stringify(payload), hookWorld(60_000))
  expect(stdout).toBe('')
})
