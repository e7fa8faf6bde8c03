/** Checkpoints (C2SP tlog-checkpoint): a log's name, size and root, signed; a witness signs the same text. */
import { hashFrom, toBase64 } from './hash.ts'
import { openNote, splitNote } from './note.ts'
import type { Signature, Signer, Verifier } from './note.ts'
import type { Head } from './proof.ts'

export interface Checkpoint extends Head {
  readonly origin: string
}

export type OpenedCheckpoint =
  | {
      readonly kind: 'opened'
      readonly checkpoint: Checkpoint
      readonly witnesses: readonly Signature[]
    }
  | { readonly kind: 'refused'; readonly why: string }

/** The text that is signed: origin, size and root, a line each. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** A checkpoint as a signed note. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const text = checkpointText(checkpoint)
  return `${text}\n${signer.line(text)}`
}

/**
 * The checkpoint that the log's key has signed, and which of the given witnesses have; else why not. Total.
 * The origin must be the key's name, so that no other log's checkpoint passes for this one's.
 */
export function openCheckpoint(
  note: string,
  verifier: Verifier,
  witnesses: readonly Verifier[] = [],
): OpenedCheckpoint {
  const opened = openNote(note, [verifier, ...witnesses])
  if (opened.kind === 'refused') return opened
  const signed = opened.by.some(({ name, kind }) => kind === 'log' && name === verifier.name)
  if (!signed) return { kind: 'refused', why: `no signature of ${verifier.name}` }
  const checkpoint = readCheckpoint(opened.text)
  if (checkpoint === null) return { kind: 'refused', why: 'its text is not that of a checkpoint' }
  if (checkpoint.origin !== verifier.name)
    return { kind: 'refused', why: `it is of another log, ${checkpoint.origin}` }
  const by = opened.by.filter(({ kind }) => kind === 'witness')
  return { kind: 'opened', checkpoint, witnesses: by }
}

/** What a note claims, before any signature was looked at; null where it is no checkpoint. */
export function claimedCheckpoint(note: string): Checkpoint | null {
  const parts = splitNote(note)
  return parts === null ? null : readCheckpoint(parts.text)
}

function readCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n')
  const hash = hashFrom(root)
  const isSize = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size))
  if (origin === '' || !isSize || hash === null || rest.includes('')) return null
  return { origin, size: Number(size), root: hash }
}
