/** `npm test`: every check, a line each, and one closing line that counts them with the tests. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const report = join(tmpdir(), `firebreak-tests-${process.pid}.json`)

const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]

type Check = readonly [name: string, tool: string, args: readonly string[]]

/** Two at a time: most of them use one core, and the machines have two. */
const lanes: readonly (readonly Check[])[] = [
  [
    ['types', 'tsc', ['-p', '.']],
    ['floors', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src', 'sim']],
    ['dead code', 'knip', []],
  ],
  [
    ['form', 'prettier', ['--check', '--log-level', 'warn', '.']],
    ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ],
]

const bin = join(root, 'node_modules/.bin')
const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }

let passed = 0
let failed = 0
await Promise.all(
  lanes.map(async (checks) => {
    for (const each of checks) await check(each)
  }),
)
const begun = Date.now()
const before = failed
count(run('vitest', ['run', ...reporting]) === 0)
tell('tests', failed === before, begun)
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** Runs one; what it says comes in one piece, so that two do not talk into each other. */
async function check([name, tool, args]: Check): Promise<void> {
  const since = Date.now()
  const child = spawn(join(bin, tool), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Uint8Array[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Uint8Array) => said.push(piece))
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  if (status === 0) passed += 1
  else failed += 1
  process.stdout.write(Buffer.concat(said))
  tell(name, status === 0, since)
}

function tell(name: string, ok: boolean, since: number): void {
  const seconds = ((Date.now() - since) / 1000).toFixed(1)
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
}

function run(tool: string, args: readonly string[]): number | null {
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
