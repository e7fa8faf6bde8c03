/** The witness: a second memory, elsewhere, that signs only what continues what it has seen (C2SP tlog-cosignature). */
import type { Clock } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { LogRows } from '../guard/ports.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { sameHash } from './hash.ts'
import { hashesOf } from './reads.ts'
import type { LogReads } from './reads.ts'
import { splitNote } from './note.ts'
import type { Signer, Verifier } from './note.ts'
import { isConsistent, provesConsistency, rangeHash } from './proof.ts'

/** Why a witness will not sign. All but `unreachable` are proof that somebody has touched the ledger. */
export type Refusal = 'unreachable' | 'unsigned' | 'rollback' | 'fork'

export type Witnessed =
  /** The checkpoint with the witness's line; store it before it is given away, it is the next round's `seen`. */
  | {
      readonly kind: 'cosigned'
      readonly note: string
      readonly size: number
      readonly before: number
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly message: string }

export interface Watch {
  /** The log as its export or another copy shows it: nothing of it is trusted. */
  readonly log: LogReads
  readonly verifier: Verifier
  /** The witness's own key: `openSigner(name, seed, 'witness')`. */
  readonly signer: Signer
  /** The note it stored last, or null when it never did; a lost memory must not be passed off as none. */
  readonly seen: string | null
  readonly clock: Clock
}

/**
 * Looks at the log once. Signs when its newest checkpoint is this log's and continues what was seen, else says why not.
 * INVARIANT (a witness never goes back): what it signs has, as its beginning, everything that it has signed before.
 * Throws `bad_input` where `seen` is not a checkpoint of this log.
 */
export async function witness({ log, verifier, signer, seen, clock }: Watch): Promise<Witnessed> {
  const before = seen === null ? null : remembered(seen, verifier)
  const note = (await log.checkpoint())?.note ?? null
  if (note === null) return refused('unreachable', 'the log shows no checkpoint')
  const opened = openCheckpoint(note, verifier)
  if (opened.kind === 'refused')
    return refused('unsigned', `the log's checkpoint is refused: ${opened.why}`)
  const { checkpoint } = opened
  const objection = await objectionTo(log, before, checkpoint)
  if (objection !== null) return objection
  const parts = splitNote(note)
  if (parts === null) return refused('unsigned', 'the checkpoint is not a signed note')
  const line = signer.line(parts.text, Math.floor(clock.now() / 1000)).trimEnd()
  const others = parts.lines.filter((one) => !one.startsWith(`— ${signer.name} `))
  return {
    kind: 'cosigned',
    note: noteOf(parts.text, [...others, line]),
    size: checkpoint.size,
    before: before?.size ?? 0,
  }
}

/**
 * Adds the lines of known witnesses on a cosigned note to the newest stored checkpoint, so that receipts carry them. False,
 * and nothing is stored, where the note is not that very checkpoint or bears no good line of theirs.
 */
export async function adopt(
  log: LogRows,
  cosigned: string,
  verifier: Verifier,
  witnesses: readonly Verifier[],
): Promise<boolean> {
  const newest = await log.checkpoint()
  const opened = openCheckpoint(cosigned, verifier, witnesses)
  if (newest === null || opened.kind === 'refused' || opened.witnesses.length === 0) return false
  const [mine, theirs] = [splitNote(newest.note), splitNote(cosigned)]
  if (mine === null || theirs === null || mine.text !== theirs.text) return false
  const names = opened.witnesses.map(({ name }) => name)
  const isTheirs = (line: string): boolean => names.some((name) => line.startsWith(`— ${name} `))
  const lines = [...mine.lines.filter((line) => !isTheirs(line)), ...theirs.lines.filter(isTheirs)]
  await log.putCheckpoint(newest.size, noteOf(mine.text, lines))
  return true
}

function noteOf(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.map((line) => `${line}\n`).join('')}`
}

async function objectionTo(
  log: LogReads,
  before: Checkpoint | null,
  now: Checkpoint,
): Promise<Witnessed | null> {
  if (before !== null && now.size < before.size)
    return refused(
      'rollback',
      `the log shows ${now.size} entries; ${before.size} were seen: its end was dropped, or an old copy is shown`,
    )
  if (before?.size === now.size)
    return sameHash(before.root, now.root) ? null : refused('fork', forked(before))
  try {
    return await growthOf(log, before, now)
  } catch (thrown) {
    // What the proof needs is not there: nothing is signed, and a person looks.
    return refused(
      'unreachable',
      `the log cannot prove that it continues what was seen: ${messageOf(thrown)}`,
    )
  }
}

/** A first look checks that the hashes shown give the root; every later one that the new tree begins with the old. */
async function growthOf(
  log: LogReads,
  before: Checkpoint | null,
  now: Checkpoint,
): Promise<Witnessed | null> {
  const root = await rangeHash({ from: 0, to: now.size }, hashesOf(log))
  if (!sameHash(root, now.root))
    return refused('fork', `the hashes that the log shows do not give the root that it signed`)
  if (before === null) return null
  const proof = await provesConsistency(before.size, now.size, hashesOf(log))
  return isConsistent(before, now, proof) ? null : refused('fork', forked(before))
}

function forked(before: Checkpoint): string {
  return `history was rewritten: the first ${before.size} entries are not those that were seen, yet the log's key has signed them`
}

function refused(refusal: Refusal, message: string): Witnessed {
  return { kind: 'refused', refusal, message }
}

function remembered(seen: string, verifier: Verifier): Checkpoint {
  const opened = openCheckpoint(seen, verifier)
  if (opened.kind === 'opened') return opened.checkpoint
  throw new FirebreakError(
    'bad_input',
    `what the witness has stored cannot be read: ${opened.why}`,
    'restore its memory from a copy; starting anew forgets what was seen',
  )
}
