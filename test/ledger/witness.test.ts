/** The witness: it signs what continues what it has seen, and says what else it was shown. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportLedger, exportedRows } from '../../src/ledger/export.ts'
import type { LogReads } from '../../src/ledger/reads.ts'
import { openCheckpoint } from '../../src/ledger/checkpoint.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { openSigner, readVerifier } from '../../src/ledger/note.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { adopt, witness } from '../../src/ledger/witness.ts'
import type { Refusal, Witnessed } from '../../src/ledger/witness.ts'
import {
  entry,
  ledgerOf,
  ledgerOfSize,
  memoryFiles,
  memoryRows,
  signer,
  txOf,
  verifier,
  witnessKey,
  witnessSigner,
} from './memory-rows.ts'

const clock = { now: () => 1_790_000_000_500, steady: () => 0 }
const look = async (log: LogReads, seen: string | null): Promise<Witnessed> =>
  await witness({ log, verifier, signer: witnessSigner, seen, clock })
const noteOf = (found: Witnessed): string =>
  found.kind === 'cosigned' ? found.note : found.message

const forgedOf = async (size: number): ReturnType<typeof ledgerOf> =>
  await ledgerOf([
    Array.from({ length: size }, (_, n) => entry(n, n === 2 ? { principal: 'x' } : {})),
  ])

test('a first look is cosigned with its time, and every later one that goes on', async () => {
  const first = await look(await ledgerOfSize(5), null)
  expect(first).toMatchObject({ kind: 'cosigned', size: 5, before: 0 })
  const second = await look(await ledgerOfSize(23), noteOf(first))
  expect(second).toMatchObject({ kind: 'cosigned', size: 23, before: 5 })
  expect(openCheckpoint(noteOf(second), verifier, [witnessKey])).toMatchObject({
    witnesses: [{ name: witnessSigner.name, seconds: 1_790_000_000 }],
  })
  expect(await look(await ledgerOfSize(23), noteOf(second))).toMatchObject({
    kind: 'cosigned',
    before: 23,
  })
})

test('it works on an export as on the rows', async () => {
  const out = memoryFiles()
  await exportLedger(await ledgerOfSize(300), out.write)
  const seen = noteOf(await look(await ledgerOfSize(257), null))
  expect(await look(exportedRows(out.read), seen)).toMatchObject({
    kind: 'cosigned',
    size: 300,
    before: 257,
  })
})

const seenAt = async (size: number): Promise<string> =>
  noteOf(await look(await ledgerOfSize(size), null))
test.each<[string, Refusal, RegExp, () => Promise<LogReads>]>([
  ['a shorter log', 'rollback', /the log shows 9 entries; 12 were seen/, () => ledgerOfSize(9)],
  ['another log of the same size', 'fork', /history was rewritten/, () => forgedOf(12)],
  ['a longer log with another beginning', 'fork', /history was rewritten/, () => forgedOf(30)],
  ['an empty place', 'unreachable', /no checkpoint/, async () => memoryRows()],
  [
    'a log without its hashes',
    'unreachable',
    /cannot prove/,
    async () => {
      const log = await ledgerOfSize(23)
      log.hashes.clear()
      return log
    },
  ],
  [
    'hashes that do not give the root',
    'fork',
    /do not give the root/,
    async () => {
      const log = await ledgerOfSize(23)
      log.hashes.set('4/0', new Uint8Array(32))
      return log
    },
  ],
  [
    'a checkpoint of another key',
    'unsigned',
    /refused/,
    async () => {
      const log = memoryRows()
      await openLedger(openSigner(signer.name, new Uint8Array(32))).append(txOf(log), [entry(0)])
      return log
    },
  ],
])('it refuses %s as %s', async (_, refusal, message, log) => {
  const found = await look(await log(), await seenAt(12))
  expect(found).toMatchObject({ kind: 'refused', refusal, message: expect.stringMatching(message) })
})

test('a first look at a log whose hashes do not give its root is refused', async () => {
  const log = await ledgerOfSize(8)
  log.hashes.set('3/0', new Uint8Array(32))
  expect(await look(log, null)).toMatchObject({ kind: 'refused', refusal: 'fork' })
})

test.each<[string, string]>([
  ['nothing', ''],
  ['half a note', 'firebreak.example/ledger\n12\n'],
])('a memory of %s is an error, not a first look', async (_, seen) => {
  await expect(look(await ledgerOfSize(12), seen)).rejects.toMatchObject({ code: 'bad_input' })
})

test('it signs any two sizes in order, and none backwards', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      async (a, b) => {
        const found = await look(await ledgerOfSize(b), await seenAt(a))
        expect(found.kind).toBe(b >= a ? 'cosigned' : 'refused')
      },
    ),
    { numRuns: 30 },
  ))

test('the ledger takes a cosignature up, verifies as before and goes on', async () => {
  const log = await ledgerOfSize(8)
  const cosigned = noteOf(await look(log, null))
  expect(await adopt(log, cosigned, verifier, [witnessKey])).toBe(true)
  expect((await log.checkpoint())?.note).toBe(cosigned)
  expect(await verifyLedger(log, verifier)).toMatchObject({ ok: true })
  expect(await openLedger(signer).append(txOf(log), [entry(8)])).toBe(8)
})

test('it takes up nothing of a stranger, of another size or of no witness', async () => {
  const log = await ledgerOfSize(8)
  const before = (await log.checkpoint())?.note ?? ''
  const cosigned = noteOf(await look(log, null))
  const stranger = readVerifier(openSigner('w', new Uint8Array(32), 'witness').verifier)
  expect(await adopt(log, cosigned, verifier, [stranger])).toBe(false)
  expect(await adopt(log, await seenAt(7), verifier, [witnessKey])).toBe(false)
  expect(await adopt(log, before, verifier, [witnessKey])).toBe(false)
  expect((await log.checkpoint())?.note).toBe(before)
})
