/** `npm test`: every check in turn, a line each, and one closing line that counts them with the tests. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const report = join(tmpdir(), `firebreak-tests-${process.pid}.json`)

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['types', 'tsc', ['-p', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['form', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['floors', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'sim']],
  ['dead code', 'knip', []],
  [
    'tests',
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ],
]

let passed = 0
let failed = 0
for (const [name, tool, args] of steps) {
  const begun = Date.now()
  const { status } = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    },
  })
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
  if (name === 'tests') count(status === 0)
  else if (status === 0) passed += 1
  else failed += 1
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** Adds what vitest counted; a run that left no report, or ended badly without a failed test, counts as one failure. */
function count(ok: boolean): void {
  const counted = readReport()
  passed += counted.passed
  failed += Math.max(counted.failed, ok && counted.passed > 0 ? 0 : 1)
}

function readReport(): { readonly passed: number; readonly failed: number } {
  try {
    const body: { numPassedTests: number; numFailedTests: number } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    rmSync(report)
    return { passed: body.numPassedTests, failed: body.numFailedTests }
  } catch {
    // No report: vitest did not come so far, and `count` makes that a failure.
    return { passed: 0, failed: 0 }
  }
}
