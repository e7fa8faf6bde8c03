/** What the tests of the physical engine share: a server that may be copied, and the ways to it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realChance, realClock, realTimer } from '../../src/app/world.ts'
import { Secret } from '../../src/base/secret.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Dial } from '../../src/gateways/postgres/client.ts'
import { openReplication } from '../../src/gateways/postgres/replication.ts'
import type { Lsn, Replication } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { takeBase } from '../../src/vault/physical-base.ts'
import type { BaseTaking } from '../../src/vault/physical-base.ts'
import type { BaseManifest } from '../../src/vault/physical-manifest.ts'
import type { Receiver, ReceiverParts } from '../../src/vault/physical-receiver.ts'
import type { PhysicalRestored } from '../../src/vault/physical-restore.ts'
import { openOverSql } from '../../src/vault/sql-way.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { notRoot, ownFolder, startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'

export const keeper = {
  name: 'keeper',
  password: 'pw',
  how: 'scram-sha-256',
  may: 'REPLICATION SUPERUSER',
} as const

/** What happens by itself, on a machine that has other work too. */
export const soon = { timeout: 15_000 } as const

/** Its WAL segments hold 1 MiB, so that many of them come and go. */
export async function startSource(conf: readonly string[] = []): Promise<Cluster> {
  const own = ['full_page_writes = on', 'max_slot_wal_keep_size = 1GB', 'wal_level = replica']
  return await startCluster({ conf: [...own, ...conf], users: [keeper] })
}

export function dialOf(port: number, database = 'postgres'): Dial {
  return {
    target: { name: 'db', host: '127.0.0.1', port, user: 'keeper', database, tls: { kind: 'off' } },
    secret: new Secret('pw'),
    chance: realChance,
    timer: realTimer,
    connectMs: 10_000,
  }
}

export async function replicate(port: number): Promise<Replication> {
  return await openReplication(dialOf(port))
}

/** As container images have it: their access file has no line for replication. */
export function refuseReplication(cluster: Cluster): void {
  const file = join(cluster.dataDir, 'pg_hba.conf')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('all,replication', 'all'))
  cluster.sql('SELECT pg_reload_conf()')
}

/** The same bytes by the other way. */
export async function overSql(port: number, user = 'keeper'): Promise<Replication> {
  const { target, ...dial } = dialOf(port)
  return await openOverSql(await openClient({ ...dial, target: { ...target, user } }), realTimer)
}

export interface Rig {
  readonly dir: string
  readonly key: Uint8Array
  readonly box: Box
  readonly spool: string
  readonly receiver: ReceiverParts
  readonly taking: Omit<BaseTaking, 'shelved'>
}

/** A vault in a folder of its own, and what its receiver and its base backups need of a server. */
export async function openRig(
  port: number,
  slot: string,
  folder?: string,
  connect = replicate,
): Promise<Rig> {
  const dir = folder ?? ownFolder('firebreak-physical-')
  const key = new Uint8Array(32).fill(7)
  const store = await openDiskStore(join(dir, 'store'), realChance, Date.now())
  const box = openBox(store, key, realChance)
  const spool = join(dir, 'spool')
  const world = { clock: realClock, timer: realTimer, chance: realChance }
  return {
    dir,
    key,
    box,
    spool,
    receiver: { ...world, connect: () => connect(port), box, folder: spool, key, slot },
    taking: {
      ...world,
      box,
      source: 'db',
      covers: [{ target: 'db', type: 'database', id: 'postgres' }],
      progress: () => undefined,
    },
  }
}

/** A base backup with its WAL, by a receiver that runs. */
export async function takeWith(port: number, rig: Rig, receiver: Receiver): Promise<BaseManifest> {
  const replication = await replicate(port)
  try {
    const shelved = (until: Lsn): Promise<void> => receiver.shelved(until, 20_000)
    return await takeBase(replication, { ...rig.taking, shelved })
  } finally {
    replication.close()
  }
}

export interface Copy {
  sql(text: string, database?: string): string
  /** For those that were opened to it. */
  connect(): Promise<Replication>
  stop(): Promise<void>
}

/**
 * Starts the restored copy as whoever may, to the end of its recovery; rejects with what it said instead. `open`: it may be
 * replicated from, and is there as soon as it can be read.
 */
export async function startCopy(
  { data, socket }: Omit<PhysicalRestored, 'cut'>,
  binDir: string,
  open = false,
  port = 5432,
): Promise<Copy> {
  if (open) appendFileSync(join(data, 'pg_hba.conf'), 'local replication all trust\n')
  const ready = open ? /ready to accept/ : /ready to accept connections/
  if (notRoot.uid !== undefined) spawnSync('chown', ['-R', `${notRoot.uid}:${notRoot.gid}`, socket])
  const child = spawn(join(binDir, 'postgres'), ['-D', data], {
    ...notRoot,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const endWithUs = (): void => void child.kill('SIGQUIT')
  process.once('exit', endWithUs)
  const ended = once(child, 'exit').finally(() => process.off('exit', endWithUs))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 100_000) said += text
      if (ready.test(said)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(said)))
  })
  return {
    sql: (text, database = 'postgres') => {
      const where = ['-h', socket, '-p', String(port), '-U', 'postgres', database]
      const args = ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...where]
      const { status, stdout, stderr } = spawnSync(join(binDir, 'psql'), args, { input: text })
      if (status !== 0) throw new Error(stderr.toString())
      return stdout.toString().trim()
    },
    connect: async () => {
      const { target, ...dial } = dialOf(5432)
      return await openReplication({ ...dial, target: { ...target, host: socket } })
    },
    stop: async () => {
      child.kill('SIGQUIT')
      await ended
    },
  }
}
