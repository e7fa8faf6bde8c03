/** The real daemon as a process of its own, in a folder of its own, that a test can order to fail, kill and start again. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namedId } from '../../sim/ids.ts'
import type { RehearsalRailway } from '../../sim/railway/railway.ts'
import { kestrel, seedKestrel } from '../../sim/tenant.ts'
import { startRailway } from '../../sim/railway/railway.ts'
import { readConfig } from '../../src/app/config.ts'
import type { Config } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { callControl } from '../../src/app/socket.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { toldOf } from '../rig.ts'
import type { Told } from '../rig.ts'
import type { Fault, Order } from './order.ts'

export interface Daemon {
  readonly dir: string
  readonly config: Config
  readonly platform: RehearsalRailway
  /** Volumes that only staging has, each with a source for the vault: one for each destroy. */
  readonly spare: (nth: number) => { readonly volume: string; readonly path: string }
  /** The daemon's process id. */
  readonly pid: () => number
  readonly up: () => Promise<void>
  /** Ends the process, if it lives, and waits until it is gone. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
  /** True once the process has ended. */
  readonly isGone: () => boolean
  /** Fulfils with the signal or code that ended it. */
  readonly gone: () => Promise<string>
  readonly order: (fault: Fault | null) => Promise<void>
  /** Lets time pass, on both clocks; `jump` moves the wall clock alone. */
  readonly pass: (ms: number) => Promise<void>
  readonly jump: (ms: number) => Promise<void>
  readonly now: () => number
  readonly url: () => string
  /** What it has written on stderr since it was started last. */
  readonly told: () => string
  readonly ask: (grant: string, query: string, more?: JsonObject) => Promise<Told>
  readonly call: (command: string, input?: JsonObject) => Promise<Json>
  readonly close: () => Promise<void>
}

export interface Options {
  readonly spares?: number
  /** How long what is approved waits before it runs. */
  readonly grace?: string
  /** YAML of further targets, indented by two. */
  readonly targets?: string
  /** YAML behind the rest of the config. */
  readonly more?: string
}

const bin = join(import.meta.dirname, '../../bin/firebreak')
const preload = join(import.meta.dirname, 'preload.ts')

/** A platform and a config; the daemon is not started yet. */
export async function openDaemon({
  spares = 0,
  grace = '1s',
  more = '',
  targets = '',
}: Options = {}): Promise<Daemon> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-fault-'))
  const platform = await startRailway({ dir: join(dir, 'platform'), seed: seeded(spares) })
  const home = join(dir, 'home')
  mkdirSync(home)
  writeFileSync(
    join(home, 'firebreak.yaml'),
    configText(platform, { dir, spares, grace, more, targets }),
  )
  const config = readConfig(join(home, 'firebreak.yaml'))
  let child: ChildProcess | null = null
  let [url, told, ended] = ['', '', '']
  let order: Order = { aheadMs: 0, steadyMs: 0, fault: null }

  const tell = async (next: Order): Promise<void> => {
    order = next
    const alive = child
    if (alive === null || !alive.connected) return
    const heard = new Promise<void>((resolve) => {
      const done = (): void => {
        alive.off('message', done).off('close', done)
        resolve()
      }
      alive.on('message', done).on('close', done)
    })
    alive.send(next, () => {})
    await heard
  }
  const gone = async (): Promise<string> => {
    const dying = child
    if (dying !== null && ended === '') await new Promise((resolve) => dying.once('close', resolve))
    return ended
  }
  return {
    dir,
    config,
    platform,
    spare: (nth) => ({
      volume: spareId('volume', nth),
      path: platform.volumePath(spareId('instance', nth)),
    }),
    pid: () => child?.pid ?? 0,
    isGone: () => ended !== '',
    gone,
    now: () => Date.now() + order.aheadMs,
    url: () => url,
    told: () => told,
    up: async () => {
      ;[told, ended] = ['', '']
      child = fork(bin, ['up'], {
        cwd: home,
        silent: true,
        execPath: process.execPath,
        // With the room that `bin/firebreak` starts itself again for: the channel of orders would not live through that.
        execArgv: ['--max-semi-space-size=64', '--import', preload],
        env: {
          ...process.env,
          FIREBREAK_FAULT: JSON.stringify(order),
        },
      })
      const started = child
      url = await new Promise<string>((resolve, reject) => {
        started.stdout?.on('data', (bytes: Buffer) =>
          resolve(/http:\S+:\d+/.exec(bytes.toString())?.[0] ?? ''),
        )
        started.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
        started.once('close', (code, signal) => {
          ended = signal ?? String(code)
          reject(new Error(`the daemon ended with ${ended}: ${told}`))
        })
      })
    },
    kill: async (signal) => {
      if (child !== null && ended === '') child.kill(signal)
      await gone()
    },
    order: async (fault) => await tell({ ...order, fault }),
    pass: async (ms) =>
      await tell({ ...order, aheadMs: order.aheadMs + ms, steadyMs: order.steadyMs + ms }),
    jump: async (ms) => await tell({ ...order, aheadMs: order.aheadMs + ms }),
    ask: async (grant, query, more = {}) => {
      const headers = { authorization: `Bearer ${grant}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ query, ...more })
      return await toldOf(
        await fetch(`${url}/railway/graphql/v2`, { method: 'POST', headers, body }),
      )
    },
    call: async (command, input = {}) =>
      await callControl(join(config.state, 'control.sock'), command, input),
    close: async () => {
      if (child !== null && ended === '') child.kill('SIGKILL')
      await gone()
      await platform.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The people before a running daemon: each code is for another half minute, so its clock goes on instead of the test waiting. */
export async function openPeople(daemon: Daemon): Promise<Rehearsal> {
  const keep = { target: 'railway', secret: daemon.platform.token(kestrel.tokens.domains) }
  const first = await rehearse(daemon.config, keep, daemon.now)
  const later =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await daemon.pass(31_000)
      return await call(...args)
    }
  return { ...first, callAs: later(first.callAs), mint: later(first.mint) }
}

function spareId(what: 'volume' | 'instance', nth: number): string {
  return namedId(`spare/${what}/${nth}`)
}

function seeded(spares: number): typeof seedKestrel {
  return (ground) => {
    seedKestrel(ground)
    const createdAt = '2026-01-01T00:00:00.000Z'
    for (let nth = 0; nth < spares; nth += 1) {
      const [volumeId, id] = [spareId('volume', nth), spareId('instance', nth)]
      const { projectId, stagingId: environmentId, webId: serviceId } = kestrel
      ground.world.volumes.put({ id: volumeId, createdAt, projectId, name: `spare-${nth}` })
      ground.disk.makeVolume(id)
      const at = { id, createdAt, volumeId, environmentId, serviceId }
      const rest = { mountPath: '/spare', region: 'europe-west4', sizeMB: 5000, state: 'READY' }
      ground.world.volumeInstances.put({ ...at, ...rest, state: 'READY' })
      writeFileSync(join(ground.disk.volumePath(id), 'notes.txt'), `spare ${nth}\n`)
    }
  }
}

function configText(
  platform: RehearsalRailway,
  { dir, spares, grace, more, targets }: Required<Options> & { readonly dir: string },
): string {
  const instances = [
    kestrel.scratchInstanceId,
    ...Array.from({ length: spares }, (_, nth) => spareId('instance', nth)),
  ]
  const sources = instances.map(
    (id) => `    - { covers: railway/volumeInstance/${id}, path: ${platform.volumePath(id)} }`,
  )
  return `version: 1
listen: 127.0.0.1:0
grace: ${grace}
targets:
  railway:
    platform: railway
    url: ${platform.url}
    environments:
      production: { id: ${kestrel.productionId} }
      staging: { id: ${kestrel.stagingId} }
${targets}
vault:
  store: ${join(dir, 'vault')}
  sources:
${sources.join('\n')}
${more}`
}
