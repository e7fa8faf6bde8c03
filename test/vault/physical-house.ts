/** What the tests of the physical engine share: a server that may be copied, and the ways to it. */
import { realChance, realTimer } from '../../src/app/world.ts'
import { Secret } from '../../src/base/secret.ts'
import type { Dial } from '../../src/gateways/postgres/client.ts'
import { openReplication } from '../../src/gateways/postgres/replication.ts'
import type { Replication } from '../../src/platforms/postgres/replication.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'

export const keeper = {
  name: 'keeper',
  password: 'pw',
  how: 'scram-sha-256',
  may: 'REPLICATION SUPERUSER',
} as const

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
