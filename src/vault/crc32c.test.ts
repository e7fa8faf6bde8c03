import fc from 'fast-check'
import { expect, test } from 'vitest'
import { combined, openCrc32c } from './crc32c.ts'

const crc = openCrc32c()

/** RFC 3720 §B.4, and the check value of the catalogue. */
test.each<[string, Uint8Array, number]>([
  ['nothing', new Uint8Array(0), 0],
  ['the catalogue', Buffer.from('123456789'), 0xe306_9283],
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a91_36aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8_ab43],
  ['32 bytes rising', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd_794e],
])('%s', (_, bytes, is) => expect(crc(bytes)).toBe(is))

const bytes = fc.uint8Array({ maxLength: 100 })

test('wherever the bytes lie, and in whatever parts they come, it is the same', () =>
  fc.assert(
    fc.property(bytes, bytes, fc.nat(9), (a, b, shift) => {
      const whole = new Uint8Array(shift + a.length + b.length)
      whole.set(a, shift)
      whole.set(b, shift + a.length)
      const one = crc(whole.subarray(shift))
      expect(crc(b, crc(a))).toBe(one)
      expect(combined(crc(a), crc(b), b.length)).toBe(one)
      expect(slow(whole.subarray(shift))).toBe(one)
    }),
  ))

test('a part of many bytes is put behind another as well', () => {
  const [a, b] = [Buffer.alloc(70_001, 'first'), Buffer.alloc(4 << 20, 'second')]
  expect(combined(crc(a), crc(b), b.length)).toBe(crc(Buffer.concat([a, b])))
})

/** Bit by bit, from the definition. */
function slow(bytes: Uint8Array): number {
  let value = 0xffff_ffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit += 1)
      value = (value >>> 1) ^ ((value & 1) === 1 ? 0x82f6_3b78 : 0)
  }
  return ~value >>> 0
}
