/** Single tables out of a recovery point, with their rows: into their own place where that is empty, or beside what lives. */
import { FirebreakError } from '../base/error.ts'
import { questions, told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { restorableParts } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { namedIn, partsOfTables, shortOf, withPartitions } from './logical-parts.ts'
import { refuseSuperuser } from './logical-restore.ts'
import { named } from './named.ts'
import { describe, holdsRows, pinned } from './table-describe.ts'
import type { Description, Part } from './table-describe.ts'
import { attempt, make } from './table-make.ts'
import type { SequenceImage } from './table-manifest.ts'
import { bringRows, columnsOf, countIn, sumOf } from './table-rows.ts'
import type { Sum } from './table-rows.ts'
import { sequencesOf, setSequence } from './table-watch.ts'

export interface Rows {
  readonly table: string
  readonly moved: readonly string[]
  readonly all: readonly string[]
  readonly sum: Sum
  readonly bytes: () => Bytes
}

/** What tables are taken out of. */
export interface TablesFrom {
  readonly parts: Description
  readonly sequences: readonly SequenceImage[]
  /** Null for a table that holds no rows of its own, or cannot be brought back. */
  readonly rows: (table: string) => Promise<Rows | null>
}

export interface TablesInto {
  /** As a person writes them: `schema.name`. */
  readonly tables: readonly string[]
  /** Another schema, made where it is not there; null for their own place. */
  readonly schema: string | null
  readonly trusts: boolean
  readonly progress?: (bytes: number) => void
}

export function tablesOfManifest(manifest: LogicalManifest, box: Box): TablesFrom {
  const rows = new Map(manifest.tables.map((one) => [one.table, one]))
  return {
    parts: restorableParts(manifest.parts),
    sequences: manifest.sequences,
    rows: async (table) => {
      const one = rows.get(table)
      return await Promise.resolve(
        one === undefined ? null : { ...one, bytes: () => named(one.table, box.open(one.sha256)) },
      )
    },
  }
}

/** Out of a running copy; ask within `pinned`, in a transaction of one moment. */
export async function tablesOfCopy(copy: Session): Promise<TablesFrom> {
  const all = await describe(copy.ask)
  return {
    parts: restorableParts([...all.values()]),
    sequences: [...(await sequencesOf(copy.ask)).values()],
    rows: async (table) => {
      const part = all.get(`table ${table}`)
      if (part === undefined || !holdsRows(part)) return null
      const columns = await columnsOf(copy.ask, table)
      const listed = columns.moved.length === 0 ? '' : ` (${columns.moved.join(', ')})`
      return {
        table,
        ...columns,
        sum: await sumOf(copy.ask, table, columns.all),
        bytes: () => copy.copyOut(`COPY ${table}${listed} TO STDOUT`),
      }
    },
  }
}

/**
 * INVARIANT (nothing living): a table goes where none is, and nothing that is there is changed. In one transaction: all rows are
 * there at the end and sum up to what was taken, or nothing is. One line of what was done, and what was not.
 */
export async function putTables(
  session: Session,
  from: TablesFrom,
  into: TablesInto,
): Promise<string> {
  const { ask } = session
  const asked = into.tables.map((text) => namedIn(from.parts, text))
  const tables = withPartitions(from.parts, asked)
  if (into.schema !== null && tables.length > asked.length) throw partitioned(tables, asked)
  if (!into.trusts) await refuseSuperuser(ask)
  await ask('BEGIN')
  await ask(questions.unhurried)
  try {
    const done = await pinned(ask, () => put(session, from, tables, into))
    await ask('COMMIT')
    return done
  } catch (thrown) {
    await ask('ROLLBACK').catch(() => null)
    throw thrown
  }
}

async function put(
  session: Session,
  from: TablesFrom,
  tables: readonly string[],
  { schema, progress = (): void => undefined }: TablesInto,
): Promise<string> {
  const { ask } = session
  const placeOf = (table: string): string =>
    schema === null ? table : `${quoted(schema)}.${shortOf(table)}`
  for (const table of tables) await refuseThere(ask, placeOf(table))
  const is = await describe(ask)
  const missing = partsOfTables(from.parts, tables, is)
  const left =
    schema === null
      ? await makeThere(ask, missing)
      : await makeBeside(ask, missing, { parts: from.parts, tables, schema, placeOf })
  let [rows, done] = [0, 0]
  for (const table of tables) {
    const one = await from.rows(table)
    if (one === null) continue
    const heard = (bytes: number): void => progress((done += bytes))
    const place = placeOf(table)
    await bringRows(session, { table: place, moved: one.moved }, heardOf(one.bytes(), heard))
    if ((await sumOf(ask, place, one.all)) !== one.sum)
      throw new FirebreakError('broken_store', `the rows of \`${table}\` are not what was taken`)
    rows += countIn(one.sum)
  }
  if (schema === null) {
    left.push(...(await make(ask, missing, { beforeRows: false, ignores: others(missing) })))
    for (const sequence of from.sequences)
      if (isOf(missing, sequence.sequence)) await setSequence(ask, sequence)
  } else
    left.push(...(await guardBeside(ask, partsOfTables(from.parts, tables, new Map()), placeOf)))
  const where = tables.map((table) => `\`${placeOf(table)}\``).join(', ')
  const what = `${where}: ${rows} rows, compared and the same${schema === null ? '' : '; with keys and checks, and nothing else that hung on it'}`
  return left.length === 0 ? what : `${what}; not brought: ${[...new Set(left)].join('; ')}`
}

/** Only what is missing is made: what is there by that name already stays as it is. */
async function makeThere(ask: Ask, missing: Description): Promise<string[]> {
  await make(ask, missing, { beforeRows: true, ignores: others(missing) })
  const is = await describe(ask)
  const [lost] = [...missing.values()].filter(({ id, kind }) => kind === 'table' && !is.has(id))
  if (lost === undefined) return []
  // Once more, for the reason: what kept it from being made was tried in a part of the transaction that is gone.
  throw notMade(lost.rel ?? '', await attempt(ask, lost.make))
}

interface Beside {
  readonly parts: Description
  readonly tables: readonly string[]
  readonly schema: string
  readonly placeOf: (table: string) => string
}

/** Columns and rows, as they were; what computes them comes along where it is not there. */
async function makeBeside(
  ask: Ask,
  missing: Description,
  { parts, tables, schema, placeOf }: Beside,
): Promise<string[]> {
  await ask(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)
  const means = new Map([...missing].filter(([, part]) => isMeans(part)))
  await make(ask, means, { beforeRows: true, ignores: others(means) })
  for (const table of tables) {
    const text = parts.get(`table ${table}`)?.make ?? ''
    const why = await attempt(ask, moved(text, table, placeOf(table), schema))
    if (why !== null) throw notMade(placeOf(table), why)
  }
  return []
}

/** Keys and checks, where they can stand there too. */
async function guardBeside(
  ask: Ask,
  own: Description,
  placeOf: (table: string) => string,
): Promise<readonly string[]> {
  const left: string[] = []
  for (const { id, kind, rel, make: text } of own.values()) {
    if (rel === null || (kind !== 'key' && kind !== 'check')) continue
    const start = /^ALTER TABLE (?:ONLY )?/.exec(text)?.[0] ?? ''
    const there = `${start}${placeOf(rel)}${text.slice(start.length + rel.length)}`
    const fits = text.startsWith(`${start}${rel} ADD `)
    if (!fits || (await attempt(ask, there)) !== null) left.push(`\`${id}\``)
  }
  return left
}

/** A table's statement for another place; an identity's sequence goes with it. */
function moved(text: string, table: string, place: string, schema: string): string {
  const head = /^CREATE (?:UNLOGGED )?TABLE /.exec(text)?.[0] ?? ''
  if (head === '' || !text.startsWith(`${head}${table} (`))
    throw new FirebreakError('broken_store', `\`${table}\` is told in an unknown form`)
  const rest = text
    .slice(head.length + table.length)
    .replaceAll(
      /( AS IDENTITY \(SEQUENCE NAME )(?:"(?:[^"]|"")*"|[^\s".]+)\.("(?:[^"]|"")*"|[^\s".]+)( INCREMENT BY )/g,
      (_, before: string, name: string, after: string) =>
        `${before}${quoted(schema)}.${name}${after}`,
    )
  return `${head}${place}${rest}`
}

/** What tables need to be made, and is no part of them. */
function isMeans({ kind }: Part): boolean {
  return kind === 'schema' || kind === 'type' || kind === 'function'
}

function isOf(missing: Description, sequence: string): boolean {
  return (
    missing.has(`sequence ${sequence}`) ||
    [...missing.values()].some(
      ({ kind, make: text }) => kind === 'table' && text.includes(`(SEQUENCE NAME ${sequence} `),
    )
  )
}

function others(wanted: Description): (part: Part) => boolean {
  return ({ id }) => !wanted.has(id)
}

async function refuseThere(ask: Ask, place: string): Promise<void> {
  const [row] = await ask('SELECT to_regclass($1) IS NOT NULL AS there', [place])
  if (told(row, 'there') !== 't') return
  throw new FirebreakError(
    'wrong_state',
    `nothing is restored over what lives: \`${place}\` is there`,
    'give another place beside it: `--schema NAME`',
  )
}

function partitioned(tables: readonly string[], asked: readonly string[]): FirebreakError {
  const parts = tables.filter((table) => !asked.includes(table))
  return new FirebreakError(
    'bad_input',
    `\`${asked[0] ?? ''}\` keeps its rows in partitions, which go into another schema one by one`,
    `name them: ${parts.slice(0, 3).join(', ')}`,
  )
}

function notMade(table: string, why: string | null): FirebreakError {
  return new FirebreakError(
    'wrong_state',
    `\`${table}\` cannot be made there: ${why ?? 'what it needs is missing'}`,
    'restore the whole into an empty database, and take the rows from there',
  )
}

async function* heardOf(bytes: Bytes, heard: (count: number) => void): Bytes {
  for await (const piece of bytes) {
    yield piece
    heard(piece.length)
  }
}
