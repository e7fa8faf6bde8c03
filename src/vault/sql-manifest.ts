/** The manifest of a base backup that no server made: in the server's own form (`pg_verifybackup` reads it), with sums of what was read. */
import { createHash } from 'node:crypto'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'

export interface ReadFile {
  /** Below the data directory, also of a tablespace. */
  readonly path: string
  readonly size: number
  readonly crc32c: number
}

export interface WalRange {
  readonly timeline: number
  readonly start: Lsn
  readonly stop: Lsn
}

export function sumsText(files: readonly ReadFile[], { timeline, start, stop }: WalRange): Buffer {
  const entries = files.map(({ path, size, crc32c }) =>
    JSON.stringify({
      Path: path,
      Size: size,
      'Last-Modified': '1970-01-01 00:00:00 GMT',
      'Checksum-Algorithm': 'CRC32C',
      Checksum: leastFirst(crc32c),
    }),
  )
  const range = JSON.stringify({
    Timeline: timeline,
    'Start-LSN': lsnText(start),
    'End-LSN': lsnText(stop),
  })
  const head = [
    '{ "PostgreSQL-Backup-Manifest-Version": 1,',
    `"Files": [\n${entries.join(',\n')}\n],`,
    `"WAL-Ranges": [\n${range}\n],\n`,
  ].join('\n')
  const own = createHash('sha256').update(head).digest('hex')
  return Buffer.from(`${head}"Manifest-Checksum": "${own}"}\n`)
}

function leastFirst(sum: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(sum)
  return bytes.toString('hex')
}
