/** Starts the rehearsal platform: a Railway-like API over rows and real directories, which it can really lose. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { randomIds, type NewId } from '../ids.ts'
import { audit } from './audit.ts'
import { diskAt } from './disk.ts'
import { makeFaults, type Faults } from './faults.ts'
import type { Ground } from './ground.ts'
import { loseExpired } from './lose.ts'
import { rehearsalSchema } from './schema.ts'
import { serve, type LoggedRequest, type Served } from './serve.ts'
import { loadWorld, rowsOf, saveWorld, worldOf } from './world.ts'

export interface RailwayOptions {
  /** Where the bytes and `state.json` lie; what is there from an earlier run is carried on. */
  readonly dir: string
  /** 0 or nothing takes a free port. */
  readonly port?: number
  readonly clock?: { now(): number }
  readonly newId?: NewId
  readonly sleep?: (ms: number) => Promise<void>
  /** Fills a world that is new; not called where `dir` has one. */
  readonly seed?: (ground: Ground) => void
}

export interface RehearsalRailway {
  /** `http://127.0.0.1:PORT`, and the same with the path of the GraphQL endpoint. */
  readonly url: string
  readonly graphql: string
  readonly faults: Faults
  readonly ground: Ground
  /** Root mutation fields that reached a resolver since the start, whether they took effect or were refused. */
  mutations(): number
  /** Names of the mutations that took effect since the start, in order. */
  effects(): readonly string[]
  /** Every request since the start, in order. */
  requests(): readonly LoggedRequest[]
  /** The secret of the token with this name; throws where there is none. */
  token(name: string): string
  /** The directory of a volume instance, whether it still exists or not. */
  volumePath(instanceId: string): string
  backupPath(instanceId: string, backupId: string): string
  /** A digest over all rows (the audit log and finished workflows aside) and all bytes. */
  snapshot(): string
  /** Closes the port and every connection; the directory stays. */
  close(): Promise<void>
}

/** Listens on the loopback address and answers until it is closed. */
export async function startRailway(options: RailwayOptions): Promise<RehearsalRailway> {
  mkdirSync(options.dir, { recursive: true })
  const file = join(options.dir, 'state.json')
  const ground = settle(options, file)
  const faults = makeFaults()
  const tried: string[] = []
  const effects: string[] = []
  const requests = new Map<string, LoggedRequest>()
  const schema = rehearsalSchema({
    tried: (name) => void tried.push(name),
    took: (name, args, place, context) => {
      effects.push(name)
      audit(name, args, place, context)
      saveWorld(file, ground.world)
    },
  })
  const server = await listen(options.port ?? 0, {
    ground,
    schema,
    faults,
    sleep: options.sleep ?? ((ms) => sleepFor(ms, undefined, { ref: false })),
    tick: () => {
      if (loseExpired(ground) > 0) saveWorld(file, ground.world)
    },
    log: {
      opened: (request) => void requests.set(request.id, request),
      answered: (id, status) => {
        const request = requests.get(id)
        if (request !== undefined) requests.set(id, { ...request, status })
      },
    },
  })
  const url = urlOf(server)
  return {
    url,
    graphql: `${url}/graphql/v2`,
    faults,
    ground,
    mutations: () => tried.length,
    effects: () => [...effects],
    requests: () => [...requests.values()],
    token: (name) => secretOf(ground, name),
    volumePath: (instanceId) => ground.disk.volumePath(instanceId),
    backupPath: (instanceId, backupId) => ground.disk.backupPath(instanceId, backupId),
    snapshot: () => snapshot(ground),
    close: () => close(server),
  }
}

function settle(options: RailwayOptions, file: string): Ground {
  const before = loadWorld(file)
  const ground = {
    world: before ?? worldOf({}),
    disk: diskAt(options.dir),
    newId: options.newId ?? randomIds,
    now: () => options.clock?.now() ?? Date.now(),
  }
  if (before === null) options.seed?.(ground)
  saveWorld(file, ground.world)
  return ground
}

async function listen(port: number, served: Served): Promise<Server> {
  const server = createServer((request, response) => {
    serve(served, request, response).catch(() => {
      // The client went away, or a resolver broke: either way there is nobody left to tell.
      request.socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the platform has no port')
  return `http://127.0.0.1:${address.port}`
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function secretOf({ world }: Ground, name: string): string {
  const token = world.tokens.where((row) => row.name === name)[0]
  if (token === undefined) throw new Error(`the rehearsal platform has no token \`${name}\``)
  return token.secret
}

function snapshot({ world, disk }: Ground): string {
  const { audit: _audit, workflows: _workflows, ...rows } = rowsOf(world)
  return createHash('sha256').update(JSON.stringify(rows)).update(disk.digest()).digest('hex')
}
