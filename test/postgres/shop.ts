/** The shop of shop.sql on a server of its own, a fresh copy of its database for each test. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { openSession } from './session.ts'
import type { OpenSession } from './session.ts'

export interface Shop {
  readonly cluster: Cluster
  /** A new database with the shop in it; its name. */
  fresh(): string
  open(database: string, user?: string): Promise<OpenSession>
  /** The `dump` of a database that is as `fresh` made it. */
  asMade(): string
  /** All of a database as pg_dump tells it, each line in order of the text: told by other code than ours. */
  dump(database: string): string
  stop(): Promise<void>
}

export const shopOwner = 'shop_owner'

export async function openShop(): Promise<Shop> {
  const user = (name: string) => ({ name, password: 'x', how: 'trust' as const })
  const cluster = await startCluster({
    users: [user(shopOwner), user('shop_reader'), user('shop_clerk')],
  })
  cluster.sql('CREATE DATABASE shop')
  cluster.sql(`GRANT CREATE ON DATABASE shop TO ${shopOwner}`, 'shop')
  cluster.sql(readFileSync(join(import.meta.dirname, 'shop.sql'), 'utf8'), 'shop')
  let made = 0
  let asMade: string | null = null
  const shop: Shop = {
    cluster,
    fresh: () => {
      made += 1
      cluster.sql(
        `CREATE DATABASE shop_${made} TEMPLATE shop; GRANT CREATE ON DATABASE shop_${made} TO ${shopOwner}`,
      )
      return `shop_${made}`
    },
    open: (database, as = shopOwner) =>
      openSession(cluster.url(database).replace('//postgres@', `//${as}@`)),
    dump: (database) => {
      const args = ['-h', cluster.socketDir, '-p', String(cluster.port), '-U', 'postgres', database]
      const { status, stdout, stderr } = spawnSync(join(cluster.binDir, 'pg_dump'), args, {
        encoding: 'utf8',
        maxBuffer: 256 * 1024 * 1024,
      })
      if (status !== 0) throw new Error(stderr)
      // The token is another each time; an id or a place in the file says nothing of the database.
      const lines = stdout.split('\n').filter((line) => !/^(\\(un)?restrict |-- )/.test(line))
      return lines.toSorted().join('\n')
    },
    asMade: () => (asMade ??= shop.dump(shop.fresh())),
    stop: () => cluster.stop(),
  }
  return shop
}
