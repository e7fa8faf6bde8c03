/** What is measured side by side: the server itself, PgBouncer and Firebreak, each before the same server. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/free-port.ts'
import { notRoot, ownFolder } from '../../test/postgres/cluster.ts'
import type { Cluster } from '../../test/postgres/cluster.ts'

export interface Subject {
  readonly name: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** The processes that do the relay's work; none for the server itself. */
  readonly pids: () => readonly number[]
  readonly stop: () => Promise<void>
}

export const upstream = { user: 'bench', password: 'upstream secret', database: 'bench' } as const

export function direct(cluster: Cluster): Subject {
  return { name: 'direct', port: cluster.port, ...upstream, pids: () => [], stop: async () => {} }
}

/** Debian's PgBouncer in session mode: a clear-text password from the client, SCRAM upstream, as Firebreak has it. */
export async function pgbouncer(cluster: Cluster): Promise<Subject> {
  const folder = ownFolder('firebreak-pgbouncer-')
  const port = await freePort()
  const users = join(folder, 'users')
  writeFileSync(users, `"${upstream.user}" "${upstream.password}"\n`)
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(
    config,
    `[databases]
bench = host=127.0.0.1 port=${cluster.port} dbname=${upstream.database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = session
max_client_conn = 200
default_pool_size = 100
log_connections = 0
log_disconnections = 0
`,
  )
  // Debian keeps it where only root's PATH looks; it is not run as root all the same.
  const child = spawn('/usr/sbin/pgbouncer', ['-q', config], {
    ...notRoot,
    cwd: folder,
    stdio: 'inherit',
  })
  await answers(port)
  const { pid = 0 } = child
  return {
    name: 'PgBouncer',
    port,
    ...upstream,
    pids: () => [pid],
    stop: async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Firebreak with everything on, as `up` starts it: the reader, the guard, the counting, the ledger. */
export async function firebreak(cluster: Cluster): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
  const script = join(import.meta.dirname, 'firebreak.ts')
  // With the room that `bin/firebreak` gives it.
  const args = ['--max-semi-space-size=64', script, folder, String(cluster.port)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [port = '', grant = ''] = await new Promise<readonly string[]>((resolve, reject) => {
    let said = ''
    child.once('exit', () => reject(new Error('Firebreak ended')))
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.endsWith('\n')) resolve(said.trim().split(' '))
    })
  })
  const { pid = 0 } = child
  return {
    name: 'Firebreak',
    port: Number(port),
    user: 'agent',
    password: grant,
    database: 'bench',
    pids: () => [pid],
    stop: async () => {
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** CPU time of a process so far, in seconds. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  // proc(5): utime and stime in ticks, of which Linux has 100 a second.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Memory of a process now, in MB. */
export function memoryOf(pid: number): number {
  const line = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) / 1024
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.end())
    })
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nobody listens on ${port}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill(signal)
  })
}
