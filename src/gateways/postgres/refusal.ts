/** How a refusal looks on the wire. */
import { readFields, writeError, type Fields } from '../../wire/postgres/back.ts'
import { headBytes } from '../../wire/postgres/frame.ts'
import type { Refusal } from './seam.ts'

export function refusal(code: string, message: string, hint: string | null = null): Refusal {
  return { code, message, detail: null, hint }
}

/** After an `ERROR` the session goes on; a `FATAL` ends it. */
export function refusalBytes(severity: 'ERROR' | 'FATAL', told: Refusal): Uint8Array {
  if (severity === 'ERROR' && told.frame !== undefined) return told.frame
  const fields = new Map([
    ['S', severity],
    ['V', severity],
    ['C', told.code],
    ['M', told.message],
  ])
  if (told.detail !== null) fields.set('D', told.detail)
  if (told.hint !== null) fields.set('H', told.hint)
  return writeError(fields)
}

/** What a server said, as a refusal. */
export function refusalOf(fields: Fields): Refusal {
  return {
    code: fields.get('C') ?? 'XX000',
    message: fields.get('M') ?? 'the server refused without a word',
    detail: fields.get('D') ?? null,
    hint: fields.get('H') ?? null,
  }
}

/** True where the server says that a text is no SQL, and not that there is more in it than can be prepared. */
export function isSyntax({ code, frame }: Refusal): boolean {
  if (code !== '42601' || frame === undefined) return false
  return readFields(frame.subarray(headBytes)).get('R') === 'scanner_yyerror'
}

/** Thrown while a session starts: the client is told, and that is its end. */
export class Fatal extends Error {
  readonly refusal: Refusal
  /** The code that the server itself gave for it; null where it gave none. */
  readonly serverCode: string | null

  constructor(told: Refusal, serverCode: string | null = null) {
    super(told.message)
    this.name = 'Fatal'
    this.refusal = told
    this.serverCode = serverCode
  }
}

export function fatal(code: string, message: string, hint: string | null = null): Fatal {
  return new Fatal(refusal(code, message, hint))
}
