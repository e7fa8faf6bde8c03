/** `npm test`: every check in turn, a line each, and one closing line that counts them with the tests. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const report = join(tmpdir(), `firebreak-tests-${process.pid}.json`)

const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['types', 'tsc', ['-p', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['form', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['floors', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'sim']],
  ['dead code', 'knip', []],
  ['tests', 'vitest', ['run', ...reporting]],
]

let passed = 0
let failed = 0
for (const [name, tool, args] of steps) {
  const begun = Date.now()
  const went = run(tool, args) === 0
  const before = failed
  if (name === 'tests') count(went)
  else if (went) passed += 1
  else failed += 1
  const ok = failed === before
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

function run(tool: string, args: readonly string[]): number | null {
  const bin = join(root, 'node_modules/.bin')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  return spawnSync(join(bin, tool), args, { cwd: root, stdio: 'inherit', env }).status
}

/** Adds what vitest counted; a run that left no report, or ended badly without a failed test, counts as one failure. */
function count(ok: boolean): void {
  const counted = readReport()
  passed += counted.passed
  failed += counted.failed
  if (ok && counted.passed > 0) return
  // Whose worker died says nothing of its own: it is named, and has one more chance by itself.
  const { lost } = counted
  for (const file of lost) process.stdout.write(`its worker died, so it runs once more: ${file}\n`)
  if (counted.failed === 0 && (lost.length === 0 || !again(lost))) failed += 1
}

function again(files: readonly string[]): boolean {
  const ok = run('vitest', ['run', ...reporting, ...files]) === 0
  const counted = readReport()
  passed += counted.passed
  failed += counted.failed
  return ok && counted.lost.length === 0
}

interface Counted {
  readonly passed: number
  readonly failed: number
  /** Files with a test that was begun or waited for, and never ended. */
  readonly lost: readonly string[]
}

function readReport(): Counted {
  try {
    const body: {
      numPassedTests: number
      numFailedTests: number
      testResults: { name: string; assertionResults: { status: string }[] }[]
    } = JSON.parse(readFileSync(report, 'utf8'))
    rmSync(report)
    const lost = body.testResults.filter(({ assertionResults }) =>
      assertionResults.some(({ status }) => status === 'pending'),
    )
    const [good, bad] = [body.numPassedTests, body.numFailedTests]
    return { passed: good, failed: bad, lost: lost.map(({ name }) => name) }
  } catch {
    // No report: vitest did not come so far, and `count` makes that a failure.
    return { passed: 0, failed: 0, lost: [] }
  }
}
