/** The hook as it is shipped: one file, started for each call. */
import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleHook } from '../../scripts/hook-bundle.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { dialects } from '../../src/gateways/hook/dialects.ts'
import { bounded } from '../../src/scan/bounded.ts'
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

test('what lies beside it is loaded, and nothing else is said', () => {
  const place = join(folder, 'src/classify')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const stub = 'export const loadSql = async () => {}\nexport const readSqlPayload = () => []\n'
  writeFileSync(join(place, 'payload-sql.js'), stub)
  const call = {
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command: 'psql -c "DROP TABLE a"' },
  }
  const answered = run('claude-code', JSON.stringify(call))
  rmSync(join(folder, 'src'), { recursive: true })
  expect(answered).toEqual({ stdout: '', stderr: '', exit: 0 })
})

test('an agent that nobody knows is a no, in one line', () => {
  expect(run('nobody', '{}')).toEqual({
    stdout: '',
    stderr:
      'firebreak: `nobody` is no agent known here (cursor, claude-code, codex, gemini, copilot, opencode, windsurf, kiro)\n',
    exit: 2,
  })
})

test('what was compiled once is kept for later starts, and not taken where it is broken', () => {
  const kept = readdirSync(join(folder, '.cache')).map((name) => join(folder, '.cache', name))
  const [only = ''] = kept
  expect(kept).toHaveLength(1)
  const input = JSON.stringify(callOf('claude-code', 'denied'))
  const told = run('claude-code', input)
  expect(told.stdout).toContain('"deny"')
  const whole = readFileSync(only)
  const broken = [
    Buffer.from(whole).fill(0, 1000, 2000),
    whole.subarray(0, whole.length / 3),
    Buffer.alloc(0),
    Buffer.from('nothing of V8’s, twice').subarray(0, 24),
    Buffer.alloc(4096),
  ]
  for (const bytes of broken) {
    writeFileSync(only, bytes)
    expect(run('claude-code', input)).toEqual(told)
    // It was compiled again, and is kept whole.
    const again = readFileSync(only)
    const half = again.length / 2
    expect(half).toBeGreaterThan(10_000)
    expect(again.subarray(0, half).equals(again.subarray(half))).toBe(true)
  }
})

test('where nothing can be kept it answers all the same', () => {
  rmSync(join(folder, '.cache'), { recursive: true })
  writeFileSync(join(folder, '.cache'), '')
  const input = JSON.stringify(callOf('claude-code', 'denied'))
  expect(run('claude-code', input).stdout).toContain('"deny"')
  expect(readFileSync(join(folder, '.cache'), 'utf8')).toBe('')
  rmSync(join(folder, '.cache'))
})

test('a judge that is missing, or is none, is a no', () => {
  const apart = mkdtempSync(join(tmpdir(), 'firebreak-hook-'))
  copyFileSync(hook, join(apart, 'hook.cjs'))
  const start = (): unknown => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(apart, 'hook.cjs'), 'cursor'],
      { input: '{}', encoding: 'utf8' },
    )
    return [stdout, stderr.split(':').slice(0, 2).join(':').trim(), status]
  }
  const refusal = ['', 'firebreak: the hook cannot start', 2]
  expect(start()).toEqual(refusal)
  for (const text of ['', '(function () {})', '(function (']) {
    writeFileSync(join(apart, 'hook-judge.cjs'), text)
    expect(start()).toEqual(refusal)
  }
  rmSync(apart, { recursive: true })
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
