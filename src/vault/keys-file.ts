/** A key file: one key of the vault, wrapped to its owners, sealed for the daemon, and signed; a text that a person can read. */
import { hkdfSync } from 'node:crypto'
import { keyIdBytes } from './chunks.ts'

export interface KeyFile {
  /** What it holds is known by this; it tells nothing of the key. */
  readonly key: string
  /** `data`: made for this store. `machine`: the one that the daemon derives from its own. */
  readonly of: 'data' | 'machine'
  readonly at: number
  readonly signer: string
  readonly recipients: readonly string[]
  /** The key as the daemon opens it. */
  readonly sealed: string
  /** The key as its owners open it: an age file, armored. */
  readonly age: string
}

/** Longer ones are not ours: a hostile one must not cost much. */
export const longestKeyFile = 65_536

/** 32 hex digits (docs/formats/recovery-point.md §8). */
export function keyIdOf(key: Uint8Array): string {
  const bytes = hkdfSync('sha256', key, '', 'firebreak vault key id', keyIdBytes)
  return Buffer.from(bytes).toString('hex')
}

/** The text that is signed. */
export function keyText(file: KeyFile): string {
  const { key, of, at, signer, recipients, sealed, age } = file
  const head = [
    'firebreak vault key 1',
    `key ${key}`,
    `of ${of}`,
    `at ${at}`,
    `signer ${signer}`,
    ...recipients.map((recipient) => `recipient ${recipient}`),
    `sealed ${sealed}`,
  ]
  return `${head.join('\n')}\n${age}`
}

const form = new RegExp(
  [
    '^firebreak vault key 1',
    'key (?<key>[0-9a-f]{32})',
    'of (?<of>data|machine)',
    'at (?<at>0|[1-9][0-9]{0,14})',
    'signer (?<signer>[!-~]+)',
    '(?<recipients>(?:recipient age1[0-9a-z]+\n)+)sealed (?<sealed>[!-~]+)',
    '(?<age>-----BEGIN AGE ENCRYPTED FILE-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END AGE ENCRYPTED FILE-----\n)$',
  ].join('\n'),
)

export interface ReadKeyFile {
  readonly file: KeyFile
  readonly text: string
  readonly line: string
}

/** What a key file claims, before its signature was looked at; null where it is none. Its name in the store means nothing. */
export function parseKeyFile(note: string): ReadKeyFile | null {
  const end = note.indexOf('\n\n')
  if (end === -1) return null
  const text = note.slice(0, end + 1)
  const { key, of, at, signer, recipients, sealed, age } = form.exec(text)?.groups ?? {}
  if (key === undefined || age === undefined) return null
  if (signer === undefined || sealed === undefined) return null
  const file: KeyFile = {
    key,
    of: of === 'data' ? 'data' : 'machine',
    at: Number(at),
    signer,
    recipients: (recipients ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice('recipient '.length)),
    sealed,
    age,
  }
  return { file, text, line: note.slice(end + 2) }
}
