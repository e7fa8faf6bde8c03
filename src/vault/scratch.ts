/** A scratch server: isolated, for one drill, gone afterwards. Nothing but a socket in its own folder leads to it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { lchown, lstat, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Chance } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import type { Programs } from './programs.ts'

export interface Scratch {
  /** The folder of its socket, and the port that is part of the socket's name. */
  readonly socket: string
  readonly port: number
  readonly user: string
  readonly secret: Secret
  /** Ends it and takes its folder away. */
  readonly stop: () => Promise<void>
}

export interface ScratchHouse {
  readonly programs: Programs
  /** Scratch servers have their folders in here; what a dead process left is swept from it. */
  readonly folder: string
  readonly chance: Chance
}

const port = 5432

/** What makes it quick and keeps it to itself: it may be lost at any time, and it must not act on the world. */
const settings: readonly (readonly [string, string])[] = [
  ['listen_addresses', ''],
  ['fsync', 'off'],
  ['full_page_writes', 'off'],
  ['synchronous_commit', 'off'],
  ['wal_level', 'minimal'],
  ['max_wal_senders', '0'],
  ['max_wal_size', '4GB'],
  ['archive_mode', 'off'],
  ['shared_preload_libraries', ''],
  ['max_logical_replication_workers', '0'],
  ['logging_collector', 'off'],
  ['log_min_messages', 'log'],
  ['lc_messages', 'C'],
]

/** Starts an empty one. Throws `wrong_state` with what the server said where it does not start. */
export async function startScratch({ programs, folder, chance }: ScratchHouse): Promise<Scratch> {
  await preparedFolder(folder)
  await sweep(folder, await readdir(folder), { kind: 'scratch-', inside: '' })
  const place = await mkdtemp(join(folder, 'scratch-'))
  await own(place)
  // No role of what is restored can have this name.
  const user = `scratch_${Buffer.from(chance(12)).toString('hex')}`
  const password = Buffer.from(chance(24)).toString('base64url')
  const data = join(place, 'data')
  try {
    const given = join(place, 'password')
    await writeFile(given, password, { mode: 0o600 })
    await own(given)
    await run(join(programs.folder, 'initdb'), [
      '--no-sync',
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${given}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
    ])
    const server = await boot(programs, { place, data })
    return {
      socket: place,
      port,
      user,
      secret: new Secret(password),
      stop: async () => {
        await end(server)
        await rm(place, { recursive: true, force: true })
      },
    }
  } catch (thrown) {
    await rm(place, { recursive: true, force: true })
    throw thrown
  }
}

/** Starts a copy whose configuration is its own, and waits for the end of its recovery; what comes back ends it. It must lie where that user may go. */
export async function startCopy(
  { folder }: Programs,
  { data, owned }: { readonly data: string; readonly owned: string },
): Promise<() => Promise<void>> {
  if (asOther.uid !== undefined) await ownAll(owned)
  const server = await booted(
    join(folder, 'postgres'),
    ['-D', data, '-c', 'log_min_messages=log'],
    data,
  )
  return () => end(server)
}

/** One folder after the other; what lies in it all at once. */
async function ownAll(path: string): Promise<void> {
  await own(path)
  const there = await readdir(path, { withFileTypes: true })
  await Promise.all(there.map(({ name }) => own(join(path, name))))
  for (const entry of there) if (entry.isDirectory()) await ownAll(join(path, entry.name))
}

/** PostgreSQL does not run as root; who is not root needs no other user. 65534 is `nobody` wherever there is one. */
const asOther = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

async function own(path: string): Promise<void> {
  if (asOther.uid !== undefined) await lchown(path, asOther.uid, asOther.gid)
}

async function boot(
  { folder }: Programs,
  { place, data }: { readonly place: string; readonly data: string },
): Promise<ChildProcess> {
  const all = [...settings, ['unix_socket_directories', place], ['port', String(port)]]
  const given = all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return await booted(join(folder, 'postgres'), ['-D', data, ...given], data)
}

async function booted(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<ChildProcess> {
  const child = spawn(program, args, {
    ...asOther,
    cwd,
    // What restores WAL is a shell's `cp`.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return await new Promise((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // Read to the end of its life: a full pipe would stop the server.
      if (said.length < 100_000) said += text
      if (said.includes('ready to accept connections')) resolve(child)
    })
    child.once('error', reject)
    child.once('exit', () => reject(unstarted(said)))
  })
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, {
    ...asOther,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 100_000) said += text
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(unstarted(said))))
  })
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  await new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.kill('SIGQUIT')
  })
}

/** In a shared place anybody may have made it: only our own is trusted. */
export async function preparedFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const { uid } = await lstat(folder)
  if (uid !== process.getuid?.())
    throw new FirebreakError(
      'wrong_state',
      `\`${folder}\`, where scratch servers are to lie, belongs to somebody else`,
      'name another folder: `vault.scratch` in the config',
    )
}

/** Copies of whole clusters, and ways for pg_dump, that a process that died has left: only at a start, before there are any of one's own. */
export async function sweepCopies(folder: string): Promise<void> {
  // Read at once: one's own are made after this.
  const names = existsSync(folder) ? readdirSync(folder) : []
  await preparedFolder(folder)
  for (const kind of ['copy-', 'dump-']) await sweep(folder, names, { kind, inside: 'it' })
}

/** What a process that died has left: its server is ended by the number in its own folder, if that is still this server. */
async function sweep(
  folder: string,
  names: readonly string[],
  { kind, inside }: { readonly kind: string; readonly inside: string },
): Promise<void> {
  for (const name of names) {
    if (!name.startsWith(kind)) continue
    const place = join(folder, name)
    const at = join(place, inside, 'data')
    const [pid = '', data = ''] = await linesOf(join(at, 'postmaster.pid'))
    const command = await readFile(`/proc/${Number(pid)}/cmdline`, 'utf8').catch(() => '')
    // Of a living Firebreak the folder is its own, and this one is the only one of its state.
    if (data === at && command.includes(place)) process.kill(Number(pid), 'SIGQUIT')
    await rm(place, { recursive: true, force: true })
  }
}

async function linesOf(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n')
}

/** What a server says where the machine lacks something, as the system would say it; null where it speaks of what it was given. */
function outside(line: string): Error | undefined {
  const code = Object.entries(lacks).find(([words]) => line.includes(words))?.[1]
  return code === undefined ? undefined : Object.assign(new Error(line), { code })
}

const lacks: { readonly [words: string]: string } = {
  'No space left on device': 'ENOSPC',
  'wrote only': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Cannot allocate memory': 'ENOMEM',
  'could not create shared memory': 'ENOMEM',
  'Too many open files': 'EMFILE',
}

function unstarted(said: string): FirebreakError {
  const line = /(?:FATAL|PANIC|error): .*/.exec(said)?.[0] ?? said.trim().split('\n').at(-1) ?? ''
  return new FirebreakError(
    'wrong_state',
    `the scratch server does not start: ${line || 'it said nothing'}`,
    'look whether PostgreSQL is installed whole, and whether the disk has room',
    outside(line),
  )
}
