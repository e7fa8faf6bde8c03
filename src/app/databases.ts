/** The databases of the config, opened: where they are, what their SQL does, and what hangs on it. */
import { readFileSync } from 'node:fs'
import type { Chance, Timer } from '../base/clock.ts'
import { digest } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import { openClient } from '../gateways/postgres/client.ts'
import type { Client, Dial } from '../gateways/postgres/client.ts'
import { openLead } from '../gateways/postgres/lead.ts'
import type { Lead } from '../gateways/postgres/lead.ts'
import { openNeighbours } from '../gateways/postgres/neighbours.ts'
import type { Neighbours } from '../gateways/postgres/neighbours.ts'
import { openPgRunner } from '../gateways/postgres/runner.ts'
import { rereadRequest } from '../gateways/postgres/whole.ts'
import type { Runner } from '../guard/ports.ts'
import type { PostgresTarget } from '../gateways/postgres/house.ts'
import type { Enforcer } from '../gateways/postgres/seam.ts'
import { openCatalogs } from '../inventory/postgres/catalogs.ts'
import { openOurs } from '../inventory/postgres/ours.ts'
import { openWatch } from '../inventory/postgres/watch.ts'
import type { Stranger } from '../inventory/postgres/watch.ts'
import type { Operation } from '../core/operation.ts'
import type { Surveyed } from '../platforms/platform.ts'
import { databaseAt } from './config-targets.ts'
import type { OpenVault } from '../vault/vault.ts'
import type { DatabaseEntry } from './config-targets.ts'
import { environmentIds } from './config.ts'
import type { Config } from './config.ts'
import { keepFresh } from './database-fresh.ts'
import type { Meets } from './database-fresh.ts'
import { openReading } from './database-reading.ts'
import type { Reading } from './database-reading.ts'
import { openOwn } from './database-own.ts'
import { openSurvey } from './database-survey.ts'
import type { Dialled } from '../vault/servers.ts'
import { realChance, realTimer } from './world.ts'

export interface Database extends Reading {
  readonly target: PostgresTarget
  /** SHA-256 of the authorities as they were read; null where none are named. */
  readonly authorities: string | null
  /** The catalog is read before anything is judged by it. Rejects where it cannot be had. */
  readonly prepare: () => Promise<void>
  /** An enforcer that judges by the catalog as it is after all that was changed through here. */
  readonly fresh: (open: (meets: Meets) => Enforcer) => Enforcer
  /** What its sessions have under way. */
  readonly neighbours: Neighbours
  readonly survey: (operations: readonly Operation[]) => Surveyed | Promise<Surveyed>
  /** Looks whether the catalog was changed past the gateway. */
  readonly refresh: () => Promise<void>
  /** Whether the catalog is at the act what it was at the look. */
  readonly stands: () => () => Promise<boolean>
  /** Looks who else is there. */
  readonly look: () => Promise<readonly Stranger[]>
  /** A session of ours has begun; what comes back is called when it has ended. */
  readonly began: (process: number) => () => void
  /** A session of our own, for whoever brings back what was there; with a name, in another database of the same server. */
  readonly connect: (name?: string) => Promise<Client>
  /** The same with another credential than the one that is kept: whether it is let in is the answer. */
  readonly login: (secret: Secret) => Promise<Client>
  /** Whether a process of the server is a session of ours. */
  readonly isOurs: (process: number) => boolean
  /** A session of our own for one program of this machine, which comes to it by a socket in that folder. */
  readonly lead: (folder: string) => Promise<Lead>
  readonly runner: (vault: Pick<OpenVault, 'image' | 'before'>) => Runner
  /** What a stored request does now. */
  readonly reread: (request: Json) => readonly Operation[]
  readonly close: () => Promise<void>
}

const connectMs = 10_000
const settleMs = 500
/** For an approved act with its image and the undo that is tried: what takes longer is given up, and nothing has happened. */
const runMs = 3_600_000

export interface World {
  readonly credential: (target: string) => Promise<Secret>
  readonly chance: Chance
  readonly timer: Timer
}

/** Nothing is connected yet. Throws where a file of authorities cannot be read. */
export function openDatabases(config: Config, world: World): ReadonlyMap<string, Database> {
  return new Map(
    Object.entries(config.targets).flatMap(([name, entry]) =>
      entry.platform === 'postgres' ? [[name, openDatabase(name, entry, world)] as const] : [],
    ),
  )
}

function openDatabase(name: string, entry: DatabaseEntry, world: World): Database {
  const target = targetOf(name, entry)
  const { chance, timer } = world
  const ours = openOurs()
  const dialWith = (secret: Secret, name: string): Dial => ({
    target: { ...target, database: name },
    secret,
    chance,
    timer,
    connectMs,
  })
  const dialOf = async (name: string): Promise<Dial> =>
    dialWith(await world.credential(target.name), name)
  const lead = async (folder: string): Promise<Lead> => {
    const led = await openLead(await dialOf(target.database), folder)
    if (led.process !== null) void led.ended.then(ours.began(led.process))
    return led
  }
  const opened = async (dial: Dial): Promise<Client> => {
    const client = await openClient(dial)
    if (client.process !== null) void client.ended.then(ours.began(client.process))
    return client
  }
  const connect = async (name = target.database): Promise<Client> =>
    await opened(await dialOf(name))
  const own = openOwn(() => connect())
  const catalogs = openCatalogs(own.ask)
  const reading = openReading(target, catalogs)
  const watch = openWatch(ours)
  const ids = environmentIds(entry).map(([, id]) => id)
  const survey = openSurvey({
    target: name,
    database: target.database,
    environments: ids.length === 0 ? [target.database] : ids,
    catalogs,
    statements: reading.statements,
    alone: own.alone,
  })
  return {
    ...reading,
    target,
    authorities:
      target.tls.kind === 'verify' && target.tls.ca !== null ? digest(target.tls.ca) : null,
    prepare: async () => {
      await catalogs.settled()
    },
    fresh: (open) => keepFresh(open, catalogs),
    neighbours: openNeighbours(timer),
    survey,
    began: (process) => ours.began(process),
    refresh: () => catalogs.look(),
    stands: () => catalogs.stands(),
    look: async () => {
      const strangers = await watch.look(own.ask)
      if (strangers.length === 0) return []
      // One that has come through here a moment ago may not be known yet.
      await new Promise<void>((resolve) => void timer(settleMs, resolve))
      return strangers.filter(({ pid }) => !ours.has(pid))
    },
    connect,
    login: async (secret) => await opened(dialWith(secret, target.database)),
    isOurs: (process) => ours.has(process),
    lead,
    runner: ({ image, before }) =>
      openPgRunner({
        target,
        credential: () => world.credential(name),
        began: (process) => ours.began(process),
        image,
        before,
        chance,
        timer,
        connectMs,
        runMs,
      }),
    reread: (request) => rereadRequest(request, reading),
    close: own.close,
  }
}

function targetOf(name: string, { url, tls, ca }: DatabaseEntry): PostgresTarget {
  const at = databaseAt(url)
  if (at === null) throw new FirebreakError('bad_config', `\`${name}\` has no url of a database`)
  // Nobody listens in on a socket of this machine, and none encrypts.
  if (tls === 'off' || at.host.startsWith('/')) return { name, ...at, tls: { kind: 'off' } }
  return {
    name,
    ...at,
    tls: { kind: 'verify', ca: ca === undefined ? null : readFileSync(ca, 'utf8') },
  }
}

/** A session with the scratch server of a drill, over its socket. */
export async function dialScratch({
  socket,
  port,
  user,
  secret,
  database,
}: Dialled): Promise<Client> {
  return await openClient({
    target: { name: 'scratch', host: socket, port, user, database, tls: { kind: 'off' } },
    secret,
    chance: realChance,
    timer: realTimer,
    connectMs,
  })
}
