/** How much the vault holds, how full that is, and until when each point is kept. */
import { toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { candidateOf } from '../vault/prune-list.ts'
import { judge } from '../vault/prune-plan.ts'
import type { Box } from '../vault/box.ts'
import { parseWal } from '../vault/physical-manifest.ts'
import type { Firebreak } from './compose.ts'
import { boxOf } from './physical.ts'
import { knowing } from './retention-prune.ts'

/** Null where there is no vault. */
export async function roomOf(firebreak: Firebreak): Promise<JsonObject | null> {
  const { room, config } = firebreak
  if (room === null) return null
  const box = boxOf(firebreak)
  const { bytes, stored, free } = await room.usage(true)
  const known = await knowing(firebreak)
  const ids = await box.store.points()
  const there = new Set(ids)
  const rows = [...known.rows.values()].filter(({ id }) => there.has(id))
  const fates = judge(rows.map(candidateOf), known)
  // What restic keeps is not here.
  const here = rows.filter(({ engine }) => engine !== 'restic')
  const plain = here.reduce((sum, row) => sum + row.bytes, 0) + (await plainWal(box, ids))
  return {
    place: box.store.place,
    bytes,
    free,
    quota: room.quota,
    full: room.quota === null ? null : bytes / room.quota,
    keepMs: config.vault?.keep ?? null,
    points: rows.length,
    plain,
    stored,
    kept: rows.map((row) => told(row, fates.get(row.id))),
  }
}

function told(
  { id, engine, detail: { source }, takenAt }: RecoveryPointRow,
  fate: ReturnType<ReturnType<typeof judge>['get']>,
): JsonObject {
  const stays = fate?.kind === 'stays' ? fate : null
  return {
    id,
    engine,
    source: toJson(source ?? null),
    takenAt,
    prunable: stays === null,
    until: stays?.until ?? null,
    why: stays?.why ?? 'its time is over',
  }
}

/** All segments of a cluster are of one size: one of them is read. */
async function plainWal(box: Box, ids: readonly string[]): Promise<number> {
  const counts = new Map<string, { readonly id: string; count: number }>()
  for (const id of ids.filter((each) => each.startsWith('wal_'))) {
    const line = id.slice(0, id.lastIndexOf('_'))
    const known = counts.get(line) ?? { id, count: 0 }
    known.count += 1
    counts.set(line, known)
  }
  let bytes = 0
  for (const { id, count } of counts.values())
    try {
      bytes += count * parseWal(await box.manifestText(id), id).bytes
    } catch {
      // What cannot be read is told by `verify`.
    }
  return bytes
}
