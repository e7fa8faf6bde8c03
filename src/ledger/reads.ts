/** The rows of a ledger for those who only read. */
import type { LogRows } from '../guard/ports.ts'
import type { HashAt } from './hash.ts'

/** The store's rows, or an export's. */
export type LogReads = Pick<LogRows, 'size' | 'leaves' | 'hash' | 'checkpoint'>

/** The stored hashes of a ledger's rows. */
export function hashesOf(log: Pick<LogReads, 'hash'>): HashAt {
  return (level, index) => log.hash(level, index)
}
