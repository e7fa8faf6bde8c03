/** The catalog of a database that a person names, for `explain`: read once, by reads alone. */
import { readCatalog } from '../inventory/postgres/snapshot.ts'
import type { SqlCatalog } from '../platforms/postgres/catalog.ts'
import { dialUrl } from './database-url.ts'

/** Throws as `dialUrl`. */
export async function catalogAt(text: string): Promise<SqlCatalog> {
  const client = await dialUrl(text, '--database')
  try {
    await client.ask('BEGIN READ ONLY')
    return await readCatalog(client.ask)
  } finally {
    await client.close()
  }
}
