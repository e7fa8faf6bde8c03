/** The moment whose data a point brings back, as far as is known. */
import type { RecoveryPointRow } from '../guard/rows.ts'

/** ms since 1970. A folder in which nothing has changed has the same point still, which was read back again: it is of that moment too. */
export function asOf({ engine, takenAt, verifiedAt }: RecoveryPointRow): number {
  return isOfFolder(engine) ? Math.max(takenAt, verifiedAt ?? 0) : takenAt
}

export function isOfFolder(engine: string): boolean {
  return engine === 'files' || engine === 'restic'
}
