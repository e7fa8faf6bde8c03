/** One hop of a grant as bytes: what is authenticated is what is read, and each caveat has exactly one encoding. */
import { lawful } from './caveat.ts'
import type { Caveat } from './caveat.ts'

/** The byte of each word. Never reused: a reader that does not know one refuses. */
const codes = {
  operations: 1,
  environments: 2,
  targets: 3,
  resources: 4,
  expires: 5,
  rows: 6,
  holder: 7,
  delegate: 8,
} as const

const numberBytes = 6

/** The bytes of a hop's caveats, in their order; null where one is unlawful. */
export function encodeCaveats(caveats: readonly Caveat[]): Buffer | null {
  const parts: Buffer[] = []
  for (const caveat of caveats) {
    const payload = lawful(caveat) ? payloadOf(caveat) : null
    if (payload === null || payload.length > 0xffff) return null
    parts.push(Buffer.of(codes[caveat[0]], payload.length >> 8, payload.length & 0xff), payload)
  }
  return Buffer.concat(parts)
}

/** The caveats of a hop, or null: total, and what it reads it would write as the same bytes. */
export function decodeCaveats(bytes: Buffer): readonly Caveat[] | null {
  const caveats: Caveat[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at + 3
    if (start > bytes.length) return null
    const end = start + bytes.readUInt16BE(at + 1)
    const caveat = end > bytes.length ? null : decodeOne(bytes[at] ?? 0, bytes.subarray(start, end))
    if (caveat === null || !lawful(caveat)) return null
    caveats.push(caveat)
    at = end
  }
  return caveats
}

function payloadOf([word, value]: Caveat): Buffer | null {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(numberBytes)
    bytes.writeUIntBE(value, 0, numberBytes)
    return bytes
  }
  if (typeof value === 'string') return Buffer.from(value, word === 'holder' ? 'base64url' : 'utf8')
  const items = value.map((item) => Buffer.from(item, 'utf8'))
  if (items.some((item) => item.length > 0xff)) return null
  return Buffer.concat(items.flatMap((item) => [Buffer.of(item.length), item]))
}

function decodeOne(code: number, payload: Buffer): Caveat | null {
  switch (code) {
    case codes.operations:
      return listOr('operations', payload)
    case codes.environments:
      return listOr('environments', payload)
    case codes.targets:
      return listOr('targets', payload)
    case codes.resources:
      return listOr('resources', payload)
    case codes.expires:
      return numberOr('expires', payload)
    case codes.rows:
      return numberOr('rows', payload)
    case codes.holder:
      return ['holder', payload.toString('base64url')]
    case codes.delegate:
      return ['delegate', payload.toString('utf8')]
    default:
      // INVARIANT (unread-is-held): a caveat that is not known might have forbidden this.
      return null
  }
}

function numberOr(word: 'expires' | 'rows', payload: Buffer): Caveat | null {
  return payload.length === numberBytes ? [word, payload.readUIntBE(0, numberBytes)] : null
}

/** Bytes that are no UTF-8 become U+FFFD here, which no lawful name has: one text, one encoding. */
function listOr(
  word: 'operations' | 'environments' | 'targets' | 'resources',
  payload: Buffer,
): Caveat | null {
  const items: string[] = []
  let at = 0
  while (at < payload.length) {
    const end = at + 1 + (payload[at] ?? 0)
    if (end > payload.length) return null
    items.push(payload.toString('utf8', at + 1, end))
    at = end
  }
  return [word, items]
}
