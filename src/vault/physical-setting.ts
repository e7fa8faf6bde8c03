/** Settings of a server that decide whether and how it can be copied. */
import { FirebreakError } from '../base/error.ts'

const units: { readonly [unit: string]: number } = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}

/** What `wal_segment_size` shows, in bytes. */
export function segmentBytesOf(shown: string): number {
  const [, count, unit = 'B'] = /^(\d+)([kMGT]?B)?$/.exec(shown) ?? []
  const bytes = Number(count) * (units[unit] ?? Number.NaN)
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new FirebreakError('internal', `the server's \`wal_segment_size\` is \`${shown}\``)
}

/** Throws `wrong_state` where a slot may keep WAL without a limit: a vault that has stopped would fill the database's disk. */
export function checkKeep(shown: string): void {
  if (shown !== '-1') return
  throw new FirebreakError(
    'wrong_state',
    '`max_slot_wal_keep_size` is -1: were the vault to stop, its slot would fill the disk of the database',
    "say how much may be kept: ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf(); or drop the slot",
  )
}
