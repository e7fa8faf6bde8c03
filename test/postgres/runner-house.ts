/** A guard before a real database with a real vault: what is asked is read, held, approved, and run with its image. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { realChance, realTimer } from '../../src/app/world.ts'
import { Secret } from '../../src/base/secret.ts'
import { loadSql } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
import type { SqlStatement } from '../../src/classify/sql/statement.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import type { Operation } from '../../src/core/operation.ts'
import { hold } from '../../src/core/verdict.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { PostgresTarget } from '../../src/gateways/postgres/house.ts'
import { openPgRunner } from '../../src/gateways/postgres/runner.ts'
import type { PgRunnerHouse } from '../../src/gateways/postgres/runner.ts'
import type { Batch } from '../../src/gateways/postgres/seam.ts'
import { openBatch, storeBatch } from '../../src/gateways/postgres/stored.ts'
import type { Setting } from '../../src/gateways/postgres/stored.ts'
import type { House } from '../../src/guard/house.ts'
import type { Asked, Inventory, Runner, State } from '../../src/guard/ports.ts'
import type { HoldRow } from '../../src/guard/rows.ts'
import { readCatalog } from '../../src/inventory/postgres/snapshot.ts'
import { radiusOf } from '../../src/platforms/postgres/radius.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { openBox } from '../../src/vault/box.ts'
import { openLeases } from '../../src/vault/lease.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openVault } from '../../src/vault/vault.ts'
import type { OpenVault } from '../../src/vault/vault.ts'
import { query } from '../../src/wire/postgres/front.ts'
import { newWorld, openHarness, principal } from '../world.ts'
import type { Harness } from '../world.ts'
import { shopOwner } from './shop.ts'
import type { Shop } from './shop.ts'

export interface Rig {
  readonly vault: OpenVault
  readonly state: State
  /** Another daemon over the same state. */
  readonly open: (change?: (runner: Runner) => Runner) => Harness
  readonly runner: Runner
  /** Asks, approves, runs; where it stands then. */
  readonly approve: (text: string, more?: Partial<Approving>) => Promise<HoldRow>
  readonly close: () => void
}

export interface Approving {
  readonly setting: Partial<Setting>
  readonly batch: Batch
  /** Before the approval. */
  readonly meanwhile: () => void | Promise<void>
  readonly harness: Harness
}

export interface RigOptions {
  readonly folder: string
  readonly user?: string
  readonly runner?: Partial<PgRunnerHouse>
  /** Whether the policy asks for a way back; by the kinds where nothing is said. */
  readonly needed?: boolean
}

const whole = {
  target: 'db',
  type: 'database',
  environment: 'production',
  bytes: null,
  protects: null,
} as const

function textIn({ text }: Operation['parameters']): string {
  return typeof text === 'string' ? text : ''
}

export const simple = (text: string): Batch => ({ kind: 'query', text, bytes: query(text) })

export async function openRig(
  shop: Shop,
  database: string,
  { folder, user = shopOwner, runner: change = {}, needed }: RigOptions,
): Promise<Rig> {
  await loadSql()
  const state = openSqlite(':memory:')
  const clock = { now: () => Date.now(), steady: () => performance.now() }
  const target: PostgresTarget = {
    name: 'db',
    host: '127.0.0.1',
    port: shop.cluster.port,
    user,
    database,
    tls: { kind: 'off' },
  }
  const secret = new Secret('x')
  const dial = { target, secret, chance: realChance, timer: realTimer, connectMs: 10_000 }
  const store = await openDiskStore(mkdtempSync(join(folder, 'vault-')), realChance, Date.now())
  const vault = openVault({
    box: openBox(store, new Uint8Array(randomBytes(32)), realChance),
    databases: { has: (name) => name === 'db', open: async () => await openClient(dial) },
    storeOn: [],
    minimum: 'V1',
    state,
    note: async () => undefined,
    clock,
    chance: realChance,
    progress: () => undefined,
    sources: [],
    links: [],
  })
  const runner = openPgRunner({
    target,
    credential: async () => await Promise.resolve(secret),
    image: vault.image,
    before: vault.before,
    chance: realChance,
    timer: realTimer,
    connectMs: 10_000,
    runMs: 60_000,
    ...change,
  })
  const eye = await openClient({ ...dial, target: { ...target, user: shopOwner } })
  const catalog = await readCatalog(eye.ask)
  const reader = sqlReader()
  const read = (text: string): readonly SqlStatement[] =>
    reader(text, { catalog: { ...catalog, searchPath: ['shop'] }, target: 'db' })
  const measure: Inventory['measureFresh'] = async (_, operations) => {
    const all = operations
      .filter(({ effect }) => effect === 'destroy')
      .flatMap(({ parameters }) => read(textIn(parameters)))
    const losses = all.flatMap((statement) => statement.losses ?? [])
    let radius: BlastRadius = { ...noRadius, environments: ['production'] }
    if (all.some((statement) => statement.losses === null))
      radius = { ...radius, resources: [{ ...whole, id: database, name: database }] }
    for (const loss of losses) {
      const asked = { target: 'db', environments: ['production'], countMs: 5000 }
      const one = await radiusOf(loss, { ...asked, catalog, ask: eye.ask })
      radius = {
        ...radius,
        known: radius.known && one.known,
        resources: [...radius.resources, ...one.resources],
        rows: (radius.rows ?? 0) + (one.rows ?? 0),
        unknown: [...radius.unknown, ...one.unknown],
      }
    }
    return { operations, radius, kept: false }
  }
  const textOf = (batch: Batch): string => {
    if (batch.kind === 'query') return batch.text
    const [first] = batch.kind === 'extended' ? batch.steps : []
    return first?.kind === 'parse' ? first.text : ''
  }
  const operationsOf = (batch: Batch): readonly Operation[] =>
    read(textOf(batch)).map(({ operation }) => operation)
  const leases = openLeases(clock)
  const house: Partial<House> = {
    vault,
    inventory: { measure, measureFresh: measure },
    clock,
    policy: () => ({
      set: 'test',
      decide: ({ kinds }) => ({
        verdict: hold({ rule: 'test', message: 'held' }),
        policies: [],
        set: 'test',
        approvals: 1,
        graceMs: 0,
        needsRecoveryPoint:
          needed ?? kinds.some((kind) => ['data', 'container', 'guard'].includes(kind)),
      }),
    }),
    reread: (_, request) => operationsOf(openBatch(request).batch),
    lease: (tx, point, id) => leases.lease(tx, point, id),
    leased: (tx, radius) => leases.finding(tx, radius),
    release: (tx, id) => leases.release(tx, id, clock.now()),
  }
  const open: Rig['open'] = (changed = (same) => same) => {
    const world = { ...newWorld(), now: Date.now() }
    return openHarness(world, state, changed(runner), house)
  }
  const first = open()
  const approve: Rig['approve'] = async (text, more = {}) => {
    const { batch = simple(text), setting = {}, harness = first, meanwhile } = more
    const stored = { database, role: null, settings: new Map<string, string>(), ...setting }
    const asked: Asked = {
      principal,
      target: 'db',
      platform: 'postgres',
      operations: operationsOf(batch),
      key: randomBytes(8).toString('hex'),
      request: storeBatch(batch, stored),
      reason: null,
    }
    await harness.guard.halts.load()
    const passed = await harness.guard.pass(asked)
    if (passed.kind !== 'held') throw new Error(JSON.stringify(passed))
    const id = passed.told.holdId ?? ''
    await meanwhile?.()
    await harness.approve(id)
    return await harness.guard.deferral.advance(id)
  }
  return {
    vault,
    state,
    open,
    runner,
    approve,
    close: () => {
      void eye.close()
      state.close()
    },
  }
}
