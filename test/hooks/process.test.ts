/** The hook as it is shipped: one file, started for each call. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleHook } from '../../scripts/hook-bundle.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { dialects } from '../../src/gateways/hook/dialects.ts'
import { bounded } from '../../src/app/bounded.ts'
import { callOf } from './vectors.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'firebreak-hook-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let hook = ''
beforeAll(async () => {
  hook = await bundleHook(root, folder)
})

function run(host: string, input: string): { stdout: string; stderr: string; exit: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [hook, host], {
    input,
    encoding: 'utf8',
  })
  return { stdout, stderr, exit: status }
}

test.each([...dialects])('%s: the process answers as its reader does', async (host, dialect) => {
  const world = {
    file: () => null,
    real: (path: string) => path,
    bounded: <T>(work: () => T) => bounded(work, 4000),
  }
  for (const name of ['allowed', 'denied', 'odd']) {
    const input = JSON.stringify(callOf(host, name))
    expect(run(host, input)).toEqual(await answer(dialect, input, world))
  }
  expect(run(host, '')).toEqual(await answer(dialect, '', world))
})

test('a grammar that cannot be loaded denies', () => {
  const { stdout } = run('gemini', JSON.stringify(callOf('gemini', 'held')))
  expect(stdout).toContain('"decision":"deny","reason":"Firebreak refuses this: ')
})

test('an agent that nobody knows is a no, in one line', () => {
  expect(run('nobody', '{}')).toEqual({
    stdout: '',
    stderr:
      'firebreak: `nobody` is no agent known here (cursor, claude-code, codex, gemini, copilot, opencode, windsurf, kiro)\n',
    exit: 2,
  })
})

test('a host that never ends what it sends gets its no before its own time is over', async () => {
  const child = spawn(process.execPath, [hook, 'cursor'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write('{"hook_event_name":')
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  const code = await new Promise((resolve) => {
    child.on('close', resolve)
  })
  expect(Buffer.concat(parts).toString()).toContain('"permission":"deny"')
  expect(code).toBe(0)
}, 20_000)

test('a judge that hangs is a no', async () => {
  const dialect = dialects.get('codex')
  const hanging = {
    file: (): null => {
      for (;;);
    },
    real: (path: string) => path,
    bounded: <T>(work: () => T) => bounded(work, 50),
  }
  const call = {
    hook_event_name: 'PreToolUse',
    cwd: '/srv',
    tool_name: 'Bash',
    tool_input: { command: 'psql -f a.sql' },
  }
  if (dialect === undefined) throw new Error('codex is not known')
  const { stdout } = await answer(dialect, JSON.stringify(call), hanging)
  expect(stdout).toContain('"permissionDecision":"deny"')
  expect(stdout).toContain('timed out')
})
