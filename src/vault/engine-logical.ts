/**
 * The engine for databases that let nobody replicate: every table by COPY in one snapshot, with the statements that make all else.
 * It needs no more than the right to read. What it cannot bring back it names.
 */
import { newId } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { ResourceRef } from '../core/resource.ts'
import { questions, told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { defaultLimits, openBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { logicalManifestText, restorableParts } from './logical-manifest.ts'
import type { LogicalManifest, LogicalTable } from './logical-manifest.ts'
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
}

/** Takes a point of the whole database that the session is of; it is named in the store when all of it is there. Throws what keeps it from being taken. */
export async function takeLogical(
  session: Session,
  wanted: LogicalWanted,
  parts: TakingParts,
): Promise<LogicalManifest> {
  const { box, clock, chance } = parts
  const staging = await box.store.stage()
  try {
    // One moment for all of it; and whatever runs in a view's function cannot write.
    await session.ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await session.ask(questions.unhurried)
    const copied = await pinned(session.ask, () => copy(session, wanted.source, parts, staging))
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
  parts: TakingParts,
  staging: Staging,
): Promise<Copied> {
  const { ask } = session
  const budget = openBudget(parts.limits ?? defaultLimits, parts.clock, (bytes) =>
    parts.progress(source, bytes),
  )
  const description = await describe(ask)
  const tables: LogicalTable[] = []
  for (const part of description.values())
    if (holdsRows(part) && part.exact)
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
    lacks: lacksOf(description),
  }
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
function lacksOf(description: Description): readonly string[] {
  const restored = restorableParts([...description.values()])
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
