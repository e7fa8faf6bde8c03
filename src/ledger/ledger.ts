/** The ledger: an entry becomes a leaf of a Merkle tree, in the transaction of what it tells, under a signed checkpoint. */
import { FirebreakError } from '../base/error.ts'
import type { Entry, Ledger, LogRows } from '../guard/ports.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { sameHash } from './hash.ts'
import { leafOf, readLeaf } from './leaf.ts'
import { readVerifier } from './note.ts'
import type { Signer } from './note.ts'
import { hashesOf } from './reads.ts'
import { receiptOf } from './receipt.ts'
import { emptyFrontier, frontierAt, grow, rootOf } from './tree.ts'
import type { Frontier } from './tree.ts'

export interface SignedLedger extends Ledger {
  /** The verifier key: whoever has it can check every checkpoint and receipt. */
  readonly verifier: string
}

/**
 * INVARIANT (tamper-shows): each append extends the newest signed tree and no other, completes its stored hashes and signs
 * the new size, all in the caller's transaction. Throws `broken_ledger` where the rows are not what was signed last:
 * it never signs over a tampered tail. Costs a few hashes and one signature.
 */
export function openLedger(signer: Signer): SignedLedger {
  const verifier = readVerifier(signer.verifier)
  // What this process signed last. Its note is compared with the stored one, so a rollback or another process only costs a look.
  let last: Signed | null = null

  const standing = async (log: LogRows): Promise<Frontier> => {
    const [size, newest] = [await log.size(), await log.checkpoint()]
    if (newest === null && size === 0) return emptyFrontier
    if (newest === null) throw broken(`it has ${size} entries and no checkpoint`)
    if (newest.size !== size)
      throw broken(`its checkpoint counts ${newest.size} entries, there are ${size}`)
    if (last?.note === newest.note && last.frontier.size === size) return last.frontier
    const opened = openCheckpoint(newest.note, verifier)
    if (opened.kind === 'refused') throw broken(`its checkpoint is refused: ${opened.why}`)
    const frontier = await frontierAt(size, hashesOf(log))
    if (frontier === null) throw broken('stored hashes are missing')
    const { checkpoint } = opened
    if (checkpoint.size !== size || !sameHash(rootOf(frontier), checkpoint.root))
      throw broken('its stored hashes are not those that were signed')
    return frontier
  }

  const append = async (log: LogRows, entries: readonly Entry[]): Promise<number> => {
    const before = await standing(log)
    if (entries.length === 0) return before.size
    const leaves = entries.map(leafOf)
    const { frontier, hashes } = grow(before, leaves)
    const head = { origin: signer.name, size: frontier.size, root: rootOf(frontier) }
    const note = signCheckpoint(head, signer)
    await log.append(leaves)
    await log.putHashes(hashes)
    await log.putCheckpoint(frontier.size, note)
    last = { note, frontier }
    return before.size
  }

  return {
    verifier: signer.verifier,
    append: async (tx, entries) => await append(tx.log, entries),
    receipt: async ({ log }, index) => {
      const [leaf] = index < (await log.size()) ? await log.leaves(index, index + 1) : []
      if (leaf === undefined) return null
      return { principal: readLeaf(leaf)?.principal ?? null, text: await receiptOf(log, index) }
    },
  }
}

interface Signed {
  readonly note: string
  readonly frontier: Frontier
}

function broken(what: string): FirebreakError {
  return new FirebreakError(
    'broken_ledger',
    `the ledger is not as it was signed: ${what}`,
    'run `firebreak ledger verify`; nothing is written until it is understood',
  )
}
