/**
 * A receipt of the ledger, checked here: the entry's hash, its way to the root (RFC 6962 §2.1, RFC 9162 §2.1.3.2), and the signature under
 * that root (C2SP tlog-proof, tlog-checkpoint, signed-note). The daemon's word counts for nothing in it.
 */
import { digestOf, fromBase64, hexOf } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { isJson, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { openCheckpoint } from './note.ts'

export interface Proved {
  readonly index: number
  /** Entries under the signature. */
  readonly size: number
  /** The entry, of the very bytes that were hashed. */
  readonly entry: JsonObject
  readonly leafHash: string
  readonly steps: number
  readonly root: string
  /** Whose ledger it is: the key's name. */
  readonly origin: string
}

/** Throws an `Error` that says what does not hold. */
export async function prove(receipt: string, verifier: string): Promise<Proved> {
  const { index, leaf, path, note } = parts(receipt)
  const { origin, size, root } = await openCheckpoint(note, verifier)
  if (index >= size)
    throw new Error(`its checkpoint signs ${size} entries: none of them is ${index}`)
  const hash = await sha256(0, leaf)
  const reached = await climb(hash, { index, size }, path)
  if (hexOf(reached) !== hexOf(root)) throw new Error('it is not under the root that was signed')
  return {
    index,
    size,
    origin,
    entry: entryIn(leaf),
    leafHash: hexOf(hash),
    steps: path.length,
    root: hexOf(root),
  }
}

interface Parts {
  readonly index: number
  readonly leaf: Bytes
  readonly path: readonly Bytes[]
  readonly note: string
}

function parts(receipt: string): Parts {
  const end = receipt.indexOf('\n\n')
  const [heading, extra = '', place = '', ...rest] = receipt.slice(0, Math.max(0, end)).split('\n')
  const leaf = extra.startsWith('extra ') ? fromBase64(extra.slice(6)) : null
  const index = /^index (0|[1-9]\d{0,15})$/.exec(place)?.[1]
  const path = rest.map(fromBase64).filter((hash) => hash?.length === 32)
  if (heading !== 'c2sp.org/tlog-proof@v1' || leaf === null || index === undefined)
    throw new Error('it is not a receipt')
  if (path.length !== rest.length || path.length > 63) throw new Error('its path cannot be read')
  return {
    index: Number(index),
    leaf,
    path: path.flatMap((hash) => hash ?? []),
    note: receipt.slice(end + 2),
  }
}

/** The root at the end of the path: on which side each hash stands follows from the places alone. */
async function climb(
  leaf: Bytes,
  { index, size }: { readonly index: number; readonly size: number },
  path: readonly Bytes[],
): Promise<Bytes> {
  let hash = leaf
  let at: Place = [index, size - 1]
  for (const sibling of path) {
    const [place, last] = at
    if (last === 0) throw new Error('its path is too long')
    const isRight = place % 2 === 1 || place === last
    hash = await (isRight ? sha256(1, sibling, hash) : sha256(1, hash, sibling))
    at = up(isRight ? untilRight(at) : at)
  }
  if (at[1] !== 0) throw new Error('its path is too short')
  return hash
}

/** A node's index on its level, and that of the level's last node. */
type Place = readonly [number, number]

/** A last node without a sibling moves up unchanged until it is a right one. */
function untilRight(from: Place): Place {
  let at = from
  while (at[0] % 2 === 0 && at[0] !== 0) at = up(at)
  return at
}

function up([place, last]: Place): Place {
  return [Math.floor(place / 2), Math.floor(last / 2)]
}

function entryIn(leaf: Bytes): JsonObject {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(leaf)
  const value: unknown = JSON.parse(text)
  if (isObject(value) && isJson(value)) return value
  throw new Error('its bytes are no entry')
}

/** `SHA-256(domain ‖ parts)`: 0 for a leaf, 1 for a node. */
async function sha256(domain: number, ...all: readonly Bytes[]): Promise<Bytes> {
  return await digestOf(Uint8Array.of(domain), ...all)
}
