/** The other messages that a client sends: read where the gateway looks at them, and made where it sends them. */
import { Cursor } from './cursor.ts'
import { frame, int32 } from './frame.ts'

/** The body of a Query frame from `at` to `end`; null where it is not UTF-8. */
export function readQuery(bytes: Uint8Array, at: number, end: number): string | null {
  const cursor = new Cursor(bytes, at + 5, end)
  return cursor.done(cursor.text())
}

/** The function that a FunctionCall frame calls. */
export function readCall(bytes: Uint8Array, at: number, end: number): number {
  return new Cursor(bytes, at + 5, end).int32() >>> 0
}

/** The arguments of a FunctionCall frame, null for NULL; null where they are not all in binary, or it is malformed. */
export function readArguments(frameBytes: Uint8Array): readonly (Uint8Array | null)[] | null {
  const cursor = new Cursor(frameBytes, 9)
  const formats = Array.from({ length: cursor.count(2) }, () => cursor.int16())
  const values = Array.from({ length: cursor.count(4) }, () => {
    const length = cursor.int32()
    return length === -1 ? null : cursor.take(length)
  })
  const isBinary = formats.length > 0 && formats.every((format) => format === 1)
  return isBinary ? values : null
}

/** The body of a password frame; null where it is not UTF-8. */
export function readPassword(bytes: Uint8Array, at: number, end: number): string | null {
  const cursor = new Cursor(bytes, at + 5, end)
  return cursor.done(cursor.text())
}

export const sync = frame('S')
export const flush = frame('H')

export function query(text: string): Uint8Array {
  return frame('Q', text)
}

export function password(text: string): Uint8Array {
  return frame('p', text)
}

export function saslStart(mechanism: string, response: Uint8Array): Uint8Array {
  return frame('p', mechanism, int32(response.length), response)
}

export function saslResponse(response: Uint8Array): Uint8Array {
  return frame('p', response)
}

export function copyFail(reason: string): Uint8Array {
  return frame('f', reason)
}

/** A FunctionCall without arguments, result as text. */
export function call(oid: number): Uint8Array {
  return frame('F', int32(oid), new Uint8Array(6))
}
