/** Base backups, ours and `pg_basebackup`'s, of the same server in turn; each to the disk and synced. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './ground.ts'
import { seconds } from './table.ts'
import type { Table } from './table.ts'

const rivals: readonly (readonly [string, readonly string[]])[] = [
  ['pg_basebackup, plain files', []],
  ['pg_basebackup, client-zstd', ['-Ft', '--compress=client-zstd']],
  ['pg_basebackup, client-gzip', ['-Ft', '--compress=client-gzip']],
]
const rival = 'pg_basebackup, client-zstd'

export async function baseBackups(ground: Ground, table: Table): Promise<void> {
  const { cluster, dir } = ground
  const vault = await ground.vault()
  try {
    for (const name of ['Firebreak, first', 'Firebreak, nothing changed']) {
      cluster.sql('CHECKPOINT')
      table.of(name, rival).add(await seconds(() => vault.engine.takeBase()))
    }
  } finally {
    await vault.stop()
  }
  const into = join(dir, 'base')
  for (const [name, how] of rivals) {
    cluster.sql('CHECKPOINT')
    const take = (): Promise<void> =>
      ground.run('pg_basebackup', ['-D', into, '-c', 'fast', ...how])
    table.of(name, rival).add(await seconds(take))
    rmSync(into, { recursive: true })
  }
}
