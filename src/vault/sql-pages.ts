/** PostgreSQL's own checksum of a page (`checksum_impl.h`), held against the pages of a relation as they are read. */
import type { Lsn } from '../platforms/postgres/replication.ts'

/** The numbers of the blocks among these bytes that do not have their checksum, and are older than `start`: no WAL mends those. */
export function wrongPages(
  bytes: Uint8Array,
  first: number,
  { blockBytes, start }: { readonly blockBytes: number; readonly start: Lsn },
): readonly number[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const wrong: number[] = []
  for (let at = 0; at + blockBytes <= view.length; at += blockBytes) {
    const page = view.subarray(at, at + blockBytes)
    const block = first + at / blockBytes
    const isNew = page.readUInt16LE(14) === 0
    const lsn = (BigInt(page.readUInt32LE(0)) << 32n) | BigInt(page.readUInt32LE(4))
    if (!isNew && lsn < start && page.readUInt16LE(8) !== pageSum(page, block)) wrong.push(block)
  }
  return wrong
}

const lanes = 32
const prime = 16_777_619
const offsets = Int32Array.of(
  0x5b1f36e9,
  0xb8525960,
  0x02ab50aa,
  0x1de66d2a,
  0x79ff467a,
  0x9bb9f8a3,
  0x217e7cd2,
  0x83e13d2c,
  0xf8d4474f,
  0xe39eb970,
  0x42c6ae16,
  0x993216fa,
  0x7b093b5d,
  0x98daff3c,
  0xf718902a,
  0x0b1c9cdb,
  0xe58f764b,
  0x187636bc,
  0x5d7b3bb1,
  0xe73de7de,
  0x92bec979,
  0xcca6c0b2,
  0x304a0979,
  0x85aa43d4,
  0x783125bb,
  0x6ca8eaa2,
  0xe407eac6,
  0x4b5cfc3e,
  0x9fbf8c76,
  0x15ca20be,
  0xf2ca9fd3,
  0x959bd756,
)

function pageSum(page: Buffer, block: number): number {
  const words = new Int32Array(page.length / 4)
  new Uint8Array(words.buffer).set(page)
  // Its own field counts as zero.
  words[2] = (words[2] ?? 0) & ~0xffff
  let folded = 0
  for (let lane = 0; lane < lanes; lane += 1) {
    let sum = offsets[lane] ?? 0
    for (let at = lane; at < words.length; at += lanes) sum = mixed(sum ^ (words[at] ?? 0))
    folded ^= mixed(mixed(sum))
  }
  return (((folded ^ block) >>> 0) % 65_535) + 1
}

function mixed(value: number): number {
  return Math.imul(value, prime) ^ (value >>> 17)
}
