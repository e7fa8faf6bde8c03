import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafHash } from '../../src/ledger/hash.ts'
import type { Hash, HashAt } from '../../src/ledger/hash.ts'
import {
  isConsistent,
  isIncluded,
  provesConsistency,
  provesInclusion,
  rangeHash,
} from '../../src/ledger/proof.ts'
import { emptyFrontier, frontierAt, grow, rootOf } from '../../src/ledger/tree.ts'
import { mth } from './naive.ts'

/** The tree after these batches, with its stored hashes. */
function build(batches: readonly (readonly Uint8Array[])[]): {
  readonly root: Hash
  readonly size: number
  readonly hashAt: HashAt
} {
  const stored = new Map<string, Hash>()
  let frontier = emptyFrontier
  for (const batch of batches) {
    const grown = grow(frontier, batch)
    for (const { level, index, hash } of grown.hashes) stored.set(`${level}/${index}`, hash)
    frontier = grown.frontier
  }
  const hashAt: HashAt = async (level, index) => stored.get(`${level}/${index}`) ?? null
  return { root: rootOf(frontier), size: frontier.size, hashAt }
}

const leaf = (n: number): Uint8Array => new Uint8Array(Buffer.from(`leaf ${n}`))
const leavesOf = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, n) => leaf(n))

// The eight inputs and roots of the Certificate Transparency reference tests (public test data, RFC 6962 §2.1.3 shows the tree).
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
test.each<[number, string]>([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('the first %i of the well-known leaves have the well-known root', (size, hex) => {
  expect(Buffer.from(build([inputs.slice(0, size)]).root).toString('hex')).toBe(hex)
})

test('any batches give the root of RFC 6962 over all their leaves', () =>
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 9 }), { maxLength: 12 }),
      (batches) => {
        expect(Buffer.compare(build(batches).root, mth(batches.flat()))).toBe(0)
      },
    ),
  ))

test('stored hashes give back the frontier, and the hash over any beginning', async () => {
  const all = leavesOf(70)
  const { hashAt } = build([all])
  for (let size = 0; size <= all.length; size += 1) {
    const expected = mth(all.slice(0, size))
    expect(Buffer.compare(await rangeHash({ from: 0, to: size }, hashAt), expected)).toBe(0)
    const frontier = await frontierAt(size, hashAt)
    expect(frontier === null ? null : Buffer.compare(rootOf(frontier), expected)).toBe(0)
  }
})

test('a missing stored hash is a broken ledger, never a wrong proof', async () => {
  const none: HashAt = async () => null
  await expect(provesInclusion(1, 5, none)).rejects.toMatchObject({ code: 'broken_ledger' })
  await expect(frontierAt(5, none)).resolves.toBeNull()
})

const sizes = fc.integer({ min: 1, max: 130 })

test('every leaf is proved in every tree that has it, and under no other root, place, size or hash', () =>
  fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, pick, other) => {
      const index = pick % size
      const { root, hashAt } = build([leavesOf(size)])
      const path = await provesInclusion(index, size, hashAt)
      const hash = leafHash(leaf(index))
      expect(isIncluded({ index, hash }, { size, root }, path)).toBe(true)
      expect(isIncluded({ index, hash: leafHash(leaf(size)) }, { size, root }, path)).toBe(false)
      const elsewhere = other % size
      if (elsewhere !== index)
        expect(isIncluded({ index: elsewhere, hash }, { size, root }, path)).toBe(false)
      expect(isIncluded({ index, hash }, { size, root: leafHash(root) }, path)).toBe(false)
      expect(isIncluded({ index: size + index, hash }, { size, root }, path)).toBe(false)
      expect(isIncluded({ index, hash }, { size, root }, [...path, hash])).toBe(false)
      if (path.length > 0)
        expect(isIncluded({ index, hash }, { size, root }, path.slice(0, -1))).toBe(false)
      const bent = path.map((one, at) => (at === other % path.length ? leafHash(one) : one))
      if (path.length > 0) expect(isIncluded({ index, hash }, { size, root }, bent)).toBe(false)
    }),
  ))

test('every beginning of a tree is proved to be one, and nothing else is', () =>
  fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, pick, other) => {
      const old = pick % (size + 1)
      const { root, hashAt } = build([leavesOf(size)])
      const before = { size: old, root: new Uint8Array(mth(leavesOf(old))) }
      const path = await provesConsistency(old, size, hashAt)
      expect(isConsistent(before, { size, root }, path)).toBe(true)
      const lie = { size: old, root: leafHash(before.root) }
      expect(isConsistent(lie, { size, root }, path)).toBe(false)
      // Nothing begins every tree: from size 0 on, the path says nothing of the root.
      const fork = { size, root: leafHash(root) }
      if (old > 0) expect(isConsistent(before, fork, path)).toBe(false)
      expect(isConsistent(before, { size, root }, [...path, root])).toBe(false)
      if (path.length === 0) return
      expect(isConsistent(before, { size, root }, path.slice(1))).toBe(false)
      const bent = path.map((one, at) => (at === other % path.length ? leafHash(one) : one))
      expect(isConsistent(before, { size, root }, bent)).toBe(false)
    }),
  ))

test('a tree is never the beginning of a smaller one', () => {
  const root = leafHash(leaf(0))
  expect(isConsistent({ size: 2, root }, { size: 1, root }, [])).toBe(false)
})
