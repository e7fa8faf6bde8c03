/** Undoing an act by its table image: back to what was, in one transaction, or not at all. */
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import { named } from './named.ts'
import { describe, differences, holdsRows } from './table-describe.ts'
import type { Description, Part } from './table-describe.ts'
import { attempt, blocked, make, replaced } from './table-make.ts'
import type { PartImage, TableImage, TableManifest } from './table-manifest.ts'
import { bringRows, countIn, sumOf } from './table-rows.ts'
import { sequencesOf, setSequence } from './table-watch.ts'
import type { SequenceState } from './table-watch.ts'

/**
 * Within the caller's transaction and `pinned` settings. Throws `wrong_state` with what is in the way where the
 * database is not as the act left it, and where the outcome is not exactly what was; then the transaction must end.
 */
export async function undoImage(
  session: Session,
  manifest: TableManifest,
  box: Box,
): Promise<string> {
  const { ask } = session
  await lock(ask, manifest)
  const now = await describe(ask)
  const inTheWay = await conflicts(ask, manifest, now)
  if (inTheWay.length > 0) throw blocked((await isUndone(ask, manifest, now)) ? [undone] : inTheWay)
  const counted = await sequencesOf(ask)
  const wanted = wantedOf(now, manifest.parts)
  const loads = manifest.tables
  const emptied = loads.filter(({ after }) => after !== null)
  const names = await withAncestors(ask, emptied)
  const aside = [...now.values()].filter((part) => isAside(part, names))
  const wrong = differences(wanted, now).flatMap((id) => now.get(id) ?? [])
  await takeAway(ask, [...aside, ...wrong.filter(({ kind }) => !replaced.has(kind))])
  await refuseLost(ask, now, manifest)
  for (const { table } of emptied) await allow(ask, table)
  if (emptied.length > 0)
    await ask(`TRUNCATE ONLY ${emptied.map(({ table }) => table).join(', ONLY ')}`)
  await make(ask, wanted, { beforeRows: true })
  for (const table of loads)
    await bringRows(session, table, named(table.table, box.open(table.sha256)))
  const left = await make(ask, wanted, { beforeRows: false })
  if (left.length > 0) throw blocked(left)
  await setSequences(ask, counted, manifest)
  await compare(ask, manifest)
  const rows = loads.reduce((sum, { before }) => sum + countIn(before), 0)
  return `${loads.length} tables with ${rows} rows and ${manifest.parts.length} definitions are as they were`
}

/** Nobody may write to what is looked at and then replaced. */
async function lock(ask: Ask, { tables }: TableManifest): Promise<void> {
  for (const { table } of tables) {
    const [row] = await ask('SELECT to_regclass($1) AS there', [table])
    if (row?.['there'] !== null) await ask(`LOCK TABLE ONLY ${table} IN ACCESS EXCLUSIVE MODE`)
  }
}

async function conflicts(
  ask: Ask,
  { parts, tables }: TableManifest,
  now: Description,
): Promise<readonly string[]> {
  const found = parts.flatMap(({ id, after }) => {
    const is = now.get(id)?.make ?? null
    if (is === after) return []
    if (after === null) return [`\`${id}\` was made anew since`]
    return [is === null ? `\`${id}\` is gone since` : `\`${id}\` was changed since`]
  })
  if (found.length > 0) return found
  const changed: string[] = []
  for (const { id, before } of parts) {
    const made = before === null ? now.get(id) : undefined
    if (made === undefined || !holdsRows(made) || (await isEmpty(ask, made.rel ?? ''))) continue
    changed.push(`\`${id}\` came with the act and holds rows`)
  }
  for (const { table, all, after } of tables)
    if (after !== null && (await sumOf(ask, table, all)) !== after)
      changed.push(`rows of \`${table}\` were changed since`)
  return changed
}

const undone = 'all is as it was before the act already'

/** An act that never came to its commit, or an undo that was done. */
async function isUndone(
  ask: Ask,
  { parts, tables }: TableManifest,
  now: Description,
): Promise<boolean> {
  if (parts.some(({ id, before }) => now.get(id)?.make !== before?.make)) return false
  for (const { table, all, before } of tables)
    if ((await sumOf(ask, table, all)) !== before) return false
  return true
}

async function isEmpty(ask: Ask, table: string): Promise<boolean> {
  return (await ask(`SELECT FROM ONLY ${table} LIMIT 1`)).length === 0
}

function wantedOf(now: Description, parts: readonly PartImage[]): Description {
  const wanted = new Map(now)
  for (const { id, before } of parts)
    if (before === null) wanted.delete(id)
    else wanted.set(id, before)
  return new Map([...wanted].toSorted(([, a], [, b]) => a.rank - b.rank))
}

/** What would stop rows from being put in as they were, or would act on them. */
function isAside({ kind, rel, other }: Part, tables: ReadonlySet<string>): boolean {
  const on = rel !== null && tables.has(rel)
  if (kind === 'foreign key') return on || (other !== null && tables.has(other))
  return on && (kind === 'trigger' || kind === 'forced row security')
}

/** An owner may have given up its own right to empty or fill a table; `make` takes it back again. */
async function allow(ask: Ask, table: string): Promise<void> {
  const rights = ['SELECT', 'INSERT', 'TRUNCATE']
  const has = rights.map((right) => `has_table_privilege('${quoted(table)}', '${right}')`)
  const [row] = await ask(`SELECT ${has.join(' AND ')} AS may`)
  if (row?.['may'] !== 't') await ask(`GRANT ${rights.join(', ')} ON ${table} TO CURRENT_USER`)
}

function quoted(text: string): string {
  return text.replaceAll("'", "''")
}

/** A sequence of another file than before was made anew: it goes on where the image, or else this moment, has it. */
async function setSequences(
  ask: Ask,
  before: ReadonlyMap<string, SequenceState>,
  { sequences }: TableManifest,
): Promise<void> {
  const imaged = new Map(sequences.map((image) => [image.sequence, image]))
  for (const [name, { file }] of await sequencesOf(ask)) {
    const was = before.get(name)
    const state = imaged.get(name) ?? (was?.file === file ? undefined : was)
    if (state !== undefined) await setSequence(ask, state)
  }
}

async function withAncestors(
  ask: Ask,
  tables: readonly TableImage[],
): Promise<ReadonlySet<string>> {
  const names = new Set(tables.map(({ table }) => table))
  for (const { table } of tables)
    for (const row of await ask(
      'SELECT relid::regclass::text AS name FROM pg_partition_ancestors($1::regclass)',
      [table],
    ))
      names.add(told(row, 'name'))
  return names
}

async function takeAway(ask: Ask, parts: readonly Part[]): Promise<void> {
  const statements = parts.toSorted((a, b) => b.rank - a.rank).flatMap(({ unmake }) => unmake ?? [])
  // One may have gone with another; what matters is looked at afterwards.
  for (const statement of new Set(statements)) await attempt(ask, statement)
}

/** What was taken away may have taken more with it: that must be such that it can be made again. */
async function refuseLost(
  ask: Ask,
  now: Description,
  { tables, parts }: TableManifest,
): Promise<void> {
  const loaded = new Set(tables.map(({ table }) => table))
  const acted = new Set(parts.map(({ id }) => id))
  const lost = differences(now, await describe(ask)).filter((id) => {
    const part = now.get(id)
    if (part === undefined) return true
    return !acted.has(id) && (!part.exact || (holdsRows(part) && !loaded.has(part.rel ?? '')))
  })
  if (lost.length > 0)
    throw blocked(lost.map((id) => `\`${id}\` hangs on it and could not be brought back`))
}

async function compare(ask: Ask, { tables, stored }: TableManifest): Promise<void> {
  const wrong: string[] = []
  for (const { table, all, before } of tables)
    if ((await sumOf(ask, table, all)) !== before)
      wrong.push(`rows of \`${table}\` are not as they were`)
  for (const { view, columns, sum } of stored)
    if ((await sumOf(ask, view, columns)) !== sum)
      wrong.push(`\`${view}\` held other rows than its query gives: it was not fresh`)
  if (wrong.length > 0) throw blocked(wrong)
}
