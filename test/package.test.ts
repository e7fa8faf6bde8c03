/** The package as a user gets it: packed, installed into an empty folder, and run. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callOf, vectors } from './hooks/vectors.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'firebreak-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Node 24 first on the path: the package asks for it by `engines`. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` }

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  return { status, out: `${stdout}${stderr}` }
}

beforeAll(() => {
  const packed = run('npm', ['pack', '--silent', '--pack-destination', folder], root)
  expect(packed.status, packed.out).toBe(0)
  const [tarball = 'none'] = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  const installed = run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`],
    folder,
  )
  expect(installed.status, installed.out).toBe(0)
}, 180_000)

const firebreak = join(folder, 'node_modules/.bin/firebreak')

test('the installed package says its version and lists its commands', () => {
  expect(run(firebreak, ['--version'], folder)).toEqual({ status: 0, out: '0.1.0\n' })
  expect(run(firebreak, ['help'], folder).out).toContain('demo')
})

test('the installed package runs the demo, and both halves come out as told', () => {
  const { status, out } = run(firebreak, ['demo', '--json'], folder)
  expect(status, out).toBe(0)
}, 60_000)

test('the installed hook reads SQL in each host’s call, and starts from one file', () => {
  const hook = join(folder, 'node_modules/firebreak/dist/hook.cjs')
  for (const host of Object.keys(vectors.calls))
    for (const [command, ...args] of [
      [firebreak, 'hook', host],
      [process.execPath, hook, host],
    ] as const) {
      const ran = (call: unknown): string => {
        const input = JSON.stringify(call)
        const { stdout, stderr } = spawnSync(command, args, { env, input, encoding: 'utf8' })
        return stdout + stderr
      }
      expect(ran(callOf(host, 'held')), host).toContain('Firebreak holds this: `DROP TABLE`')
      expect(ran(callOf(host, 'allowed')), host).not.toContain('Firebreak')
    }
})

test('it ships what it needs and not the sources, tests or vectors', () => {
  const shipped = join(folder, 'node_modules/firebreak')
  for (const part of [
    'bin/firebreak',
    'dist/src/cli/main.js',
    'dist/hook.cjs',
    'docs/hooks.md',
    'docs/hooks/opencode.js',
    'LICENSE',
    'README.md',
    'SECURITY.md',
  ])
    expect(existsSync(join(shipped, part)), part).toBe(true)
  for (const part of ['src', 'test', 'bench', 'dist/src/core/hold.test.js'])
    expect(existsSync(join(shipped, part)), part).toBe(false)
})
