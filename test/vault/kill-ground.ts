/** What is killed and what stays: a real daemon as a process of its own, a real server behind it, and load that goes through both. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import type { Client } from 'pg'
import { isObject, textOf } from '../../src/base/json.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn } from '../../src/platforms/postgres/replication.ts'
import { everything, openGate, owner, password } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { apart } from '../postgres/gate-process.ts'
import type { Apart } from '../postgres/gate-process.ts'

export interface Ground {
  readonly gate: Gate
  readonly alone: Apart
  /** A session through the gateway. */
  readonly connect: () => Promise<Client>
  /** A session past it, as the database's owner. */
  readonly direct: () => Promise<Client>
  /** Starts pgbench through the gateway. */
  readonly load: () => ChildProcess
  /** How far all that was acknowledged is safe, as the daemon says; null while it says nothing. */
  readonly safe: () => Promise<Lsn | null>
  /** The server and every process of it, as by `kill -9`; it is not started again. */
  readonly killServer: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Fulfils when the daemon receives WAL. */
export async function openGround(): Promise<Ground> {
  const gate = await openGate({
    sql: 'CREATE TABLE acknowledged (n int PRIMARY KEY);',
    may: 'REPLICATION',
    conf: [
      'max_slot_wal_keep_size = 1GB',
      'fsync = on',
      'full_page_writes = on',
      'synchronous_commit = on',
    ],
    vault: 'databases: { shop: { engine: physical } }',
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  const pgbench = join(gate.cluster.binDir, 'pgbench')
  const at = ['-h', '127.0.0.1', '-p', String(gate.cluster.port), '-U', owner, 'shop']
  const env = { PATH: process.env['PATH'], PGPASSWORD: password }
  spawnSync(pgbench, ['-i', '-q', ...at], { env, stdio: 'ignore' })
  const grant = await gate.people.mint('agent:load', { ...everything, rows: 1_000_000_000 })
  const alone = await apart(gate)
  const { cluster } = gate
  return {
    gate,
    alone,
    connect: async () => await dial(gate.port(), 'agent', grant),
    direct: async () => await dial(cluster.port, owner, password),
    load: () => {
      const through = ['-h', '127.0.0.1', '-p', String(gate.port()), '-U', 'agent', 'shop']
      const how = ['-n', '-c', '2', '-R', '300', '-T', '3600']
      return spawn(pgbench, [...how, ...through], {
        env: { PATH: process.env['PATH'], PGPASSWORD: grant },
        stdio: 'ignore',
      })
    },
    safe: async () => {
      const all = await gate.people.call('vault-status').catch(() => null)
      const [row] = Array.isArray(all) ? all.filter(isObject) : []
      const durable = row === undefined ? '' : textOf(row['durable'])
      return durable === '' ? null : parseLsn(durable)
    },
    killServer: async () => {
      const pid = cluster.pid()
      const children = spawnSync('pgrep', ['-P', String(pid)])
        .stdout.toString()
        .split('\n')
      const all = [pid, ...children.filter((one) => one !== '').map(Number)]
      for (const one of all) killed(one)
      await cluster.kill()
      while (all.some(lives)) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    close: async () => {
      await alone.kill()
      await gate.close()
    },
  }
}

async function dial(port: number, user: string, secret: string): Promise<Client> {
  const at = { host: '127.0.0.1', port, user, database: 'shop', password: secret }
  const client = new pg.Client({ ...at, connectionTimeoutMillis: 10_000 })
  // Heard by whoever waits for an answer; without an ear it would end this process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
