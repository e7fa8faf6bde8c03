/** Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): what is signed is text that people can read. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Hash } from './tree.ts'

export interface Signer {
  readonly name: string
  /** `name+id+base64`, for whoever verifies (signed-note, verifier keys). */
  readonly verifier: string
  /** The signature line over a note's text. */
  readonly line: (text: string) => string
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

const ed25519 = 1
const keyIdBytes = 4

/** A signer from a 32-byte seed; the name must have no space and no plus. */
export function openSigner(name: string, seed: Uint8Array): Signer {
  const key = privateKey(seed)
  const raw = rawPublic(createPublicKey(key))
  const id = keyId(name, raw)
  return {
    name,
    verifier: `${name}+${Buffer.from(id).toString('hex')}+${Buffer.concat([Buffer.from([ed25519]), raw]).toString('base64')}`,
    line: (text) => {
      const signature = sign(null, Buffer.from(text), key)
      return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
    },
  }
}

/** The text of a checkpoint: origin, size, root, each on a line. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

/** A signed checkpoint. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const text = checkpointText(checkpoint)
  return `${text}\n${signer.line(text)}`
}

/** The checkpoint of a note that this verifier key has signed; else why not. Total. */
export function openCheckpoint(note: string, verifier: string): Checkpoint | string {
  const text = verifiedText(note, verifier)
  if (text === null) return 'the checkpoint has no good signature of that key'
  const [origin = '', size = '', root = '', ...rest] = text.split('\n')
  const bytes = Buffer.from(root, 'base64')
  const whole =
    rest.at(-1) === '' && /^(0|[1-9]\d{0,15})$/.test(size) && bytes.length === 32 && origin !== ''
  return whole
    ? { origin, size: Number(size), root: new Uint8Array(bytes) }
    : 'the checkpoint is malformed'
}

/** The text of a note when one of its lines is a good signature by the key; null otherwise. */
export function verifiedText(note: string, verifier: string): string | null {
  const end = note.indexOf('\n\n')
  const key = readVerifier(verifier)
  if (end === -1 || key === null) return null
  const text = note.slice(0, end + 1)
  const lines = note.slice(end + 2).split('\n')
  const good = lines.some((line) => signedBy(line, text, key))
  return good ? text : null
}

interface VerifierKey {
  readonly name: string
  readonly id: Uint8Array
  readonly key: KeyObject
}

function signedBy(line: string, text: string, { name, id, key }: VerifierKey): boolean {
  const [dash, signer, body = ''] = line.split(' ')
  const bytes = Buffer.from(body, 'base64')
  if (dash !== '—' || signer !== name || bytes.length !== keyIdBytes + 64) return false
  return (
    bytes.subarray(0, keyIdBytes).equals(id) &&
    verify(null, Buffer.from(text), key, bytes.subarray(keyIdBytes))
  )
}

function readVerifier(verifier: string): VerifierKey | null {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(verifier)
  const [name, id, body] = [match?.[1], match?.[2], Buffer.from(match?.[3] ?? '', 'base64')]
  if (name === undefined || id === undefined || body.length !== 33 || body[0] !== ed25519)
    return null
  const raw = body.subarray(1)
  const expected = keyId(name, raw)
  if (Buffer.from(expected).toString('hex') !== id) return null
  return { name, id: expected, key: publicKey(raw) }
}

/** The first four bytes of SHA-256 over name, line end, algorithm and key (signed-note, key id). */
function keyId(name: string, raw: Uint8Array): Uint8Array {
  const hash = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ed25519]))
    .update(raw)
    .digest()
  return new Uint8Array(hash.subarray(0, keyIdBytes))
}

/** RFC 8410 §7: a PKCS #8 key is this head and the seed. */
function privateKey(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** RFC 8410 §4: a public key is this head and 32 bytes. */
function publicKey(raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

function rawPublic(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}
