/** Bytes of files on a server by plain SQL: many in one COPY, in binary form, read no faster than they are taken. */
import { FirebreakError } from '../base/error.ts'
import type { Session } from '../platforms/postgres/questions.ts'

/** A session of the role that may read, and its end. */
export interface SqlSession extends Session {
  close(): Promise<void>
}

export interface Stretch {
  /** Relative to the data directory. */
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface ReadPart {
  /** Which stretch it is of. */
  readonly of: number
  readonly at: number
  /** What it should have: a file that has become shorter has fewer. */
  readonly wanted: number
  /** Null where the file is not there. */
  readonly bytes: Buffer | null
}

/** A multiple of every size that a page can have. */
const partBytes = 512 << 10

/** Each stretch in its order, in parts; of an empty one there is one part. Throws `broken_store` for an answer that is out of order. */
export async function* readStretches(
  session: SqlSession,
  stretches: readonly Stretch[],
): AsyncGenerator<ReadPart> {
  if (stretches.length === 0) return
  const values = stretches.map(
    ({ path, from, to }, of) =>
      `(${of}, '${path.replaceAll("'", "''")}', ${from}::int8, ${to}::int8)`,
  )
  const rows = rowsIn(
    session.copyOut(
      `COPY (SELECT of::int4, at::int8, pg_catalog.pg_read_binary_file(path, at, least(${partBytes}, till - at), true)
        FROM (VALUES ${values.join(', ')}) files (of, path, since, till),
          LATERAL pg_catalog.generate_series(since, greatest(till - 1, since), ${partBytes}) at)
      TO STDOUT (FORMAT binary)`,
    ),
  )
  const expected = partsOf(stretches)
  for await (const [of, at, bytes] of rows) {
    const part = expected.next().value
    if (!part || of?.readInt32BE(0) !== part.of || Number(at?.readBigInt64BE(0)) !== part.at)
      throw strange()
    yield { ...part, bytes: bytes ?? null }
  }
  if (expected.next().value) throw strange()
}

/** All of one stretch, as long as it is by now; null where the file is not there. */
export async function readStretch(session: SqlSession, stretch: Stretch): Promise<Buffer | null> {
  const parts: Buffer[] = []
  for await (const { bytes } of readStretches(session, [stretch])) {
    if (bytes === null) return null
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}

function* partsOf(stretches: readonly Stretch[]): Generator<Omit<ReadPart, 'bytes'>, null> {
  for (const [of, { from, to }] of stretches.entries()) {
    let at = from
    do {
      yield { of, at, wanted: Math.min(partBytes, to - at) }
      at += partBytes
    } while (at < to)
  }
  return null
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')

/** The rows of a COPY in binary form, each a list of fields. */
async function* rowsIn(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly (Buffer | null)[]> {
  let held: Buffer = Buffer.alloc(0)
  let begun = false
  for await (const more of bytes) {
    const given = Buffer.from(more.buffer, more.byteOffset, more.length)
    held = held.length === 0 ? given : Buffer.concat([held, given])
    let at = 0
    if (!begun) {
      const head = headOf(held)
      if (head === null) continue
      at = head
      begun = true
    }
    for (let row = rowAt(held, at); row !== null; row = rowAt(held, at)) {
      at = row.end
      if (row.fields !== null) yield row.fields
    }
    held = held.subarray(at)
  }
  if (!begun || held.length > 0) throw strange()
}

/** Where the rows begin; null where that has not come yet. */
function headOf(held: Buffer): number | null {
  const fixed = signature.length + 8
  if (held.length < fixed) return null
  if (!held.subarray(0, signature.length).equals(signature)) throw strange()
  const end = fixed + held.readUInt32BE(fixed - 4)
  return held.length < end ? null : end
}

/** Null where not all of it has come; without fields at the end of all. */
function rowAt(
  held: Buffer,
  from: number,
): { readonly end: number; readonly fields: readonly (Buffer | null)[] | null } | null {
  if (held.length < from + 2) return null
  const count = held.readInt16BE(from)
  if (count === -1) return { end: from + 2, fields: null }
  const fields: (Buffer | null)[] = []
  let at = from + 2
  for (let field = 0; field < count; field += 1) {
    if (held.length < at + 4) return null
    const length = held.readInt32BE(at)
    at += 4
    if (length < 0) {
      fields.push(null)
      continue
    }
    if (held.length < at + length) return null
    fields.push(held.subarray(at, at + length))
    at += length
  }
  return { end: at, fields }
}

function strange(): FirebreakError {
  return new FirebreakError('broken_store', 'the database answers a read of its files out of order')
}
