/** The walk over a whole ledger: every leaf hashed again, every stored hash compared, the roots at given sizes. */
import { emptyRoot, hashBytes, leafHash, nodeHash, sameHash } from './hash.ts'
import type { Hash } from './hash.ts'
import type { LogReads } from './reads.ts'
import { halfway } from './proof.ts'
import type { Range } from './proof.ts'
import { emptyFrontier, grow, rootOf } from './tree.ts'
import type { StoredHash } from './tree.ts'

export interface Walked {
  /** How many entries there are in a row from 0: a gap ends the walk. */
  readonly present: number
  /** How many the rows say there are. */
  readonly counted: number
  /** Stored hashes that are missing or are not what the leaves give, as they should be, in the order of the entries. */
  readonly wrong: readonly StoredHash[]
  /** The root at each of the sizes that was asked for and is reached. */
  readonly roots: ReadonlyMap<number, Hash>
  /** The hash over a range of the tree as the leaves give it now; null where a leaf of it is missing. */
  readonly computed: (range: Range) => Hash | null
}

const pageSize = 256

/** Reads all of it once; `sizes` are those of the checkpoints to compare with. */
export async function walk(log: LogReads, sizes: ReadonlySet<number>): Promise<Walked> {
  const counted = await log.size()
  const roots = new Map<number, Hash>()
  const wrong: StoredHash[] = []
  const list = hashList()
  let frontier = emptyFrontier
  if (sizes.has(0)) roots.set(0, rootOf(frontier))
  for (;;) {
    const leaves = await pageOf(log, frontier.size, counted)
    for (const leaf of leaves) {
      const grown = grow(frontier, [leaf])
      frontier = grown.frontier
      list.push(leafHash(leaf))
      wrong.push(...(await unlike(log, grown.hashes)))
      if (sizes.has(frontier.size)) roots.set(frontier.size, rootOf(frontier))
    }
    if (leaves.length < pageSize) break
  }
  const computed = (range: Range): Hash | null => {
    if (range.to > frontier.size) return null
    return range.to === range.from ? emptyRoot() : over(range, list.at)
  }
  return { present: frontier.size, counted, wrong, roots, computed }
}

/** The next leaves without a gap: a short page is read one by one, since rows do not tell which is missing. */
async function pageOf(
  log: LogReads,
  from: number,
  counted: number,
): Promise<readonly Uint8Array[]> {
  const to = Math.min(counted, from + pageSize)
  const page = await log.leaves(from, to)
  if (page.length === to - from) return page
  const leaves: Uint8Array[] = []
  for (let index = from; index < to; index += 1) {
    const [leaf] = await log.leaves(index, index + 1)
    if (leaf === undefined) break
    leaves.push(leaf)
  }
  return leaves
}

async function unlike(
  log: LogReads,
  hashes: readonly StoredHash[],
): Promise<readonly StoredHash[]> {
  const wrong: StoredHash[] = []
  for (const expected of hashes) {
    const stored = await log.hash(expected.level, expected.index)
    if (!sameHash(stored, expected.hash)) wrong.push(expected)
  }
  return wrong
}

function over(range: Range, at: (index: number) => Hash): Hash {
  if (range.to - range.from === 1) return at(range.from)
  const middle = halfway(range) ?? (range.from + range.to) / 2
  return nodeHash(
    over({ from: range.from, to: middle }, at),
    over({ from: middle, to: range.to }, at),
  )
}

/** Leaf hashes side by side in one buffer: 32 bytes an entry, also for millions. */
function hashList(): {
  readonly push: (hash: Hash) => void
  readonly at: (index: number) => Hash
} {
  let bytes = new Uint8Array(hashBytes * pageSize)
  let used = 0
  return {
    push: (hash) => {
      if (used + hashBytes > bytes.length) {
        const larger = new Uint8Array(bytes.length * 2)
        larger.set(bytes)
        bytes = larger
      }
      bytes.set(hash, used)
      used += hashBytes
    },
    at: (index) => bytes.subarray(index * hashBytes, (index + 1) * hashBytes),
  }
}
