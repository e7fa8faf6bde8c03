/** The text of a grant: `fbk_`, base64url of its hops and its tail, and a checksum that scanners can check. */
import { crc32 } from 'node:zlib'
import type { Caveat } from './caveat.ts'
import { decodeCaveats, encodeCaveats } from './codec.ts'
import { mac } from './mac.ts'

const version = 1
const tailBytes = 32
const longestToken = 4096
const mostHops = 32
const idShape = /^[a-z0-9_]{1,80}$/

/** What a token says, not yet verified: only `verifyGrant` makes more of it. */
export interface Parsed {
  readonly kind: 'parsed'
  readonly id: string
  /** What each holder added, the root first. */
  readonly hops: readonly (readonly Caveat[])[]
  /** The hops as they stand in the token: what the tail authenticates. */
  readonly bytes: readonly Buffer[]
  readonly tail: Buffer
}

export interface Refused {
  readonly kind: 'refused'
  /** One line without any of the token. */
  readonly why: string
}

/** What a grant's text begins with: enough to know that a secret is one of Firebreak's own. */
export const looksLikeGrant = (text: string): boolean => text.startsWith('fbk_')

/** Reads a token. Total: any text gives a value. Exactly one text is accepted for what is said. */
export function parseToken(token: string): Parsed | Refused {
  if (token.length > longestToken) return refused('the grant is too long')
  const match = /^fbk_([A-Za-z0-9_-]+)_([0-9a-f]{8})$/.exec(token)
  const text = match?.[1]
  if (text === undefined) return refused('this is not a grant')
  if (checksum(text) !== match?.[2])
    return refused('the grant is damaged: its checksum does not fit')
  const body = Buffer.from(text, 'base64url')
  if (body.toString('base64url') !== text) return refused('the grant is damaged')
  if (body[0] !== version) return refused('the grant is of another version')
  const bytes = splitHops(body)
  return bytes === null ? refused('the grant is damaged') : readHops(bytes, body)
}

/** The text of a grant's hops and tail; what `parseToken` reads is written as the same text. */
export function tokenText(hops: readonly Buffer[], tail: Buffer): string {
  const text = Buffer.concat([Buffer.of(version), ...hops, tail]).toString('base64url')
  return `fbk_${text}_${checksum(text)}`
}

/** The bytes of the root hop, which bears the grant's id; null for what a grant cannot carry. */
export function rootBytes(id: string, caveats: readonly Caveat[]): Buffer | null {
  const said = encodeCaveats(caveats)
  return said === null || !idShape.test(id)
    ? null
    : framed(Buffer.concat([Buffer.of(id.length), Buffer.from(id), said]))
}

/** The bytes of a later hop; null for what a grant cannot carry. */
export function hopBytes(caveats: readonly Caveat[]): Buffer | null {
  const said = encodeCaveats(caveats)
  return said === null ? null : framed(said)
}

/** The root's tail: HMAC-SHA-256 of the first hop, and what it is for, under the root key. */
export function firstTail(rootKey: Uint8Array, root: Buffer): Buffer {
  return mac(rootKey, Buffer.concat([Buffer.from('firebreak grant v1\n'), root]))
}

/** The next tail: HMAC-SHA-256 of one whole hop under the tail before it. What was added cannot be taken off. */
export function nextTail(tail: Uint8Array, hop: Buffer): Buffer {
  return mac(tail, hop)
}

export function refused(why: string): Refused {
  return { kind: 'refused', why }
}

function framed(content: Buffer): Buffer | null {
  return content.length > 0xffff
    ? null
    : Buffer.concat([Buffer.of(content.length >> 8, content.length & 0xff), content])
}

/** The framed hops between the version and the tail; null where they do not fill that room exactly. */
function splitHops(body: Buffer): readonly Buffer[] | null {
  const room = body.length - tailBytes
  const hops: Buffer[] = []
  let at = 1
  while (at < room) {
    const end = at + 2 > room ? room + 1 : at + 2 + body.readUInt16BE(at)
    if (end > room || hops.length === mostHops) return null
    hops.push(body.subarray(at, end))
    at = end
  }
  return hops.length === 0 ? null : hops
}

function readHops(bytes: readonly Buffer[], body: Buffer): Parsed | Refused {
  const root = bytes[0]?.subarray(2) ?? Buffer.alloc(0)
  const idEnd = 1 + (root[0] ?? 0)
  const id = root.toString('latin1', 1, idEnd)
  if (idEnd > root.length || !idShape.test(id)) return refused('the grant is damaged')
  const contents = [root.subarray(idEnd), ...bytes.slice(1).map((hop) => hop.subarray(2))]
  const hops: (readonly Caveat[])[] = []
  for (const content of contents) {
    const caveats = decodeCaveats(content)
    if (caveats === null) return refused('the grant has a caveat that this Firebreak does not know')
    hops.push(caveats)
  }
  return { kind: 'parsed', id, hops, bytes, tail: body.subarray(-tailBytes) }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
