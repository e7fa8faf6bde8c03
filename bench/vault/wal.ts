/** The WAL stream under load: how far behind the vault's disk is, and how long a mark takes. */
import { once } from 'node:events'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client } from '../../src/gateways/postgres/client.ts'
import { dialOf } from '../../test/vault/physical-house.ts'
import type { Ground } from './ground.ts'
import { at } from './table.ts'
import type { Table } from './table.ts'

const perSecond = 2000

/** `ms` each; gives how many transactions a second there were. */
export async function walStream(ground: Ground, table: Table, ms: number): Promise<number> {
  const vault = await ground.vault()
  const client = await openClient(dialOf(ground.cluster.port))
  const mark = async (): Promise<void> => void (await vault.engine.mark(client.ask, 60_000))
  try {
    both(table, 'mark, idle', await sampled(ms, () => timed(mark)))
    const rate = ['-R', String(perSecond), '-T', String(Math.ceil((ms * 3) / 1000) + 4)]
    const load = ground.start('pgbench', ['-n', '-c', '8', '-j', '1', ...rate, 'postgres'])
    const ended = once(load, 'close')
    await pause(2000)
    const begun = { at: performance.now(), done: await committed(client) }
    const name = `at ${perSecond} TPS`
    both(table, `stream lag ${name}`, await sampled(ms, () => lag(client)))
    both(table, `mark ${name}`, await sampled(ms, () => timed(mark)))
    const commit = `SELECT pg_logical_emit_message(true, 'bench', 'alone')`
    const alone = await sampled(ms, () => timed(() => client.ask(commit)))
    both(table, `for comparison: a commit alone ${name}`, alone)
    const done = (await committed(client)) - begun.done
    const had = (done * 1000) / (performance.now() - begun.at)
    load.kill('SIGTERM')
    await ended
    return had
  } finally {
    await client.close()
    await vault.stop()
  }
}

/** As the server itself measures it: from its own disk to word of ours. */
async function lag(client: Client): Promise<number | null> {
  const [row] = await client.ask(
    'SELECT extract(epoch FROM flush_lag) * 1000 AS lag FROM pg_stat_replication',
  )
  return row?.['lag'] ? Number(row['lag']) : null
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Again and again, at no fixed pace: the server has its own. */
async function sampled(ms: number, one: () => Promise<number | null>): Promise<readonly number[]> {
  const found: number[] = []
  for (const end = performance.now() + ms; performance.now() < end;) {
    const value = await one()
    if (value !== null) found.push(value)
    await pause(10 + (performance.now() % 23))
  }
  return found
}

function both(table: Table, name: string, found: readonly number[]): void {
  table.of(`${name}, p50`).add(at(found, 0.5))
  table.of(`${name}, p95`).add(at(found, 0.95))
}

async function committed(client: Client): Promise<number> {
  const [row] = await client.ask(
    `SELECT xact_commit AS n FROM pg_stat_database WHERE datname = 'postgres'`,
  )
  return Number(row?.['n'])
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
