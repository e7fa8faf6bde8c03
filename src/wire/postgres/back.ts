/** The messages of a server: read where the gateway looks at them, and made where it answers itself. */
import { Cursor, malformed } from './cursor.ts'
import { copied, frame, int32, type Piece } from './frame.ts'
import type { Status } from './step.ts'

export type Authentication =
  | { readonly kind: 'ok' | 'cleartext' }
  | { readonly kind: 'md5'; readonly salt: Uint8Array }
  | { readonly kind: 'sasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'sasl-continue' | 'sasl-final'; readonly data: Uint8Array }
  | { readonly kind: 'other'; readonly code: number }

/** What an ErrorResponse or a NoticeResponse says: each field under its letter. */
export type Fields = ReadonlyMap<string, string>

/** Bodies come without type and length. */
export function readAuthentication(body: Uint8Array): Authentication {
  const cursor = new Cursor(body)
  const code = cursor.int32()
  switch (code) {
    case 0:
      return cursor.done({ kind: 'ok' })
    case 3:
      return cursor.done({ kind: 'cleartext' })
    case 5:
      return cursor.done({ kind: 'md5', salt: cursor.take(4) })
    case 10:
      return { kind: 'sasl', mechanisms: texts(cursor) }
    case 11:
      return { kind: 'sasl-continue', data: cursor.rest() }
    case 12:
      return { kind: 'sasl-final', data: cursor.rest() }
    default:
      return { kind: 'other', code }
  }
}

export function writeAuthentication(told: Authentication): Uint8Array {
  switch (told.kind) {
    case 'ok':
      return frame('R', int32(0))
    case 'cleartext':
      return frame('R', int32(3))
    case 'md5':
      return frame('R', int32(5), told.salt)
    case 'sasl':
      return frame('R', int32(10), ...told.mechanisms, Uint8Array.of(0))
    case 'sasl-continue':
      return frame('R', int32(11), told.data)
    case 'sasl-final':
      return frame('R', int32(12), told.data)
    case 'other':
      return frame('R', int32(told.code))
  }
}

/** Name and value of a ParameterStatus. */
export function readSetting(body: Uint8Array): readonly [string, string] {
  const cursor = new Cursor(body)
  const [name, value] = [cursor.text(), cursor.text()]
  if (name === null || value === null) throw malformed('a setting is not UTF-8')
  return cursor.done([name, value])
}

export function writeSetting(name: string, value: string): Uint8Array {
  return frame('S', name, value)
}

/** The process and the secret with which a session can be cancelled. */
export function readKey(body: Uint8Array): { process: number; secret: Uint8Array } {
  const cursor = new Cursor(body)
  const process = cursor.int32()
  if (cursor.left < 4 || cursor.left > 256) throw malformed('its key has an impossible length')
  return { process, secret: copied(cursor.rest()) }
}

export function writeKey(process: number, secret: Uint8Array): Uint8Array {
  return frame('K', int32(process), secret)
}

export function readReady(body: Uint8Array): Status {
  const cursor = new Cursor(body)
  const status = String.fromCharCode(cursor.byte())
  if (status !== 'I' && status !== 'T' && status !== 'E') throw malformed('its status is unknown')
  return cursor.done(status)
}

export function writeReady(status: Status): Uint8Array {
  return frame('Z', Uint8Array.of(status.charCodeAt(0)))
}

export function readFields(body: Uint8Array): Fields {
  const cursor = new Cursor(body)
  const fields = new Map<string, string>()
  for (;;) {
    const letter = cursor.byte()
    if (letter === 0) return cursor.done(fields)
    fields.set(String.fromCharCode(letter), cursor.text() ?? '')
  }
}

/** An ErrorResponse; empty fields are left out. */
export function writeError(fields: Fields): Uint8Array {
  const pieces: Piece[] = []
  for (const [letter, text] of fields)
    pieces.push(Uint8Array.of(letter.charCodeAt(0)), text.replaceAll('\0', ' '))
  return frame('E', ...pieces, Uint8Array.of(0))
}

/** SQLSTATE of an ErrorResponse whose end may be missing; empty where it is not among what is there. */
export function codeOf(start: Uint8Array): string {
  let at = 0
  while (at < start.length && start[at] !== 0) {
    const end = start.indexOf(0, at + 1)
    if (end === -1) return ''
    if (start[at] === 67) return new TextDecoder().decode(start.subarray(at + 1, end))
    at = end + 1
  }
  return ''
}

/** The tag of a CommandComplete. */
export function readTag(body: Uint8Array): string {
  const cursor = new Cursor(body)
  return cursor.done(cursor.text() ?? '')
}

/** What a FunctionCallResponse gives, where that is four bytes: a number without sign. `body` may be cut. */
export function readReturned(body: Uint8Array): number | null {
  if (body.length !== 8) return null
  const cursor = new Cursor(body)
  return cursor.int32() === 4 ? cursor.int32() >>> 0 : null
}

/** The values of a DataRow in text form; what is not UTF-8 is malformed. */
export function readRow(body: Uint8Array): readonly (string | null)[] {
  const cursor = new Cursor(body)
  const values = Array.from({ length: cursor.count(4) }, () => {
    const length = cursor.int32()
    return length === -1 ? null : new TextDecoder().decode(cursor.take(length))
  })
  return cursor.done(values)
}

/** The names of the columns that a RowDescription tells of. */
export function readColumns(body: Uint8Array): readonly string[] {
  const cursor = new Cursor(body)
  const names = Array.from({ length: cursor.count(19) }, () => {
    const name = cursor.text()
    cursor.take(18)
    return name ?? ''
  })
  return cursor.done(names)
}

/** Which protocol is spoken, and which options are not known. */
export function writeNegotiate(minor: number, unknown: readonly string[]): Uint8Array {
  return frame('v', int32(0x30000 | minor), int32(unknown.length), ...unknown)
}

function texts(cursor: Cursor): readonly string[] {
  const list: string[] = []
  for (;;) {
    const text = cursor.text()
    if (text === null) throw malformed('a name is not UTF-8')
    if (text === '') return cursor.done(list)
    list.push(text)
  }
}
