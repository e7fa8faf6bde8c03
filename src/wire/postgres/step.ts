/** The messages of the extended protocol that a client sends: read, and made. */
import { Cursor, malformed } from './cursor.ts'
import { frame, int16, int32 } from './frame.ts'

/** The server's transaction status: idle, in a transaction, in a failed one. */
export type Status = 'I' | 'T' | 'E'

export type Step =
  | {
      readonly kind: 'parse'
      readonly name: string
      readonly text: string
      readonly types: readonly number[]
    }
  | {
      readonly kind: 'bind'
      readonly portal: string
      readonly statement: string
      readonly values: readonly (Uint8Array | null)[]
      readonly formats: readonly number[]
      readonly results: readonly number[]
    }
  | { readonly kind: 'execute'; readonly portal: string; readonly rows: number }
  | {
      readonly kind: 'describe' | 'close'
      readonly what: 'statement' | 'portal'
      readonly name: string
    }

/** Reads the frame of a step from `at` (its type) to `end`; null where a text is not UTF-8. Values are views, not copies. */
export function readStep(bytes: Uint8Array, at: number, end: number): Step | null {
  const cursor = new Cursor(bytes, at + 5, end)
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case 'P':
      return readParse(cursor)
    case 'B':
      return readBind(cursor)
    case 'E':
      return readExecute(cursor)
    case 'D':
      return readNamed('describe', cursor)
    case 'C':
      return readNamed('close', cursor)
    default:
      throw malformed('its type is unknown')
  }
}

export function writeStep(step: Step): Uint8Array {
  switch (step.kind) {
    case 'parse':
      return frame('P', step.name, step.text, int16(step.types.length), ...step.types.map(int32))
    case 'bind':
      return frame('B', step.portal, step.statement, ...codes(step.formats), ...bindTail(step))
    case 'execute':
      return frame('E', step.portal, int32(step.rows))
    case 'describe':
      return frame('D', letter(step.what), step.name)
    case 'close':
      return frame('C', letter(step.what), step.name)
  }
}

function bindTail(step: Extract<Step, { kind: 'bind' }>): readonly Uint8Array[] {
  const values = step.values.flatMap((value) =>
    value === null ? [int32(-1)] : [int32(value.length), value],
  )
  return [int16(step.values.length), ...values, ...codes(step.results)]
}

function codes(list: readonly number[]): readonly Uint8Array[] {
  return [int16(list.length), ...list.map(int16)]
}

function letter(what: 'statement' | 'portal'): Uint8Array {
  return Uint8Array.of(what === 'statement' ? 83 : 80)
}

function readParse(cursor: Cursor): Step | null {
  const name = cursor.text()
  const text = cursor.text()
  const types = Array.from({ length: cursor.count(4) }, () => cursor.int32() >>> 0)
  return cursor.done(name === null || text === null ? null : { kind: 'parse', name, text, types })
}

function readBind(cursor: Cursor): Step | null {
  const portal = cursor.text()
  const statement = cursor.text()
  const formats = Array.from({ length: cursor.count(2) }, () => cursor.int16())
  const values = Array.from({ length: cursor.count(4) }, () => readValue(cursor))
  const results = Array.from({ length: cursor.count(2) }, () => cursor.int16())
  return cursor.done(
    portal === null || statement === null
      ? null
      : { kind: 'bind', portal, statement, values, formats, results },
  )
}

function readValue(cursor: Cursor): Uint8Array | null {
  const length = cursor.int32()
  return length === -1 ? null : cursor.take(length)
}

function readExecute(cursor: Cursor): Step | null {
  const portal = cursor.text()
  const rows = cursor.int32()
  return cursor.done(portal === null ? null : { kind: 'execute', portal, rows })
}

function readNamed(kind: 'describe' | 'close', cursor: Cursor): Step | null {
  const code = cursor.byte()
  if (code !== 83 && code !== 80) throw malformed('it names neither a statement nor a portal')
  const name = cursor.text()
  const what = code === 83 ? 'statement' : 'portal'
  return cursor.done(name === null ? null : { kind, what, name })
}
