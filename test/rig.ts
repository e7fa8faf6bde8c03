/** A whole Firebreak before the rehearsal platform, on real files and sockets, for scenarios. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kestrel, startKestrel } from '../sim/tenant.ts'
import { readConfig } from '../src/app/config.ts'
import type { Config } from '../src/app/config.ts'
import { rehearse } from '../src/app/rehearse.ts'
import type { Rehearsal } from '../src/app/rehearse.ts'
import { serve } from '../src/app/serve.ts'
import type { Running } from '../src/app/serve.ts'
import { isObject, parseJson } from '../src/base/json.ts'
import type { JsonObject } from '../src/base/json.ts'

export interface Rig {
  readonly platform: Awaited<ReturnType<typeof startKestrel>>
  readonly config: Config
  running: Running
  readonly people: Rehearsal
  readonly dir: string
  /** Posts GraphQL through the gateway. */
  readonly ask: (grant: string, query: string, more?: Asking) => Promise<Told>
  /** Lets time pass for Firebreak. */
  readonly pass: (ms: number) => void
  /** Sets the wall clock forward or back, while no time passes. */
  readonly jump: (ms: number) => void
  /** Starts again what was stopped, on the same clock. */
  readonly start: () => Promise<void>
  /** Stops and starts it; `between` is what somebody does while it is down. */
  readonly restart: (between?: () => void) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Asking {
  readonly variables?: JsonObject
  readonly headers?: Readonly<Record<string, string>>
}

export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly body: JsonObject
  readonly text: string
}

export const domains = {
  operations: ['read', 'customDomain*'],
  environments: ['staging', 'production'],
  expiresMs: 3_600_000,
} as const
export const everything = { operations: ['*'], environments: ['*'], expiresMs: 3_600_000 } as const

interface Furnishing {
  /** Puts further files into the config's folder. */
  readonly furnish?: (home: string) => void
  /** The target's own line for it. */
  readonly header?: string
  /** YAML of further targets, indented by two. */
  readonly targets?: string
  /** Instead of the folder of the production volume: a target whose database is all that lives in it. */
  readonly database?: string | undefined
  /** A restic repository that keeps the folder of the production volume. */
  readonly repository?: string | undefined
  /** YAML of further keys of the vault, indented by two, and the grade that it asks for. */
  readonly vault?: string
  readonly minimum?: string
  /** What the daemon says. */
  readonly log?: (line: string) => void
}

/** Starts all of it; `more` is YAML that is appended to the config. */
export async function openRig(
  more = '',
  { furnish = () => {}, header = 'authorization', log = () => {}, ...furnishing }: Furnishing = {},
): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-rig-'))
  const platform = await startKestrel({ dir: join(dir, 'platform') })
  mkdirSync(join(dir, 'home'))
  furnish(join(dir, 'home'))
  const file = join(dir, 'home', 'firebreak.yaml')
  writeFileSync(file, configText(platform, dir, { more, header, ...furnishing }))
  const config = readConfig(file)
  let [ahead, elapsed] = [0, 0]
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() + elapsed }
  const running = await serve(config, log, clock)
  const keep = { target: 'railway', secret: platform.token(kestrel.tokens.domains) }
  // Each code is for another half minute: the clock goes on instead of the test waiting.
  // Their authenticator goes by the time that really passes: what the daemon's wall clock is set to does not reach it.
  const begun = Date.now() - performance.now()
  const first = await rehearse(config, keep, () => begun + clock.steady())
  const later =
    <A extends readonly unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      ahead += 31_000
      elapsed += 31_000
      return call(...args)
    }
  const people: Rehearsal = { ...first, callAs: later(first.callAs), mint: later(first.mint) }
  const rig: Rig = {
    platform,
    config,
    running,
    people,
    dir,
    ask: async (grant, query, asking = {}) => {
      const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${grant}`,
          ...asking.headers,
        },
        body: JSON.stringify({ query, variables: asking.variables ?? {} }),
      })
      return await toldOf(answer)
    },
    pass: (ms) => {
      ahead += ms
      elapsed += Math.max(0, ms)
    },
    jump: (ms) => {
      ahead += ms
    },
    start: async () => {
      rig.running = await serve(readConfig(file), log, clock)
    },
    restart: async (between) => {
      await rig.running.stop()
      between?.()
      await rig.start()
    },
    close: async () => {
      await rig.running.stop()
      await platform.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return rig
}

/** An answer, whole; a body that is no JSON object is an empty one. */
export async function toldOf(answer: Response): Promise<Told> {
  const text = await answer.text()
  const { status, headers } = answer
  return { status, headers, text, body: jsonOf(text) }
}

function jsonOf(text: string): JsonObject {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : {}
  } catch {
    // A body that is no JSON says so by what the test then misses.
    return {}
  }
}

function configText(
  platform: Rig['platform'],
  dir: string,
  {
    more,
    header,
    targets = '',
    database,
    repository,
    vault = '',
    minimum = 'V0',
  }: Omit<Furnishing, 'furnish' | 'log'> & { readonly more: string; readonly header: string },
): string {
  const source = (instance: string, more = ''): string =>
    `    - { covers: railway/volumeInstance/${instance}, path: ${platform.volumePath(instance)}${more} }`
  const kept = repository === undefined ? '' : `, restic: { repository: "${repository}" }`
  return `version: 1
listen: 127.0.0.1:0
targets:
  railway:
    platform: railway
    url: ${platform.url}
    header: ${header}
    environments:
      production: { id: ${kestrel.productionId} }
      staging: { id: ${kestrel.stagingId}, protected: false }
${targets}
vault:
  store: ${join(dir, 'vault')}
  minimum: ${minimum}
${vault}
  sources:
${database === undefined ? source(kestrel.productionInstanceId, kept) : `    - { covers: railway/volumeInstance/${kestrel.productionInstanceId}, database: ${database} }`}
${source(kestrel.stagingInstanceId)}
${source(kestrel.scratchInstanceId)}
${more}`
}
