/** The second engine: an image of what an act in a database touches, taken and proven in the act's own transaction. */
import { newId } from '../base/clock.ts'
import { toJson } from '../base/json.ts'
import { resourceKey } from '../core/resource.ts'
import type { Imaged, Missing, Settled, Wanted } from '../guard/image.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { defaultLimits, openBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { isEnough } from './grade.ts'
import { bestOf, tooLow } from './offsite.ts'
import { reasonOf } from './reason.ts'
import type { Staging } from './store.ts'
import { describe, differences, holdsRows, isStored, pinned } from './table-describe.ts'
import type { Description } from './table-describe.ts'
import { tableManifestDigest, tableManifestText, parseTableManifest } from './table-manifest.ts'
import type { TableImage, TableManifest } from './table-manifest.ts'
import { columnsOf, compareKept, countIn, keepRows, sumOf } from './table-rows.ts'
import { restorable, sequencesOf, storedViewsOf, writtenBeside } from './table-watch.ts'
import type { SequenceState, StoredView } from './table-watch.ts'
import { undoImage } from './table-undo.ts'
import type { VaultParts } from './parts.ts'
import { toldOf, writeDown } from './write-down.ts'

/**
 * Before the act, in its transaction: locks, copies, reads the copy back and compares it.
 * INVARIANT (recovery-first): whatever is not exactly covered says so here or in `settle`, before anything is committed.
 */
export async function takeImage(
  session: Session,
  given: Wanted,
  parts: VaultParts,
): Promise<Imaged> {
  const best = bestOf(parts.offsite)
  if (!isEnough(best, parts.minimum)) return missing([tooLow(parts, best)])
  const own = new Set(given.covers.map(resourceKey))
  const near = parts.storeOn.map(resourceKey).find((key) => own.has(key))
  if (near !== undefined) return missing([`the vault lies on \`${near}\`: move it outside`])
  const staging = await parts.box.store.stage()
  try {
    return await pinned(session.ask, async () => {
      const { tables: asked, unknown } = await namesOf(session.ask, given.tables)
      const wanted = { ...given, tables: asked }
      if (unknown.length > 0) {
        await staging.discard()
        return missing(unknown)
      }
      const before = await lookBefore(session, wanted)
      if (before.why.length > 0) {
        await staging.discard()
        return missing(before.why)
      }
      const budget = openBudget(parts.limits ?? defaultLimits, parts.clock, (bytes) =>
        parts.progress(wanted.source, bytes),
      )
      const tables = await copyAll(session, wanted.tables, { parts, staging, budget })
      const known = { ...before, tables }
      return {
        kind: 'taken',
        rows: tables.reduce((sum, table) => sum + countIn(table.before), 0),
        bytes: bytesOf(tables),
        settle: () => settle(session, { wanted, parts, staging, known }),
        discard: () => staging.discard(),
      } satisfies Imaged
    })
  } catch (thrown) {
    // Whatever keeps an image from being taken, the answer is that there is none, and why.
    await staging.discard()
    return missing([`an image could not be taken of ${given.source}: ${reasonOf(thrown)}`])
  }
}

/** Undoes an act by its image, in one transaction of its own; gives one line of what was done. */
export async function restoreImage(
  session: Session,
  id: string,
  { box }: Pick<VaultParts, 'box'>,
): Promise<string> {
  const manifest = parseTableManifest(await box.manifestText(id))
  await session.ask('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    const done = await pinned(session.ask, () => undoImage(session, manifest, box))
    await session.ask('COMMIT')
    return done
  } catch (thrown) {
    await session.ask('ROLLBACK')
    throw thrown
  }
}

/** The tables as the server itself names them, so that nothing else can be written where a name belongs. */
async function namesOf(
  ask: Ask,
  tables: readonly string[],
): Promise<{ readonly tables: readonly string[]; readonly unknown: readonly string[] }> {
  const names = new Set<string>()
  const unknown: string[] = []
  for (const table of tables) {
    const [row] = await ask('SELECT to_regclass($1)::text AS name', [table])
    if (row?.['name']) names.add(row['name'])
    else unknown.push(`there is no table \`${table}\``)
  }
  return { tables: [...names], unknown }
}

interface Before {
  readonly why: readonly string[]
  readonly description: Description
  readonly sequences: ReadonlyMap<string, SequenceState>
  readonly stored: readonly StoredView[]
  readonly files: ReadonlyMap<string, string>
}

interface Known extends Before {
  readonly tables: readonly Copied[]
}

type Copied = Omit<TableImage, 'after'>

async function lookBefore({ ask }: Session, { tables, takes }: Wanted): Promise<Before> {
  const mode = takes === 'objects' ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE'
  for (const table of tables) await ask(`LOCK TABLE ONLY ${table} IN ${mode} MODE`)
  const description = await describe(ask)
  return {
    why: await restorable(ask, tables, description),
    description,
    sequences: await sequencesOf(ask),
    stored: await storedViewsOf(ask, tables),
    files: await filesOf(ask),
  }
}

/** Each relation of the database with the file that holds it: another file is other content. */
async function filesOf(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const rows = await ask(
    `SELECT oid::regclass::text AS name, relfilenode AS file FROM pg_class WHERE relkind IN ('r', 'S', 'm', 'p')`,
  )
  return new Map(rows.map((row) => [told(row, 'name'), told(row, 'file')]))
}

interface Copying {
  readonly parts: VaultParts
  readonly staging: Staging
  readonly budget: Budget
}

async function copyAll(
  session: Session,
  tables: readonly string[],
  { parts, staging, budget }: Copying,
): Promise<readonly Copied[]> {
  const { box } = parts
  const copies: Copied[] = []
  for (const table of tables) {
    const { all, moved } = await columnsOf(session.ask, table)
    const before = await sumOf(session.ask, table, all)
    const kept = await keepRows(session, { table, moved }, { box, staging, budget })
    if (kept.rows !== countIn(before))
      throw new Error(`${kept.rows} of ${countIn(before)} rows of \`${table}\` came`)
    copies.push({ table, all, moved, before, sha256: kept.sha256, bytes: kept.bytes })
  }
  await staging.settle()
  for (const copy of copies) {
    await compareKept(session, copy, box.open(copy.sha256))
    budget.time()
  }
  return copies
}

interface Settling {
  readonly wanted: Wanted
  readonly parts: VaultParts
  readonly staging: Staging
  readonly known: Known
}

async function settle(session: Session, settling: Settling): Promise<Settled> {
  const { parts, staging, wanted } = settling
  const { ask } = session
  const { box } = parts
  try {
    // What fires at the commit fires now: else it could change more than is looked at.
    await ask('SET CONSTRAINTS ALL IMMEDIATE')
    return await pinned(ask, async () => {
      const left = await lookAfter(session, settling)
      if (left.why.length > 0) return missing(left.why, left.beside)
      const { manifest } = left
      await staging.name(manifest.id, box.sealManifest(manifest.id, tableManifestText(manifest)))
      const digest = tableManifestDigest(manifest)
      const stored = parseTableManifest(await box.manifestText(manifest.id))
      if (tableManifestDigest(stored) !== digest)
        return missing(['the manifest in the vault is not what was put'])
      await rehearse(session, stored, parts)
      const { source } = manifest
      const on = toJson(parts.storeOn.map(resourceKey))
      const row = await writeDown(manifest, { source, on }, parts)
      return { kind: 'covered', point: toldOf(row) } satisfies Settled
    })
  } catch (thrown) {
    return missing([`no exact way back from this act in ${wanted.source}: ${reasonOf(thrown)}`])
  } finally {
    await staging.discard()
  }
}

/** The undo, tried on what the act has really left, and taken back again. */
async function rehearse(
  session: Session,
  manifest: TableManifest,
  { box }: VaultParts,
): Promise<void> {
  const { ask } = session
  await ask('SAVEPOINT firebreak_rehearsal')
  await undoImage(session, manifest, box)
  await ask('ROLLBACK TO SAVEPOINT firebreak_rehearsal')
  await ask('RELEASE SAVEPOINT firebreak_rehearsal')
}

async function lookAfter(
  { ask }: Session,
  { wanted, parts, known }: Settling,
): Promise<{
  readonly why: readonly string[]
  readonly beside: readonly string[]
  readonly manifest: TableManifest
}> {
  const after = await describe(ask)
  const changed = differences(known.description, after)
  const files = await filesOf(ask)
  const imaged = new Set(wanted.tables)
  const gone = changed.flatMap((id) => known.description.get(id) ?? [])
  const written = await writtenBeside(ask, imaged, { before: known.files, after: files })
  const summed = new Set([...wanted.tables, ...known.stored.map(({ view }) => view)])
  const taken = gone.filter(
    (part) => (holdsRows(part) || isStored(part)) && !summed.has(part.rel ?? ''),
  )
  const why = [
    ...written.map((name) => `the act writes to \`${name}\` too, of which there is no image`),
    ...taken.map(({ id }) => `the act also changes \`${id}\`, of which there is no image`),
    ...gone.filter(({ exact }) => !exact).map(({ id }) => `\`${id}\` could not be made again`),
  ]
  const tables: TableImage[] = []
  for (const table of known.tables) {
    const remade = changed.includes(`table ${table.table}`)
    const sum = remade ? null : await sumOf(ask, table.table, table.all)
    if (sum !== table.before) tables.push({ ...table, after: sum })
  }
  const takenAt = parts.clock.now()
  return {
    why,
    beside: [...new Set([...written, ...taken.flatMap(({ rel }) => rel ?? [])])],
    manifest: {
      v: 1,
      id: newId('point', takenAt, parts.chance),
      engine: 'table',
      covers: wanted.covers,
      source: wanted.source,
      takenAt,
      bytes: bytesOf(tables),
      tables,
      parts: changed.map((id) => ({
        id,
        before: known.description.get(id) ?? null,
        after: after.get(id)?.make ?? null,
      })),
      // A restart gives a sequence a new file; setval does not, and what it moved others may have used.
      sequences: [...known.sequences.values()]
        .filter(({ sequence, file }) => files.get(sequence) !== file)
        .map(({ sequence, last, called }) => ({ sequence, last, called })),
      stored: known.stored
        .filter(({ view }) => changed.includes(`view ${view}`))
        .map(({ view, columns, sum }) => ({ view, columns, sum })),
    },
  }
}

function bytesOf(tables: readonly { readonly bytes: number }[]): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0)
}

function missing(why: readonly string[], beside: readonly string[] = []): Missing {
  return { kind: 'missing', why, beside }
}
