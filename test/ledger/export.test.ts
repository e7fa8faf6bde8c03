/** Exports: files in the layout of C2SP tlog-tiles hold all that is needed to verify, prove and witness elsewhere. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportLedger, exportedRows, verifyExport } from '../../src/ledger/export.ts'
import { sameHash } from '../../src/ledger/hash.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { readReceipt, receiptOf } from '../../src/ledger/receipt.ts'
import { bundleOf, readBundle } from '../../src/ledger/tiles.ts'
import { entry, ledgerOfSize, memoryFiles, memoryRows, verifier } from './memory-rows.ts'

async function exported(size: number): Promise<ReturnType<typeof memoryFiles>> {
  const out = memoryFiles()
  await exportLedger(await ledgerOfSize(size), out.write)
  return out
}

test('an export is verified, and its entries are proved, from its files alone', async () => {
  for (const size of [1, 5, 256, 300]) {
    const { read } = await exported(size)
    expect(await verifyExport(read, verifier)).toMatchObject({ ok: true, size, faults: [] })
    const receipt = await receiptOf(exportedRows(read), size - 1)
    expect(readReceipt(receipt, verifier)).toMatchObject({ kind: 'proved', index: size - 1 })
  }
})

test('the rows of an export are the rows of the ledger', async () => {
  const log = await ledgerOfSize(300)
  const { read } = await exported(300)
  const rows = exportedRows(read)
  for (const [place, hash] of log.hashes) {
    const [level = '', index = ''] = place.split('/')
    const shown = await rows.hash(Number(level), Number(index))
    expect(sameHash(shown, hash)).toBe(true)
  }
  expect(await rows.leaves(250, 260)).toEqual(await log.leaves(250, 260))
  expect(await rows.hash(9, 0)).toBeNull()
})

test('a later export adds what is new, and the checkpoint comes last', async () => {
  const log = await ledgerOfSize(300)
  const out = memoryFiles()
  await exportLedger(await ledgerOfSize(256), out.write)
  const written: string[] = []
  const size = await exportLedger(
    log,
    async (path, bytes) => {
      written.push(path)
      await out.write(path, bytes)
    },
    256,
  )
  expect(size).toBe(300)
  expect(written).toEqual([
    'tile/entries/001.p/44',
    'tile/0/001.p/44',
    'tile/1/000.p/1',
    'checkpoint',
  ])
  expect(await verifyExport(out.read, verifier)).toMatchObject({ ok: true, size: 300 })
})

test('full tiles stand for partial ones that were deleted', async () => {
  const { files, read } = await exported(300)
  const old = await exported(200)
  files.set('checkpoint', old.files.get('checkpoint') ?? new Uint8Array())
  expect(await exportedRows(read).leaves(0, 200)).toHaveLength(200)
  expect(await receiptOf(exportedRows(read), 199)).toContain('index 199')
})

test('nothing is exported of an empty ledger, or of one that lacks a row', async () => {
  const out = memoryFiles()
  await expect(exportLedger(memoryRows(), out.write)).rejects.toMatchObject({ code: 'not_found' })
  const torn = await ledgerOfSize(9)
  torn.rows.delete(4)
  await expect(exportLedger(torn, out.write)).rejects.toMatchObject({ code: 'broken_ledger' })
  expect(out.files.has('checkpoint')).toBe(false)
})

type Files = Map<string, Uint8Array>
const edit = (
  files: Files,
  path: string,
  change: (leaves: readonly Uint8Array[]) => readonly Uint8Array[],
): void => {
  const leaves = readBundle(files.get(path) ?? new Uint8Array()) ?? []
  files.set(path, bundleOf(change(leaves)))
}
const bundle = 'tile/entries/000.p/23'
test.each<[string, string, (files: Files) => void]>([
  [
    'a changed entry',
    'changed',
    (files) => edit(files, bundle, (all) => all.with(7, leafOf(entry(70)))),
  ],
  ['a dropped entry', 'dropped', (files) => edit(files, bundle, (all) => all.toSpliced(7, 1))],
  [
    'an entry put in',
    'inserted',
    (files) => edit(files, bundle, (all) => all.toSpliced(7, 0, leafOf(entry(70)))),
  ],
  [
    'an entry behind the last',
    'file',
    (files) => edit(files, bundle, (all) => [...all, leafOf(entry(70))]),
  ],
  [
    'a byte behind the last entry',
    'file',
    (files) =>
      void files.set(
        bundle,
        Buffer.concat([files.get(bundle) ?? new Uint8Array(), Uint8Array.of(0)]),
      ),
  ],
  ['no entries', 'dropped', (files) => void files.delete(bundle)],
  ['no hashes', 'hash', (files) => void files.delete('tile/0/000.p/23')],
  ['no checkpoint', 'checkpoint', (files) => void files.delete('checkpoint')],
  [
    'a checkpoint that claims a trillion entries',
    'checkpoint',
    (files) =>
      void files.set(
        'checkpoint',
        Buffer.from(
          'x\n1000000000000\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAA=\n',
        ),
      ),
  ],
])('an export with %s shows it as %s', async (_, kind, tamper) => {
  const { files, read } = await exported(23)
  tamper(files)
  const found = await verifyExport(read, verifier)
  expect(found.ok).toBe(false)
  expect(found.faults.map((fault) => fault.kind)).toContain(kind)
})

test('any byte of any file that changes is found', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (file, where, flip) => {
        const { files, read } = await exported(23)
        const paths = [...files.keys()]
        const path = paths[file % paths.length] ?? ''
        const bytes = new Uint8Array(files.get(path) ?? [])
        const at = where % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ flip
        files.set(path, bytes)
        expect((await verifyExport(read, verifier)).ok).toBe(false)
      },
    ),
    { numRuns: 80 },
  ))
