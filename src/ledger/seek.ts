/** Looking an entry up by its subject, from a known place on: the ledger has no index, and needs none for this. */
import type { EntryKind, LogRows } from '../guard/ports.ts'
import { readLeaf } from './leaf.ts'

const pageSize = 512

export interface Wanted {
  readonly kinds: readonly EntryKind[]
  readonly subject: string
}

/** True where an entry of one of these kinds, about this subject, stands at or after `from`. */
export async function isWritten(
  log: Pick<LogRows, 'size' | 'leaves'>,
  wanted: Wanted,
  from: number,
): Promise<boolean> {
  const size = await log.size()
  for (let at = from; at < size; at += pageSize) {
    const leaves = await log.leaves(at, Math.min(size, at + pageSize))
    if (leaves.some((leaf) => isOf(leaf, wanted))) return true
  }
  return false
}

function isOf(leaf: Uint8Array, { kinds, subject }: Wanted): boolean {
  // Most entries are about something else: those need not be read.
  if (!Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).includes(subject)) return false
  const told = readLeaf(leaf)
  return told?.subject === subject && kinds.some((kind) => kind === told.kind)
}
