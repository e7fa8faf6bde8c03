/** The words that passkeys gave, as the ledger keeps them, checked from its entries alone; needs neither state nor key. */
import { wordIn } from '../approvals/evidence.ts'
import type { Written } from '../approvals/evidence.ts'
import { openKeyring } from '../approvals/keyring.ts'
import type { LogRows } from '../guard/ports.ts'
import { readLeaf } from '../ledger/leaf.ts'

type Leaves = Pick<LogRows, 'size' | 'leaves'>

const pageSize = 512
/** So many are named, as of other faults of a ledger. */
const mostTold = 20

export interface Flawed {
  readonly index: number
  /** `entry 7: its signature is not by that passkey (`approved` by `ada`)`. */
  readonly message: string
}

/** How an entry that is about no one thing ends (`leaf.ts`), and what an entry with a person's word has in it. */
const aboutNothing = Buffer.from('"subject":null,"v":1}')
const word = Buffer.from('"factor":')

/** INVARIANT (tamper-shows): every word of a passkey that does not hold, by its entry. Reads all of it once; where the entries themselves do not hold, `verify` says so first. */
export async function wordFlaws(log: Leaves): Promise<readonly Flawed[]> {
  return (await flawsUpTo(log, await log.size())).slice(0, mostTold)
}

/** What is wrong with the word in that one entry, held to all before it; null where nothing is. */
export async function flawAt(log: Leaves, index: number): Promise<string | null> {
  const [own] = await log.leaves(index, index + 1)
  if (own === undefined || isPlain(own)) return null
  const flaws = await flawsUpTo(log, Math.min(await log.size(), index + 1))
  return flaws.find((one) => one.index === index)?.message ?? null
}

async function flawsUpTo(log: Leaves, size: number): Promise<readonly Flawed[]> {
  const keyring = openKeyring()
  const flaws: Flawed[] = []
  for (let at = 0; at < size; at += pageSize)
    for (const [nth, leaf] of (await log.leaves(at, Math.min(size, at + pageSize))).entries()) {
      if (isPlain(leaf)) continue
      const written = readLeaf(leaf)
      const flaw = written === null ? null : keyring.take(written, at + nth)
      if (flaw !== null) flaws.push({ index: at + nth, message: `entry ${at + nth}: ${flaw}` })
    }
  return flaws
}

/** The passkey's word that an entry has, proved by the entry alone; one line where it does not hold. */
export function wordAlone(written: Written): string | { readonly who: string } | null {
  const word = wordIn(written)
  return word === null || typeof word === 'string' ? word : { who: word.who }
}

/** Most of a ledger are requests that nobody gave their word for. */
function isPlain(leaf: Uint8Array): boolean {
  return aboutNothing.equals(leaf.subarray(-aboutNothing.length)) && !has(leaf, word)
}

function has(leaf: Uint8Array, part: Buffer): boolean {
  return Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).includes(part)
}
