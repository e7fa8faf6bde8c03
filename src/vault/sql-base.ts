/** A base backup by plain SQL: the server is told that one begins, its files are read as they lie, and the WAL from there on mends what moved. */
import { setTimeout as pause } from 'node:timers/promises'
import { FirebreakError } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { BackupEvent, Lsn, Tablespace } from '../platforms/postgres/replication.ts'
import { openCrc32c } from './crc32c.ts'
import type { Crc32c } from './crc32c.ts'
import { clusterFolders, controlFile, tablespaceFolders } from './sql-files.ts'
import type { Folder, FoundFile } from './sql-files.ts'
import { sumsText } from './sql-manifest.ts'
import type { ReadFile } from './sql-manifest.ts'
import { wrongPages } from './sql-pages.ts'
import { readStretch, readStretches } from './sql-read.ts'
import type { ReadPart, SqlSession } from './sql-read.ts'
import { tarEnd, tarHead, tarPadding } from './sql-tar.ts'

interface Reading {
  readonly session: SqlSession
  readonly crc: Crc32c
  readonly sums: ReadFile[]
  /** Null where the cluster has no checksums of its pages. */
  readonly pages: { readonly blockBytes: number; readonly start: Lsn } | null
  /** Pages to be looked at again: one may have been written just then. */
  readonly doubtful: { readonly path: string; readonly block: number }[]
  readonly segmentBlocks: number
}

/**
 * INVARIANT (whole backup): it ends with `ended`, or it throws; who stops taking it ends the session, and with it the backup on
 * the server. A file that has gone is left out, one that grew is taken as long as it was, one that shrank is filled with
 * zeros: the server does the same, and WAL has what became of them.
 */
export async function* sqlBackup(session: SqlSession, label: string): AsyncGenerator<BackupEvent> {
  let ended = false
  try {
    const [begun] = await session.ask(
      'SELECT pg_catalog.pg_backup_start($1, true)::text AS start',
      [label],
    )
    const start = parseLsn(told(begun, 'start'))
    const { timeline, version, tablespaces, ...about } = await cluster(session)
    const reading: Reading = {
      session,
      crc: openCrc32c(),
      sums: [],
      pages: about.hasSums ? { blockBytes: about.blockBytes, start } : null,
      doubtful: [],
      segmentBlocks: about.segmentBlocks,
    }
    yield { kind: 'began', start, timeline, tablespaces }
    for (const { oid } of tablespaces) {
      yield { kind: 'archive', tablespace: oid }
      const below = `pg_tblspc/${oid}/`
      for await (const folder of tablespaceFolders(session.ask, oid, version))
        yield* events(archived(reading, folder, below))
      yield { kind: 'bytes', bytes: tarEnd() }
    }
    yield { kind: 'archive', tablespace: null }
    for await (const folder of clusterFolders(session.ask)) yield* events(archived(reading, folder))
    for (const { oid, location } of tablespaces)
      yield bytes(tarHead({ kind: 'link', path: `pg_tblspc/${oid}`, to: location }))
    // From its checkpoint a copy recovers: it must be no older than any file.
    yield* whole(reading, controlFile, await controlOf(reading))
    const [done] = await session.ask(
      'SELECT lsn::text, labelfile FROM pg_catalog.pg_backup_stop(false)',
    )
    const stop = parseLsn(told(done, 'lsn'))
    yield* whole(reading, 'backup_label', Buffer.from(told(done, 'labelfile')))
    yield { kind: 'bytes', bytes: tarEnd() }
    yield { kind: 'manifest' }
    yield { kind: 'bytes', bytes: sumsText(reading.sums, { timeline, start, stop }) }
    ended = true
    yield { kind: 'ended', stop }
  } finally {
    if (!ended) await session.close()
  }
}

interface Cluster {
  readonly timeline: number
  /** The folder's name in each tablespace. */
  readonly version: string
  readonly tablespaces: readonly Tablespace[]
  readonly hasSums: boolean
  readonly blockBytes: number
  /** Of a file of a relation, before the next one begins. */
  readonly segmentBlocks: number
}

async function cluster({ ask }: SqlSession): Promise<Cluster> {
  const [row] = await ask(
    `SELECT ('x' || substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int AS timeline,
      'PG_' || current_setting('server_version_num')::int / 10000 || '_' || catalog_version_no AS version,
      current_setting('data_checksums') AS sums, current_setting('block_size') AS block,
      (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'segment_size') AS segment
    FROM pg_catalog.pg_control_system()`,
  )
  const spaces = await ask(
    `SELECT oid, pg_catalog.pg_tablespace_location(oid) AS location FROM pg_catalog.pg_tablespace
      WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY oid`,
  )
  return {
    timeline: Number(told(row, 'timeline')),
    version: told(row, 'version'),
    tablespaces: spaces.map((one) => ({ oid: told(one, 'oid'), location: told(one, 'location') })),
    hasSums: told(row, 'sums') === 'on',
    blockBytes: Number(told(row, 'block')),
    segmentBlocks: Number(told(row, 'segment')),
  }
}

/** So many files are asked for in one statement. */
const filesAtOnce = 1000

/** A folder as tar; `below`: the archive's own folder. */
async function* archived(reading: Reading, folder: Folder, below = ''): AsyncGenerator<Uint8Array> {
  const { path, files } = folder
  if (path !== '') yield tarHead({ kind: 'directory', path: path.slice(below.length) })
  for (let at = 0; at < files.length; at += filesAtOnce) {
    yield* readFiles(reading, files.slice(at, at + filesAtOnce), below)
    await lookAgain(reading)
  }
}

async function* readFiles(
  reading: Reading,
  files: readonly FoundFile[],
  below: string,
): AsyncGenerator<Uint8Array> {
  const { session, sums, crc } = reading
  const stretches = files.map(({ path, size }) => ({ path, from: 0, to: size }))
  let isGone = false
  let crc32c = 0
  for await (const part of readStretches(session, stretches)) {
    const file = files[part.of]
    if (file === undefined) continue
    const { path, size } = file
    if (part.at === 0) {
      isGone = part.bytes === null
      crc32c = 0
      if (!isGone) yield tarHead({ kind: 'file', path: path.slice(below.length), size })
    }
    if (isGone) continue
    check(reading, file, part)
    const filled = full(part)
    crc32c = crc(filled, crc32c)
    if (filled.length > 0) yield filled
    if (part.at + part.wanted < size) continue
    yield tarPadding(size)
    sums.push({ path, size, crc32c })
  }
}

function full({ bytes, wanted }: ReadPart): Uint8Array {
  if (bytes?.length === wanted) return bytes
  const filled = new Uint8Array(wanted)
  if (bytes !== null) filled.set(bytes.subarray(0, wanted))
  return filled
}

function check({ pages, doubtful, segmentBlocks }: Reading, file: FoundFile, part: ReadPart): void {
  const { path, isRelation } = file
  if (pages === null || !isRelation || part.bytes === null) return
  const first = firstBlock(path, segmentBlocks) + part.at / pages.blockBytes
  for (const block of wrongPages(part.bytes, first, pages)) doubtful.push({ path, block })
}

/** Of the file of a relation that is in several. */
function firstBlock(path: string, segmentBlocks: number): number {
  return Number(/\.(\d+)$/.exec(path)?.[1] ?? 0) * segmentBlocks
}

const looks = 5
const lookMs = 20

/** INVARIANT (no bad page): a page that stays wrong, and that no WAL mends, is in no base backup that counts. */
async function lookAgain({ session, pages, doubtful, segmentBlocks }: Reading): Promise<void> {
  if (pages === null) return
  const { blockBytes } = pages
  for (const { path, block } of doubtful.splice(0)) {
    const from = (block - firstBlock(path, segmentBlocks)) * blockBytes
    for (let look = 1; ; look += 1) {
      const page = await readStretch(session, { path, from, to: from + blockBytes })
      if (page === null || wrongPages(page, block, pages).length === 0) break
      if (look === looks)
        throw new FirebreakError(
          'broken_store',
          `page ${block} of \`${path}\` does not have its checksum on the server itself`,
          'look at the health of the disks of the database; until then restore from an older base backup',
        )
      await pause(lookMs)
    }
  }
}

/** It is written over in its place: where a read came in between, its own sum is wrong. */
async function controlOf({ session, crc }: Reading): Promise<Buffer> {
  for (let look = 1; look <= looks; look += 1) {
    const bytes = await readStretch(session, { path: controlFile, from: 0, to: controlBytes })
    if (bytes !== null && hasOwnSum(bytes, crc)) return bytes
    await pause(lookMs)
  }
  throw new FirebreakError('broken_store', `\`${controlFile}\` of the database is damaged`)
}

const controlBytes = 8192

/** The sum stands behind all else, at a place that each version has for itself. */
function hasOwnSum(bytes: Buffer, crc: Crc32c): boolean {
  if (bytes.length !== controlBytes) return false
  for (let at = 200; at < 508; at += 4)
    if (crc(bytes.subarray(0, at)) === bytes.readUInt32LE(at)) return true
  return false
}

function* whole(reading: Reading, path: string, content: Buffer): Generator<BackupEvent> {
  yield bytes(tarHead({ kind: 'file', path, size: content.length }))
  yield bytes(content)
  yield bytes(tarPadding(content.length))
  reading.sums.push({ path, size: content.length, crc32c: reading.crc(content) })
}

function bytes(of: Uint8Array): BackupEvent {
  return { kind: 'bytes', bytes: of }
}

async function* events(parts: AsyncIterable<Uint8Array>): AsyncGenerator<BackupEvent> {
  for await (const part of parts) yield bytes(part)
}
