/** Finding the entry that is not what was signed: from a signed root down through the hashes that were stored with it. */
import { nodeHash, sameHash } from './hash.ts'
import type { Hash } from './hash.ts'
import { hashesOf } from './reads.ts'
import type { LogReads } from './reads.ts'
import { rangeHash, splitOf } from './proof.ts'
import type { Head, Range } from './proof.ts'
import type { Walked } from './walk.ts'

/** What happened to an entry, as far as the hashes tell. */
export type Change = 'changed' | 'dropped' | 'inserted' | 'reordered'

export type Located =
  /** The first entry that differs, its hash as it was signed, and what happened. */
  | { readonly kind: 'entry'; readonly index: number; readonly change: Change }
  /** Stored hashes were rewritten too: the change lies in this range. */
  | { readonly kind: 'range'; readonly range: Range }

/** How far a moved entry is looked for. */
const farthest = 10_000

/** The first difference between the entries there are and a signed head that they do not give. */
export async function locate(log: LogReads, walked: Walked, head: Head): Promise<Located> {
  const found = await descend(log, walked, { from: 0, to: head.size }, head.root)
  if (found === null || found.kind === 'range')
    return { kind: 'range', range: found?.range ?? { from: 0, to: head.size } }
  const { index, signed } = found
  return { kind: 'entry', index, change: await changeOf(log, walked, { index, signed }) }
}

type Difference =
  | { readonly kind: 'leaf'; readonly index: number; readonly signed: Hash }
  | { readonly kind: 'range'; readonly range: Range }

/**
 * The first leaf below a node whose true hash is known that is not what the leaves give now; null where none is.
 * Of two halves, whichever stored or computed hashes give the true one are true themselves: SHA-256 has no collisions.
 */
async function descend(
  log: LogReads,
  walked: Walked,
  range: Range,
  signed: Hash,
): Promise<Difference | null> {
  if (sameHash(walked.computed(range), signed)) return null
  const { from, to } = range
  if (to - from === 1) return { kind: 'leaf', index: from, signed }
  const middle = from + splitOf(to - from)
  const halves = [
    { from, to: middle },
    { from: middle, to },
  ] as const
  const lefts = [await storedHash(log, halves[0]), walked.computed(halves[0])]
  const rights = [await storedHash(log, halves[1]), walked.computed(halves[1])]
  for (const left of lefts)
    for (const right of rights) {
      if (left === null || right === null || !sameHash(nodeHash(left, right), signed)) continue
      const first = await descend(log, walked, halves[0], left)
      return first ?? (await descend(log, walked, halves[1], right))
    }
  return { kind: 'range', range }
}

async function storedHash(log: LogReads, range: Range): Promise<Hash | null> {
  try {
    return await rangeHash(range, hashesOf(log))
  } catch {
    // A stored hash of it is missing: then only the leaves can tell.
    return null
  }
}

/** Where else the two hashes stand tells whether the entry was taken away, put in, moved or rewritten in place. */
async function changeOf(
  log: LogReads,
  walked: Walked,
  { index, signed }: { readonly index: number; readonly signed: Hash },
): Promise<Change> {
  const now = walked.computed({ from: index, to: index + 1 })
  if (now === null) return 'dropped'
  const end = Math.min(walked.present, index + farthest)
  let [stillThere, cameEarly] = [false, false]
  for (let at = index + 1; at < end; at += 1) {
    stillThere ||= sameHash(walked.computed({ from: at, to: at + 1 }), signed)
    cameEarly ||= sameHash(await log.hash(0, at), now)
  }
  // The last entry of a log that lost one stands nowhere in the leaves any more, only among the stored hashes.
  cameEarly ||= sameHash(await log.hash(0, end), now)
  if (stillThere) return cameEarly ? 'reordered' : 'inserted'
  return cameEarly ? 'dropped' : 'changed'
}
