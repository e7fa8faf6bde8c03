/**
 * The shell's reader beside cc-safety-net on the same rows in one run: what each stops, what it stops for nothing, and how long a line takes.
 * `npm run bench:shell -- [--rows FILE]`, where FILE has lines `label<TAB>tier/category<TAB>command`; without one, the project's own corpora.
 * With `--write`, into docs/performance.md.
 */
import { readFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { checkCommand } from 'cc-safety-net/api'
import { readShell } from '../../src/classify/shell/read.ts'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { asItStands } from '../../src/classify/sql/statement.ts'
import { corpusRows } from '../../test/shell/corpus.ts'
import type { Row } from '../../test/shell/corpus.ts'
import { writeTable } from '../table.ts'

const { values } = parseArgs({
  options: { rows: { type: 'string' }, write: { type: 'boolean', default: false } },
})
await loadSql()
const about = {
  cwd: null,
  readers: {
    sql: (text: string) => readSql(text, { catalog: null }).map(asItStands),
    graphql: () => [],
    file: () => null,
  },
}
const subjects: readonly (readonly [string, (text: string) => boolean])[] = [
  [
    'Firebreak',
    (text) => readShell(text, about).some(({ effect }) => effect !== 'read' && effect !== 'write'),
  ],
  ['cc-safety-net 2.4.5', (command) => checkCommand({ command, cwd: tmpdir() }).kind === 'deny'],
]

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' }
const peers = (file: string): readonly Row[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([label = '', tier = '', text = '']) => ({
      isGrave: label === 'destructive',
      tier: tier.split('/')[0] ?? '',
      text: text.replaceAll(/\\([ntr\\])/g, (_, code: string) => escapes[code] ?? ''),
    }))
const rows = values.rows === undefined ? corpusRows() : peers(values.rows)
const tiers = [...new Set(rows.map(({ tier }) => tier))].toSorted()

/** Every subject in turn over the same rows, three rounds: the answers of the first, the times of all. */
const times = subjects.map((): number[] => [])
const answers = subjects.map(([, judge]) => rows.map(({ text }) => judge(text)))
for (let round = 0; round < 3; round++)
  for (const [nth, [, judge]] of subjects.entries()) {
    const begun = performance.now()
    for (const { text } of rows) judge(text)
    times[nth]?.push(((performance.now() - begun) * 1000) / rows.length)
  }

const share = (stopped: readonly boolean[], tier: string | null, isGrave: boolean): string => {
  const mine = rows.flatMap((row, nth) =>
    (tier === null || row.tier === tier) && row.isGrave === isGrave ? [stopped[nth] === true] : [],
  )
  const many = mine.filter(Boolean).length
  return mine.length === 0
    ? '–'
    : `${many} of ${mine.length} (${((100 * many) / mine.length).toFixed(1)} %)`
}
const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
const line = (name: string, tier: string | null): string =>
  `| ${name} | ${answers.map((stopped) => `${share(stopped, tier, true)} | ${share(stopped, tier, false)}`).join(' | ')} |`
const names = subjects.map(([name]) => name)
const which = values.rows === undefined ? '' : ' -- --rows commands-peers.tsv'
const table = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? ''}), Node ${process.versions.node}; command: \`npm run bench:shell${which}\`.`,
  '',
  `| | ${names.map((name) => `${name}: stopped of what destroys | stopped of what does not`).join(' | ')} |`,
  `|---|${names.map(() => '---|---|').join('')}`,
  ...tiers.map((tier) => line(tier, tier)),
  line('**all**', null),
  `| µs a line (median of three rounds) | ${times.map((all) => `${median(all).toFixed(0)} | `).join(' | ')} |`,
].join('\n')
process.stdout.write(`${table}\n`)
if (values.write) writeTable(values.rows === undefined ? 'shell' : 'shell-peers', table)
