/** tamper-shows: a changed, dropped, reordered or rewritten entry is named by `verify`. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafHash } from '../../src/ledger/hash.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { openSigner, readVerifier } from '../../src/ledger/note.ts'
import { emptyFrontier, grow } from '../../src/ledger/tree.ts'
import { verifyLedger, verifyLog } from '../../src/ledger/verify.ts'
import type { FaultKind } from '../../src/ledger/verify.ts'
import { entry, ledgerOf, ledgerOfSize, memoryRows, signer, verifier } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'

const size = 23

/** Leaves in a new order or number; rows are numbered anew, hashes and checkpoints stay. */
function renumber(log: MemoryRows, leaves: readonly Uint8Array[]): void {
  log.rows.clear()
  for (const [index, leaf] of leaves.entries()) log.rows.set(index, leaf)
}

/** Stored hashes made new from the leaves there are: what a careful intruder without the key would do. */
function rehash(log: MemoryRows): void {
  log.hashes.clear()
  const { hashes } = grow(emptyFrontier, [...log.rows.values()])
  for (const { level, index, hash } of hashes) log.hashes.set(`${level}/${index}`, hash)
}

const list = (log: MemoryRows): Uint8Array[] => [...log.rows.values()]
const forged = leafOf(entry(7, { principal: 'agent:nobody' }))

test.each<[string, FaultKind, number, RegExp, (log: MemoryRows) => void]>([
  [
    'a changed entry',
    'changed',
    7,
    /entry 7 \(`denied` of 2026-09-21T/,
    (log) => void log.rows.set(7, forged),
  ],
  [
    'a changed entry with its own hash',
    'rewritten',
    6,
    /of entries 6 to 7 at least one/,
    (log) => {
      log.rows.set(7, forged)
      log.hashes.set('0/7', leafHash(forged))
    },
  ],
  [
    'an entry that is no entry any more',
    'changed',
    7,
    /unreadable bytes/,
    (log) => void log.rows.set(7, Uint8Array.of(1, 2)),
  ],
  [
    'a dropped row',
    'dropped',
    7,
    /entry 7 was dropped; before it stands entry 6/,
    (log) => void log.rows.delete(7),
  ],
  ['the first row dropped', 'dropped', 0, /entry 0 was dropped/, (log) => void log.rows.delete(0)],
  [
    'a dropped entry, the rest moved up',
    'dropped',
    7,
    /entry 7 was dropped/,
    (log) => renumber(log, list(log).toSpliced(7, 1)),
  ],
  [
    'three dropped entries, the rest moved up',
    'dropped',
    7,
    /entry 7 was dropped/,
    (log) => renumber(log, list(log).toSpliced(7, 3)),
  ],
  [
    'a cut end',
    'dropped',
    20,
    /entry 20 was dropped/,
    (log) => renumber(log, list(log).slice(0, 20)),
  ],
  [
    'a cut end, its hashes too',
    'dropped',
    20,
    /entry 20 was dropped/,
    (log) => {
      renumber(log, list(log).slice(0, 20))
      rehash(log)
    },
  ],
  ['every entry dropped', 'dropped', 0, /entry 0 was dropped/, (log) => log.rows.clear()],
  [
    'two entries swapped',
    'reordered',
    7,
    /entry 7 .* reordered/,
    (log) => {
      const leaves = list(log)
      renumber(log, [...leaves.slice(0, 7), ...leaves.slice(7, 9).toReversed(), ...leaves.slice(9)])
    },
  ],
  [
    'an entry put in',
    'inserted',
    7,
    /entry 7 .* was put in/,
    (log) => renumber(log, list(log).toSpliced(7, 0, forged)),
  ],
  [
    'an entry put at the end',
    'unsigned',
    size,
    /entry 23 .* under no checkpoint/,
    (log) => void log.rows.set(size, forged),
  ],
  [
    'entries without any checkpoint',
    'unsigned',
    0,
    /entry 0 .* under no checkpoint/,
    (log) => log.notes.clear(),
  ],
  [
    'a dropped checkpoint',
    'unsigned',
    21,
    /entry 21 .* the newest signs 21/,
    (log) => void log.notes.delete(size),
  ],
  [
    'an entry and all hashes rewritten',
    'rewritten',
    0,
    /history was rewritten from entry 0 .* of entries 0 to 22/,
    (log) => {
      log.rows.set(7, forged)
      rehash(log)
    },
  ],
  [
    'a stored hash',
    'hash',
    4,
    /entries 4 to 7 \(level 2, index 1\)/,
    (log) => void log.hashes.set('2/1', new Uint8Array(32)),
  ],
  [
    'a lost stored hash',
    'hash',
    5,
    /entry 5 \(level 0, index 5\)/,
    (log) => void log.hashes.delete('0/5'),
  ],
  [
    'a checkpoint of another key',
    'checkpoint',
    -1,
    /newest checkpoint was changed/,
    (log) => {
      const note = log.notes.get(size) ?? ''
      const text = note.slice(0, note.indexOf('\n\n') + 1)
      log.notes.set(size, `${text}\n${openSigner(signer.name, new Uint8Array(32)).line(text)}`)
    },
  ],
  [
    'an older checkpoint in the place of the newest',
    'checkpoint',
    -1,
    /it was replaced/,
    (log) => {
      log.notes.set(size, log.notes.get(21) ?? '')
    },
  ],
])('%s is named as %s at %i', async (_, ...[kind, index, message, tamper]) => {
  const log = await ledgerOfSize(size)
  tamper(log)
  const found = await verifyLedger(log, verifier)
  expect(found.ok).toBe(false)
  const fault = found.faults.find((one) => one.kind === kind)
  expect(fault?.message).toMatch(message)
  expect(fault?.index ?? -1).toBe(index)
})

test('an untouched ledger of any size is fine, and says what it was checked against', async () => {
  expect(await verifyLedger(memoryRows(), verifier)).toEqual({
    ok: true,
    size: 0,
    signed: null,
    faults: [],
  })
  for (const count of [1, 2, 3, 8, 255, 256, 257, 600]) {
    const log = await ledgerOfSize(count)
    const kept = [...log.notes.values()].map((note) => ({ note, from: 'a copy' }))
    expect(await verifyLedger(log, verifier, kept)).toMatchObject({
      ok: true,
      size: count,
      signed: { size: count },
      faults: [],
    })
  }
})

test('an entry far into the ledger is named', async () => {
  const log = await ledgerOfSize(600)
  log.rows.set(511, forged)
  expect((await verifyLedger(log, verifier)).faults[0]).toMatchObject({
    kind: 'changed',
    index: 511,
  })
  const gone = await ledgerOfSize(600)
  gone.rows.delete(300)
  expect((await verifyLedger(gone, verifier)).faults[0]).toMatchObject({
    kind: 'dropped',
    index: 300,
  })
})

test('with the older checkpoints, history rewritten without the key is named to the append', async () => {
  const log = await ledgerOfSize(size)
  const kept = [...log.notes].map(([at, note]) => ({ note, from: `the checkpoint of size ${at}` }))
  log.rows.set(7, forged)
  rehash(log)
  const [fault] = (await verifyLedger(log, verifier, kept)).faults
  const sizes = [...log.notes.keys()]
  const before = sizes.filter((at) => at <= 7).at(-1) ?? 0
  const after = sizes.find((at) => at > 7) ?? 0
  expect(fault).toMatchObject({ kind: 'rewritten', index: before })
  expect(fault?.message).toContain(`history was rewritten from entry ${before} (`)
  expect(fault?.message).toContain(`the checkpoint of size ${after} has signed`)
})

test('history rewritten with the key shows against a checkpoint kept elsewhere', async () => {
  const log = await ledgerOfSize(12)
  const kept = { note: log.notes.get(12) ?? '', from: 'the witness' }
  const entries = Array.from({ length: 30 }, (_, n) =>
    n === 7 ? entry(n, { principal: 'agent:nobody' }) : entry(n),
  )
  const fake = await ledgerOf([entries])
  expect(await verifyLedger(fake, verifier)).toMatchObject({ ok: true })
  expect((await verifyLedger(fake, verifier, [kept])).faults).toMatchObject([
    { kind: 'rewritten', message: expect.stringContaining('the witness has signed') },
  ])
})

test('a rollback with the key shows against a checkpoint kept elsewhere', async () => {
  const kept = { note: (await ledgerOfSize(12)).notes.get(12) ?? '', from: 'the witness' }
  const short = await ledgerOfSize(9)
  expect((await verifyLedger(short, verifier, [kept])).faults[0]).toMatchObject({
    kind: 'dropped',
    index: 9,
    message: expect.stringContaining('entries 9 to 11 are gone'),
  })
})

test('a kept checkpoint that this key has not signed is a fault, and vouches for nothing', async () => {
  const log = await ledgerOfSize(5)
  const other = openSigner('other.example', new Uint8Array(32).fill(1))
  const found = await verifyLedger(log, readVerifier(other.verifier), [])
  expect(found).toMatchObject({ ok: false, signed: null, faults: [{ kind: 'checkpoint' }] })
  expect(await verifyLedger(log, verifier, [{ note: 'x', from: 'a mail' }])).toMatchObject({
    ok: false,
    faults: [{ kind: 'checkpoint', message: expect.stringContaining('a mail') }],
  })
})

test('even under a refused checkpoint, an entry that is not what was hashed is named', async () => {
  const log = await ledgerOfSize(9)
  log.notes.set(9, 'nonsense')
  log.rows.set(4, forged)
  expect(
    (await verifyLedger(log, verifier)).faults.map(({ kind, index }) => [kind, index]),
  ).toEqual([
    ['changed', 4],
    ['checkpoint', null],
  ])
})

test('any byte of any entry that changes names that entry', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (pick, where, flip) => {
        const log = await ledgerOfSize(size)
        const index = pick % size
        const leaf = log.rows.get(index) ?? new Uint8Array()
        const at = where % leaf.length
        leaf[at] = (leaf[at] ?? 0) ^ flip
        const { faults } = await verifyLedger(log, verifier)
        expect(faults).toMatchObject([{ kind: 'changed', index }])
      },
    ),
    { numRuns: 60 },
  ))

test('any byte of any stored hash that changes names the hash and clears the entries', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat({ max: 31 }),
      fc.integer({ min: 1, max: 255 }),
      async (pick, at, flip) => {
        const log = await ledgerOfSize(size)
        const places = [...log.hashes.keys()]
        const place = places[pick % places.length] ?? ''
        const hash = log.hashes.get(place) ?? new Uint8Array()
        hash[at] = (hash[at] ?? 0) ^ flip
        const { faults } = await verifyLedger(log, verifier)
        const [level, index] = place.split('/')
        expect(faults).toMatchObject([
          { kind: 'hash', message: expect.stringContaining(`(level ${level}, index ${index})`) },
        ])
      },
    ),
    { numRuns: 60 },
  ))

test('any byte of the newest checkpoint that changes names the checkpoint', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (pick, flip) => {
      const log = await ledgerOfSize(size)
      const bytes = Buffer.from(log.notes.get(size) ?? '')
      const at = pick % bytes.length
      bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at)
      log.notes.set(size, bytes.toString('utf8'))
      expect((await verifyLedger(log, verifier)).faults).toMatchObject([{ kind: 'checkpoint' }])
    }),
    { numRuns: 60 },
  ))

test('any entry moved, doubled or dropped names the first place that is not as signed', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat({ max: size - 1 }),
      fc.nat({ max: size - 1 }),
      fc.constantFrom('move', 'double', 'drop'),
      async (from, to, how) => {
        const log = await ledgerOfSize(size)
        const leaves = list(log)
        const [taken = new Uint8Array()] = leaves.slice(from, from + 1)
        const rest = how === 'double' ? leaves : leaves.toSpliced(from, 1)
        const changed = how === 'drop' ? rest : rest.toSpliced(to, 0, taken)
        const first = leaves.findIndex((leaf, index) => changed[index] !== leaf)
        renumber(log, changed)
        const found = await verifyLedger(log, verifier)
        // A copy of the last entry behind it changes nothing that was signed; it stands under no checkpoint.
        const expected = first === -1 && changed.length > size ? size : first
        expect(found.ok).toBe(expected === -1)
        if (expected !== -1) expect(found.faults[0]?.index).toBe(expected)
      },
    ),
    { numRuns: 80 },
  ))

test('for people there is a line for each fault', async () => {
  const log = await ledgerOfSize(5)
  const { root = null } = (await verifyLedger(log, verifier)).signed ?? {}
  expect(await verifyLog(log, signer.verifier)).toEqual({ ok: true, size: 5, root, faults: [] })
  log.rows.set(3, forged)
  expect((await verifyLog(log, signer.verifier)).faults).toEqual([
    'entry 3 (`denied` of 2026-09-21T14:13:27.000Z) was changed after it was signed (the newest checkpoint)',
  ])
})
