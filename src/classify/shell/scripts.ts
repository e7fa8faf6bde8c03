/** Runners of a project's own tasks: `npm run`, `make`, `just`. The task's text is read where it is there; else its name must say what it does. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Argv, Flags } from './argv.ts'
import type { Nested, Special } from './nested.ts'
import { evaluated } from './code-evals.ts'
import { destroys, ordinary } from './operation.ts'
import { nothingFed, programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import { saysLoss } from './script-name.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

interface Runner {
  readonly flags: Flags
  /** Words behind which the task stands: `run`. */
  readonly runs: readonly string[]
  /** Its own words, which are no tasks; null where a task stands only behind `run`. */
  readonly own: ReadonlySet<string> | null
  /** The file that has the tasks' texts, as JSON by `scripts` or `tasks`. */
  readonly manifest: string | null
  /** Each of its words is a task: `make a b`. */
  readonly isMany: boolean
}

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter(Boolean))

const valued =
  '-C --dir --cwd --prefix -F --filter -w --workspace -f --file -j --jobs -p --project -t --target --targets --projects -c --config --env-file --justfile --makefile -d --taskfile --scope -o'
const plainly = '-r --recursive -s --silent --if-present -A --all --parallel --stream -q --verbose'

function runner(made: {
  readonly runs?: string
  readonly own?: string
  readonly manifest?: string
  readonly isMany?: boolean
}): Runner {
  return {
    flags: flagsOf(valued, plainly),
    runs: (made.runs ?? '').split(' ').filter(Boolean),
    own: made.own === undefined ? null : setOf(made.own),
    manifest: made.manifest ?? null,
    isMany: made.isMany ?? false,
  }
}

const packages =
  'install i add remove rm uninstall un unlink link update up upgrade publish pack audit list ls la ll why info view outdated init create config set get store cache prune dedupe rebuild import patch patch-commit patch-remove fetch deploy env setup version login logout whoami owner dist-tag search help bin root licenses doctor exec dlx x workspaces plugin completion pm self-update global rb ln ci server approve-builds'

const runners: ReadonlyMap<string, Runner> = new Map([
  ['npm', runner({ runs: 'run run-script rum urn', manifest: 'package.json' })],
  ['pnpm', runner({ runs: 'run run-script', own: packages, manifest: 'package.json' })],
  ['yarn', runner({ runs: 'run', own: packages, manifest: 'package.json' })],
  ['bun', runner({ runs: 'run', own: packages, manifest: 'package.json' })],
  ['lerna', runner({ runs: 'run', manifest: 'package.json' })],
  ['turbo', runner({ runs: 'run', own: 'login link prune query daemon gen info scan' })],
  ['nx', runner({ runs: 'run run-many affected', own: 'list graph report show reset migrate' })],
  ['moon', runner({ runs: 'run' })],
  ['deno', runner({ runs: 'task', manifest: 'deno.json' })],
  [
    'composer',
    runner({
      runs: 'run run-script',
      own: 'install require remove update dump-autoload show validate audit outdated create-project init config global exec self-update search status why why-not',
      manifest: 'composer.json',
    }),
  ],
  ['mise', runner({ runs: 'run r' })],
  ...['make', 'gmake', 'just', 'task', 'go-task', 'invoke', 'inv', 'poe', 'mage', 'doit'].map(
    (name) => [name, runner({ own: '', isMany: true })] as const,
  ),
  ...['npm-run-all', 'npm-run-all2', 'run-s', 'run-p', 'nps'].map(
    (name) => [name, runner({ own: '', isMany: true, manifest: 'package.json' })] as const,
  ),
])

const shows = ['-n', '--dry-run', '--just-print', '--dry', '--list', '-l', '--help', '--summary']

const read: Special = (run, scope, nested) => {
  const { argv } = run
  const program = programOf(argv[0]?.text ?? '')
  const one = runners.get(program)
  if (one === undefined) return null
  const code = evaluated(run, scope, nested)
  if (code !== null) return code
  const args = argv.slice(1)
  const told = argvOf(args, one.flags)
  if (one.isMany && shows.some((flag) => told.flags.has(flag))) return [ordinary(program)]
  const from = { one, program, scope, nested, dir: dirOf(told) }
  const found = tasksOf(one, told).flatMap(({ text, at }) =>
    judged(text, one.isMany || at === null ? [] : args.slice(at + 1), from),
  )
  return found.length > 0 ? found : null
}

function dirOf({ flags }: Argv): string {
  const dir = ['-C', '--dir', '--cwd', '--prefix'].flatMap((flag) => flags.get(flag) ?? [])
  return dir.length === 0 ? '' : `${(dir[0]?.text ?? '.').replace(/\/$/, '')}/`
}

interface Task {
  readonly text: string
  /** Where it stands among the arguments; what is behind goes to it. */
  readonly at: number | null
}

/** Runners that may have a word or two before `run`: `yarn workspaces foreach run task`. */
const before = new Set(['workspaces', 'foreach', 'recursive'])
/** What npm runs without `run`. */
const bare = new Set(['test', 'start', 'stop', 'restart'])

function tasksOf({ runs, own, isMany }: Runner, told: Argv): readonly Task[] {
  if (isMany) return told.words.filter(({ text }) => !text.includes('='))
  const [first] = told.words
  const rest = told.words.slice(first?.text === 'workspace' ? 2 : 0)
  const at = rest.findIndex(({ text }) => runs.includes(text))
  const isRun = rest
    .slice(0, Math.max(at, 0))
    .every(({ text, isMaybeValue }) => isMaybeValue || before.has(text))
  const [task] = rest
  if (at >= 0 && isRun) return [...rest.slice(at + 1, at + 2), ...targets(told)]
  if (task === undefined || !(own === null ? bare.has(task.text) : !own.has(task.text)))
    return targets(told)
  return [task, ...targets(told)]
}

/** `nx run-many -t build,test`. */
function targets({ flags }: Argv): readonly Task[] {
  return ['-t', '--target', '--targets']
    .flatMap((flag) => flags.get(flag) ?? [])
    .flatMap(({ text }) => text.split(',').map((name) => ({ text: name, at: null })))
}

interface From {
  readonly one: Runner
  readonly program: string
  readonly scope: Scope
  readonly nested: Nested
  readonly dir: string
}

function judged(name: string, behind: readonly Arg[], from: From): readonly Operation[] {
  const rest = behind[0]?.text === '--' ? behind.slice(1) : behind
  const grave = foundIn(name, rest, from).filter(
    ({ effect }) => effect !== 'read' && effect !== 'write',
  )
  if (grave.length > 0 || !saysLoss(name)) return grave
  return [
    destroys(
      `${from.program} ${name}`,
      ['data'],
      `by its name \`${name}\` takes the data of a database away`,
      'run what it does by itself, so that it can be read',
    ),
  ]
}

/** What the task's own text does. */
function foundIn(name: string, rest: readonly Arg[], from: From): readonly Operation[] {
  const { one, scope, nested, dir } = from
  const { manifest, isMany } = one
  const text =
    manifest === null ? null : textOf(name, held(nested.file(argOf(`${dir}${manifest}`), scope)))
  if (text !== null) {
    // One that calls itself was judged when it was first met.
    const mark = `task ${dir}${name}`
    if (scope.valueOf(mark) !== null) return []
    const inner = scope.inner()
    inner.set(mark, '')
    return nested.text([text, ...rest.map(quoted)].join(' '), inner)
  }
  if (isMany) return []
  // No task of that name is known: `pnpm prisma`, `npm run prisma -- migrate reset` run the program.
  const argv = [argOf(name), ...rest]
  return nested.run({ argv, env: new Map(), stdin: nothingFed, writes: [] }, scope)
}

function quoted({ text, isKnown }: Arg): string {
  return isKnown ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text}"`
}

/** The task's text with what runs before and after it; null where there is none of that name. */
function textOf(name: string, manifest: string | null): string | null {
  const scripts = manifest === null ? null : scriptsIn(manifest)
  const text = scripts?.get(name)
  if (scripts === null || text === undefined) return null
  return [scripts.get(`pre${name}`), scripts.get(`post${name}`), text].filter(Boolean).join('\n')
}

const held = (fed: Fed): string | null => (fed.kind === 'text' ? fed.text : null)

function scriptsIn(manifest: string): ReadonlyMap<string, string> | null {
  try {
    const told: unknown = JSON.parse(manifest)
    if (typeof told !== 'object' || told === null) return null
    const by = 'scripts' in told ? told.scripts : 'tasks' in told ? told.tasks : null
    if (typeof by !== 'object' || by === null) return null
    const lines = (value: unknown): string =>
      Array.isArray(value)
        ? value.map(lines).join('\n')
        : typeof value === 'string'
          ? ofComposer(value)
          : ''
    return new Map(Object.entries(by).map(([name, value]) => [name, lines(value)]))
  } catch {
    // A manifest that is no JSON runs nothing: its runner says so.
    return null
  }
}

/** Composer's own marks: `@php x`, `@task`. */
const ofComposer = (text: string): string =>
  text
    .replace(/^@putenv .*$/, '')
    .replace(/^@(php|composer)\b/, '$1')
    .replace(/^@(\S+)/, 'composer run $1')

/** `concurrently "npm:db:reset" "vite"`: each word is a text for a shell. */
const concurrently: Special = ({ argv }, scope, nested) => {
  const { words } = argvOf(
    argv.slice(1),
    flagsOf('-n --names -c --prefix-colors -p --prefix --max-processes -m -l'),
  )
  return words.flatMap(({ text }) =>
    nested.text(text.replace(/^(npm|pnpm|yarn|bun):/, '$1 run '), scope.inner()),
  )
}

export const scripts: readonly (readonly [string, Special])[] = [
  ...[...runners.keys()].map((name) => [name, read] as const),
  ['concurrently', concurrently],
]
