/** The Merkle tree of RFC 6962 §2.1, with stored hashes by level and index, so that an append touches few of them. */
import { createHash } from 'node:crypto'

export type Hash = Uint8Array

/** Gives a stored hash: level 0 are the leaves, level n covers 2^n of them. Only complete ones are stored. */
export type HashAt = (level: number, index: number) => Promise<Hash>

/** `SHA-256(0x00 ‖ leaf)`. */
export function leafHash(leaf: Uint8Array): Hash {
  return new Uint8Array(createHash('sha256').update(zero).update(leaf).digest())
}

/** `SHA-256(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return new Uint8Array(createHash('sha256').update(one).update(left).update(right).digest())
}

export interface StoredHash {
  readonly level: number
  readonly index: number
  readonly hash: Hash
}

/** The hashes that appending one leaf at `index` completes: its own, and each parent that it is the last child of. */
export async function completed(
  index: number,
  leaf: Uint8Array,
  hashAt: HashAt,
): Promise<readonly StoredHash[]> {
  const stored: StoredHash[] = [{ level: 0, index, hash: leafHash(leaf) }]
  let [level, place, hash] = [0, index, leafHash(leaf)]
  while (place % 2 === 1) {
    hash = nodeHash(await hashAt(level, place - 1), hash)
    level += 1
    place = (place - 1) / 2
    stored.push({ level, index: place, hash })
  }
  return stored
}

/** The root over the first `size` leaves; of none it is the hash of nothing (RFC 6962 §2.1). */
export async function rootOf(size: number, hashAt: HashAt): Promise<Hash> {
  if (size === 0) return new Uint8Array(createHash('sha256').digest())
  return await subtree({ from: 0, to: size }, hashAt)
}

/** The audit path of one leaf, from the leaf upwards (RFC 6962 §2.1.1). */
export async function inclusion(
  index: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Hash[]> {
  return await path(index, { from: 0, to: size }, hashAt)
}

/** The proof that the tree of `old` leaves is a beginning of that of `size` (RFC 6962 §2.1.2). */
export async function consistency(
  old: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Hash[]> {
  return old === 0 || old === size
    ? []
    : await subproof(old, { from: 0, to: size, whole: true }, hashAt)
}

/** The root that a leaf's hash and its audit path give; null where the path has the wrong length. */
export function rootFromInclusion(
  hash: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
): Hash | null {
  let [node, last, root, used] = [index, size - 1, hash, 0]
  while (last > 0) {
    if (node % 2 === 1 || node < last) {
      const sibling = proof[used]
      if (sibling === undefined) return null
      used += 1
      root = node % 2 === 1 ? nodeHash(sibling, root) : nodeHash(root, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return used === proof.length ? root : null
}

interface Range {
  readonly from: number
  readonly to: number
}

async function subtree({ from, to }: Range, hashAt: HashAt): Promise<Hash> {
  const size = to - from
  const level = Math.log2(size)
  if (Number.isInteger(level)) return await hashAt(level, from / size)
  const middle = from + split(size)
  return nodeHash(
    await subtree({ from, to: middle }, hashAt),
    await subtree({ from: middle, to }, hashAt),
  )
}

async function path(index: number, { from, to }: Range, hashAt: HashAt): Promise<readonly Hash[]> {
  if (to - from === 1) return []
  const middle = from + split(to - from)
  return index < middle
    ? [
        ...(await path(index, { from, to: middle }, hashAt)),
        await subtree({ from: middle, to }, hashAt),
      ]
    : [
        ...(await path(index, { from: middle, to }, hashAt)),
        await subtree({ from, to: middle }, hashAt),
      ]
}

async function subproof(
  old: number,
  range: Range & { readonly whole: boolean },
  hashAt: HashAt,
): Promise<readonly Hash[]> {
  const { from, to, whole } = range
  if (old === to - from) return whole ? [] : [await subtree(range, hashAt)]
  const middle = split(to - from)
  if (old <= middle) {
    const left = await subproof(old, { from, to: from + middle, whole }, hashAt)
    return [...left, await subtree({ from: from + middle, to }, hashAt)]
  }
  const right = await subproof(old - middle, { from: from + middle, to, whole: false }, hashAt)
  return [...right, await subtree({ from, to: from + middle }, hashAt)]
}

/** The largest power of two below `size`. */
function split(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1))
}

const zero = new Uint8Array([0])
const one = new Uint8Array([1])
