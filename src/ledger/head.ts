/** The head that was seen last, kept outside the state: it tells when an older copy of the ledger was put back. */
import type { LogRows } from '../guard/ports.ts'
import { openCheckpoint } from './checkpoint.ts'
import { sameHash } from './hash.ts'
import { hashesOf } from './reads.ts'
import { readVerifier } from './note.ts'
import { frontierAt, rootOf } from './tree.ts'

/** Why a ledger does not continue a head that was seen; null where it does. A head that cannot be read was seen by nobody. */
export async function discontinued(
  log: LogRows,
  seen: string | null,
  verifier: string,
): Promise<string | null> {
  const size = await log.size()
  if (seen === null) return size === 0 ? null : 'nothing remembers how long the ledger was'
  const opened = openCheckpoint(seen, readVerifier(verifier))
  if (opened.kind === 'refused')
    return `what remembers the ledger's length was changed: ${opened.why}`
  const { checkpoint } = opened
  if (size < checkpoint.size)
    return `the ledger has ${size} entries and had ${checkpoint.size}: an older copy of the state was put back, and what was revoked, denied, halted or undone since is forgotten`
  const frontier = await frontierAt(checkpoint.size, hashesOf(log))
  if (frontier !== null && sameHash(rootOf(frontier), checkpoint.root)) return null
  return `the first ${checkpoint.size} entries of the ledger are not those that were there`
}
