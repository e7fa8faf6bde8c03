/** What a client says before a session starts: it asks for encryption, for a cancel, or to begin. */
import { Cursor, malformed } from './cursor.ts'
import { frame, int32, int16 } from './frame.ts'

export type Start =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'gss' }
  | { readonly kind: 'cancel'; readonly process: number; readonly secret: Uint8Array }
  | {
      readonly kind: 'begin'
      readonly major: number
      readonly minor: number
      /** In their order; a name that comes twice is there twice. */
      readonly parameters: readonly (readonly [string, string])[]
    }

const codes = { special: 1234, cancel: 5678, ssl: 5679, gss: 5680 } as const

/** Reads a whole frame, its length included. */
export function readStart(bytes: Uint8Array): Start {
  const cursor = new Cursor(bytes, 4)
  const major = cursor.int16()
  const minor = cursor.int16()
  if (major !== codes.special)
    return { kind: 'begin', major, minor, parameters: readParameters(cursor) }
  if (minor === codes.ssl) return cursor.done({ kind: 'ssl' })
  if (minor === codes.gss) return cursor.done({ kind: 'gss' })
  if (minor !== codes.cancel) throw malformed('it asks for something unknown')
  return { kind: 'cancel', process: cursor.int32(), secret: readSecret(cursor) }
}

export function writeStart(start: Start): Uint8Array {
  switch (start.kind) {
    case 'ssl':
      return frame(null, int16(codes.special), int16(codes.ssl))
    case 'gss':
      return frame(null, int16(codes.special), int16(codes.gss))
    case 'cancel':
      return frame(
        null,
        int16(codes.special),
        int16(codes.cancel),
        int32(start.process),
        start.secret,
      )
    case 'begin':
      return frame(
        null,
        int16(start.major),
        int16(start.minor),
        ...start.parameters.flat(),
        Uint8Array.of(0),
      )
  }
}

function readSecret(cursor: Cursor): Uint8Array {
  const secret = cursor.rest()
  if (secret.length < 4 || secret.length > 256) throw malformed('its key has an impossible length')
  return secret
}

function readParameters(cursor: Cursor): readonly (readonly [string, string])[] {
  const parameters: [string, string][] = []
  for (;;) {
    const name = known(cursor.text())
    if (name === '') return cursor.done(parameters)
    parameters.push([name, known(cursor.text())])
  }
}

function known(text: string | null): string {
  if (text === null) throw malformed('a parameter is not UTF-8')
  return text
}
