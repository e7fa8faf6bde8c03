/** The golden vectors: the bytes of version 1, which no later change may change. */
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../src/ledger/checkpoint.ts'
import { commit } from '../../src/ledger/commitment.ts'
import { hashFrom, toBase64 } from '../../src/ledger/hash.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { openSigner, readVerifier } from '../../src/ledger/note.ts'
import { isConsistent, provesConsistency } from '../../src/ledger/proof.ts'
import { hashesOf } from '../../src/ledger/reads.ts'
import { readReceipt, receiptOf } from '../../src/ledger/receipt.ts'
import { witness } from '../../src/ledger/witness.ts'
import { memoryRows, txOf } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'
import { batchesOf, vectors } from './vectors.ts'
import type { Vector } from './vectors.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

async function rebuilt(vector: Vector): Promise<MemoryRows> {
  const log = memoryRows()
  const ledger = openLedger(openSigner(vector.origin, bytes(vector.seed)))
  for (const batch of batchesOf(vector)) await ledger.append(txOf(log), batch)
  return log
}

test('there are vectors', () =>
  expect(vectors.map(([name]) => name)).toEqual(['hold', 'odd', 'one', 'seven', 'tiles']))

test.each(vectors)(
  '%s: entries give these leaves and this checkpoint',
  async (_, _file, vector) => {
    const log = await rebuilt(vector)
    const leaves = vector.entries.map((entry) => Buffer.from(leafOf(entry)).toString('utf8'))
    expect(leaves).toEqual(vector.leaves)
    expect((await log.checkpoint())?.note).toBe(vector.checkpoint)
    const opened = openCheckpoint(vector.checkpoint, readVerifier(vector.verifierKey))
    expect(opened.kind === 'opened' ? toBase64(opened.checkpoint.root) : opened.why).toBe(
      vector.root,
    )
  },
)

test.each(vectors)('%s: receipts and consistency proofs are these', async (_, _file, vector) => {
  const log = await rebuilt(vector)
  const verifier = readVerifier(vector.verifierKey)
  for (const [index, receipt] of Object.entries(vector.receipts)) {
    expect(await receiptOf(log, Number(index))).toBe(receipt)
    expect(readReceipt(receipt, verifier)).toMatchObject({ kind: 'proved', index: Number(index) })
  }
  const size = vector.leaves.length
  const root = hashFrom(vector.root) ?? new Uint8Array()
  for (const { from, root: old, path } of vector.consistency) {
    const made = await provesConsistency(from, size, hashesOf(log))
    expect(made.map(toBase64)).toEqual(path)
    const before = { size: from, root: hashFrom(old) ?? new Uint8Array() }
    const read = path.map(hashFrom).filter((hash) => hash !== null)
    expect(isConsistent(before, { size, root }, read)).toBe(true)
  }
})

test.each(vectors)('%s: the cosignature and the commitment are these', async (_, _file, vector) => {
  const { name, seed, seconds, cosigned } = vector.witness
  const found = await witness({
    log: await rebuilt(vector),
    verifier: readVerifier(vector.verifierKey),
    signer: openSigner(name, bytes(seed), 'witness'),
    seen: null,
    clock: { now: () => seconds * 1000 + 999, steady: () => 0 },
  })
  expect(found).toMatchObject({ kind: 'cosigned', note: cosigned })
  const { value, salt, commitment } = vector.commitment
  expect(commit(value, bytes(salt))).toBe(commitment)
})
