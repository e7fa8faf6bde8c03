/**
 * One file out of a ZIP (PKWARE APPNOTE 6.3, §4.3), as strictly as it can be read: an archive that two readers could
 * take for two things is refused. Whoever applies a plan must not find another one in it than we did.
 */
import { crc32, inflateRawSync } from 'node:zlib'

/** Sizes that are read at all. */
export interface ZipLimits {
  readonly mostBytes: number
  readonly mostFiles: number
}

const endBytes = 22
const entryBytes = 46
const localBytes = 30

/** Throws, in one line, for an archive that is not whole, not plain, or has not exactly one file of that name. */
export function fileInZip(zip: Buffer, name: string, { mostBytes, mostFiles }: ZipLimits): Buffer {
  const end = zip.length - endBytes
  // Without a comment the end stands at the end, and nowhere else (APPNOTE §4.3.16).
  if (end < 0 || zip.readUInt32LE(end) !== 0x06054b50 || zip.readUInt16LE(end + 20) !== 0)
    throw new Error('it is no plain ZIP')
  const [disks, count] = [zip.readUInt32LE(end + 4), zip.readUInt16LE(end + 10)]
  const [size, start] = [zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)]
  const isOne = disks === 0 && zip.readUInt16LE(end + 8) === count && start + size === end
  if (!isOne || count > mostFiles) throw new Error('its ZIP is not whole')
  const entries = entriesIn(zip.subarray(start, end), count)
  const found = entries.filter((entry) => entry.name === name)
  const [only] = found
  if (only === undefined) throw new Error(`there is no \`${name}\` in it`)
  if (found.length > 1) throw new Error(`there is more than one \`${name}\` in it`)
  return contentOf(zip.subarray(0, start), only, mostBytes)
}

interface ZipEntry {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly at: number
}

function entriesIn(directory: Buffer, count: number): readonly ZipEntry[] {
  const entries: ZipEntry[] = []
  let at = 0
  for (let nth = 0; nth < count; nth += 1) {
    if (at + entryBytes > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
      throw new Error('its ZIP is not whole')
    const long = directory.readUInt16LE(at + 28)
    const more = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
    const ends = at + entryBytes + long + more
    if (ends > directory.length) throw new Error('its ZIP is not whole')
    entries.push({
      name: directory.toString('utf8', at + entryBytes, at + entryBytes + long),
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    })
    at = ends
  }
  if (at !== directory.length) throw new Error('its ZIP is not whole')
  return entries
}

function contentOf(zip: Buffer, entry: ZipEntry, mostBytes: number): Buffer {
  const { name, flags, method, crc, packed, size, at } = entry
  if ((flags & 1) !== 0) throw new Error(`\`${name}\` is encrypted`)
  if (size > mostBytes) throw new Error(`\`${name}\` is too large`)
  if (at + localBytes > zip.length || zip.readUInt32LE(at) !== 0x04034b50)
    throw new Error('its ZIP is not whole')
  const long = zip.readUInt16LE(at + 26)
  const begins = at + localBytes + long + zip.readUInt16LE(at + 28)
  const told = zip.toString('utf8', at + localBytes, at + localBytes + long)
  const isSame = told === name && zip.readUInt16LE(at + 8) === method
  if (!isSame || begins + packed > zip.length) throw new Error('its ZIP says two things')
  const content = unpacked(zip.subarray(begins, begins + packed), method, size)
  if (content.length !== size || crc32(content) !== crc) throw new Error(`\`${name}\` is damaged`)
  return content
}

function unpacked(bytes: Buffer, method: number, size: number): Buffer {
  if (method === 0) return bytes
  if (method !== 8) throw new Error('it is packed in a way that is not known')
  try {
    // INVARIANT (bounded): a bomb stops at the size that its own entry tells.
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw new Error('what is packed in it is damaged', { cause })
  }
}
