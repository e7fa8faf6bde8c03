/** Receipts (C2SP tlog-proof): one entry, its way to a signed root, and the checkpoint, in one text that needs no server. */
import { FirebreakError } from '../base/error.ts'
import { openCheckpoint } from './checkpoint.ts'
import { fromBase64, hashFrom, leafHash, toBase64 } from './hash.ts'
import type { Hash } from './hash.ts'
import { readLeaf } from './leaf.ts'
import type { Told } from './leaf.ts'
import { hashesOf } from './reads.ts'
import type { LogReads } from './reads.ts'
import type { Signature, Verifier } from './note.ts'
import { isIncluded, provesInclusion } from './proof.ts'

export type ReadReceipt =
  | {
      readonly kind: 'proved'
      readonly index: number
      /** Entries under the checkpoint. */
      readonly size: number
      readonly leaf: Uint8Array
      /** What the entry tells; null for a version that this Firebreak cannot read. */
      readonly told: Told | null
      readonly witnesses: readonly Signature[]
    }
  | { readonly kind: 'refused'; readonly why: string }

const heading = 'c2sp.org/tlog-proof@v1'
/** A path of a tree with 2^63 leaves: longer ones are refused before they cost anything. */
const longestPath = 63

/**
 * The receipt of an entry under the newest checkpoint; the entry itself travels in the `extra` line. Throws `not_found`
 * for an index that no checkpoint covers, `broken_ledger` where the rows lack a hash.
 */
export async function receiptOf(log: LogReads, index: number): Promise<string> {
  const newest = await log.checkpoint()
  const [leaf] = index < (newest?.size ?? 0) ? await log.leaves(index, index + 1) : []
  if (newest === null || leaf === undefined || !Number.isSafeInteger(index) || index < 0)
    throw new FirebreakError('not_found', `there is no signed entry ${index}`)
  const path = await provesInclusion(index, newest.size, hashesOf(log))
  const lines = [heading, `extra ${toBase64(leaf)}`, `index ${index}`, ...path.map(toBase64)]
  return `${lines.join('\n')}\n\n${newest.note}`
}

/** Checks a receipt with nothing but the verifier key, and those of witnesses where they are known. Total. */
export function readReceipt(
  text: string,
  verifier: Verifier,
  witnesses: readonly Verifier[] = [],
): ReadReceipt {
  const parts = parse(text)
  if (parts === null) return { kind: 'refused', why: 'it is not a receipt' }
  const opened = openCheckpoint(parts.note, verifier, witnesses)
  if (opened.kind === 'refused')
    return { kind: 'refused', why: `its checkpoint is refused: ${opened.why}` }
  const { index, leaf, path } = parts
  const { checkpoint } = opened
  if (!isIncluded({ index, hash: leafHash(leaf) }, checkpoint, path))
    return { kind: 'refused', why: `entry ${index} is not under the root that was signed` }
  const told = readLeaf(leaf)
  return {
    kind: 'proved',
    index,
    size: checkpoint.size,
    leaf,
    told,
    witnesses: opened.witnesses,
  }
}

interface Parts {
  readonly index: number
  readonly leaf: Uint8Array
  readonly path: readonly Hash[]
  readonly note: string
}

function parse(text: string): Parts | null {
  const end = text.indexOf('\n\n')
  const [first, extra = '', index = '', ...rest] = text.slice(0, Math.max(0, end)).split('\n')
  const leaf = extra.startsWith('extra ') ? fromBase64(extra.slice(6)) : null
  const place = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1]
  const path = rest.map(hashFrom).filter((hash) => hash !== null)
  if (first !== heading || leaf === null || place === undefined) return null
  if (path.length !== rest.length || path.length > longestPath) return null
  return { index: Number(place), leaf, path, note: text.slice(end + 2) }
}
