import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FirebreakError } from '../../base/error.ts'
import {
  readBackupPart,
  readStanding,
  readStreamed,
  writeBackupPart,
  writeStanding,
  writeStreamed,
} from './replication.ts'
import type { BackupPart, Standing, Streamed } from './replication.ts'

const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const bytes = fc.uint8Array({ maxLength: 64 })
const text = fc.string({ unit: 'grapheme' }).filter((made) => !made.includes('\0'))
const streamed: fc.Arbitrary<Streamed> = fc.oneof(
  fc.record({
    kind: fc.constant('wal'),
    at: number,
    end: number,
    sentAt: number,
    bytes,
  }),
  fc.record({ kind: fc.constant('alive'), end: number, sentAt: number, asks: fc.boolean() }),
)
const standing: fc.Arbitrary<Standing> = fc.record({
  written: number,
  flushed: number,
  applied: number,
  sentAt: number,
  asks: fc.boolean(),
})
const part: fc.Arbitrary<BackupPart> = fc.oneof(
  fc.record({ kind: fc.constant('archive'), name: text, tablespace: text }),
  fc.record({ kind: fc.constant('manifest') }),
  fc.record({ kind: fc.constant('bytes'), bytes }),
  fc.record({ kind: fc.constant('progress'), done: number }),
)

test('what is written of a stream is read the same', () =>
  fc.assert(
    fc.property(streamed, (it) => {
      expect(readStreamed(writeStreamed(it))).toEqual(it)
    }),
  ))

test('what is written of a standing is read the same', () =>
  fc.assert(
    fc.property(standing, (it) => {
      expect(readStanding(writeStanding(it))).toEqual(it)
    }),
  ))

test('what is written of a base backup is read the same', () =>
  fc.assert(
    fc.property(part, (it) => {
      expect(readBackupPart(writeBackupPart(it))).toEqual(it)
    }),
  ))

test('the golden bytes: a confirmation as a server reads it', () => {
  const told = writeStanding({
    written: 0x1_0000_0002n,
    flushed: 3n,
    applied: 0n,
    sentAt: 5n,
    asks: true,
  })
  expect(Buffer.from(told).toString('hex')).toBe(
    ['72', '0000000100000002', '0000000000000003', '0000000000000000', '000000000000000501'].join(
      '',
    ),
  )
})

test('whatever else comes is malformed, and nothing worse', () =>
  fc.assert(
    fc.property(bytes, (it) => {
      for (const read of [readStreamed, readStanding, readBackupPart])
        try {
          read(it)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(FirebreakError)
        }
    }),
  ))
