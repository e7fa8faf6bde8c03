/** What the page checks a receipt by, held against the ledger's own reader: they agree on every receipt, and on every bent byte of one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prove } from '../../console/proof.ts'
import { openSigner } from '../../src/ledger/note.ts'
import { readReceipt, receiptOf } from '../../src/ledger/receipt.ts'
import { ledgerOfSize, seed, signer, verifier } from '../ledger/memory-rows.ts'

const inPage = async (receipt: string, key = verifier.text): Promise<string | null> =>
  await prove(receipt, key).then(
    () => null,
    (thrown: Error) => thrown.message,
  )

test('each entry of ledgers of many sizes is proved, and is the entry itself', async () => {
  for (const size of [1, 2, 3, 7, 8, 9, 21, 64]) {
    const log = await ledgerOfSize(size)
    for (let index = 0; index < size; index += 1) {
      const proved = await prove(await receiptOf(log, index), verifier.text)
      expect(proved).toMatchObject({ index, size, origin: signer.name })
      expect(proved.entry).toMatchObject({ v: 1, kind: 'denied', body: { n: index } })
    }
  }
})

test('a bent byte anywhere in the receipt fails, here as in the ledger', async () => {
  const receipt = await receiptOf(await ledgerOfSize(21), 18)
  const bytes = Buffer.from(receipt)
  for (let at = 0; at < bytes.length; at += 1)
    for (const by of [0x01, 0x20]) {
      const bent = Buffer.from(bytes)
      bent[at] = (bent[at] ?? 0) ^ by
      const text = bent.toString('utf8')
      expect([at, await inPage(text)]).not.toEqual([at, null])
      expect(readReceipt(text, verifier).kind).toBe('refused')
    }
})

test('a bent byte anywhere in the key fails', async () => {
  const receipt = await receiptOf(await ledgerOfSize(5), 3)
  for (let at = 0; at < verifier.text.length; at += 1) {
    const bent = Buffer.from(verifier.text)
    bent[at] = (bent[at] ?? 0) ^ 1
    expect([at, await inPage(receipt, bent.toString('utf8'))]).not.toEqual([at, null])
  }
})

test('a receipt of another index, with lines less or more, or under another key, fails', async () => {
  const log = await ledgerOfSize(9)
  const receipt = await receiptOf(log, 4)
  const lines = receipt.split('\n')
  const without = lines.toSpliced(3, 1).join('\n')
  const twice = lines.toSpliced(3, 0, lines[3] ?? '').join('\n')
  const other = receipt.replace('index 4', 'index 5')
  const beyond = receipt.replace('index 4', 'index 9')
  for (const text of [without, twice, other, beyond, '', '\n\n', 'x'])
    expect(await inPage(text)).not.toBeNull()
  const stranger = openSigner(signer.name, new Uint8Array(32).fill(8))
  expect(await inPage(receipt, stranger.verifier)).toMatch(/no signature of/)
  const renamed = openSigner('firebreak.example/other', seed)
  expect(await inPage(receipt, renamed.verifier)).toMatch(/no signature of/)
})

test('page and ledger say the same of any receipt that somebody has put together', async () => {
  const log = await ledgerOfSize(13)
  const whole = await Promise.all(Array.from({ length: 13 }, (_, index) => receiptOf(log, index)))
  const pieces = [...new Set(whole.flatMap((one) => one.split('\n')))]
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((lines) => `${lines.join('\n')}\n`),
    fc
      .tuple(fc.constantFrom(...whole), fc.nat(700), fc.constantFrom(...pieces, '\n', 'A', '='))
      .map(([one, at, more]) => `${one.slice(0, at)}${more}${one.slice(at)}`),
    fc
      .tuple(fc.constantFrom(...whole), fc.nat(13))
      .map(([one, index]) => one.replace(/index \d+/, `index ${index}`)),
  )
  await fc.assert(
    fc.asyncProperty(text, async (one) => {
      const isGood = readReceipt(one, verifier).kind === 'proved'
      expect((await inPage(one)) === null).toBe(isGood)
    }),
    { numRuns: 400 },
  )
})
