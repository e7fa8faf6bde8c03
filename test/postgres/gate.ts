/** A whole Firebreak before a real database, on real files and sockets, for scenarios. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'
import type { Running } from '../../src/app/serve.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { freePort } from '../free-port.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

export interface Gate {
  readonly cluster: Cluster
  readonly dir: string
  running: Running
  readonly people: Rehearsal
  /** The gateway's port. */
  readonly port: () => number
  /** A connection string through the gateway. */
  readonly url: (grant: string) => string
  /** psql through the gateway: what it printed, errors too, one statement a message. */
  readonly psql: (grant: string, input: string, args?: readonly string[]) => Promise<string>
  /** The same past the gateway, as the database's owner. */
  readonly direct: (input: string, args?: readonly string[]) => Promise<string>
  /** Approves a hold as a person would: looks, and signs what was shown. Gives where it stands then. */
  readonly approve: (id: string) => Promise<JsonObject>
  /** Lets time pass for Firebreak. */
  readonly pass: (ms: number) => void
  /** How far its clocks are ahead by now. */
  readonly ahead: () => number
  readonly restart: (between?: () => void | Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

export const everything: JsonObject = {
  operations: ['*'],
  environments: ['*'],
  expiresMs: 86_400_000,
}

export interface Furnished {
  /** SQL that makes the database, as its owner. */
  readonly sql: string
  /** YAML that is appended to the config. */
  readonly more?: string
  /** Further keys of `vault:`, in flow style. */
  readonly vault?: string
  /** YAML of further targets, indented by two; `PORT` stands for the server's. */
  readonly targets?: string
  /** What the owner's role may besides. */
  readonly may?: string
  /** Further databases, empty, each a target of its name, and as whom Firebreak logs in there. */
  readonly databases?: Readonly<Record<string, typeof owner | 'postgres'>>
  /** Lines for postgresql.conf. */
  readonly conf?: readonly string[]
  readonly protected?: boolean
  /** YAML of further environments that live in the same database. */
  readonly sharing?: string
}

export const owner = 'keeper'
export const password = 'the real one'

export async function openGate({
  sql,
  more = '',
  targets = '',
  may = '',
  databases = {},
  conf = [],
  ...rest
}: Furnished): Promise<Gate> {
  const cluster = await startCluster({
    users: [{ name: owner, password, how: 'scram-sha-256', may }],
    conf,
  })
  const all = { shop: owner, ...databases }
  for (const [name, user] of Object.entries(all))
    cluster.sql(`CREATE DATABASE ${name} OWNER ${user}`)
  const further = Object.entries(databases).map(([name, user]) =>
    entry({
      name,
      user,
      port: cluster.port,
      environment: `${name}: { id: ${name}, protected: true }`,
    }),
  )
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-gate-'))
  mkdirSync(join(dir, 'home'))
  const file = join(dir, 'home', 'firebreak.yaml')
  writeFileSync(
    file,
    `version: 1
listen: 127.0.0.1:0
postgres: { listen: '127.0.0.1:${await freePort()}' }
targets:
${entry({ name: 'shop', user: owner, port: cluster.port, environment: `production: { id: shop, protected: ${rest.protected ?? true} }\n      ${rest.sharing ?? ''}` })}
${further.join('\n')}
${targets.replaceAll('PORT', String(cluster.port))}
vault: { store: ${join(dir, 'vault')}, ${rest.vault ?? ''} }
${more}`,
  )
  let elapsed = 0
  const clock = { now: () => Date.now() + elapsed, steady: () => performance.now() + elapsed }
  const start = (): Promise<Running> => serve(readConfig(file), () => {}, clock)
  const running = await start()
  const first = await rehearse(readConfig(file), { target: 'shop', secret: password }, clock.now)
  // Each code is for another half minute: the clock goes on instead of the test waiting.
  const later =
    <A extends readonly unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      elapsed += 31_000
      return call(...args)
    }
  const people = { ...first, callAs: later(first.callAs), mint: later(first.mint) }
  for (const target of Object.keys(databases))
    await people.callAs('custody-add', { target, secret: password })
  const psql = (url: string, secret: string, input: string, args: readonly string[]) =>
    say(join(cluster.binDir, 'psql'), ['-X', '-q', '-A', '-t', ...args, url], { secret, input })
  const gate: Gate = {
    cluster,
    dir,
    running,
    people,
    port: () => Number(gate.running.postgres?.split(':')[1] ?? 0),
    url: (grant) => `postgres://agent:${grant}@${gate.running.postgres ?? ''}/shop`,
    psql: (grant, input, args = []) =>
      psql(`postgres://agent@${gate.running.postgres ?? ''}/shop`, grant, input, args),
    direct: (input, args = []) =>
      psql(`postgres://${owner}@127.0.0.1:${cluster.port}/shop`, password, input, args),
    ahead: () => elapsed,
    approve: async (id) => {
      const shown = await people.call('hold-show', { id, by: 'ada' })
      const digest = isObject(shown) ? textOf(shown['shown']) : ''
      const now = await people.callAs('hold-approve', { id, shown: digest, by: 'ada' })
      return isObject(now) ? now : {}
    },
    pass: (ms) => {
      elapsed += ms
    },
    restart: async (between) => {
      await gate.running.stop()
      await between?.()
      gate.running = await start()
    },
    close: async () => {
      await gate.running.stop()
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  const made = await gate.direct(sql, ['-v', 'ON_ERROR_STOP=1'])
  if (made.includes('ERROR')) throw new Error(made)
  return gate
}

/** A target of the config. */
function entry({ name, user, port, environment }: Entry): string {
  return `  ${name}:
    platform: postgres
    url: postgres://${user}@127.0.0.1:${port}/${name}
    tls: off
    environments:
      ${environment}`
}

interface Entry {
  readonly name: string
  readonly user: string
  readonly port: number
  readonly environment: string
}

interface Said {
  readonly secret: string
  readonly input: string
}

/** A program with a password and something to read; all that it said. */
export function say(
  program: string,
  args: readonly string[],
  { secret, input }: Said,
): Promise<string> {
  const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin', PGPASSWORD: secret } })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', () => resolve(out)))
}
