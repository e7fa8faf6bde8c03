/** Finds the frames of the Postgres protocol in a buffer that grows, and makes them. */
import { FirebreakError } from '../../base/error.ts'
import { malformed } from './cursor.ts'

/** A typed frame: one byte of type, four of length. */
export const headBytes = 5

/** What a frame may be at most before anybody has shown a grant; the server's own limit. */
export const startBytes = 10_000

const encoder = new TextEncoder()

/**
 * How long the typed frame at `at` is, its type included, as its head says; 0 while the head is not all there. The frame
 * itself may still be on its way.
 */
export function frameLength(bytes: Uint8Array, at: number, end: number, maxBytes: number): number {
  if (end - at < headBytes) return 0
  return checked(int32At(bytes, at + 1), 4, maxBytes) + 1
}

/** The same for a frame without a type, as they come before the start of a session. */
export function startLength(bytes: Uint8Array, at: number, end: number): number {
  return end - at < 4 ? 0 : checked(int32At(bytes, at), 8, startBytes)
}

export function int32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16)
  return high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}

/** A piece of a body: text gets its zero byte. */
export type Piece = string | Uint8Array

export function int16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value)
}

export function int32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** A typed frame, or for null one without a type. */
export function frame(type: string | null, ...pieces: readonly Piece[]): Uint8Array {
  const parts = pieces.map((piece) => (typeof piece === 'string' ? zeroEnded(piece) : piece))
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = type === null ? int32(length) : Uint8Array.of(type.charCodeAt(0), ...int32(length))
  return joined([head, ...parts])
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Bytes of their own: `slice` of a `Buffer` is a view, and the next read would write over it. */
export function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function zeroEnded(text: string): Uint8Array {
  // A zero byte inside would end the text early, and the reader would see another one.
  if (text.includes('\0')) throw malformed('a text has a zero byte')
  return encoder.encode(`${text}\0`)
}

function checked(length: number, least: number, most: number): number {
  if (length < least) throw malformed('its length is impossible')
  if (length > most)
    throw new FirebreakError(
      'too_large',
      `a message of ${length} bytes is longer than the ${most} that are taken`,
    )
  return length
}
