import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lsnText, parseLsn } from './replication.ts'

test('a place in the WAL that is written is read the same', () =>
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => {
      expect(parseLsn(lsnText(lsn))).toBe(lsn)
    }),
  ))

test.each(['', '0', '/', '1/', '1/G', '1/123456789', '0/1 ', '-1/2'])(
  '`%s` is no place in the WAL',
  (text) => expect(() => parseLsn(text)).toThrow('is no place in the WAL'),
)
