/**
 * A grant with one more hop, made in the browser: it needs no key but the grant's own tail, and nobody hears of it. The same bytes
 * as `firebreak grant attenuate` writes; what was added cannot be taken off.
 */
import { base64urlOf, bytesOf, join } from './bytes.ts'
import type { Bytes } from './bytes.ts'

/** As `src/grants/caveat.ts` has them; which key must sign, and who gets it, the command line says. */
export type Caveat =
  | readonly ['operations' | 'environments' | 'targets' | 'resources', readonly string[]]
  | readonly ['expires' | 'rows', number]

/** Each word's byte in a hop. */
const codes = { operations: 1, environments: 2, targets: 3, resources: 4, expires: 5, rows: 6 }
const [version, tailBytes, mostHops, longestToken, longestName] = [1, 32, 32, 4096, 200]

/** Null for what is no grant, and for what a grant cannot carry. */
export async function narrowed(grant: string, caveats: readonly Caveat[]): Promise<string | null> {
  const body = bodyOf(grant.trim())
  if (body === null || caveats.length === 0 || !caveats.every(lawful)) return null
  const said = join(caveats.map(bytesOfCaveat))
  const hops = hopsIn(body)
  if (hops === null || hops >= mostHops || said.length > 0xffff) return null
  const hop = join([Uint8Array.of(said.length >> 8, said.length & 0xff), said])
  const tail = await mac(body.slice(-tailBytes), hop)
  const whole = base64urlOf(join([body.slice(0, -tailBytes), hop, tail]))
  const token = `fbk_${whole}_${crc32(whole)}`
  return token.length > longestToken ? null : token
}

/** Its bytes, where it is whole and of the version that is known. */
function bodyOf(grant: string): Bytes | null {
  const [, text, sum] = /^fbk_([A-Za-z0-9_-]+)_([0-9a-f]{8})$/.exec(grant) ?? []
  // One character over a whole number of bytes is no base64.
  if (text === undefined || crc32(text) !== sum || text.length % 4 === 1) return null
  const body = bytesOf(text)
  return base64urlOf(body) === text && body[0] === version ? body : null
}

/** How many there are; null where they do not fill the room between version and tail exactly. */
function hopsIn(body: Bytes): number | null {
  const room = body.length - tailBytes
  let [at, hops] = [1, 0]
  while (at < room) {
    at += 2 + (body[at] ?? 0) * 256 + (body[at + 1] ?? 0)
    hops += 1
  }
  return at === room && hops > 0 ? hops : null
}

/** INVARIANT (what-is-read-is-what-was-said): a name that a hop cannot hold would be read as other names. */
function lawful([, value]: Caveat): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 && value < 2 ** 48
  return value.length > 0 && value.every(isName)
}

/** One line, nothing invisible, in one normal form: two names that look the same are the same bytes. */
function isName(text: string): boolean {
  const odd = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFFD]/u
  const isLong = text.length > longestName || new TextEncoder().encode(text).length > 0xff
  const isOne = text.trim() === text && text.normalize() === text
  return text !== '' && !isLong && !odd.test(text) && isOne
}

async function mac(
  key: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const held = await crypto.subtle.importKey('raw', key, hmac, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', held, message))
}

function bytesOfCaveat([word, value]: Caveat): Bytes {
  const payload = typeof value === 'number' ? numberOf(value) : join(value.map(named))
  return join([Uint8Array.of(codes[word], payload.length >> 8, payload.length & 0xff), payload])
}

function named(name: string): Bytes {
  const bytes = new TextEncoder().encode(name)
  return join([Uint8Array.of(bytes.length), bytes])
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
