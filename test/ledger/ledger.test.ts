/** Appending: the tree that is signed is the one that RFC 6962 gives, and nothing is signed over a tampered ledger. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../src/ledger/checkpoint.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { openSigner } from '../../src/ledger/note.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { entry, ledgerOf, ledgerOfSize, memoryRows, signer, txOf, verifier } from './memory-rows.ts'
import { mth } from './naive.ts'

test('any batches give the signed root of RFC 6962 over the leaves of all entries', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 12 }), async (counts) => {
      let next = 0
      const batches = counts.map((count) => Array.from({ length: count }, () => entry(next++)))
      const log = await ledgerOf(batches)
      const leaves = batches.flat().map(leafOf)
      const newest = await log.checkpoint()
      expect(newest?.size ?? 0).toBe(leaves.length)
      const opened = newest === null ? null : openCheckpoint(newest.note, verifier)
      if (leaves.length === 0) expect(opened).toBeNull()
      else
        expect(opened).toEqual({
          kind: 'opened',
          checkpoint: {
            origin: signer.name,
            size: leaves.length,
            root: new Uint8Array(mth(leaves)),
          },
          witnesses: [],
        })
      expect(await verifyLedger(log, verifier)).toMatchObject({ ok: true, faults: [] })
    }),
    { numRuns: 40 },
  ))

test('it gives the index of the first entry, one checkpoint an append, none for nothing', async () => {
  const log = memoryRows()
  const ledger = openLedger(signer)
  expect(await ledger.append(txOf(log), [])).toBe(0)
  expect(await ledger.append(txOf(log), [entry(0), entry(1)])).toBe(0)
  expect(await ledger.append(txOf(log), [])).toBe(2)
  expect(await ledger.append(txOf(log), [entry(2)])).toBe(2)
  expect([...log.notes.keys()]).toEqual([2, 3])
})

test('another process, or a restart, goes on where the rows stand', async () => {
  const log = memoryRows()
  const [one, two] = [openLedger(signer), openLedger(signer)]
  for (let n = 0; n < 21; n += 1) await (n % 3 === 0 ? one : two).append(txOf(log), [entry(n)])
  expect(await verifyLedger(log, verifier)).toMatchObject({ ok: true, size: 21 })
})

test('what was rolled back is no part of what is signed next', async () => {
  const state = openSqlite(':memory:')
  const ledger = openLedger(signer)
  await state.transact((tx) => ledger.append(tx, [entry(0), entry(1), entry(2)]))
  const broken = state.transact(async (tx) => {
    await ledger.append(tx, [entry(3)])
    throw new Error('the state change broke')
  })
  await expect(broken).rejects.toThrow('the state change broke')
  expect(await state.transact((tx) => ledger.append(tx, [entry(4)]))).toBe(3)
  const found = await state.transact((tx) => verifyLedger(tx.log, verifier))
  expect(found).toMatchObject({ ok: true, size: 4 })
  state.close()
})

test('an entry that cannot be written leaves the rows as they were', async () => {
  const log = await ledgerOfSize(3)
  const long = entry(3, { principal: 'p'.repeat(70_000) })
  await expect(openLedger(signer).append(txOf(log), [entry(3), long])).rejects.toMatchObject({
    code: 'too_large',
  })
  expect([log.rows.size, log.notes.size]).toEqual([3, (await ledgerOfSize(3)).notes.size])
})

type Rows = Awaited<ReturnType<typeof ledgerOfSize>>
test.each<[string, (log: Rows) => void]>([
  ['the last entry was dropped', (log) => void log.rows.delete(9)],
  ['an entry was put in at the end', (log) => void log.rows.set(10, leafOf(entry(10)))],
  ['all checkpoints were dropped', (log) => log.notes.clear()],
  ['the checkpoint was forged', (log) => void log.notes.set(10, 'x\n10\ny\n\n— x y\n')],
  [
    'an older checkpoint stands for the newest',
    (log) => void log.notes.set(10, [...log.notes.values()][0] ?? ''),
  ],
  ['a hash of the frontier was dropped', (log) => void log.hashes.delete('3/0')],
  ['a hash of the frontier was changed', (log) => void log.hashes.set('3/0', new Uint8Array(32))],
])('broken-is-closed: nothing is signed when %s', async (_, tamper) => {
  const log = await ledgerOfSize(10)
  tamper(log)
  const before = [log.rows.size, log.notes.size]
  await expect(openLedger(signer).append(txOf(log), [entry(11)])).rejects.toMatchObject({
    code: 'broken_ledger',
  })
  expect([log.rows.size, log.notes.size]).toEqual(before)
})

test('another key does not sign on', async () => {
  const log = await ledgerOfSize(4)
  const other = openSigner(signer.name, new Uint8Array(32).fill(8))
  await expect(openLedger(other).append(txOf(log), [entry(4)])).rejects.toMatchObject({
    code: 'broken_ledger',
  })
})
