/** A throw-away PostgreSQL server for tests and bench: its own folder, free port and socket, never run as root. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  appendFileSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from './cluster-tls.ts'
import { freePort } from '../free-port.ts'

export interface User {
  readonly name: string
  readonly password: string
  /** How the server asks for the password; the stored form follows. */
  readonly how: 'scram-sha-256' | 'md5' | 'password' | 'trust'
  /** What CREATE ROLE says besides LOGIN, such as `SUPERUSER` or `CREATEDB`. */
  readonly may?: string
}

export interface ClusterOptions {
  /** Lines for postgresql.conf, such as `wal_level = logical`; the last one wins. */
  readonly conf?: readonly string[]
  readonly users?: readonly User[]
  /** `offered`: a certificate of the cluster's own CA; `demanded`: users of `users` get in over TLS only. */
  readonly tls?: 'none' | 'offered' | 'demanded'
}

export interface Cluster {
  readonly port: number
  readonly socketDir: string
  readonly dataDir: string
  /** Where psql, pg_dump, pgbench and the like of the same version lie. */
  readonly binDir: string
  /** The CA of the server's certificate as a PEM file; null without TLS. */
  readonly ca: string | null
  /** A URL over TCP for the superuser `postgres`, who needs no password. */
  url(database?: string): string
  /** Runs SQL by psql as the superuser over the socket; the rows without alignment. Throws what psql says. */
  sql(text: string, database?: string): string
  /** The postmaster's process id. */
  pid(): number
  /** Ends it at once, as a crash does: every session is cut and nothing is written. `start` recovers. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** What `spawn` takes so that a server is not run as root: `nobody` on Debian, and nothing for an ordinary user. */
export const notRoot: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** The newest installed version's programs; null where PostgreSQL is not installed. */
export function findBinaries(): string | null {
  const home = '/usr/lib/postgresql'
  if (!existsSync(home)) return null
  const versions = readdirSync(home).sort((a, b) => Number(b) - Number(a))
  const found = versions.find((version) => existsSync(join(home, version, 'bin/postgres')))
  return found === undefined ? null : join(home, found, 'bin')
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const binDir = findBinaries()
  if (binDir === null) throw new Error('PostgreSQL is not installed: run `scripts/setup tests`')
  const { tls = 'none', users = [], conf = [] } = options
  const folder = ownFolder('firebreak-pg-')
  const dataDir = join(folder, 'data')
  run('cp', ['-a', template(binDir), dataDir])
  const ca = tls === 'none' ? null : makeCertificates(dataDir, (args) => run('openssl', args))
  const port = await freePort()
  appendFileSync(join(dataDir, 'postgresql.conf'), configuration(folder, port, tls, conf))
  writeFileSync(join(dataDir, 'pg_hba.conf'), access(users, tls))
  const psql = (text: string, database: string): string =>
    run(
      join(binDir, 'psql'),
      [
        '-XqAt',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        folder,
        '-p',
        String(port),
        '-U',
        'postgres',
        database,
      ],
      text,
    )
  let server: ChildProcess | null = null
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = server
    server = null
    if (ended !== null && ended.exitCode === null && ended.signalCode === null)
      await new Promise((resolve) => {
        ended.once('exit', resolve)
        ended.kill(signal)
      })
  }
  const start = async (): Promise<void> => {
    server = await boot(join(binDir, 'postgres'), dataDir)
  }
  await start()
  psql(users.map(role).join('\n'), 'postgres')
  return {
    port,
    socketDir: folder,
    dataDir,
    binDir,
    ca,
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    sql: (text, database = 'postgres') => psql(text, database),
    pid: () => server?.pid ?? 0,
    kill: () => end('SIGQUIT'),
    start,
    stop: async () => {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A new folder that the server's user owns. */
export function ownFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (notRoot.uid !== undefined) chownSync(folder, notRoot.uid, notRoot.gid ?? notRoot.uid)
  return folder
}

/** Runs a program to its end, not as root; its output, or an error with what it said. */
function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...notRoot,
    input,
    encoding: 'utf8',
    cwd: tmpdir(),
    env: { ...process.env, PGCLIENTENCODING: 'UTF8' },
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${command}: ${stderr ?? ''}${String(error ?? '')}`)
  return stdout
}

/** An initialised folder to copy, made once for this version and user: `initdb` takes a second, a copy a third of one. */
function template(binDir: string): string {
  const version = run(join(binDir, 'postgres'), ['--version'])
    .replace(/[^0-9.]+/gu, ' ')
    .trim()
  const uid = notRoot.uid ?? process.getuid?.() ?? 0
  const name = `firebreak-initdb-${version.split(' ')[0]}-${uid}`
  const folder = join(tmpdir(), name)
  // In a shared /tmp anybody may have made it: only our own is trusted.
  if (existsSync(folder)) {
    if (lstatSync(folder).isDirectory() && lstatSync(folder).uid === uid)
      return join(folder, 'data')
    throw new Error(`${folder} belongs to somebody else`)
  }
  const draft = ownFolder('firebreak-initdb-draft-')
  const made = join(draft, 'data')
  const how = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1']
  run(join(binDir, 'initdb'), ['-D', made, '--no-sync', ...how])
  try {
    renameSync(draft, folder)
  } catch {
    // Another test was quicker; its folder is as good.
    rmSync(draft, { recursive: true, force: true })
  }
  return join(folder, 'data')
}

function configuration(
  folder: string,
  port: number,
  tls: 'none' | 'offered' | 'demanded',
  conf: readonly string[],
): string {
  const lines = [
    `port = ${port}`,
    `listen_addresses = '127.0.0.1'`,
    `unix_socket_directories = '${folder}'`,
    // Nothing here needs to outlive the machine.
    'fsync = off',
    'full_page_writes = off',
    'synchronous_commit = off',
    'shared_buffers = 64MB',
    'max_wal_size = 512MB',
    // It only costs time here: a catalog of this size is read in half of it without.
    'jit = off',
    `log_min_messages = 'fatal'`,
    ...(tls === 'none' ? [] : ['ssl = on']),
    ...conf,
  ]
  return `\n${lines.join('\n')}\n`
}

/** pg_hba.conf: the superuser by trust, the users each in their own way, nobody else. */
function access(users: readonly User[], tls: 'none' | 'offered' | 'demanded'): string {
  const type = tls === 'demanded' ? 'hostssl' : 'host'
  return [
    'local all,replication postgres trust',
    'host all,replication postgres 127.0.0.1/32 trust',
    ...users.map(({ name, how }) => `${type} all,replication "${name}" 127.0.0.1/32 ${how}`),
    ...users.map(({ name, how }) => `local all,replication "${name}" ${how}`),
    '',
  ].join('\n')
}

function role({ name, password, how, may = '' }: User): string {
  const stored = how === 'md5' ? 'md5' : 'scram-sha-256'
  const quoted = password.replaceAll("'", "''")
  return `SET password_encryption = '${stored}'; CREATE ROLE "${name}" LOGIN ${may} PASSWORD '${quoted}';`
}

/** Starts the server; resolves when it says that it takes connections, rejects with what it said instead. */
async function boot(binary: string, dataDir: string): Promise<ChildProcess> {
  const child = spawn(binary, ['-D', dataDir, '-c', 'log_min_messages=log'], {
    ...notRoot,
    cwd: dataDir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const endWithUs = (): void => void child.kill('SIGQUIT')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  return await new Promise((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // Read to the end of its life: a full pipe would stop the server.
      if (said.length < 100_000) said += text
      if (text.includes('ready to accept connections')) resolve(child)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${said}`)))
  })
}
