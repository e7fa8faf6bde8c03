/** Merkle proofs: that a leaf is in a tree, and that one tree is the beginning of another (RFC 6962 §2.1.1, §2.1.2). */
import { FirebreakError } from '../base/error.ts'
import { emptyRoot, nodeHash, sameHash } from './hash.ts'
import type { Hash, HashAt } from './hash.ts'

/** Leaves `from` (inclusive) to `to` (exclusive). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A tree as a checkpoint tells it. */
export interface Head {
  readonly size: number
  readonly root: Hash
}

/** The hash over a range that is a node of the tree, from stored hashes; throws `broken_ledger` where one is missing. */
export async function rangeHash({ from, to }: Range, hashAt: HashAt): Promise<Hash> {
  if (to === from) return emptyRoot()
  const middle = halfway({ from, to })
  if (middle === null) return await found(Math.log2(to - from), from / (to - from), hashAt)
  return nodeHash(
    await rangeHash({ from, to: middle }, hashAt),
    await rangeHash({ from: middle, to }, hashAt),
  )
}

/** Where a node's left half ends; null for a complete subtree, which is stored whole. */
export function halfway({ from, to }: Range): number | null {
  const half = splitOf(to - from)
  return half * 2 === to - from || to - from === 1 ? null : from + half
}

/** The largest power of two below a size of at least 2. */
export function splitOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1)
}

/** The audit path of one leaf in the tree of `size`, its sibling first. */
export async function provesInclusion(
  index: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Hash[]> {
  const path: Hash[] = []
  let node: Range = { from: 0, to: size }
  while (node.to - node.from > 1) {
    const middle = node.from + splitOf(node.to - node.from)
    const [left, right] = [
      { from: node.from, to: middle },
      { from: middle, to: node.to },
    ]
    path.push(await rangeHash(index < middle ? right : left, hashAt))
    node = index < middle ? left : right
  }
  return path.toReversed()
}

/** The proof that the tree of `old` leaves begins the tree of `size`; empty for none and for all. */
export async function provesConsistency(
  old: number,
  size: number,
  hashAt: HashAt,
): Promise<readonly Hash[]> {
  if (old === 0 || old === size) return []
  const path: Hash[] = []
  let node: Range = { from: 0, to: size }
  while (node.to !== old) {
    const middle = node.from + splitOf(node.to - node.from)
    const [left, right] = [
      { from: node.from, to: middle },
      { from: middle, to: node.to },
    ]
    path.push(await rangeHash(old <= middle ? right : left, hashAt))
    node = old <= middle ? left : right
  }
  // The old root itself is known to whoever checks: it is only told where it is no longer the first node.
  if (node.from > 0) path.push(await rangeHash(node, hashAt))
  return path.toReversed()
}

/** True when the path leads from the leaf's hash at `index` to the root (RFC 9162 §2.1.3.2). */
export function isIncluded(
  leaf: { readonly index: number; readonly hash: Hash },
  { size, root }: Head,
  path: readonly Hash[],
): boolean {
  if (leaf.index >= size) return false
  const steps = climb([leaf.index, size - 1], path)
  return steps !== null && sameHash(steps.reduce(join, leaf.hash), root)
}

/** True when the path proves that `before` is a beginning of `after` (RFC 9162 §2.1.4.2). */
export function isConsistent(before: Head, after: Head, path: readonly Hash[]): boolean {
  if (before.size > after.size) return false
  if (before.size === after.size) return path.length === 0 && sameHash(before.root, after.root)
  if (before.size === 0) return path.length === 0 && sameHash(before.root, emptyRoot())
  const isWhole = Number.isInteger(Math.log2(before.size))
  const [first, ...rest] = isWhole ? [before.root, ...path] : path
  let at: Place = [before.size - 1, after.size - 1]
  while (at[0] % 2 === 1) at = up(at)
  const steps = climb(at, rest)
  if (first === undefined || steps === null) return false
  const old = steps.filter(({ side }) => side === 'left').reduce(join, first)
  return sameHash(old, before.root) && sameHash(steps.reduce(join, first), after.root)
}

/** A node's index on its level, and that of the level's last node. */
type Place = readonly [number, number]

interface Step {
  readonly sibling: Hash
  readonly side: 'left' | 'right'
}

/** On which side each hash of a path stands on the way up; null where the path is too short or too long. */
function climb(from: Place, path: readonly Hash[]): readonly Step[] | null {
  let at = from
  const steps: Step[] = []
  for (const sibling of path) {
    const [place, last] = at
    if (last === 0) return null
    const isRight = place % 2 === 1 || place === last
    at = up(isRight ? untilRight(at) : at)
    steps.push({ sibling, side: isRight ? 'left' : 'right' })
  }
  return at[1] === 0 ? steps : null
}

/** A last node without a sibling moves up unchanged until it is a right one. */
function untilRight(from: Place): Place {
  let at = from
  while (at[0] % 2 === 0 && at[0] !== 0) at = up(at)
  return at
}

function join(hash: Hash, { sibling, side }: Step): Hash {
  return side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
}

function up([place, last]: Place): Place {
  return [Math.floor(place / 2), Math.floor(last / 2)]
}

async function found(level: number, index: number, hashAt: HashAt): Promise<Hash> {
  const hash = await hashAt(level, index)
  if (hash !== null) return hash
  throw new FirebreakError(
    'broken_ledger',
    `the ledger's hash at level ${level}, index ${index} is missing`,
    'run `firebreak ledger verify`',
  )
}
