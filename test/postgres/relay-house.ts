/** A PostgreSQL server of one's own, a gateway before it, and a client that speaks the raw protocol. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../../src/base/secret.ts'
import type { Principal } from '../../src/core/principal.ts'
import { postgresGateway, type PostgresGateway } from '../../src/gateways/postgres/gateway.ts'
import type { PostgresHouse, PostgresTarget } from '../../src/gateways/postgres/house.ts'
import { passAll } from '../../src/gateways/postgres/seam.ts'
import { frameLength, joined } from '../../src/wire/postgres/frame.ts'
import { writeStart } from '../../src/wire/postgres/start.ts'
import { password } from '../../src/wire/postgres/front.ts'
import { freePort } from '../free-port.ts'
import { principal } from '../world.ts'

export const bin = '/usr/lib/postgresql/15/bin'

export interface Server {
  readonly port: number
  readonly folder: string
  stop(): Promise<void>
}

const nobody = 65_534

/** As a user that is not root: the server refuses to be root's. */
export async function startServer(
  conf: readonly string[],
  hba: readonly string[],
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-pg-'))
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if ('uid' in user) chownSync(folder, nobody, nobody)
  chmodSync(folder, 0o755)
  const cluster = join(folder, 'data')
  const made = spawnSync(
    `${bin}/initdb`,
    ['-D', cluster, '-U', 'boss', '-A', 'trust', '-N', '--locale=C', '-E', 'UTF8'],
    { ...user, cwd: folder, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(made.stderr)
  const port = await freePort()
  appendFileSync(
    join(cluster, 'postgresql.conf'),
    [
      `port=${port}`,
      `unix_socket_directories='${folder}'`,
      "listen_addresses='127.0.0.1'",
      'fsync=off',
      ...conf,
      '',
    ].join('\n'),
  )
  if (hba.length > 0) {
    spawnSync('sh', [
      '-c',
      `printf '%s\\n' "$1" > ${join(cluster, 'pg_hba.conf')}`,
      'sh',
      hba.join('\n'),
    ])
  }
  const child = spawn(`${bin}/postgres`, ['-D', cluster], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await isUp(child)
  return {
    port,
    folder,
    stop: async () => {
      if (child.exitCode === null) {
        child.kill('SIGINT')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isUp(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-4000)
      if (log.includes('database system is ready to accept connections')) resolve()
    })
    child.once('exit', () => reject(new Error(log)))
  })
}

export const agent: Principal = { ...principal, name: 'agent:test' }

export interface Opened {
  readonly gateway: PostgresGateway
  readonly port: number
}

export async function openGateway(
  target: Omit<PostgresTarget, 'name'>,
  secret: string,
  more: Partial<PostgresHouse> = {},
): Promise<Opened> {
  const gateway = postgresGateway({
    targets: new Map([['shop', { name: 'shop', ...target }]]),
    authenticate: ({ token }) => (token === 'fbk_good' ? agent : 'this grant is not known'),
    credential: async () => new Secret(secret),
    enforce: () => passAll,
    prepare: async () => undefined,
    began: () => () => undefined,
    tls: null,
    chance: (bytes) => new Uint8Array(randomBytes(bytes)),
    timer: (ms, task) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
    limits: { connections: 100, startMs: 10_000, messageBytes: 1 << 26, keptBytes: 1 << 20 },
    ...more,
  })
  return { gateway, port: (await gateway.listen(0, '127.0.0.1')).port }
}

/** A message of a server: its letter, and all its bytes. */
export interface Message {
  readonly type: string
  readonly bytes: Uint8Array
}

export interface Raw {
  readonly socket: Socket
  say(...frames: readonly Uint8Array[]): void
  /** All messages up to and with the first of this type that has not been given yet; to the end where there is none. */
  until(type: string): Promise<readonly Message[]>
}

export function raw(port: number): Raw {
  const socket = connect(port, '127.0.0.1')
  let bytes: Uint8Array = new Uint8Array(0)
  let ended = false
  let wake = (): void => undefined
  const messages: Message[] = []
  socket.on('data', (chunk) => {
    bytes = joined([bytes, chunk])
    for (;;) {
      const length = frameLength(bytes, 0, bytes.length, 1 << 30)
      if (length === 0 || length > bytes.length) break
      messages.push({ type: String.fromCharCode(bytes[0] ?? 0), bytes: bytes.slice(0, length) })
      bytes = bytes.subarray(length)
    }
    wake()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    ended = true
    wake()
  })
  const until = async (type: string): Promise<readonly Message[]> => {
    for (;;) {
      const at = messages.findIndex((message) => message.type === type)
      if (at !== -1) return messages.splice(0, at + 1)
      if (ended) return messages.splice(0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { socket, say: (...frames) => socket.write(joined(frames)), until }
}

/** Up to the first ReadyForQuery. */
export async function login(
  port: number,
  user: string,
  database: string,
  token: string | null = 'fbk_good',
): Promise<Raw> {
  const client = raw(port)
  client.say(
    writeStart({
      kind: 'begin',
      major: 3,
      minor: 0,
      parameters: [
        ['user', user],
        ['database', database],
      ],
    }),
  )
  if (token !== null) client.say(password(token))
  await client.until('Z')
  return client
}
