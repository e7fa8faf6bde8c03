/** How much there will be, before it is there: for whoever asks how long it still takes. */
import { told } from '../../platforms/postgres/questions.ts'
import { isPhysicalId } from '../../vault/physical-manifest.ts'
import { openBase } from '../../vault/physical-verify.ts'
import { openManifest } from '../../vault/point.ts'
import type { Firebreak } from '../compose.ts'
import type { Whole } from '../progress.ts'

const sizes = {
  // Rows come as text, without indexes: the tables' own size is near it.
  logical: `SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint AS bytes FROM pg_class c
    WHERE c.relkind IN ('r', 'm') AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
  physical: `SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint AS bytes FROM pg_database
    WHERE has_database_privilege(oid, 'CONNECT')`,
} as const

/** What a backup will read: as much as the last one of its kind, else what the server says; null where neither tells. */
export async function wholeOfBackup(
  { state, databases }: Firebreak,
  target: string,
  engine: 'logical' | 'physical',
): Promise<Whole | null> {
  const rows = await state.transact((tx) => tx.find('point', {}))
  const last = rows.findLast((row) => row.engine === engine && row.detail['source'] === target)
  if (last !== undefined) return { bytes: last.bytes, about: true }
  try {
    const client = await databases.get(target)?.connect()
    if (client === undefined) return null
    try {
      const [row] = await client.ask(sizes[engine])
      return { bytes: Number(told(row, 'bytes')), about: true }
    } finally {
      await client.close()
    }
  } catch {
    // What keeps the backup from being taken it says itself.
    return null
  }
}

/** What a restore will write: its manifest says so. */
export async function wholeOfPoint({ vault }: Firebreak, id: string): Promise<Whole | null> {
  if (vault.box === null) return null
  try {
    const { box } = vault
    const { bytes } = isPhysicalId(id) ? await openBase(box, id) : await openManifest(box, id)
    // The WAL comes on top of a base backup.
    return { bytes, about: isPhysicalId(id) }
  } catch {
    // A manifest that cannot be read is told by the restore.
    return null
  }
}
