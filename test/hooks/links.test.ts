/** A link that lies on the disk already: what stands behind it is judged by where it leads. */
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hookWorld } from '../../src/app/hook-world.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { claudeCode } from '../../src/gateways/hook/dialects.ts'

const dir = mkdtempSync(join(tmpdir(), 'links-'))
for (const name of ['src', 'dist', 'packages/a/dist', 'node_modules'])
  mkdirSync(join(dir, name), { recursive: true })
symlinkSync(homedir(), join(dir, 'build'))
symlinkSync('dist', join(dir, 'out'))
symlinkSync('../src', join(dir, 'node_modules', 'src'))
symlinkSync('../packages/a', join(dir, 'node_modules', 'a'))

test.each([
  ['rm -rf build/*', 'held'],
  ['rm -rf ./build/notes', 'held'],
  ['cd src && rm -rf ../build/x', 'held'],
  ['find build/ -delete', 'held'],
  ['rm -rf node_modules/src/*', 'held'],
  ['rm -rf build', 'yes'],
  ['rm -rf out/*', 'yes'],
  ['rm -rf node_modules/a/dist', 'yes'],
  ['rm -rf node_modules dist', 'yes'],
  ['rm -rf dist/*', 'yes'],
  ['rm -rf ./dist/*', 'yes'],
  ['rm -rf dist/assets/*', 'yes'],
  ['rm -f *.log', 'yes'],
  ['cp src/* dist/', 'yes'],
  ['mv dist/* out/', 'yes'],
])('%s: %s', async (command, wanted) => {
  const payload = {
    hook_event_name: 'PreToolUse',
    cwd: dir,
    tool_name: 'Bash',
    tool_input: { command },
  }
  const { stdout } = await answer(claudeCode, JSON.stringify(payload), hookWorld(60_000))
  expect(stdout === '' ? 'yes' : 'held').toBe(wanted)
})
