/** What everything is measured on: a server with pgbench's tables, and a vault beside it that receives its WAL. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Physical } from '../../src/vault/engine-physical.ts'
import { notRoot, ownFolder, startCluster } from '../../test/postgres/cluster.ts'
import type { Cluster } from '../../test/postgres/cluster.ts'
import { keeper, openRig } from '../../test/vault/physical-house.ts'
import type { Rig } from '../../test/vault/physical-house.ts'

export interface Ground {
  readonly cluster: Cluster
  /** A new vault that receives from now on. */
  vault(): Promise<Vault>
  /** A program of PostgreSQL, as the server's user, in a folder that it may write to. */
  run(program: string, args: readonly string[]): Promise<void>
  start(program: string, args: readonly string[]): ChildProcess
  /** A folder that the server's user may write to. */
  readonly dir: string
  stop(): Promise<void>
}

export interface Vault {
  readonly rig: Rig
  readonly engine: Physical
  stop(): Promise<void>
}

export async function openGround(scale: number): Promise<Ground> {
  const cluster = await startCluster({
    conf: [
      'shared_buffers = 256MB',
      'max_wal_size = 4GB',
      'wal_level = replica',
      'max_slot_wal_keep_size = 8GB',
      'fsync = on',
      'synchronous_commit = on',
      'full_page_writes = on',
    ],
    users: [keeper],
  })
  const dir = ownFolder('firebreak-bench-vault-')
  const start = (program: string, args: readonly string[]): ChildProcess =>
    spawn(join(cluster.binDir, program), args, {
      ...notRoot,
      cwd: dir,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String(cluster.port),
        PGUSER: keeper.name,
        PGPASSWORD: keeper.password,
        PGSSLMODE: 'disable',
      },
    })
  const run = async (program: string, args: readonly string[]): Promise<void> => {
    const child = start(program, args)
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    if (code !== 0) throw new Error(`${program}: ${said}`)
  }
  await run('pgbench', ['-i', '-q', '-s', String(scale), 'postgres'])
  // pgbench's own rows are mostly blanks; half of the bytes shall be such as people have.
  cluster.sql(`CREATE TABLE texts AS
    SELECT n, md5(n::text) || md5((n * 7)::text) AS one, 'customer ' || n % 9973 AS two, now() AS at
    FROM generate_series(1, ${scale * 65_000}) n; ALTER TABLE texts ADD PRIMARY KEY (n)`)
  return {
    cluster,
    dir,
    start,
    run,
    vault: async () => {
      // Its slot begins with the last checkpoint: what came before is nobody's work here.
      cluster.sql('CHECKPOINT')
      const rig = await openRig(cluster.port, 'bench')
      const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 120_000 })
      return {
        rig,
        engine,
        stop: async () => {
          await engine.stop()
          cluster.sql(`SELECT pg_drop_replication_slot('bench')`)
          rmSync(rig.dir, { recursive: true, force: true })
        },
      }
    },
    stop: async () => {
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
