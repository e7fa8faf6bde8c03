/** A shop with one of every kind, a vault, and the way by which pg_dump comes to it. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dialScratch } from '../../src/app/databases.ts'
import { realChance, realTimer } from '../../src/app/world.ts'
import { Secret } from '../../src/base/secret.ts'
import { openLead } from '../../src/gateways/postgres/lead.ts'
import { openBox } from '../../src/vault/box.ts'
import type { DrillHouse } from '../../src/vault/drill.ts'
import { takeLogical } from '../../src/vault/engine-logical.ts'
import type { LogicalManifest } from '../../src/vault/logical-manifest.ts'
import type { DumpWay } from '../../src/vault/schema-keep.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openShop } from '../postgres/shop.ts'
import type { Shop } from '../postgres/shop.ts'

export interface DumpHouse {
  readonly shop: Shop
  readonly scratch: string
  /** A new database with a shop and one of every kind in it. */
  kinds(more?: string): string
  way(database: string, user?: string): DumpWay
  house(): Promise<DrillHouse & { readonly place: string }>
  /** A point of a database, and the house that it lies in. */
  taken(database: string, how?: Partial<DumpWay> | null): Promise<Taken>
  stop(): Promise<void>
}

export interface Taken {
  readonly manifest: LogicalManifest
  readonly house: DrillHouse & { readonly place: string }
}

const kindsText = readFileSync(join(import.meta.dirname, 'kinds.sql'), 'utf8')

export async function openDumpHouse(): Promise<DumpHouse> {
  const shop = await openShop()
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-dump-'))
  chmodSync(folder, 0o755)
  const scratch = join(folder, 'scratch')
  const way = (database: string, user = 'postgres'): DumpWay => ({
    scratch,
    lead: async (socket) => {
      const { port } = shop.cluster
      const target = { name: 'shop', host: '127.0.0.1', port, user, database } as const
      const secret = new Secret('x')
      const dial = { secret, chance: realChance, timer: realTimer, connectMs: 10_000 }
      return await openLead({ ...dial, target: { ...target, tls: { kind: 'off' } } }, socket)
    },
  })
  const house = async (): Promise<DrillHouse & { readonly place: string }> => {
    const place = mkdtempSync(join(folder, 'vault-'))
    const store = await openDiskStore(place, realChance, Date.now())
    return {
      place,
      box: openBox(store, new Uint8Array(randomBytes(32)), realChance),
      clock: { now: () => Date.now(), steady: () => performance.now() },
      chance: realChance,
      folder: scratch,
      connect: dialScratch,
    }
  }
  return {
    shop,
    scratch,
    way,
    house,
    kinds: (more = '') => {
      const name = shop.fresh()
      shop.cluster.sql(`${kindsText}\n${more}`, name)
      return name
    },
    taken: async (database, how = {}) => {
      const own = await house()
      const session = await shop.open(database, 'postgres')
      try {
        const covers = [{ target: 'shop', type: 'database', id: database }]
        const dump = how === null ? {} : { dump: { ...way(database), ...how } }
        const wanted = { source: 'shop', covers, ...dump }
        const parts = { ...own, progress: () => undefined }
        return { manifest: await takeLogical(session, wanted, parts), house: own }
      } finally {
        await session.close()
      }
    },
    stop: async () => {
      await shop.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
