/** `npm run bench:postgres`: direct, PgBouncer and Firebreak in turn, several rounds, in one run; `--quick` only prints, else writes docs/performance.md; `--rounds` and `--seconds` for a shorter one. */
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { ownFolder, startCluster } from '../../test/postgres/cluster.ts'
import { pgbench, transfer } from './load.ts'
import type { Load, Sample, Transfer } from './load.ts'
import { direct, firebreak, pgbouncer, upstream } from './subjects.ts'
import { writeTable } from '../table.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 1 : given('--rounds', 5)
const seconds = quick ? 1 : given('--seconds', 4)
const warmSeconds = quick ? 1 : 15
const scale = quick ? 2 : 20
const megabytes = quick ? 50 : 500
/** The measure of all ratios. */
const rival = 'PgBouncer'

/** A number behind a word of the command line. */
function given(word: string, usual: number): number {
  const at = process.argv.indexOf(word)
  return at < 0 ? usual : Number(process.argv[at + 1])
}

const cluster = await startCluster({
  conf: ['max_connections = 300', 'shared_buffers = 512MB', 'max_wal_size = 4GB'],
  users: [{ name: upstream.user, password: upstream.password, how: 'scram-sha-256' }],
})
cluster.sql(`CREATE DATABASE ${upstream.database} OWNER ${upstream.user}`)
const tools = { binDir: cluster.binDir, dir: ownFolder('firebreak-pgbench-') }
const lines: string[] = []
prepare()
const subjects = [direct(cluster), await pgbouncer(cluster), await firebreak(cluster)]
try {
  for (const subject of subjects)
    pgbench(tools, subject, { script: '-S', protocol: 'simple', clients: 8 }, warmSeconds)
  transactions()
  transfers()
  report()
} finally {
  for (const subject of subjects) await subject.stop()
  await cluster.stop()
  rmSync(tools.dir, { recursive: true, force: true })
}

/** pgbench's tables, made by the server's own means as the user who is to use them. */
function prepare(): void {
  const accounts = scale * 100_000
  cluster.sql(
    `SET ROLE ${upstream.user};
CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100);
CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
CREATE UNLOGGED TABLE lines (line text);
INSERT INTO pgbench_branches SELECT i, 0 FROM generate_series(1, ${scale}) i;
INSERT INTO pgbench_tellers SELECT i, (i - 1) / 10 + 1, 0 FROM generate_series(1, ${scale * 10}) i;
INSERT INTO pgbench_accounts SELECT i, (i - 1) / 100000 + 1, 0, '' FROM generate_series(1, ${accounts}) i;
RESET ROLE; VACUUM ANALYZE`,
    upstream.database,
  )
}

function transactions(): void {
  lines.push(
    '| load | | TPS | ratio | p50 µs | p99 µs | CPU µs | MB |',
    '|---|---|---|---|---|---|---|---|',
  )
  for (const script of ['-S', 'TPC-B'] as const)
    for (const protocol of ['simple', 'extended', 'prepared'] as const)
      for (const clients of [1, 8, 64]) one({ script, protocol, clients })
}

function one(load: Load): void {
  const samples = new Map(subjects.map(({ name }) => [name, new Array<Sample>()]))
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects)
      samples.get(subject.name)?.push(pgbench(tools, subject, load, seconds))
  const base = median(samples.get(rival) ?? [], 'perSecond')
  for (const [name, list] of samples) {
    const of = (key: keyof Sample, digits = 0): string => median(list, key).toFixed(digits)
    const ratio = (median(list, 'perSecond') / base).toFixed(2)
    const own = name === 'direct' ? ['–', '–'] : [of('cpuMicros', 1), of('megabytes')]
    const what = `${load.script} ${load.protocol}, ${load.clients}`
    say([what, name, of('perSecond'), ratio, of('p50'), of('p99'), ...own])
  }
}

function transfers(): void {
  lines.push('', '| transfer | | MB/s | ratio |', '|---|---|---|---|')
  for (const kind of ['big result', 'COPY out', 'COPY in'] satisfies Transfer[]) {
    const samples = new Map(subjects.map(({ name }) => [name, new Array<number>()]))
    for (let round = 0; round < rounds; round += 1)
      for (const subject of subjects) {
        cluster.sql('TRUNCATE lines', upstream.database)
        samples.get(subject.name)?.push(transfer(tools, subject, kind, megabytes))
      }
    const base = middle(samples.get(rival) ?? [])
    for (const [name, list] of samples)
      say([kind, name, middle(list).toFixed(0), (middle(list) / base).toFixed(2)])
  }
}

function say(cells: readonly string[]): void {
  const line = `| ${cells.join(' | ')} |`
  lines.push(line)
  process.stdout.write(`${line}\n`)
}

function median(samples: readonly Sample[], key: keyof Sample): number {
  return middle(samples.map((sample) => sample[key]))
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** A quick run's numbers are no numbers: only a whole one is written down. */
function report(): void {
  if (quick) return
  const [model = { model: 'unknown' }] = cpus()
  const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${model.model}), Node ${process.versions.node}, ${cluster.sql('SHOW server_version').trim().split(' ')[0]}, scale ${scale}, ${rounds} rounds of ${seconds} s in turn; medians; ratio to PgBouncer in session mode; command: \`npm run bench:postgres\`.`
  writeTable('postgres', `${head}\n\n${lines.join('\n')}`)
}
