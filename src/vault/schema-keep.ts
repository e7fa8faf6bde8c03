/** The schema as pg_dump tells it, in the snapshot of the rows: kept where it can be had, and otherwise why not. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import { questions } from '../platforms/postgres/questions.ts'
import { hashed } from './box.ts'
import type { Box } from './box.ts'
import { dumpOf, schemaName } from './logical-manifest.ts'
import type { Dumped, KeptText, LogicalManifest, Undumped } from './logical-manifest.ts'
import { named } from './named.ts'
import { findPrograms } from './programs.ts'
import { preparedFolder } from './scratch.ts'
import { dumpSection, writerOf } from './schema-dump.ts'
import { statementsIn } from './schema-split.ts'
import type { Statement } from './schema-split.ts'
import type { Staging } from './store.ts'

export interface DumpWay {
  /** Where the socket is put, in a folder of its own. */
  readonly scratch: string
  /** As `Servers.lead`, of the database that is copied. */
  readonly lead: (folder: string) => Promise<{ close(): Promise<void> }>
}

export interface Texts {
  readonly by: string
  readonly before: string
  readonly after: string
}

/** Begins the transaction of the copy. What comes back is the name by which others see the same moment; null where the server gives none. */
export async function beginCopy(ask: Ask, wantsName: boolean): Promise<string | null> {
  const begin = async (): Promise<void> => {
    // One moment for all of it; and whatever runs in a view's function cannot write.
    await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await ask(questions.unhurried)
  }
  await begin()
  if (!wantsName) return null
  try {
    const [row] = await ask('SELECT pg_catalog.pg_export_snapshot() AS name')
    return told(row, 'name')
  } catch {
    // Without it the rows are copied all the same; it cannot be asked for in a savepoint.
    await ask('ROLLBACK')
    await begin()
    return null
  }
}

/** Whatever keeps pg_dump from its end is no fault of the copy: it is said, and the rest is taken. */
export async function textsOf(
  way: DumpWay | undefined,
  snapshot: string | null,
  server: number,
): Promise<Texts | Undumped> {
  const major = Math.floor(server / 10_000)
  if (way === undefined) return { why: 'pg_dump is not asked here' }
  if (snapshot === null) return { why: 'the server lets nobody else see the moment of the copy' }
  const { scratch, lead } = way
  try {
    const wanted = { exact: false, folder: scratch, holds: ['pg_dump'] }
    const programs = await findPrograms(major, wanted)
    if (programs === null)
      return { why: `no pg_dump of PostgreSQL ${major} or later is installed here` }
    const program = join(programs.folder, 'pg_dump')
    await preparedFolder(scratch)
    const socket = await mkdtemp(join(scratch, 'dump-'))
    const section = async (section: 'pre-data' | 'post-data'): Promise<string> => {
      const way = await lead(socket)
      const place = { socket, user: 'firebreak', secret: null, database: 'firebreak' }
      try {
        return await dumpSection(program, place, { section, snapshot })
      } finally {
        await way.close()
      }
    }
    try {
      const [before, after] = [await section('pre-data'), await section('post-data')]
      // What cannot be taken apart cannot be brought back.
      for (const text of [before, after]) statementsIn(text)
      return { by: writerOf(before), before, after }
    } finally {
      await rm(socket, { recursive: true, force: true })
    }
  } catch (thrown) {
    return { why: messageOf(thrown) }
  }
}

/** Puts them, sealed, into the staging. */
export async function keepTexts(
  texts: Texts | Undumped,
  { box, staging }: { readonly box: Box; readonly staging: Staging },
): Promise<Dumped | Undumped> {
  if ('why' in texts) return texts
  const keep = async (text: string): Promise<KeptText> => {
    const bytes = Buffer.from(text)
    let sha256 = ''
    const all = hashed(once(bytes), (hash) => {
      sha256 = hash
    })
    await staging.putLate(box.seal(all), () => box.name(sha256))
    return { sha256, bytes: bytes.length }
  }
  return { by: texts.by, before: await keep(texts.before), after: await keep(texts.after) }
}

export interface Script {
  readonly by: string
  readonly before: readonly Statement[]
  readonly after: readonly Statement[]
}

/** The statements of a point; null where it has none. Throws `broken_store` where they are not as they were put. */
export async function scriptOf(
  manifest: Pick<LogicalManifest, 'dump'>,
  box: Box,
): Promise<Script | null> {
  const dump = dumpOf(manifest)
  if (dump === null) return null
  const read = async ({ sha256 }: KeptText): Promise<readonly Statement[]> => {
    const pieces: Uint8Array[] = []
    for await (const piece of named(schemaName, box.open(sha256))) pieces.push(piece)
    return statementsIn(Buffer.concat(pieces).toString('utf8'))
  }
  return { by: dump.by, before: await read(dump.before), after: await read(dump.after) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
