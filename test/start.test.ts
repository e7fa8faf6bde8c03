/** How the command starts: quickly, with clear errors, from a checkout without a build. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../bin/firebreak')

function run(...args: readonly string[]): {
  status: number | null
  stdout: string
  stderr: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    cwd: '/',
  })
  return { status, stdout, stderr }
}

test.each<[string, readonly string[], number, RegExp]>([
  ['no command shows what there is', [], 0, /demo.*nine seconds/s],
  ['the version', ['--version'], 0, /^\d+\.\d+\.\d+\n$/],
  ['an unknown command', ['frobnicate'], 2, /there is no command `frobnicate`/],
  ['an unknown option is named', ['holds', '--frob'], 2, /Unknown option '--frob'/],
  [
    'a missing config says how to get one',
    ['holds'],
    2,
    /firebreak\.yaml` cannot be read[\s\S]*--config/,
  ],
  ['help for one command', ['help', 'grant'], 0, /grant mint/],
])('%s', (_, args, status, text) => {
  const ran = run(...args)
  expect(ran.status).toBe(status)
  expect(`${ran.stdout}${ran.stderr}`).toMatch(text)
})

test('no fault shows a stack', () => {
  expect(run('holds').stderr).not.toMatch(/\n\s+at /)
})
