/** The ledger: an entry is a leaf of a Merkle tree, written in the transaction of what it tells, under a signed checkpoint. */
import { createHash } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { canonical, digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Entry, Ledger, LogRows } from '../guard/ports.ts'
import { signCheckpoint } from './note.ts'
import type { Signer } from './note.ts'
import { completed, rootOf } from './tree.ts'
import type { HashAt } from './tree.ts'

/** C2SP tlog-tiles entry bundles: a leaf has at most this many bytes. */
const longestLeaf = 65_535

/** INVARIANT (tamper-shows): each append completes the tree and signs it, in the transaction that it is part of. */
export function openLedger(signer: Signer): Ledger {
  return {
    append: async (tx, entries) => {
      const first = await tx.log.size()
      const leaves = entries.map(leafOf)
      await tx.log.append(leaves)
      const hashAt = stored(tx.log)
      for (const [step, leaf] of leaves.entries())
        await tx.log.putHashes(await completed(first + step, leaf, hashAt))
      const size = first + leaves.length
      const root = await rootOf(size, hashAt)
      await tx.log.putCheckpoint(size, signCheckpoint({ origin: signer.name, size, root }, signer))
      return first
    },
  }
}

/** The bytes of an entry: canonical JSON, version 1. A body too large for a leaf stands in by its digest. */
export function leafOf(entry: Entry): Uint8Array {
  const write = (body: Json): Buffer => {
    const { kind, at, subject, principal } = entry
    return Buffer.from(canonical({ v: 1, kind, at, subject, principal, body }))
  }
  const whole = write(entry.body)
  if (whole.length <= longestLeaf) return new Uint8Array(whole)
  const { digest: action = null, operation = null } = entry.body
  return new Uint8Array(write({ tooLarge: digest(entry.body), digest: action, operation }))
}

/** What a leaf tells, or null where it is no entry. */
export function readLeaf(leaf: Uint8Array): Entry | null {
  try {
    const value = parseJson(Buffer.from(leaf).toString('utf8'))
    return isObject(value) && isEntry(value) ? value : null
  } catch {
    // Not JSON: no entry of ours.
    return null
  }
}

/** Stored hashes of the rows; a missing one is a broken ledger. */
export function stored(log: LogRows): HashAt {
  return async (level, index) => {
    const hash = await log.hash(level, index)
    if (hash !== null) return hash
    throw new FirebreakError(
      'broken_ledger',
      `the hash at level ${level}, ${index} is missing`,
      'run `firebreak ledger verify`',
    )
  }
}

/** A personal value as a commitment: without the salt, which can be deleted, it says nothing (SHA-256 over both). */
export function commit(value: string, salt: Uint8Array): string {
  return createHash('sha256').update(salt).update(value, 'utf8').digest('hex')
}

function isEntry(value: object): value is Entry {
  const { kind, at, body } = toFields(value)
  return typeof kind === 'string' && typeof at === 'number' && isObject(body)
}

function toFields(value: object): { readonly [name: string]: Json } {
  const json = toJson(value)
  return isObject(json) ? json : {}
}
