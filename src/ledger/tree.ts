/** The growing Merkle tree of RFC 6962 §2.1: its frontier is all that an append needs to know of the past. */
import { emptyRoot, leafHash, nodeHash } from './hash.ts'
import type { Hash, HashAt } from './hash.ts'

/** The complete subtrees that a tree of `size` leaves is made of, the largest first. */
export interface Frontier {
  readonly size: number
  readonly peaks: readonly Hash[]
}

export interface StoredHash {
  readonly level: number
  readonly index: number
  readonly hash: Hash
}

export interface Grown {
  readonly frontier: Frontier
  /** Every subtree that these leaves completed, in the order of completion: the leaf first, then its parents. */
  readonly hashes: readonly StoredHash[]
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] }

/** The frontier after more leaves, and the hashes that became final. */
export function grow(frontier: Frontier, leaves: readonly Uint8Array[]): Grown {
  const peaks = [...frontier.peaks]
  const hashes: StoredHash[] = []
  for (const [step, leaf] of leaves.entries()) {
    let index = frontier.size + step
    let level = 0
    let hash = leafHash(leaf)
    hashes.push({ level, index, hash })
    for (; index % 2 === 1; index = (index - 1) / 2) {
      const left = peaks.pop()
      // A frontier has a peak for every set bit of its size, so an odd index finds its left half here.
      if (left === undefined) break
      hash = nodeHash(left, hash)
      level += 1
      hashes.push({ level, index: (index - 1) / 2, hash })
    }
    peaks.push(hash)
  }
  return { frontier: { size: frontier.size + leaves.length, peaks }, hashes }
}

/** The root over a frontier's leaves. */
export function rootOf({ peaks }: Frontier): Hash {
  const last = peaks.at(-1)
  if (last === undefined) return emptyRoot()
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

/** The frontier of the first `size` leaves from stored hashes; null where one of them is missing. */
export async function frontierAt(size: number, hashAt: HashAt): Promise<Frontier | null> {
  const peaks: Hash[] = []
  const highest = size === 0 ? -1 : Math.floor(Math.log2(size))
  for (let level = highest; level >= 0; level -= 1) {
    const count = Math.floor(size / 2 ** level)
    if (count % 2 === 0) continue
    const hash = await hashAt(level, count - 1)
    if (hash === null) return null
    peaks.push(hash)
  }
  return { size, peaks }
}
