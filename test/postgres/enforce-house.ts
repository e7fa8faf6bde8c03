/** A gateway that enforces, before a real server: the real reader, guard, policy and budgets. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { noRadius } from '../../src/core/blast-radius.ts'
import { loadSql, readCall } from '../../src/classify/sql/read.ts'
import { sqlReader } from '../../src/classify/sql/remember.ts'
import type { SqlAbout } from '../../src/classify/sql/statement.ts'
import { openEnforcer } from '../../src/gateways/postgres/enforce.ts'
import { openNeighbours } from '../../src/gateways/postgres/neighbours.ts'
import { realTimer } from '../../src/app/world.ts'
import { openBudgets } from '../../src/guard/budget.ts'
import type { Budgets } from '../../src/guard/budget.ts'
import { openGuard } from '../../src/guard/guard.ts'
import type { House } from '../../src/guard/house.ts'
import type { HoldRow } from '../../src/guard/rows.ts'
import type { Entry } from '../../src/guard/ports.ts'
import { openCatalogs } from '../../src/inventory/postgres/catalogs.ts'
import { keepFresh } from '../../src/app/database-fresh.ts'
import { openBatch } from '../../src/gateways/postgres/stored.ts'
import type { StoredBatch } from '../../src/gateways/postgres/stored.ts'
import { rereadRequest } from '../../src/gateways/postgres/whole.ts'
import { openStored } from '../../src/guard/hold.ts'
import type { Operation } from '../../src/core/operation.ts'
import { loadPolicy } from '../../src/app/policies.ts'
import { newWorld, openHarness } from '../world.ts'
import type { Harness } from '../world.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { agent, openGateway } from './relay-house.ts'
import type { Opened } from './relay-house.ts'
import { openSession } from './session.ts'
import type { OpenSession } from './session.ts'

export interface Enforced {
  readonly cluster: Cluster
  readonly gateway: Opened
  readonly entries: readonly Entry[]
  /** Rows that one principal may change in an hour. */
  most: number
  mode: House['mode']
  counts: boolean
  readonly left: () => number
  /** The catalog is read again: it was changed past the gateway. */
  readonly look: () => Promise<void>
  /** What the server was asked for the catalog, so far. */
  readonly asked: readonly string[]
  /** Nothing is spent any more. */
  readonly afresh: () => Promise<void>
  /** psql, one statement a message: what it printed, errors too. */
  readonly psql: (input: string, args?: readonly string[]) => Promise<string>
  readonly direct: (input: string, args?: readonly string[]) => Promise<string>
  readonly holds: () => Promise<readonly HoldRow[]>
  readonly stored: (hold: HoldRow) => StoredBatch
  /** What the stored request of a hold does, read once more. */
  readonly reread: (hold: HoldRow) => readonly Operation[]
  readonly url: string
  readonly close: () => Promise<void>
}

export async function openEnforced(
  options: Parameters<typeof startCluster>[0] = {},
): Promise<Enforced> {
  await loadSql()
  const cluster = await startCluster(options)
  const policy = await loadPolicy(null)
  const harness: Harness = openHarness(newWorld())
  const placed: House['inventory']['measure'] = (_, operations) => ({
    operations: operations.map((operation) => ({ ...operation, environments: ['production'] })),
    radius: { ...noRadius, environments: ['production'] },
    kept: false,
  })
  const house: House = {
    ...harness.house,
    policy: () => policy,
    inventory: { measure: placed, measureFresh: placed },
  }
  const guards = { enforce: openGuard(house), shadow: openGuard({ ...house, mode: 'shadow' }) }
  const asker: OpenSession = await openSession(cluster.url())
  const asked: string[] = []
  const catalogs = openCatalogs(async (sql, values) => {
    asked.push(sql)
    return await asker.ask(sql, values)
  })
  await catalogs.settled()
  const reader = sqlReader()
  const about = (more: Omit<SqlAbout, 'catalog'>): SqlAbout => ({
    target: 'shop',
    catalog: catalogs.current(),
    ...more,
  })
  const neighbours = openNeighbours(realTimer)
  const read = {
    read: (text, { values, session }) =>
      reader(text, about({ session, ...(values.length === 0 ? {} : { values }) })),
    readCall: (oid) => readCall(oid, about({})),
  } satisfies Parameters<typeof rereadRequest>[1]
  let budgets: Budgets = await openBudgets({ state: harness.state, clock: house.clock })
  const gateway = await openGateway(
    {
      host: '127.0.0.1',
      port: cluster.port,
      user: 'postgres',
      database: 'postgres',
      tls: { kind: 'off' },
    },
    'none',
    {
      enforce: ({ parameters }) =>
        keepFresh(
          (meets) =>
            openEnforcer({
              guard: { pass: (asked) => guards[it.mode].pass(asked) },
              principal: agent,
              target: 'shop',
              database: 'postgres',
              parameters,
              ...read,
              stands: () => catalogs.stands(),
              meets,
              neighbours,
              budgets: {
                left: (name, most) => budgets.left(name, most),
                reserve: (name, rows, most) => budgets.reserve(name, rows, most),
              },
              get rows() {
                return it.most
              },
              counts: () => it.counts,
              get isLenient() {
                return it.mode === 'shadow'
              },
            }),
          catalogs,
        ),
    },
  )
  const psql = (port: number, database: string, input: string, args: readonly string[]) =>
    say(
      join(cluster.binDir, 'psql'),
      [
        '-X',
        '-q',
        '-A',
        '-t',
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'postgres',
        '-d',
        database,
      ].concat(['-v', 'VERBOSITY=verbose'], args),
      input,
    )
  const it: Enforced = {
    cluster,
    gateway,
    entries: harness.entries,
    most: 10,
    mode: 'enforce',
    counts: true,
    look: () => catalogs.look(),
    asked,
    left: () => budgets.left(agent.name, it.most),
    afresh: async () => {
      for (const { id } of await harness.state.transact((tx) => tx.find('meta', {})))
        await harness.state.transact((tx) => tx.remove('meta', id))
      budgets = await openBudgets({ state: harness.state, clock: house.clock })
      for (const { id } of await it.holds())
        await harness.state.transact((tx) => tx.remove('hold', id))
      it.most = 10
      it.mode = 'enforce'
      it.counts = true
    },
    psql: (input, args = ['-f', '-']) => psql(gateway.port, 'shop', input, args),
    direct: (input, args = ['-f', '-']) => psql(cluster.port, 'postgres', input, args),
    holds: () => harness.state.transact((tx) => tx.find('hold', {})),
    stored: (hold) => openBatch(openStored(house, hold).request),
    reread: (hold) => rereadRequest(openStored(house, hold).request, read),
    url: `postgres://postgres:fbk_good@127.0.0.1:${gateway.port}/shop`,
    close: async () => {
      await gateway.gateway.close(100)
      await asker.close()
      await cluster.stop()
    },
  }
  return it
}

function say(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin', PGPASSWORD: 'fbk_good' } })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', () => resolve(out)))
}
