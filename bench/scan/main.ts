/**
 * The scan beside secretlint on the same folders in one run: what is found, whose it is said to be, false alarms, time and memory.
 * `npm run bench:scan -- --peers FOLDER [--rounds N] [--write]`, where `npm install secretlint @secretlint/secretlint-rule-preset-recommend` was
 * run in FOLDER; without it, Firebreak alone. The planted folder is a home of the tests' own; the other is packages of node_modules, in which no
 * secret is anybody's, so that each finding there is a false alarm.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { rows } from '../../test/scan/rows.ts'
import { writeTable } from '../table.ts'
import { tookIn } from './took.ts'
import type { Took } from './took.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-bench-scan-'))
const home = join(dir, 'home')
const code = join(dir, 'code')
const packages = ['typescript', 'zod', 'drizzle-orm', 'knex', 'sequelize', 'typeorm', '@aws-sdk']

interface Alarm {
  readonly file: string
  readonly line: number
  /** What the tool says that it is. */
  readonly said: string
}

interface Subject {
  readonly name: string
  readonly args: (folder: string) => readonly string[]
  readonly read: (out: string, folder: string) => readonly Alarm[]
}

interface Finding {
  readonly provider: string
  readonly weight: string
  readonly places: readonly { readonly at: { readonly file: string; readonly line: number } }[]
}
interface Linted {
  readonly filePath: string
  readonly messages: readonly {
    readonly ruleId: string
    readonly ruleParentId?: string
    readonly loc: { readonly start: { readonly line: number } }
  }[]
}

const firebreak: Subject = {
  name: 'Firebreak',
  args: (folder) => [join(root, 'bin/firebreak'), 'scan', folder, '--only', 'checkout', '--json'],
  read: (out) => {
    const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(out)
    return findings
      .filter(({ weight }) => weight !== 'low')
      .flatMap(({ provider, places }) =>
        places.map(({ at }) => ({ file: at.file, line: at.line, said: provider })),
      )
  },
}

const secretlint = (peers: string): Subject => ({
  name: `secretlint ${versionOf(peers)}`,
  args: (folder) => [
    join(peers, 'node_modules/secretlint/bin/secretlint.js'),
    '--secretlintrcJSON',
    JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }),
    '--no-gitignore',
    '--format',
    'json',
    join(folder, '**/*'),
  ],
  read: (out, folder) => {
    const linted: readonly Linted[] = JSON.parse(out)
    return linted.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, loc }) => ({
        file: relative(folder, filePath),
        line: loc.start.line,
        said: ruleId,
      })),
    )
  },
})

function versionOf(peers: string): string {
  const told: { readonly version: string } = JSON.parse(
    readFileSync(join(peers, 'node_modules/secretlint/package.json'), 'utf8'),
  )
  return told.version
}

interface Run extends Took {
  readonly alarms: readonly Alarm[]
  readonly wallMs: number
}

function run({ args, read }: Subject, folder: string): Run {
  const usage = join(dir, 'usage.json')
  const begun = performance.now()
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', join(import.meta.dirname, 'usage.ts'), ...args(folder)],
    {
      cwd: values.peers ?? dir,
      encoding: 'utf8',
      maxBuffer: 1024 ** 3,
      env: { ...process.env, SCAN_USAGE: usage },
    },
  )
  const wallMs = performance.now() - begun
  if (stdout.trim() === '') throw new Error(`no output: ${stderr.slice(0, 500)}`)
  return { alarms: read(stdout, folder), wallMs, ...tookIn(usage) }
}

/** Each secret with the line that it begins at. */
const planted = rows.flatMap(([file, text, provider, secrets]) =>
  secrets.map((secret, at) => ({
    file,
    line: text.slice(0, text.indexOf(secret)).split('\n').length,
    // The row's provider is of its first secret.
    provider: at === 0 ? provider : null,
  })),
)

for (const [file, text] of rows) {
  mkdirSync(dirname(join(home, file)), { recursive: true })
  writeFileSync(join(home, file), text)
}
for (const each of packages)
  cpSync(join(root, 'node_modules', each), join(code, each), { recursive: true })
const sizes = readdirSync(code, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6

const subjects = [firebreak, ...(values.peers === undefined ? [] : [secretlint(values.peers)])]
const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0

const runs = subjects.map((): Run[] => [])
for (let round = 0; round < Number(values.rounds); round++)
  for (const [nth, subject] of subjects.entries()) runs[nth]?.push(run(subject, code))

const told = subjects.map((subject, nth) => {
  const { alarms } = run(subject, home)
  const here = (line: (typeof planted)[number]): Alarm | undefined =>
    alarms.find(({ file, line: at }) => file === line.file && at === line.line)
  const found = planted.filter((each) => here(each) !== undefined).length
  const first = planted.filter(({ provider }) => provider !== null)
  const named = first.filter(
    (each) => here(each)?.said.includes(each.provider ?? '') === true,
  ).length
  const rounds = runs[nth] ?? []
  const cpu = median(rounds.map(({ cpuMs }) => cpuMs))
  const falseAlarms = rounds[0]?.alarms.length ?? 0
  return [
    subject.name,
    `${found} of ${planted.length}`,
    `${named} of ${first.length}`,
    String(falseAlarms),
    `${(median(rounds.map(({ wallMs }) => wallMs)) / 1000).toFixed(2)} s`,
    `${(cpu / 1000).toFixed(2)} s`,
    (megabytes / (cpu / 1000)).toFixed(0),
    `${median(rounds.map(({ rssMb }) => rssMb)).toFixed(0)} MB`,
  ]
})
rmSync(dir, { recursive: true, force: true })

const head = [
  '',
  'planted, found',
  'provider named',
  `alarms in ${sizes.length} files of packages`,
  'wall',
  'CPU',
  'MB a CPU second',
  'memory',
]
const lines = [head, head.map(() => '---'), ...told].map((cells) => `| ${cells.join(' | ')} |`)
const report = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? ''}), Node ${process.versions.node}, ${megabytes.toFixed(0)} MB of packages, ${values.rounds} rounds in turn, medians; both start anew each time; command: \`npm run bench:scan -- --peers FOLDER\`.`,
  '',
  ...lines,
].join('\n')
process.stdout.write(`${report}\n`)
if (values.write) writeTable('scan', report)
