/** One measurement: pgbench against a subject, or one big transfer through it. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { notRoot } from '../../test/postgres/cluster.ts'
import { cpuOf, memoryOf } from './subjects.ts'
import type { Subject } from './subjects.ts'

export interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Of the relay alone; 0 for the server itself. */
  readonly cpuMicros: number
  readonly megabytes: number
}

export interface Load {
  readonly script: '-S' | 'TPC-B'
  readonly protocol: 'simple' | 'extended' | 'prepared'
  readonly clients: number
}

export interface Tools {
  readonly binDir: string
  /** A folder that pgbench may write to. */
  readonly dir: string
}

/** A run of pgbench; throws when a transaction failed: what fails is quick, and would look good. */
export function pgbench(tools: Tools, subject: Subject, load: Load, seconds: number): Sample {
  const { script, protocol, clients } = load
  const how = ['-n', '-M', protocol, '-c', String(clients), '-j', String(Math.min(clients, 2))]
  const what = script === '-S' ? ['-S'] : []
  const log = ['-l', `--log-prefix=${join(tools.dir, 'latency')}`]
  // pgbench's clock starts before its clients have logged in, each with a slow SCRAM.
  const duration = seconds + Math.ceil(clients / 32)
  const begun = cpu(subject)
  const out = run(tools, subject, ['pgbench', ...how, ...what, ...log, '-T', String(duration)])
  const used = cpu(subject) - begun
  const transactions = Number(/actually processed: (\d+)/u.exec(out)?.[1])
  const perSecond = Number(/tps = ([\d.]+)/u.exec(out)?.[1])
  const failed = Number(/failed transactions: (\d+)/u.exec(out)?.[1] ?? 0)
  const times = latencies(tools.dir)
  if (!(perSecond > 0) || failed > 0) throw new Error(`${subject.name}: ${out}`)
  return {
    perSecond,
    p50: times[Math.floor(times.length * 0.5)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    cpuMicros: (used * 1e6) / transactions,
    megabytes: subject.pids().reduce((sum, pid) => sum + memoryOf(pid), 0),
  }
}

export type Transfer = 'big result' | 'COPY out' | 'COPY in'

/** MB a second through a subject. */
export function transfer(
  tools: Tools,
  subject: Subject,
  kind: Transfer,
  megabytes: number,
): number {
  // 1,000 bytes a row, nothing read from disk.
  const rows = `SELECT repeat('x', 999) FROM generate_series(1, ${megabytes * 1000})`
  const file = join(tools.dir, 'rows')
  if (kind === 'COPY in') writeFileSync(file, `${'x'.repeat(999)}\n`.repeat(megabytes * 1000))
  if (kind === 'big result') writeFileSync(file, `${rows};\n`)
  const begun = performance.now()
  switch (kind) {
    case 'big result':
      // pgbench takes the rows and throws them away; psql would be measured itself.
      run(tools, subject, ['pgbench', '-n', '-f', file, '-t', '1'])
      break
    case 'COPY out':
      run(tools, subject, ['psql', '-Xqc', `\\copy (${rows}) TO '/dev/null'`])
      break
    case 'COPY in':
      run(tools, subject, ['psql', '-Xqc', 'COPY lines FROM STDIN'], file)
      break
  }
  return (megabytes * 1000) / (performance.now() - begun)
}

function run(
  { binDir, dir }: Tools,
  { port, user, password, database }: Subject,
  [program, ...args]: readonly [string, ...string[]],
  input: string | null = null,
): string {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', user]
  const stdin = input === null ? null : openSync(input, 'r')
  const { status, stdout, stderr } = spawnSync(
    join(binDir, program),
    [...where, ...args, database],
    {
      ...notRoot,
      cwd: dir,
      stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      env: { PGPASSWORD: password, PGSSLMODE: 'disable' },
    },
  )
  if (stdin !== null) closeSync(stdin)
  if (status !== 0) throw new Error(`${program} at ${database}: ${stderr}`)
  return stdout
}

const cpu = (subject: Subject): number => subject.pids().reduce((sum, pid) => sum + cpuOf(pid), 0)

/** Each transaction's time in µs, sorted; the third column of pgbench's log. */
function latencies(dir: string): readonly number[] {
  const files = readdirSync(dir).filter((name) => name.startsWith('latency'))
  const times = files.flatMap((name) =>
    readFileSync(join(dir, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number(line.split(' ')[2])),
  )
  for (const name of files) rmSync(join(dir, name))
  return times.sort((a, b) => a - b)
}
