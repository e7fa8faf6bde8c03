/**
 * The engine for databases that let nobody replicate: every table by COPY in one snapshot, with the statements that make all else.
 * It needs no more than the right to read. What it cannot bring back it names.
 */
import { newId } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { ResourceRef } from '../core/resource.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { defaultLimits, openBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { dumpOf, logicalManifestText, wholeParts } from './logical-manifest.ts'
import type { Dumped, LogicalManifest, LogicalTable, Undumped } from './logical-manifest.ts'
import { beginCopy, keepTexts, textsOf } from './schema-keep.ts'
import type { DumpWay } from './schema-keep.ts'
import type { Staging } from './store.ts'
import { describe, holdsRows, pinned } from './table-describe.ts'
import type { Description, Part } from './table-describe.ts'
import { columnsOf, countIn, keepRows, sumOf } from './table-rows.ts'
import { sequencesOf } from './table-watch.ts'
import type { VaultParts } from './parts.ts'

export type TakingParts = Pick<VaultParts, 'box' | 'clock' | 'chance' | 'progress' | 'limits'>

export interface LogicalWanted {
  /** The target whose database the session is of. */
  readonly source: string
  readonly covers: readonly ResourceRef[]
  /** How pg_dump comes to the same database. */
  readonly dump?: DumpWay
}

/** Takes a point of the whole database that the session is of; it is named in the store when all of it is there. Throws what keeps it from being taken. */
export async function takeLogical(
  session: Session,
  { dump, ...wanted }: LogicalWanted,
  parts: TakingParts,
): Promise<LogicalManifest> {
  const { box, clock, chance } = parts
  const staging = await box.store.stage()
  try {
    const snapshot = await beginCopy(session.ask, dump !== undefined)
    const [about] = await session.ask(`SELECT current_setting('server_version_num') AS server`)
    const texts = await textsOf(dump, snapshot, Number(told(about, 'server')))
    const kept = await keepTexts(texts, { box, staging })
    const copied = await pinned(session.ask, () =>
      copy(session, wanted.source, kept, { parts, staging }),
    )
    await session.ask('COMMIT')
    const takenAt = clock.now()
    const manifest: LogicalManifest = {
      v: 1,
      id: newId('point', takenAt, chance),
      engine: 'logical',
      ...wanted,
      takenAt,
      bytes: copied.tables.reduce((sum, { bytes }) => sum + bytes, 0),
      ...copied,
    }
    await staging.settle()
    await staging.name(manifest.id, box.sealManifest(manifest.id, logicalManifestText(manifest)))
    return manifest
  } catch (thrown) {
    await session.ask('ROLLBACK').catch(() => null)
    throw thrown
  } finally {
    await staging.discard()
  }
}

type Copied = Omit<
  LogicalManifest,
  'v' | 'id' | 'engine' | 'covers' | 'source' | 'takenAt' | 'bytes'
>

async function copy(
  session: Session,
  source: string,
  dump: Dumped | Undumped,
  { parts, staging }: { readonly parts: TakingParts; readonly staging: Staging },
): Promise<Copied> {
  const { ask } = session
  const budget = openBudget(parts.limits ?? defaultLimits, parts.clock, (bytes) =>
    parts.progress(source, bytes),
  )
  const description = await describe(ask)
  const plain = dumpOf({ dump }) === null ? null : await plainTables(ask)
  const tables: LogicalTable[] = []
  for (const part of description.values())
    if (holdsRows(part) && (part.exact || plain?.has(part.rel ?? '') === true))
      tables.push(await copyTable(session, part, { parts, staging, budget }))
  const [about] = await ask(
    `SELECT current_database() AS database, current_setting('server_encoding') AS encoding,
      current_setting('server_version_num') AS server`,
  )
  return {
    database: told(about, 'database'),
    encoding: told(about, 'encoding'),
    server: Number(told(about, 'server')),
    roles: (
      await ask(`SELECT rolname AS name FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`)
    ).map((row) => told(row, 'name')),
    extensions: await extensionsOf(ask),
    parts: [...description.values()],
    tables,
    sequences: [...(await sequencesOf(ask)).values()].map(({ sequence, last, called }) => ({
      sequence,
      last,
      called,
    })),
    dump,
    lacks: [...lacksOf(description, dump), ...(await subscriptionsOf(ask))],
  }
}

/** Tables that hold rows themselves, whatever they inherit or are typed by: a foreign one is elsewhere. */
async function plainTables(ask: Ask): Promise<ReadonlySet<string>> {
  const rows = await ask(`SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r'`)
  return new Set(rows.map((row) => told(row, 'name')))
}

async function subscriptionsOf(ask: Ask): Promise<readonly string[]> {
  const rows = await ask(
    `SELECT quote_ident(subname) AS name FROM pg_subscription
     WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1`,
  )
  return rows.map((row) => `subscription ${told(row, 'name')}`)
}

async function copyTable(
  session: Session,
  { rel }: Part,
  {
    parts,
    staging,
    budget,
  }: { readonly parts: TakingParts; readonly staging: Staging; readonly budget: Budget },
): Promise<LogicalTable> {
  const table = rel ?? ''
  const { all, moved } = await columnsOf(session.ask, table)
  const sum = await sumOf(session.ask, table, all)
  const kept = await keepRows(session, { table, moved }, { box: parts.box, staging, budget })
  if (kept.rows !== countIn(sum))
    throw new FirebreakError(
      'broken_store',
      `${kept.rows} of ${countIn(sum)} rows of \`${table}\` came`,
      'take it again',
    )
  return { table, all, moved, sum, sha256: kept.sha256, bytes: kept.bytes }
}

/** PostgreSQL's own languages are there in every database. */
async function extensionsOf(ask: Ask): Promise<LogicalManifest['extensions']> {
  const rows = await ask(
    `SELECT extname AS name, n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
     WHERE extname <> 'plpgsql' ORDER BY e.oid`,
  )
  return rows.map((row) => ({ name: told(row, 'name'), schema: told(row, 'schema') }))
}

/** What a logical copy does not hold, as far as it is in this database. */
function lacksOf(description: Description, dump: Dumped | Undumped): readonly string[] {
  const restored = wholeParts({ dump, parts: [...description.values()] })
  return [...description.values()].flatMap((part) => {
    const { id, kind, make } = part
    if (restored.has(id) || id.startsWith('other extension ')) return []
    if (id === 'other large objects') {
      const count = make.split(' ')[0] ?? ''
      return count === '0' ? [] : [`${count} large objects`]
    }
    return [kind === 'other' ? id.slice('other '.length) : id]
  })
}
