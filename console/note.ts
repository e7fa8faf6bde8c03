/** Checkpoints (C2SP tlog-checkpoint, signed-note) under the one key that this browser holds the ledger to. */
import { digestOf, fromBase64, hexOf } from './bytes.ts'
import type { Bytes } from './bytes.ts'

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

interface Key {
  readonly name: string
  readonly id: string
  readonly isGood: (text: Bytes, signature: Bytes) => Promise<boolean>
}

/** What the key has signed; throws an `Error` where it has not, or one of its signatures is bad. */
export async function openCheckpoint(note: string, verifier: string): Promise<Checkpoint> {
  const end = note.lastIndexOf('\n\n')
  if (end < 1 || note.length > 65_536 || !note.endsWith('\n'))
    throw new Error('its checkpoint is not a signed note')
  const key = await keyIn(verifier)
  const text = note.slice(0, end + 1)
  await mustSign(key, new TextEncoder().encode(text), note.slice(end + 2, -1).split('\n'))
  const checkpoint = read(text)
  if (checkpoint === null) throw new Error('its checkpoint cannot be read')
  if (checkpoint.origin === key.name) return checkpoint
  throw new Error(`its checkpoint is of another log, ${checkpoint.origin}`)
}

/** Lines of other keys count for nothing. */
async function mustSign(key: Key, text: Bytes, lines: readonly string[]): Promise<void> {
  let signed = 0
  for (const line of lines) {
    const [dash, name, body = '', ...more] = line.split(' ')
    const bytes = dash === '—' && more.length === 0 ? fromBase64(body) : null
    if (bytes === null || bytes.length <= 4)
      throw new Error('a signature line of its checkpoint cannot be read')
    if (name !== key.name || hexOf(bytes.subarray(0, 4)) !== key.id) continue
    if (!(await key.isGood(text, bytes.slice(4))))
      throw new Error(`the signature of ${key.name} under its checkpoint is bad`)
    signed += 1
  }
  if (signed === 0) throw new Error(`its checkpoint has no signature of ${key.name}`)
}

function read(text: string): Checkpoint | null {
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n')
  const hash = fromBase64(root)
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || hash?.length !== 32 || rest.includes('')) return null
  return { origin, size: Number(size), root: hash }
}

/** `name+id+base64`, the id being of the name and the key: one that was bent is no key. */
async function keyIn(verifier: string): Promise<Key> {
  const [name = '', id = '', ...rest] = verifier.trim().split('+')
  const typed = fromBase64(rest.join('+'))
  if (typed?.length !== 33 || typed[0] !== 1) throw new Error('this is no verifier key')
  const named = new TextEncoder().encode(`${name}\n`)
  if (hexOf((await digestOf(named, typed)).subarray(0, 4)) !== id)
    throw new Error('this verifier key does not belong to its name')
  const key = await crypto.subtle
    .importKey('raw', typed.slice(1), 'Ed25519', false, ['verify'])
    .catch(() => null)
  if (key === null)
    throw new Error('this browser knows no Ed25519: `firebreak ledger check` checks the receipt')
  return {
    name,
    id,
    isGood: async (text, signature) => await crypto.subtle.verify('Ed25519', key, signature, text),
  }
}
