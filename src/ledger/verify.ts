/** Verification: every leaf, every stored hash and the newest checkpoint again from nothing; the first fault is named. */
import type { LogRows } from '../guard/ports.ts'
import { readLeaf } from './ledger.ts'
import { openCheckpoint } from './note.ts'
import { completed, consistency, rootOf } from './tree.ts'
import type { Hash } from './tree.ts'

export interface Verified {
  readonly ok: boolean
  readonly size: number
  /** Root over all entries, base64; null where it could not be had. */
  readonly root: string | null
  /** What is wrong, the first first; empty when all is well. */
  readonly faults: readonly string[]
}

/** A checkpoint that was kept elsewhere: by a witness, an export, a receipt. */
export interface Outside {
  readonly note: string
  readonly from: string
}

const pageSize = 1000

/** INVARIANT (tamper-shows): a changed, dropped, reordered or rewritten entry gives a fault that names it. */
export async function verifyLog(
  log: LogRows,
  verifier: string,
  outside: readonly Outside[] = [],
): Promise<Verified> {
  const size = await log.size()
  const fresh = new Map<string, Hash>()
  const hashAt = async (level: number, index: number): Promise<Hash> =>
    await Promise.resolve(fresh.get(`${level}/${index}`) ?? new Uint8Array(32))
  const faults: string[] = []
  for (let from = 0; from < size; from += pageSize) {
    const leaves = await log.leaves(from, Math.min(size, from + pageSize))
    if (leaves.length !== Math.min(pageSize, size - from))
      faults.push(`an entry is missing between ${from} and ${from + pageSize}`)
    for (const [step, leaf] of leaves.entries())
      faults.push(...(await checkLeaf(log, { index: from + step, leaf }, { fresh, hashAt })))
  }
  const root = await rootOf(size, hashAt)
  faults.push(...(await checkNewest(log, verifier, { size, root })))
  for (const kept of outside) faults.push(...(await checkOutside(kept, verifier, { size, hashAt })))
  return { ok: faults.length === 0, size, root: Buffer.from(root).toString('base64'), faults }
}

interface Fresh {
  readonly fresh: Map<string, Hash>
  readonly hashAt: (level: number, index: number) => Promise<Hash>
}

async function checkLeaf(
  log: LogRows,
  { index, leaf }: { readonly index: number; readonly leaf: Uint8Array },
  { fresh, hashAt }: Fresh,
): Promise<readonly string[]> {
  const entry = readLeaf(leaf)
  const name =
    entry === null
      ? `entry ${index}`
      : `entry ${index} (${entry.kind}, ${new Date(entry.at).toISOString()})`
  const faults = entry === null ? [`${name} is no entry: its bytes were changed`] : []
  for (const { level, index: place, hash } of await completed(index, leaf, hashAt)) {
    fresh.set(`${level}/${place}`, hash)
    const kept = await log.hash(level, place)
    if (kept !== null && Buffer.from(kept).equals(hash)) continue
    const how =
      kept === null
        ? 'has lost its hash'
        : 'does not hash to what was stored: it was changed, moved or replaced'
    if (level === 0) faults.push(`${name} ${how}`)
    else if (faults.length === 0) faults.push(`the tree above ${name} (level ${level}) was changed`)
  }
  return faults
}

async function checkNewest(
  log: LogRows,
  verifier: string,
  now: { readonly size: number; readonly root: Hash },
): Promise<readonly string[]> {
  const newest = await log.checkpoint()
  if (newest === null) return now.size === 0 ? [] : ['there is no checkpoint']
  const checkpoint = openCheckpoint(newest.note, verifier)
  if (typeof checkpoint === 'string') return [checkpoint]
  if (checkpoint.size > now.size)
    return [
      `entries ${now.size} to ${checkpoint.size - 1} were dropped: the checkpoint counts ${checkpoint.size}`,
    ]
  if (checkpoint.size < now.size)
    return [`entry ${checkpoint.size} and later stand under no checkpoint`]
  return Buffer.from(checkpoint.root).equals(now.root)
    ? []
    : ['the tree does not give the root that was signed']
}

async function checkOutside(
  { note, from }: Outside,
  verifier: string,
  now: { readonly size: number; readonly hashAt: Fresh['hashAt'] },
): Promise<readonly string[]> {
  const checkpoint = openCheckpoint(note, verifier)
  if (typeof checkpoint === 'string') return [`${from}: ${checkpoint}`]
  if (checkpoint.size > now.size)
    return [
      `${from} has seen ${checkpoint.size} entries, here are ${now.size}: the end was dropped`,
    ]
  const root = await rootOf(checkpoint.size, now.hashAt)
  if (Buffer.from(root).equals(checkpoint.root)) return []
  return [
    `the first ${checkpoint.size} entries are not those that ${from} has seen: history was rewritten`,
  ]
}

export { consistency }
