/** What a runner of GitHub Actions, and pre-commit, would start by this project's own files. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { uuid } from './planted.ts'

const root = join(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-action-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Step {
  readonly run: string
  readonly env?: Readonly<Record<string, string>>
}
const action: {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly steps: readonly Step[] }
} = parse(readFileSync(join(root, 'action.yml'), 'utf8'))

test('the action fails where a credential lies about, writes SARIF, and runs nothing of a name', () => {
  const folder = 'a"; touch made; "b'
  execFileSync('git', ['init', '-q', folder], { cwd: dir })
  writeFileSync(join(dir, folder, 'deploy.sh'), `RAILWAY_TOKEN=${uuid('action')}\n`)
  const given = { folder, sarif: action.inputs['sarif']?.default ?? '' }
  const step = action.runs.steps.at(-1)
  const env = Object.fromEntries(
    Object.entries(step?.env ?? {}).map(([name, text]) => [
      name,
      text
        .replace('${{ inputs.folder }}', given.folder)
        .replace('${{ inputs.sarif }}', given.sarif),
    ]),
  )
  const ran = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step?.run ?? ''], {
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '', HOME: dir, GITHUB_ACTION_PATH: root, ...env },
    encoding: 'utf8',
  })
  expect(ran.stderr).toBe('')
  expect(ran.status).toBe(1)
  const sarif = readFileSync(join(dir, 'firebreak.sarif'), 'utf8')
  expect(sarif).toContain('deploy.sh')
  expect(ran.stdout + sarif).not.toContain(uuid('action'))
  expect(existsSync(join(dir, 'made'))).toBe(false)
})

test('the pre-commit hook starts what there is', () => {
  const hooks: readonly { readonly entry: string }[] = parse(
    readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'),
  )
  const [program, ...args] = hooks[0]?.entry.split(' ') ?? []
  expect([program, args]).toEqual(['firebreak', ['scan', '--staged']])
})
