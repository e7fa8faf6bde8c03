/** Where the damage matrix puts its points: a folder, or a bucket with a lock; and the ways to harm what lies there, and to mend it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realChance } from '../../src/app/world.ts'
import { S3Refusal } from '../../sim/s3/fault.ts'
import { startSimS3 } from '../../sim/s3/server.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import type { Store } from '../../src/vault/store.ts'
import { bucketAt, makeBucket, storeAt } from './s3-ground.ts'

export type Change = (bytes: Buffer) => Buffer | null

export interface Ground {
  readonly kind: 'disk' | 's3'
  readonly store: Store
  /** Bytes of an object or a point's manifest are others from now on; what comes back mends it. */
  readonly harm: (what: 'object' | 'manifest', name: string, change: Change) => () => void
  /** The service refuses everything with this until what comes back is called; not for a folder. */
  readonly refuse: (status: number, code: string, which?: string) => () => void
  readonly close: () => Promise<void>
}

export async function diskGround(folder: string): Promise<Ground> {
  const root = join(folder, 'store')
  const store = await openDiskStore(root, realChance, Date.now())
  return {
    kind: 'disk',
    store,
    harm: (what, name, change) => {
      const file =
        what === 'object'
          ? join(root, 'objects', name.slice(0, 2), name)
          : join(root, 'points', `${name}.manifest`)
      const before = readFileSync(file)
      const after = change(Buffer.from(before))
      chmodSync(file, 0o600)
      if (after === null) rmSync(file)
      else writeFileSync(file, after)
      return () => {
        if (existsSync(file)) rmSync(file)
        mkdirSync(join(file, '..'), { recursive: true })
        writeFileSync(file, before, { mode: 0o400 })
      }
    },
    refuse: () => {
      throw new Error('a folder asks for no credential')
    },
    close: async () => await Promise.resolve(),
  }
}

export async function s3Ground(): Promise<Ground> {
  const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
  let refusal: { readonly fault: S3Refusal; readonly which: string | undefined } | null = null
  const server = await startSimS3([owner], {
    refuses: (operation) =>
      refusal !== null && (refusal.which ?? operation) === operation ? refusal.fault : null,
  })
  const service = { ...server, owner }
  const bucket = await bucketAt(service, await makeBucket(service, true))
  return {
    kind: 's3',
    store: await storeAt(bucket),
    harm: (what, name, change) =>
      server.harm(
        what === 'object' ? `objects/${name.slice(0, 2)}/${name}` : `points/${name}.manifest`,
        change,
      ),
    refuse: (status, code, which) => {
      refusal = { fault: new S3Refusal(status, code), which }
      return () => (refusal = null)
    },
    close: async () => {
      bucket.close()
      await server.close()
    },
  }
}
