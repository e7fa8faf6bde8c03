/** CRC-32C (Castagnoli, RFC 3720 §12.1): the checksum by which PostgreSQL names the files of a base backup. It finds accidents, not attacks. */

/** The checksum of these bytes behind those that gave `before`; 0 is that of none. */
export type Crc32c = (bytes: Uint8Array, before?: number) => number

/** Eight bytes at a time by eight tables: made once for whoever sums much. */
export function openCrc32c(): Crc32c {
  const table = tables()
  return (bytes, before = 0) => {
    let crc = ~before
    let at = 0
    const one = (): void => {
      crc = (table[(crc ^ (bytes[at] ?? 0)) & 255] ?? 0) ^ (crc >>> 8)
      at += 1
    }
    while (at < bytes.length && (bytes.byteOffset + at) % 4 !== 0) one()
    const pairs = little ? (bytes.length - at) >>> 3 : 0
    if (pairs > 0)
      crc = ofWords(table, new Int32Array(bytes.buffer, bytes.byteOffset + at, pairs * 2), crc)
    at += pairs * 8
    while (at < bytes.length) one()
    return ~crc >>> 0
  }
}

/** The checksum of two parts one behind the other, by the checksum of each and the length of the second (as zlib's `crc32_combine`). */
export function combined(first: number, second: number, secondBytes: number): number {
  // The first moves up by so many zero bytes: times x to the power of 8 n, by squaring.
  let moved = first
  let power = 0x80_0000 | 0
  for (let left = secondBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) moved = times(power, moved)
    power = times(power, power)
  }
  return (moved ^ second) >>> 0
}

const polynomial = 0x82f6_3b78 | 0
const little = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

function tables(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = half(crc)
    table[byte] = crc
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] ?? 0
    table[at] = (table[before & 255] ?? 0) ^ (before >>> 8)
  }
  return table
}

function ofWords(table: Int32Array, words: Int32Array, before: number): number {
  let crc = before
  for (let at = 0; at < words.length; at += 2) {
    const low = (words[at] ?? 0) ^ crc
    const high = words[at + 1] ?? 0
    crc =
      (table[0x700 | (low & 255)] ?? 0) ^
      (table[0x600 | ((low >>> 8) & 255)] ?? 0) ^
      (table[0x500 | ((low >>> 16) & 255)] ?? 0) ^
      (table[0x400 | (low >>> 24)] ?? 0) ^
      (table[0x300 | (high & 255)] ?? 0) ^
      (table[0x200 | ((high >>> 8) & 255)] ?? 0) ^
      (table[0x100 | ((high >>> 16) & 255)] ?? 0) ^
      (table[high >>> 24] ?? 0)
  }
  return crc
}

function half(value: number): number {
  return (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial
}

/** The product of two polynomials, bits in reverse, by the polynomial of the checksum. */
function times(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 31; bit >= 0; bit -= 1) {
    if (((a >>> bit) & 1) === 1) product ^= shifted
    shifted = half(shifted)
  }
  return product
}
