/** Receipts: an entry is proved offline, with nothing but the verifier key. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafOf } from '../../src/ledger/leaf.ts'
import { readReceipt, receiptOf } from '../../src/ledger/receipt.ts'
import { openSigner, readVerifier } from '../../src/ledger/note.ts'
import { adopt, witness } from '../../src/ledger/witness.ts'
import {
  entry,
  ledgerOfSize,
  memoryRows,
  signer,
  verifier,
  witnessKey,
  witnessSigner,
} from './memory-rows.ts'

test('every entry of every size has a receipt that proves it', async () => {
  for (const size of [1, 2, 3, 7, 8, 23]) {
    const log = await ledgerOfSize(size)
    for (let index = 0; index < size; index += 1) {
      const read = readReceipt(await receiptOf(log, index), verifier)
      expect(read).toMatchObject({
        kind: 'proved',
        index,
        size,
        told: { kind: 'denied', body: { n: index } },
      })
    }
  }
})

test.each<[string, number]>([
  ['beyond the end', 5],
  ['below the beginning', -1],
  ['between two entries', 1.5],
])('there is no receipt %s', async (_, index) => {
  await expect(receiptOf(await ledgerOfSize(5), index)).rejects.toMatchObject({ code: 'not_found' })
})

test('nothing has a receipt in an empty ledger', async () => {
  await expect(receiptOf(memoryRows(), 0)).rejects.toMatchObject({ code: 'not_found' })
})

const good = await receiptOf(await ledgerOfSize(23), 7)
const lines = good.split('\n')
const swap = (from: string | RegExp, to: string): string => good.replace(from, to)
test.each<[string, string]>([
  ['nothing', ''],
  ['another version', swap('@v1', '@v2')],
  ['no entry', lines.toSpliced(1, 1).join('\n')],
  ['another entry', swap(/extra .*/, `extra ${Buffer.from(leafOf(entry(8))).toString('base64')}`)],
  ['another index', swap('index 7', 'index 6')],
  ['an index with a leading zero', swap('index 7', 'index 07')],
  ['an index beyond the end', swap('index 7', 'index 23')],
  ['a hash less', lines.toSpliced(4, 1).join('\n')],
  ['a hash more', lines.toSpliced(4, 0, lines[4] ?? '').join('\n')],
  ['a hash that is none', lines.toSpliced(4, 1, 'AAAA').join('\n')],
  ['no checkpoint', lines.slice(0, 8).join('\n')],
  ['another size', swap('\n23\n', '\n24\n')],
])('a receipt with %s is refused', (_, bad) =>
  expect(readReceipt(bad, verifier).kind).toBe('refused'),
)

test('a receipt of another log is refused', () => {
  const other = readVerifier(openSigner(signer.name, new Uint8Array(32).fill(8)).verifier)
  expect(readReceipt(good, other)).toMatchObject({ kind: 'refused' })
})

test('a receipt with any one byte changed is refused', () =>
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (pick, flip) => {
      const bytes = Buffer.from(good)
      const at = pick % bytes.length
      bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at)
      expect(readReceipt(bytes.toString('utf8'), verifier).kind).toBe('refused')
    }),
  ))

test('a receipt carries the cosignature of a witness', async () => {
  const log = await ledgerOfSize(23)
  const clock = { now: () => 1_790_000_999_000, steady: () => 0 }
  const seen = await witness({ log, verifier, signer: witnessSigner, seen: null, clock })
  expect(await adopt(log, seen.kind === 'cosigned' ? seen.note : '', verifier, [witnessKey])).toBe(
    true,
  )
  expect(readReceipt(await receiptOf(log, 3), verifier, [witnessKey])).toMatchObject({
    kind: 'proved',
    witnesses: [{ name: 'witness.example/w1', kind: 'witness', seconds: 1_790_000_999 }],
  })
})
