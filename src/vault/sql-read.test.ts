import { expect, test } from 'vitest'
import type { Session } from '../platforms/postgres/questions.ts'
import { readStretch, readStretches } from './sql-read.ts'
import type { SqlSession } from './sql-read.ts'

type Row = readonly [of: number, at: number, bytes: string | null]

/** As `COPY … (FORMAT binary)` writes it. */
function copied(rows: readonly Row[]): Buffer {
  const parts: Buffer[] = [Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]
  const number = (value: number, bytes: 2 | 4): void => {
    const part = Buffer.alloc(bytes)
    part.writeIntBE(value, 0, bytes)
    parts.push(part)
  }
  for (const [of, at, bytes] of rows) {
    number(3, 2)
    number(4, 4)
    number(of, 4)
    number(8, 4)
    parts.push(Buffer.alloc(4))
    number(at, 4)
    number(bytes === null ? -1 : bytes.length, 4)
    parts.push(Buffer.from(bytes ?? ''))
  }
  number(-1, 2)
  return Buffer.concat(parts)
}

/** Answers with these bytes, in pieces of so many. */
function session(bytes: Buffer, piece: number): { readonly said: string[] } & SqlSession {
  const said: string[] = []
  const no = (): never => {
    throw new Error('nothing else is asked')
  }
  const copyOut: Session['copyOut'] = async function* (sql) {
    said.push(sql)
    for (let at = 0; at < bytes.length; at += piece)
      yield await Promise.resolve(bytes.subarray(at, at + piece))
  }
  return { said, ask: no, copyIn: no, close: no, copyOut }
}

const two = [
  { path: "it's", from: 0, to: 4 },
  { path: 'gone', from: 0, to: 0 },
]
const rows: readonly Row[] = [
  [0, 0, 'fire'],
  [1, 0, null],
]

test.each([1, 2, 7, 1000])('rows come out whole from pieces of %s bytes', async (piece) => {
  const answering = session(copied(rows), piece)
  const parts: (string | null)[] = []
  for await (const { bytes } of readStretches(answering, two))
    parts.push(bytes === null ? null : bytes.toString())
  expect(parts).toEqual(['fire', null])
  expect(answering.said[0]).toContain("'it''s'")
})

test.each<[string, readonly Row[]]>([
  ['another file', [[1, 0, 'fire'], ...rows.slice(1)]],
  ['another place', [[0, 2, 'fire'], ...rows.slice(1)]],
  ['one row too few', rows.slice(0, 1)],
  ['one row too many', [...rows, [1, 0, null]]],
])('%s is refused', async (_, answered) => {
  const reading = async (): Promise<void> => {
    for await (const part of readStretches(session(copied(answered), 50), two)) void part
  }
  await expect(reading()).rejects.toThrow('out of order')
})

test('an answer that is cut off, or is none, is refused', async () => {
  const [one] = two
  if (one === undefined) throw new Error('there is one')
  const whole = copied(rows.slice(0, 1))
  expect(await readStretch(session(whole, 5), one)).toEqual(Buffer.from('fire'))
  for (const broken of [whole.subarray(0, -5), Buffer.from('no copy of anything at all')])
    await expect(readStretch(session(broken, 5), one)).rejects.toThrow('out of order')
})
