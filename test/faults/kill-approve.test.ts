/** Killed while an approved statement runs: before and after each commit of the state, there is no half-applied approval in the database. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { freePort } from '../free-port.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openSession } from '../postgres/session.ts'
import { sample, turnOf } from '../sample.ts'
import { openDaemon, openPeople } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import type { Fault } from './order.ts'

let cluster: Cluster
let daemon: Daemon
let people: Rehearsal
let grant: string
let port: number

beforeAll(async () => {
  const keeper = { name: 'keeper', password: 'pw', how: 'scram-sha-256' } as const
  cluster = await startCluster({ users: [keeper] })
  cluster.sql('CREATE DATABASE shop OWNER keeper')
  cluster.sql(
    `SET ROLE keeper; CREATE SCHEMA s; CREATE TABLE s.car (id int PRIMARY KEY, name text);
     CREATE TABLE s.trip (id int PRIMARY KEY, car int REFERENCES s.car ON DELETE CASCADE);
     INSERT INTO s.car SELECT g, 'car ' || g FROM generate_series(1, 200) g;
     INSERT INTO s.trip SELECT g, g % 200 + 1 FROM generate_series(1, 500) g`,
    'shop',
  )
  port = await freePort()
  daemon = await openDaemon({
    targets: `  shop:
    platform: postgres
    url: postgres://keeper@127.0.0.1:${cluster.port}/shop
    tls: off
    environments: { live: { id: shop } }`,
    more: `postgres: { listen: '127.0.0.1:${port}' }
limits:
  burst: { count: 1000, window: 1m }
`,
  })
  await daemon.up()
  people = await openPeople(daemon)
  await people.callAs('custody-add', { target: 'shop', secret: 'pw' })
  grant = await people.mint('agent:cursor', {
    operations: ['*'],
    environments: ['*'],
    expiresMs: 90 * 86_400_000,
  })
}, 60_000)
afterAll(async () => {
  await daemon.close()
  await cluster.stop()
})

const content = (): string =>
  cluster.sql('SELECT * FROM s.car ORDER BY 1; SELECT * FROM s.trip ORDER BY 1', 'shop')

/** Sends it through the gateway, where it is held. */
async function held(sql: string): Promise<string> {
  const session = await openSession(`postgres://agent:${grant}@127.0.0.1:${port}/shop`)
  try {
    await session.ask(sql)
    return ''
  } catch (refused) {
    const hint = refused instanceof Error && 'hint' in refused ? String(refused.hint) : ''
    return /hold_\w+/.exec(hint)?.[0] ?? ''
  } finally {
    await session.close()
  }
}

async function stateOf(id: string): Promise<string> {
  const hold = await daemon.call('hold-show', { id })
  return isObject(hold) ? textOf(hold['state']) : ''
}

async function approve(id: string): Promise<void> {
  const hold = await daemon.call('hold-show', { id })
  const shown = isObject(hold) ? textOf(hold['shown']) : ''
  await people.callAs('hold-approve', { id, shown })
  await daemon.pass(2000)
  await settles(id)
}

async function settles(id: string): Promise<void> {
  const over = async (): Promise<boolean> =>
    daemon.isGone() || ['executed', 'failed', 'open'].includes(await stateOf(id).catch(() => ''))
  await expect.poll(over, { timeout: 20_000, interval: 20 }).toBe(true)
}

// By turns: what is killed before a commit, and what is killed behind it.
test.each(sample(['kill-before', 'kill-after'] as const, 2))(
  `intent-first, recovery-first: %s each commit, it has happened with its way back, or not at all (${turnOf(2)})`,
  async (kind) => {
    const before = content()
    const ends = new Map<string, number>()
    for (let nth = 1; ; nth += 1) {
      const id = await held(
        `DELETE FROM s.car WHERE id > ${kind === 'kill-before' ? -nth : -1000 - nth}`,
      )
      expect(id).not.toBe('')
      await daemon.order({ kind, nth, lasts: false } satisfies Fault)
      await approve(id).catch(() => null)
      const died = await isDead()
      if (died) {
        expect(await daemon.gone()).toBe('SIGKILL')
        await daemon.order(null)
        await daemon.up()
        await daemon.pass(2000)
        await settles(id)
      } else await daemon.order(null)
      const state = await stateOf(id)
      ends.set(state, (ends.get(state) ?? 0) + 1)
      expect(content() === before, `${kind} ${nth}: ${state}`).toBe(state !== 'executed')
      expect(await daemon.call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
      if (state === 'executed') await people.callAs('hold-undo', { id })
      expect(content()).toBe(before)
      // Nothing of the dead daemon is left in the database either.
      const open = `SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND state LIKE 'idle in%'`
      await expect.poll(() => cluster.sql(open).trim()).toBe('0')
      if (!died) break
    }
    // Some died before it was kept, and some after.
    expect(ends.get('failed')).toBeGreaterThan(0)
    expect(ends.get('executed')).toBeGreaterThan(0)
  },
  240_000,
)

/** It dies in the moment of its commit, before anything comes back; whoever has settled has lived through. */
async function isDead(): Promise<boolean> {
  if (daemon.isGone()) return true
  return await daemon.call('hold-list', { all: false }).then(
    () => false,
    () => true,
  )
}
