/**
 * A grant with one more hop, made in the browser: it needs no key but the grant's own tail, and nobody hears of it. The same bytes
 * as `firebreak grant attenuate` writes; what was added cannot be taken off.
 */
import { base64urlOf, bytesOf, join } from './bytes.ts'

export interface Narrowing {
  readonly operations: readonly string[]
  readonly environments: readonly string[]
  /** ms since 1970; null leaves the grant's own. */
  readonly expires: number | null
}

/** Each word's byte in a hop. */
const codes = { operations: 1, environments: 2, expires: 5 } as const
const tailBytes = 32

/** Null for what is no grant, and for what a hop cannot carry. */
export async function narrowed(grant: string, wish: Narrowing): Promise<string | null> {
  const text = /^fbk_([A-Za-z0-9_-]+)_([0-9a-f]{8})$/.exec(grant.trim())
  if (text?.[1] === undefined || crc32(text[1]) !== text[2]) return null
  const body = bytesOf(text[1])
  const said = join([
    ...(wish.operations.length === 0 ? [] : [listOf(codes.operations, wish.operations)]),
    ...(wish.environments.length === 0 ? [] : [listOf(codes.environments, wish.environments)]),
    ...(wish.expires === null ? [] : [caveat(codes.expires, numberOf(wish.expires))]),
  ])
  if (said.length === 0 || said.length > 0xffff) return null
  const hop = join([Uint8Array.of(said.length >> 8, said.length & 0xff), said])
  const tail = await mac(body.slice(-tailBytes), hop)
  const whole = base64urlOf(join([body.slice(0, -tailBytes), hop, tail]).buffer)
  return `fbk_${whole}_${crc32(whole)}`
}

async function mac(
  key: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const held = await crypto.subtle.importKey('raw', key, hmac, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', held, message))
}

function caveat(code: number, payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return join([Uint8Array.of(code, payload.length >> 8, payload.length & 0xff), payload])
}

function listOf(code: number, items: readonly string[]): Uint8Array<ArrayBuffer> {
  const parts = items.map((item) => new TextEncoder().encode(item))
  return caveat(code, join(parts.flatMap((one) => [Uint8Array.of(one.length), one])))
}

/** Six bytes, the most significant first. */
function numberOf(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 6 }, (_, at) => Math.floor(value / 256 ** (5 - at)) % 256)
}

/** Of the text's bytes, in eight hex digits (ISO 3309). */
function crc32(text: string): string {
  let crc = 0xff_ff_ff_ff
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0)
  }
  return ((crc ^ 0xff_ff_ff_ff) >>> 0).toString(16).padStart(8, '0')
}
