/** The four engines over one store and one server, each with what it takes, what it brings back, and how it is drilled. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realChance, realTimer } from '../../src/app/world.ts'
import type { Action } from '../../src/core/action.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client } from '../../src/gateways/postgres/client.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { noteDrill } from '../../src/vault/backups.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import type { Drilled } from '../../src/vault/drill.ts'
import { drillPhysical } from '../../src/vault/drill-physical.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Physical } from '../../src/vault/engine-physical.ts'
import type { VaultParts } from '../../src/vault/parts.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { openVault } from '../../src/vault/vault.ts'
import type { OpenVault } from '../../src/vault/vault.ts'
import { writeDown } from '../../src/vault/write-down.ts'
import type { Cluster } from '../postgres/cluster.ts'
import type { Ground } from './damage-ground.ts'
import { dialOf, replicate } from './physical-house.ts'

export const engines = ['files', 'logical', 'table', 'physical'] as const
export type Engine = (typeof engines)[number]

export interface World {
  readonly cluster: Cluster
  readonly folder: string
  readonly ground: Ground
  readonly parts: VaultParts & { readonly state: NonNullable<VaultParts['state']> }
  readonly vault: OpenVault
  readonly key: Uint8Array
  readonly physical: Physical
  readonly spool: string
  /** Moves the clock of the vault. */
  readonly set: (aheadMs: number) => void
  readonly close: () => Promise<void>
}

const volume = { target: 'rail', type: 'volumeInstance', id: 'vi1' }
const database = { target: 'shop', type: 'database', id: 'postgres' }
const table = { target: 'shop', type: 'table', id: 'public.car' }

/** The table `car` must be there. */
export async function openWorld(cluster: Cluster, folder: string, ground: Ground): Promise<World> {
  const key = new Uint8Array(32).fill(7)
  const box = openBox(ground.store, key, realChance)
  const [source, spool, scratch] = ['source', 'spool', 'scratch'].map((n) => join(folder, n))
  mkdirSync(source ?? '', { recursive: true })
  let ahead = 0
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() }
  const state = openSqlite(':memory:')
  const open = async (_: string, name = 'postgres'): Promise<Client> =>
    await openClient(dialOf(cluster.port, name))
  const parts = {
    box,
    sources: [{ covers: volume, path: source ?? '' }],
    links: [],
    storeOn: [],
    minimum: 'V0',
    state,
    note: async () => await Promise.resolve(),
    clock,
    chance: realChance,
    progress: () => undefined,
    databases: { has: (name: string) => name === 'shop', open },
    servers: {
      has: (name: string) => name === 'shop',
      nameOf: () => 'postgres',
      open,
      scratch: scratch ?? '',
      dial,
    },
  } as const satisfies VaultParts
  const physical = await openPhysical({
    connect: () => replicate(cluster.port),
    box,
    folder: spool ?? '',
    key,
    slot: `matrix_${ground.kind}`,
    clock,
    timer: realTimer,
    chance: realChance,
    source: 'shop',
    covers: [database],
    progress: () => undefined,
    shelvedMs: 30_000,
  })
  return {
    cluster,
    folder,
    ground,
    parts,
    vault: openVault(parts),
    key,
    physical,
    spool: spool ?? '',
    set: (aheadMs) => {
      ahead = aheadMs
    },
    close: async () => {
      await physical.stop()
      state.close()
      await ground.close()
    },
  }
}

async function dial(
  at: Parameters<NonNullable<VaultParts['servers']>['dial']>[0],
): Promise<Client> {
  const { socket: host, port, user, secret, database } = at
  return await openClient({
    target: { name: 'scratch', host, port, user, database, tls: { kind: 'off' } },
    secret,
    chance: realChance,
    timer: realTimer,
    connectMs: 10_000,
  })
}

let taken = 0

/** A point of something that no other point has; its id. Rejects with why there is none. */
export async function take(engine: Engine, world: World): Promise<string> {
  const { vault, cluster, folder, parts, physical } = world
  taken += 1
  const text = `${taken} `.repeat(3000)
  switch (engine) {
    case 'files': {
      writeFileSync(join(folder, 'source/bookings'), text)
      const covered = await vault.cover(drop, going)
      if (covered.kind === 'missing') throw new Error(covered.why.join('\n'))
      return covered.points[0]?.id ?? ''
    }
    case 'logical':
      cluster.sql(`UPDATE car SET name = '${text}' WHERE id = 1`)
      return (await vault.backup('shop')).id
    case 'table':
      cluster.sql(`UPDATE car SET name = '${text}' WHERE id = 2`)
      return await act(world)
    case 'physical': {
      // A file of its own, large enough to have pieces of its own.
      cluster.sql(
        `CREATE TABLE t${taken} AS SELECT md5(g::text || '${taken}') FROM generate_series(1, 30000) g`,
      )
      const base = await physical.takeBase()
      await writeDown(base, { source: base.source, on: [] }, parts)
      return base.id
    }
  }
}

/** Under an image, as the Postgres gateway does it. */
async function act({ vault, cluster }: World): Promise<string> {
  const session = await openClient(dialOf(cluster.port))
  try {
    await session.ask('BEGIN')
    const wanted = {
      tables: ['public.car'],
      takes: 'rows',
      covers: [table],
      source: 'shop',
    } as const
    const image = await vault.image(session, wanted)
    if (image.kind === 'missing') throw new Error(image.why.join('\n'))
    await session.ask(`UPDATE car SET name = name || '.'`)
    const settled = await image.settle()
    if (settled.kind === 'missing') throw new Error(settled.why.join('\n'))
    await session.ask('COMMIT')
    return settled.point.id
  } finally {
    await session.close()
  }
}

/** With another key, or in another place. */
interface Elsewhere {
  readonly box?: Box
  readonly place?: string
}

/** Brings it back, into a place of its own; an image goes back where it came from. */
export async function restore(
  engine: Engine,
  id: string,
  world: World,
  { box = world.parts.box, place = mkdtempSync(join(world.folder, 'b')) }: Elsewhere = {},
): Promise<void> {
  const vault = openVault({ ...world.parts, box })
  const into = join(place, 'it')
  try {
    if (engine === 'files') await vault.restoreTo(id, into)
    if (engine === 'table') await vault.restore(id)
    if (engine === 'logical') await restoreLogical(vault, id, world)
    if (engine === 'physical') {
      const { key, spool: folder } = world
      const until = { kind: 'end' } as const
      await restorePhysical({ box, spool: { folder, key }, point: id, until, into })
    }
  } finally {
    rmSync(into, { recursive: true, force: true })
  }
}

async function restoreLogical(vault: OpenVault, id: string, { cluster }: World): Promise<void> {
  cluster.sql('CREATE DATABASE back')
  try {
    await vault.restoreInto(id, { database: 'back', trusts: true })
  } finally {
    cluster.sql('DROP DATABASE back WITH (FORCE)')
  }
}

/** Null for an engine whose points are not drilled. */
export async function drill(
  engine: Engine,
  id: string,
  world: World,
  { box = world.parts.box, place: scratch = world.parts.servers?.scratch ?? '' }: Elsewhere = {},
): Promise<Drilled | null> {
  const { parts, key, spool: folder } = world
  const servers = parts.servers === undefined ? {} : { servers: { ...parts.servers, scratch } }
  if (engine === 'logical') return await openVault({ ...parts, ...servers, box }).drill(id, [])
  if (engine !== 'physical') return null
  const spool = { folder, key }
  const { clock, state } = parts
  const found = await drillPhysical(
    { id, until: { kind: 'end' }, spool, user: 'keeper', database: 'postgres', assertions: [] },
    { box, clock, chance: realChance, folder: scratch, connect: dial },
  )
  await state.transact((tx) => noteDrill(tx, found, clock.now()))
  return found
}

/** What an act would lose, for which the vault is asked for a way back. */
export const going: BlastRadius = {
  ...noRadius,
  environments: ['prod'],
  resources: [{ ...volume, name: 'pgdata', environment: 'prod', bytes: null, protects: null }],
}

export const drop: Action = {
  principal: 'agent:a',
  root: 'g1',
  target: 'rail',
  key: null,
  operations: [
    {
      name: 'volumeDelete',
      effect: 'destroy',
      kinds: ['data'],
      parameters: {},
      shown: {},
      selects: null,
      names: [],
      environments: [],
      findings: [],
      alternatives: [],
    },
  ],
}
