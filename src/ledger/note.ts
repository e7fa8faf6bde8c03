/** Signed notes (C2SP signed-note): text that a person can read, under lines that prove who has signed it. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { fromBase64, toBase64 } from './hash.ts'

/** Signature types (signed-note, signature types): a log signs with 1, a witness with 4 (tlog-cosignature). */
export type KeyKind = 'log' | 'witness'

/** A key that can be told to everyone. */
export interface Verifier {
  readonly name: string
  readonly kind: KeyKind
  /** The key id in hex. */
  readonly id: string
  /** `name+id+base64`, as other tools read it. */
  readonly text: string
  /** When a witness signed, in seconds since the epoch; 0 for a log's signature; null where the signature is not good. */
  readonly check: (text: string, signature: Uint8Array) => number | null
}

export interface Signer {
  readonly name: string
  /** The verifier key's text. */
  readonly verifier: string
  /** The signature line over a note's text, with its line end; a witness signs its time with it (seconds since the epoch). */
  readonly line: (text: string, seconds?: number) => string
}

export interface Signature {
  readonly name: string
  readonly kind: KeyKind
  /** Seconds since the epoch, as a witness signed it; null for a log's signature. */
  readonly seconds: number | null
}

export type OpenedNote =
  | { readonly kind: 'opened'; readonly text: string; readonly by: readonly Signature[] }
  | { readonly kind: 'refused'; readonly why: string }

const types = { log: 1, witness: 4 } as const
const idBytes = 4
const seedBytes = 32
const signatureBytes = 64
/** Longer notes are no checkpoints of ours: a hostile one must not cost much. */
const longestNote = 65_536
const mostLines = 100

/** A signer from a 32-byte seed; throws `bad_input` for another length, or a name with a space, a plus or nothing in it. */
export function openSigner(name: string, seed: Uint8Array, kind: KeyKind = 'log'): Signer {
  const key = privateKey(name, seed)
  const { id, text: verifier } = verifierOf(name, kind, rawPublic(createPublicKey(key)))
  const head = Buffer.from(id, 'hex')
  return {
    name,
    verifier,
    line: (text, seconds = 0) => {
      const time = kind === 'witness' ? bigEndian(seconds) : new Uint8Array()
      const signature = sign(null, Buffer.from(signedText(kind, text, seconds)), key)
      return `— ${name} ${Buffer.concat([head, time, signature]).toString('base64')}\n`
    },
  }
}

/** Reads a verifier key; throws `bad_input` where its parts do not belong together. */
export function readVerifier(text: string): Verifier {
  const [name = '', id = '', ...rest] = text.trim().split('+')
  const body = fromBase64(rest.join('+'))
  const kind = body?.[0] === types.log ? 'log' : body?.[0] === types.witness ? 'witness' : null
  if (body?.length === 1 + seedBytes && kind !== null && isName(name)) {
    const found = verifierOf(name, kind, body.subarray(1))
    if (found.id === id) return found
  }
  throw new FirebreakError(
    'bad_input',
    'this is no verifier key',
    'it reads `name+id+base64`; `firebreak ledger key` prints it',
  )
}

/**
 * A note's text when at least one of these keys has signed it and none of their signatures is bad (signed-note, signatures).
 * Total: what cannot be read is refused. Lines of other keys count for nothing.
 */
export function openNote(note: string, verifiers: readonly Verifier[]): OpenedNote {
  const parts = splitNote(note)
  if (parts === null) return { kind: 'refused', why: 'it is not a signed note' }
  const by: Signature[] = []
  for (const line of parts.lines) {
    const read = readLine(line)
    if (read === null) return { kind: 'refused', why: 'a signature line cannot be read' }
    const known = verifiers.find(({ name, id }) => name === read.name && id === read.id)
    if (known === undefined) continue
    const seconds = known.check(parts.text, read.signature)
    if (seconds === null) return { kind: 'refused', why: `the signature of ${known.name} is bad` }
    by.push({
      name: known.name,
      kind: known.kind,
      seconds: known.kind === 'witness' ? seconds : null,
    })
  }
  if (by.length > 0) return { kind: 'opened', text: parts.text, by }
  return { kind: 'refused', why: `no signature of ${verifiers.map(({ name }) => name).join(', ')}` }
}

/** A note's text and its signature lines; null where it has not that form. */
export function splitNote(
  note: string,
): { readonly text: string; readonly lines: readonly string[] } | null {
  const end = note.lastIndexOf('\n\n')
  if (end < 1 || note.length > longestNote || !note.endsWith('\n')) return null
  if (!note.isWellFormed() || hasControls(note)) return null
  const lines = note.slice(end + 2, -1).split('\n')
  return lines.length > mostLines ? null : { text: note.slice(0, end + 1), lines }
}

function readLine(
  line: string,
): { readonly name: string; readonly id: string; readonly signature: Uint8Array } | null {
  const [dash, name = '', body = '', ...rest] = line.split(' ')
  const bytes = fromBase64(body)
  if (dash !== '—' || rest.length > 0 || !isName(name) || bytes === null) return null
  if (bytes.length <= idBytes) return null
  const id = Buffer.from(bytes.subarray(0, idBytes)).toString('hex')
  return { name, id, signature: bytes.subarray(idBytes) }
}

function verifierOf(name: string, kind: KeyKind, raw: Uint8Array): Verifier {
  const typed = Buffer.concat([Buffer.from([types[kind]]), raw])
  const hash = createHash('sha256').update(`${name}\n`).update(typed).digest()
  const id = hash.subarray(0, idBytes).toString('hex')
  const key = publicKey(raw)
  return {
    name,
    kind,
    id,
    text: `${name}+${id}+${toBase64(typed)}`,
    check: (text, signature) => {
      const timed = kind === 'witness' ? 8 : 0
      if (signature.length !== timed + signatureBytes) return null
      const seconds = kind === 'witness' ? fromBigEndian(signature.subarray(0, timed)) : 0
      if (seconds === null) return null
      const signed = Buffer.from(signedText(kind, text, seconds))
      return verify(null, signed, key, signature.subarray(timed)) ? seconds : null
    },
  }
}

/** What is really signed: the text, or a witness's statement about it (tlog-cosignature, Ed25519 signed message). */
function signedText(kind: KeyKind, text: string, seconds: number): string {
  return kind === 'witness' ? `cosignature/v1\ntime ${seconds}\n${text}` : text
}

/** A key name is one word without a plus (signed-note, format). */
function isName(name: string): boolean {
  return /^[^\s+\p{Z}]+$/u.test(name) && name.isWellFormed() && !hasControls(name)
}

function hasControls(text: string): boolean {
  return Buffer.from(text).some((byte) => byte < 32 && byte !== 10)
}

function bigEndian(seconds: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(seconds))
  return bytes
}

function fromBigEndian(bytes: Uint8Array): number | null {
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null
}

/** RFC 8410 §7: a PKCS #8 key is this head and the seed. */
function privateKey(name: string, seed: Uint8Array): KeyObject {
  if (seed.length !== seedBytes || !isName(name))
    throw new FirebreakError(
      'bad_input',
      'a signing key is 32 bytes under a name of one word without `+`',
    )
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** RFC 8410 §4: a public key is this head and 32 bytes. */
function publicKey(raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

function rawPublic(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-seedBytes))
}
