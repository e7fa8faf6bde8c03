/** Verification: the whole ledger again from its leaves, against every signed checkpoint at hand; what is wrong is named. */
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { emptyRoot, sameHash, toBase64 } from './hash.ts'
import { titleOf } from './leaf.ts'
import type { LogReads } from './reads.ts'
import { locate } from './locate.ts'
import type { Change } from './locate.ts'
import { readVerifier } from './note.ts'
import type { Verifier } from './note.ts'
import { walk } from './walk.ts'
import type { Walked } from './walk.ts'

/**
 * `changed`, `dropped`, `inserted`, `reordered`: an entry. `rewritten`: history in a range, with its hashes. `unsigned`:
 * entries under no checkpoint. `hash`: a stored hash, the entries being intact. `checkpoint`: a checkpoint itself. `file`: a
 * file of an export that holds what no log writes. `word`: a passkey's word that does not hold (`app/evidence.ts`).
 */
export type FaultKind = Change | 'rewritten' | 'unsigned' | 'hash' | 'checkpoint' | 'file' | 'word'

export interface Fault {
  readonly kind: FaultKind
  /** The first entry it is about; null for a checkpoint that tells no more. */
  readonly index: number | null
  /** One line for people, with the entry's index, kind and time. */
  readonly message: string
}

export interface Verified {
  /** True when nothing is wrong: then every entry is as it was signed. */
  readonly ok: boolean
  /** Entries in the ledger. */
  readonly size: number
  /** The size and root that all of it was checked against; null where the newest checkpoint is not good. */
  readonly signed: { readonly size: number; readonly root: string } | null
  readonly faults: readonly Fault[]
}

/** A checkpoint to hold the ledger to: an older one of the store, a witness's, an export's, a receipt's. */
export interface Kept {
  readonly note: string
  /** Where it comes from, for messages. */
  readonly from: string
}

const mostTold = 20

/**
 * INVARIANT (tamper-shows): a changed, dropped, reordered or rewritten entry is named here, by index, kind and time. Without
 * a checkpoint kept elsewhere, whoever has both the key and the rows can rewrite all: hand in `kept` what a witness has.
 */
export async function verifyLedger(
  log: LogReads,
  verifier: Verifier,
  kept: readonly Kept[] = [],
): Promise<Verified> {
  const newest = await newestOf(log, verifier)
  const others = kept.map((one) => openKept(one, verifier))
  const marks = [...newest.marks, ...others.flatMap(({ marks }) => marks)].toSorted(
    (a, b) => a.checkpoint.size - b.checkpoint.size,
  )
  const walked = await walk(log, new Set(marks.map(({ checkpoint }) => checkpoint.size)))
  const faults = [
    ...(await entryFaults(log, walked, marks)),
    ...(await unsignedFaults(log, walked, newest.marks)),
    ...newest.faults,
    ...others.flatMap((other) => other.faults),
  ]
  const intact = faults.every(({ kind }) => kind === 'checkpoint')
  const all = intact ? [...hashFaults(walked), ...faults] : faults
  const signed = newest.marks[0]?.checkpoint ?? null
  return {
    ok: all.length === 0,
    size: walked.present,
    signed: signed === null ? null : { size: signed.size, root: toBase64(signed.root) },
    faults: all.slice(0, mostTold),
  }
}

/** The same for whoever shows it: the verifier key as text, the root that was signed, a line for each fault. */
export async function verifyLog(
  log: LogReads,
  verifier: string,
  kept: readonly Kept[] = [],
): Promise<VerifiedLines> {
  const { ok, size, signed, faults } = await verifyLedger(log, readVerifier(verifier), kept)
  return { ok, size, root: signed?.root ?? null, faults: faults.map(({ message }) => message) }
}

export interface VerifiedLines {
  readonly ok: boolean
  readonly size: number
  readonly root: string | null
  readonly faults: readonly string[]
}

/** A checkpoint with a good signature, to hold the entries to. */
interface Mark {
  readonly checkpoint: Checkpoint
  readonly from: string
}

interface Opened {
  readonly marks: readonly Mark[]
  readonly faults: readonly Fault[]
}

async function newestOf(log: LogReads, verifier: Verifier): Promise<Opened> {
  const stored = await log.checkpoint()
  if (stored === null) return { marks: [], faults: [] }
  const opened = openKept({ note: stored.note, from: 'the newest checkpoint' }, verifier)
  const size = opened.marks[0]?.checkpoint.size ?? stored.size
  if (size === stored.size) return opened
  const message = `the newest checkpoint stands under size ${stored.size} and signs ${size}: it was replaced`
  return {
    marks: opened.marks,
    faults: [...opened.faults, { kind: 'checkpoint', index: null, message }],
  }
}

function openKept({ note, from }: Kept, verifier: Verifier): Opened {
  const opened = openCheckpoint(note, verifier)
  const fault = (why: string): Opened => {
    const message = `${from} was changed or is not this ledger's: ${why}`
    return { marks: [], faults: [{ kind: 'checkpoint', index: null, message }] }
  }
  if (opened.kind === 'refused') return fault(opened.why)
  const { checkpoint } = opened
  if (checkpoint.size === 0 && !sameHash(checkpoint.root, emptyRoot()))
    return fault('it gives an empty ledger another root than nothing has')
  return { marks: [{ checkpoint, from }], faults: [] }
}

/** The first entry that the signed heads do not vouch for; nothing when they all agree with the leaves. */
async function entryFaults(
  log: LogReads,
  walked: Walked,
  marks: readonly Mark[],
): Promise<readonly Fault[]> {
  const failed = marks.find(({ checkpoint }) => !holds(walked, checkpoint))
  if (failed === undefined) return marks.length === 0 ? await unguided(log, walked) : []
  const { size } = failed.checkpoint
  const good = marks.filter(({ checkpoint }) => checkpoint.size < size)
  const intact = good.at(-1)?.checkpoint.size ?? 0
  const located = await locate(log, walked, failed.checkpoint)
  if (located.kind === 'entry')
    return [await entryFault(log, located.index, located.change, failed.from)]
  if (walked.present < size) {
    const dropped = await entryFault(log, walked.present, 'dropped', failed.from)
    const last =
      walked.present < walked.counted ? '' : `; entries ${walked.present} to ${size - 1} are gone`
    return [{ ...dropped, message: `${dropped.message}${last}` }]
  }
  const from = Math.max(intact, located.range.from)
  const to = Math.min(size, located.range.to)
  const which =
    to - from === 1 ? 'it is not' : `of entries ${from} to ${to - 1} at least one is not`
  const message = `history was rewritten from ${await named(log, from)} on: ${which} what ${failed.from} has signed, and its hashes were made anew`
  return [{ kind: 'rewritten', index: from, message }]
}

/** Without a good checkpoint only the stored hashes speak: a leaf that is not what was hashed is still named. */
async function unguided(log: LogReads, walked: Walked): Promise<readonly Fault[]> {
  const first = walked.wrong.find(({ level }) => level === 0)
  if (walked.present < walked.counted)
    return [await entryFault(log, walked.present, 'dropped', 'the count of entries')]
  return first === undefined
    ? []
    : [await entryFault(log, first.index, 'changed', 'its stored hash')]
}

async function unsignedFaults(
  log: LogReads,
  walked: Walked,
  newest: readonly Mark[],
): Promise<readonly Fault[]> {
  if (walked.counted === 0) return []
  const stored = await log.checkpoint()
  const size = newest[0]?.checkpoint.size ?? (stored === null ? 0 : walked.counted)
  if (size >= walked.counted) return []
  const message = `${await named(log, size)} and later, ${walked.counted - size} in all, stand under no checkpoint: the newest signs ${size}`
  return [{ kind: 'unsigned', index: size, message }]
}

function hashFaults({ wrong }: Walked): readonly Fault[] {
  return wrong.map(({ level, index }) => {
    const first = index * 2 ** level
    const over = level === 0 ? `entry ${first}` : `entries ${first} to ${first + 2 ** level - 1}`
    const message = `the stored hash over ${over} (level ${level}, index ${index}) was changed or is missing; the entries themselves are as signed`
    return { kind: 'hash', index: first, message }
  })
}

function holds({ roots, present }: Walked, { size, root }: Checkpoint): boolean {
  return size <= present && sameHash(roots.get(size) ?? null, root)
}

async function entryFault(
  log: LogReads,
  index: number,
  change: Change,
  against: string,
): Promise<Fault> {
  return { kind: change, index, message: `${await tellChange(log, index, change)} (${against})` }
}

async function tellChange(log: LogReads, index: number, change: Change): Promise<string> {
  switch (change) {
    case 'changed':
      return `${await named(log, index)} was changed after it was signed`
    case 'dropped':
      return `entry ${index} was dropped; before it stands ${await named(log, index - 1)}`
    case 'inserted':
      return `${await named(log, index)} was put in and was never signed`
    case 'reordered':
      return `${await named(log, index)} stands where another was signed: entries were reordered`
  }
}

/** `entry 7 (`held` of 2026-…)` as it reads now. */
async function named(log: LogReads, index: number): Promise<string> {
  if (index < 0) return 'nothing'
  const [leaf = null] = await log.leaves(index, index + 1)
  return `entry ${index} (${titleOf(leaf)})`
}
