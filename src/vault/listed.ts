/** Recovery points in a list. */
import type { RecoveryPoint } from '../core/recovery-point.ts'
import { bestOfFolder } from './grade.ts'
import { schemaBy } from './logical-manifest.ts'
import { digestOf } from './point.ts'
import type { PointManifest } from './point.ts'

/** A point as the disk tells it; `broken` says why it cannot be used, and then little else is known. */
export type Listed =
  | {
      readonly kind: 'point'
      readonly point: RecoveryPoint
      readonly source: string
      /** How the schema of a whole database is kept; null for any other point. */
      readonly schema: string | null
    }
  | { readonly kind: 'broken'; readonly id: string; readonly why: string }

/** `row` is what the state knows of this very manifest; null where it knows nothing. */
export function listedOf(
  manifest: PointManifest,
  place: string,
  row: RecoveryPoint | null,
): Listed {
  const schema = manifest.engine === 'logical' ? schemaBy(manifest) : null
  return { kind: 'point', point: pointOf(manifest, place, row), source: manifest.source, schema }
}

function pointOf(manifest: PointManifest, place: string, row: RecoveryPoint | null): RecoveryPoint {
  const { id, covers, engine, takenAt, bytes } = manifest
  const digest = digestOf(manifest)
  // Of a bare manifest no more is claimed than the least.
  const { grade, verifiedAt } = row ?? { grade: bestOfFolder, verifiedAt: null }
  return {
    id,
    covers,
    engine,
    place,
    takenAt,
    verifiedAt,
    grade,
    bytes,
    manifest: digest,
  }
}
