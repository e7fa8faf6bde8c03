/** The messages inside CopyData of the replication protocol: WAL and its confirmation, and the parts of a base backup. */
import { Cursor, malformed } from './cursor.ts'
import { int32, joined } from './frame.ts'

/** Positions in the WAL are 64-bit numbers; times are microseconds since 2000-01-01 (UTC), as the server keeps them. */
export type Streamed =
  | {
      readonly kind: 'wal'
      readonly at: bigint
      /** How far the server has WAL. */
      readonly end: bigint
      readonly sentAt: bigint
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'alive'
      readonly end: bigint
      readonly sentAt: bigint
      /** The server hangs up where nothing answers soon. */
      readonly asks: boolean
    }

export interface Standing {
  readonly written: bigint
  readonly flushed: bigint
  readonly applied: bigint
  readonly sentAt: bigint
  /** The server shall say at once how far it is. */
  readonly asks: boolean
}

/** A part of a base backup as servers since 15 send it. */
export type BackupPart =
  | { readonly kind: 'archive'; readonly name: string; readonly tablespace: string }
  | { readonly kind: 'manifest' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'progress'; readonly done: bigint }

/** Bodies come without type and length; the bytes of WAL are a view. */
export function readStreamed(body: Uint8Array): Streamed {
  const cursor = new Cursor(body)
  const type = String.fromCharCode(cursor.byte())
  if (type === 'w') {
    const [at, end, sentAt] = [int64(cursor), int64(cursor), int64(cursor)]
    return { kind: 'wal', at, end, sentAt, bytes: cursor.rest() }
  }
  if (type !== 'k') throw malformed('a part of a stream is unknown')
  const [end, sentAt, asks] = [int64(cursor), int64(cursor), cursor.byte() !== 0]
  return cursor.done({ kind: 'alive', end, sentAt, asks })
}

export function writeStreamed(part: Streamed): Uint8Array {
  if (part.kind === 'wal')
    return joined([letter('w'), ...[part.at, part.end, part.sentAt].map(bytesOf), part.bytes])
  const asks = Uint8Array.of(part.asks ? 1 : 0)
  return joined([letter('k'), bytesOf(part.end), bytesOf(part.sentAt), asks])
}

/** What a standby says of itself. */
export function writeStanding({ written, flushed, applied, sentAt, asks }: Standing): Uint8Array {
  const numbers = [written, flushed, applied, sentAt].map(bytesOf)
  return joined([letter('r'), ...numbers, Uint8Array.of(asks ? 1 : 0)])
}

export function readStanding(body: Uint8Array): Standing {
  const cursor = new Cursor(body)
  if (cursor.byte() !== 114) throw malformed('it is no standby status')
  const [written, flushed, applied] = [int64(cursor), int64(cursor), int64(cursor)]
  const sentAt = int64(cursor)
  return cursor.done({ written, flushed, applied, sentAt, asks: cursor.byte() !== 0 })
}

export function readBackupPart(body: Uint8Array): BackupPart {
  const cursor = new Cursor(body)
  const type = String.fromCharCode(cursor.byte())
  switch (type) {
    case 'd':
      return { kind: 'bytes', bytes: cursor.rest() }
    case 'n': {
      const [name, tablespace] = [cursor.text(), cursor.text()]
      if (name === null || tablespace === null) throw malformed('an archive is not named in UTF-8')
      return cursor.done({ kind: 'archive', name, tablespace })
    }
    case 'm':
      return cursor.done({ kind: 'manifest' })
    case 'p':
      return cursor.done({ kind: 'progress', done: int64(cursor) })
    default:
      throw malformed('a part of a base backup is unknown')
  }
}

export function writeBackupPart(part: BackupPart): Uint8Array {
  switch (part.kind) {
    case 'bytes':
      return joined([letter('d'), part.bytes])
    case 'archive':
      return joined([letter('n'), text(part.name), text(part.tablespace)])
    case 'manifest':
      return letter('m')
    case 'progress':
      return joined([letter('p'), bytesOf(part.done)])
  }
}

function int64(cursor: Cursor): bigint {
  return (BigInt(cursor.int32() >>> 0) << 32n) | BigInt(cursor.int32() >>> 0)
}

function bytesOf(value: bigint): Uint8Array {
  return joined([int32(Number(value >> 32n)), int32(Number(value & 0xffffffffn))])
}

function letter(of: string): Uint8Array {
  return Uint8Array.of(of.charCodeAt(0))
}

function text(of: string): Uint8Array {
  return joined([new TextEncoder().encode(of), Uint8Array.of(0)])
}
