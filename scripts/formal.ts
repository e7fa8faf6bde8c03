/** `npm run formal`: looks at every state of the lifecycle's model with Spin, and at every seeded bug, which must be found. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One run of the model. `breaks` is what the violated assertion must name; null where all laws must hold. */
export interface Check {
  readonly name: string
  readonly defines: readonly string[]
  readonly breaks: RegExp | null
  /** Looks for circles instead: with none, every run of the model ends. */
  readonly circles?: boolean
}

export interface Outcome {
  readonly ok: boolean
  readonly states: number
  /** Why not, or what was found. */
  readonly told: string
}

const model = join(import.meta.dirname, '../formal/firebreak.pml')

const [E1, E2, E3, E4, E5, E6] = [
  /approvers\[/,
  /approvedAt\[/,
  /takenBack\[/,
  /effects\[/,
  /what==1/,
  /gone\[0\]&&gone\[1\]/,
] as const
const intentFirst = /intent\[/
const haltHalts = /halted/
const ends = /st\[/

/** Each bug breaks one law, the one that it is named with. */
const bugs: readonly (readonly [string, string, RegExp])[] = [
  ['BUG_SELF_APPROVAL', 'E1: the agent approves its own action', E1],
  ['BUG_ONE_OF_TWO', 'E1: one of two approvals is enough', E1],
  ['BUG_GRACE_IGNORED', 'E2: the grace window is ignored', E2],
  ['BUG_UNDO_APART', 'E3: undo does not compete for the row', E3],
  ['BUG_CHECKED_BEFORE', 'E3: the check is made before the transaction, not in it', E3],
  ['BUG_RUNS_AGAIN', 'E4: after a crash it runs again instead of asking', E4],
  ['BUG_RETRY_RUNS', 'E5: the parameters of the retry run', E5],
  ['BUG_UNBOUND', 'E5: the approval is not bound to the digest', E5],
  ['BUG_NO_LEASE', 'E6: nothing is leased', E6],
  ['BUG_NO_CLAIM', 'E6: a way back that is being deleted counts', E6],
  ['BUG_RELEASE_ON_FAILURE', 'E6: the lease ends when no answer came', E6],
  ['BUG_INTENT_LATE', 'intent-first: the intent is written after the effect', intentFirst],
  ['BUG_HALT_FORGOTTEN', 'halt-halts: the halt does not survive a restart', haltHalts],
  ['BUG_SILENCE_WAITS', 'silence-refuses: a hold that nobody answers stays open', ends],
]

/** Of a runner that brings its own way back. */
const saving: readonly (readonly [string, string, RegExp])[] = [
  ['BUG_LEAN_LATE', 'recovery-first: it leans after its commit', /marked/],
  ['BUG_NO_LEASE', 'E6: what a runner leans on is not leased', E6],
  ['BUG_NO_CLAIM', 'E6: a runner leans on what is being deleted', E6],
  ['BUG_RUNS_AGAIN', 'E4: after a crash a runner commits again', E4],
]

/** What must be possible, or the laws would hold because nothing ever happens. */
const witnesses: readonly (readonly [string, string, RegExp])[] = [
  ['WITNESS_DROPPED', 'the data can be dropped while its way back stays', E6First('gone[0]')],
  ['WITNESS_DELETED', 'the way back can be deleted while the data stays', E6First('gone[1]')],
  ['WITNESS_LATE', 'a call can land after its hold has failed', /happened\[0\]/],
  ['WITNESS_CANNOT_SAY', 'a hold can stay executing because the target cannot say', /st\[0\]/],
]

const holds = (name: string, ...defines: readonly string[]): Check => ({
  name: `E1–E6: ${name}`,
  defines,
  breaks: null,
})

/** About 15 seconds: every law with one daemon and one crash, every bug, every witness. */
export const quick: readonly Check[] = [
  holds('one daemon, one crash'),
  holds('the runner brings its own way back', 'SAVES'),
  ...bugs.map(([define, name, breaks]) => ({ name: `finds ${name}`, defines: [define], breaks })),
  ...saving.map(([define, name, breaks]) => ({
    name: `finds ${name}`,
    defines: ['SAVES', define],
    breaks,
  })),
  {
    name: 'the data can be dropped by a runner that saves',
    defines: ['SAVES', 'WITNESS_DROPPED'],
    breaks: E6First('gone[0]'),
  },
  ...witnesses.map(([define, name, breaks]) => ({ name, defines: [define], breaks })),
]

/** About 30 seconds more. */
const further: readonly Check[] = [
  { name: 'every run ends: there is no circle', defines: [], breaks: null, circles: true },
  holds('one daemon, three crashes', 'CRASHES=3'),
  holds('two daemons, no crash', 'EXECUTORS=2', 'CRASHES=0'),
  holds('the same, the runner saves', 'EXECUTORS=2', 'CRASHES=0', 'SAVES'),
]

/** A minute and 1 GB more. */
const deepest: readonly Check[] = [holds('two daemons, one crash', 'EXECUTORS=2', 'CRASHES=1')]

/** What is missing to run the model, with the Debian packages that bring it; null when all is there. */
export function missingTools(): string | null {
  const needed = [
    ['spin', '-V', 'spin'],
    ['gcc', '--version', 'gcc libc6-dev'],
  ] as const
  const missing = needed.filter(([tool, flag]) => spawnSync(tool, [flag]).status !== 0)
  if (missing.length === 0) return null
  const tools = missing.map(([tool]) => `\`${tool}\``).join(' and ')
  return `${tools} cannot be started: apt-get install ${missing.map(([, , name]) => name).join(' ')}`
}

/** Makes the verifier for one check, runs it to its end and says whether it came out as it must. */
export function runCheck(check: Check): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-formal-'))
  try {
    const defines = check.defines.map((define) => `-D${define}`)
    const made = run(folder, 'spin', ['-a', ...defines, model])
    const search = check.circles === true ? '-DNP' : '-DSAFETY'
    // A bug is found early: there the compiler's time is most of it.
    const speed = check.breaks === null ? '-O2' : '-O0'
    const flags = [speed, '-w', search, '-DCOLLAPSE', '-o', 'pan', 'pan.c']
    const built = made.ok ? run(folder, 'gcc', flags) : made
    if (!built.ok) return { ok: false, states: 0, told: built.text }
    const searched = check.circles === true ? ['-l'] : []
    return judge(check, run(folder, './pan', [...searched, '-m500000', '-w23']).text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function judge(check: Check, text: string): Outcome {
  const states = Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0)
  const violated = /assertion violated\s+(.*) \(at depth/.exec(text)?.[1] ?? null
  if (check.breaks === null) return whole(check, text, states)
  const ok = violated !== null && check.breaks.test(violated)
  return { ok, states, told: violated === null ? 'not found' : `breaks ${violated}` }
}

/** Only a search without an error that came to its end and reached every line proves that the laws hold. */
function whole({ defines, circles }: Check, text: string, states: number): Outcome {
  const cut = /not completed|max search depth|out of memory/i.exec(text)
  const errors = /errors: (\d+)/.exec(text)?.[1] ?? 'no count of'
  // Without a crash no daemon starts again; and a search for circles keeps no such list.
  const counts = circles !== true && !defines.includes('CRASHES=0')
  const unreached = counts ? text.split('\n').filter(isUnreached) : []
  const ok = errors === '0' && cut === null && unreached.length === 0 && states > 1000
  const told = ok ? 'no error' : [`${errors} errors`, cut?.[0] ?? '', ...unreached].join('; ')
  return { ok, states, told }
}

function isUnreached(line: string): boolean {
  return /, state \d+,/.test(line) && !line.includes('"-end-"')
}

function run(
  cwd: string,
  tool: string,
  args: readonly string[],
): { readonly ok: boolean; readonly text: string } {
  const options = { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const
  const { status, stdout, stderr } = spawnSync(tool, args, options)
  return { ok: status === 0, text: `${stdout ?? ''}${stderr ?? ''}` }
}

/** A witness may only be found where it says so: with this thing gone and the other not. */
function E6First(gone: string): RegExp {
  return new RegExp(`${gone.replaceAll(/[[\]]/g, String.raw`\$&`)}\\)&& !\\(gone`)
}

function main(): void {
  const missing = missingTools()
  const deep = process.argv.includes('--deep') ? deepest : []
  let [passed, failed] = [0, missing === null ? 0 : 1]
  if (missing !== null) process.stdout.write(`FAILED ${missing}\n`)
  for (const check of missing === null ? [...quick, ...further, ...deep] : []) {
    const begun = performance.now()
    const { ok, states, told } = runCheck(check)
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    process.stdout.write(
      `${ok ? 'ok    ' : 'FAILED'} ${check.name}: ${told} (${states} states, ${seconds} s)\n`,
    )
    if (ok) passed += 1
    else failed += 1
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

if (import.meta.main) main()
