/** Brings a logical recovery point into an empty database, and compares what is there with what was. */
import { FirebreakError } from '../base/error.ts'
import { questions, told } from '../platforms/postgres/questions.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { wholeParts } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { named } from './named.ts'
import { describe, differences, pinned } from './table-describe.ts'
import type { Part } from './table-describe.ts'
import { scriptOf } from './schema-keep.ts'
import type { Script } from './schema-keep.ts'
import type { Statement } from './schema-split.ts'
import { headOf, turnOf } from './schema-turns.ts'
import type { Turn } from './schema-turns.ts'
import { attempt, make } from './table-make.ts'
import { ours, unless } from './table-relations.ts'
import { bringRows, countIn, sumOf } from './table-rows.ts'
import { sequencesOf, setSequence } from './table-watch.ts'

export interface Into {
  readonly database: string
  /** True: functions of the copy may run with whatever the session may. */
  readonly trusts: boolean
  /** Hears how many bytes of rows went in. */
  readonly progress?: (bytes: number) => void
}

/** Restores, compares, and says in one line what is there. Throws as `restoreLogical`. */
export async function putInto(
  session: Session,
  manifest: LogicalManifest,
  box: Box,
  { database, trusts, progress = ignored }: Into,
): Promise<string> {
  if (!trusts) await refuseSuperuser(session.ask)
  const left = await restoreLogical(session, manifest, box, { progress })
  const wrong = [...left, ...(await compareLogical(session, manifest))]
  const { id, tables } = manifest
  const rows = tables.reduce((sum, table) => sum + countIn(table.sum), 0)
  const done = `${tables.length} tables with ${rows} rows of \`${id}\` are in \`${database}\``
  return wrong.length === 0 ? `${done}, compared and the same` : `${done}; but ${wrong.join('; ')}`
}

/**
 * In one transaction: all rows are there at the end, or nothing is. What comes back is what could not be made beside the rows, and
 * why. Throws `wrong_state` where the database holds anything.
 */
export async function restoreLogical(
  session: Session,
  manifest: LogicalManifest,
  box: Box,
  how: Partial<Filling> = {},
): Promise<readonly string[]> {
  const { ask } = session
  await refuseLiving(ask)
  const script = await scriptOf(manifest, box)
  await refuseRoles(ask, manifest, script)
  const filling = { ...usual(ask), ...how, script }
  await ask('BEGIN')
  await ask(questions.unhurried)
  try {
    const left = await pinned(ask, () => fill(session, manifest, { box, ...filling }))
    await ask('COMMIT')
    return left
  } catch (thrown) {
    await ask('ROLLBACK').catch(() => null)
    throw thrown
  }
}

interface Filling {
  /** Parts that are not made now. */
  readonly leaves: (part: Part) => boolean
  /** Runs one statement of pg_dump's within the transaction; null, or what kept it from being made. */
  readonly run: (statement: Statement) => Promise<string | null>
  /** What of pg_dump's has its turn now; the rest is left to whoever asked. */
  readonly turns: readonly Turn[]
  readonly progress: (bytes: number) => void
}

const ignored = (): void => undefined

function usual(ask: Ask): Filling {
  return {
    leaves: isBeside,
    run: async ({ text }) => await attempt(ask, text),
    turns: ['now', 'reach', 'right', 'last'],
    progress: ignored,
  }
}

async function fill(
  session: Session,
  manifest: LogicalManifest,
  {
    box,
    leaves,
    run,
    turns,
    progress,
    script,
  }: Filling & { readonly box: Box; readonly script: Script | null },
): Promise<readonly string[]> {
  const { ask } = session
  const { tables, sequences } = manifest
  const [before, after] = [script?.before ?? [], script?.after ?? []]
  const play = async (from: readonly Statement[], turn: Turn): Promise<readonly string[]> =>
    turns.includes(turn) ? (await played(from, turn, run)).map(sayFailed) : []
  await makeExtensions(ask, manifest)
  const wanted = wholeParts(manifest)
  // By its own statement alone a part that is not exact would come back as another.
  const ignores = (part: Part): boolean => leaves(part) || !part.exact
  const left = [...(await play(before, 'now'))]
  await make(ask, wanted, { beforeRows: true, ignores })
  let done = 0
  const heard = (bytes: number): void => progress((done += bytes))
  for (const { table, moved, sha256 } of tables)
    await bringRows(session, { table, moved }, counted(named(table, box.open(sha256)), heard))
  left.push(...(await play(after, 'now')))
  // While they are whoever's who restores: what is given to others may be shut to that role.
  for (const sequence of sequences) await setSequence(ask, sequence)
  for (const turn of ['reach', 'right'] as const)
    left.push(...(await play([...before, ...after], turn)))
  left.push(...(await make(ask, wanted, { beforeRows: false, ignores })))
  left.push(...(await play([...before, ...after], 'last')))
  return left
}

/** A statement that could not be made, and why. */
export interface Failed {
  readonly statement: Statement
  readonly why: string
}

export function sayFailed({ statement, why }: Failed): string {
  return `\`${headOf(statement)}\`: ${why}`
}

/** Runs what has this turn, in its order. */
export async function played(
  from: readonly Statement[],
  turn: Turn,
  run: (statement: Statement) => Promise<string | null>,
): Promise<readonly Failed[]> {
  const failed: Failed[] = []
  for (const statement of from) {
    if (turnOf(statement) !== turn) continue
    const why = await run(statement)
    // An extension that was there before belongs to somebody else, and brings its own comment.
    if (why !== null && !statement.shape.startsWith('COMMENT ON EXTENSION '))
      failed.push({ statement, why })
  }
  return failed
}

async function* counted(bytes: Bytes, heard: (count: number) => void): Bytes {
  for await (const piece of bytes) {
    yield piece
    heard(piece.length)
  }
}

export async function makeExtensions(
  ask: Ask,
  { extensions }: Pick<LogicalManifest, 'extensions'>,
): Promise<void> {
  for (const { name, schema } of extensions) {
    await ask(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)
    await ask(`CREATE EXTENSION IF NOT EXISTS ${quoted(name)} SCHEMA ${quoted(schema)}`)
  }
}

/** Makes what `restoreLogical` has left and `may` says; what comes back is what could not be made, and why. */
export async function restoreRest(
  { ask }: Session,
  manifest: Pick<LogicalManifest, 'parts' | 'dump'>,
  may: (part: Part) => boolean,
): Promise<readonly string[]> {
  await ask('BEGIN')
  await ask(questions.unhurried)
  const ignores = (part: Part): boolean => !may(part) || !part.exact
  const left = await pinned(ask, () =>
    make(ask, wholeParts(manifest), { beforeRows: false, ignores }),
  )
  await ask('COMMIT')
  return left
}

/**
 * What is not as it was, one line each: rows of each table by number and sum, every statement that makes a part, sequences.
 * Empty: it is the same.
 */
export async function compareLogical(
  { ask }: Session,
  manifest: LogicalManifest,
): Promise<readonly string[]> {
  await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await ask(questions.unhurried)
  try {
    return await pinned(ask, async () => {
      const wrong: string[] = []
      for (const { table, all, sum } of manifest.tables) {
        const there = await sumOf(ask, table, all)
        if (there !== sum)
          wrong.push(
            `rows of \`${table}\` differ: ${countIn(there)} are there, ${countIn(sum)} were taken`,
          )
      }
      const were = wholeParts(manifest)
      const are = wholeParts({ ...manifest, parts: [...(await describe(ask)).values()] })
      // A table that is elsewhere, or inherits, and one that is plain have the same text.
      const others = [...were.values()].filter(
        ({ id, kind, exact }) => kind === 'table' && are.has(id) && are.get(id)?.exact !== exact,
      )
      for (const id of new Set([...differences(were, are), ...others.map((part) => part.id)]))
        if (were.has(id) || !isBeside(are.get(id))) wrong.push(differs(id))
      const now = await sequencesOf(ask)
      for (const { sequence, last, called } of manifest.sequences) {
        const there = now.get(sequence)
        if (there?.last !== last || there.called !== called)
          wrong.push(`the sequence \`${sequence}\` does not stand where it stood`)
      }
      return wrong
    })
  } finally {
    await ask('ROLLBACK')
  }
}

export function differs(id: string): string {
  return `${id === '' ? '' : `\`${id}\``} is not as it was`
}

/** What is only known by its name: an extension is made by its own statement, the rest is told as lacking. */
export function isBeside(part: Part | undefined): boolean {
  return part?.kind === 'other'
}

/** INVARIANT (nothing living): what is restored never meets what is there. */
async function refuseLiving(ask: Ask): Promise<void> {
  const [row] = await ask(
    `SELECT current_database() AS database, (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours} AND ${unless('pg_class', 'c.oid')}) AS there`,
  )
  if (told(row, 'there') === '0') return
  throw new FirebreakError(
    'wrong_state',
    `nothing is restored over what lives: the database \`${told(row, 'database')}\` holds ${told(row, 'there')} relations`,
    'make an empty database and restore into that',
  )
}

/** A function in a check, an index or a view runs when the copy comes in: by a superuser it could do anything to the server. */
export async function refuseSuperuser(ask: Ask): Promise<void> {
  const [row] = await ask('SELECT rolsuper AS super FROM pg_roles WHERE rolname = session_user')
  if (row?.['super'] !== 't') return
  throw new FirebreakError(
    'wrong_state',
    'the role that restores is a superuser: functions that are in the copy would run with all of its rights',
    'restore as the owner of the database, or say `--trust` where you know who wrote them',
  )
}

async function refuseRoles(
  ask: Ask,
  { parts, roles }: LogicalManifest,
  script: Script | null,
): Promise<void> {
  const rows = await ask('SELECT rolname AS name FROM pg_roles')
  const there = new Set(rows.map((row) => told(row, 'name')))
  const statements = [...(script?.before ?? []), ...(script?.after ?? [])]
  const texts = [
    ...parts.map((part) => part.make),
    ...statements.filter((one) => turnOf(one) !== 'now').map(({ text }) => text),
  ]
  const named = roles.filter(
    (role) => !there.has(role) && texts.some((text) => text.includes(role)),
  )
  if (named.length === 0) return
  throw new FirebreakError(
    'wrong_state',
    `the server has no role ${named.map((role) => `\`${role}\``).join(', ')}, which the recovery point may name as owner or grantee`,
    `make them first: ${named.map((role) => `CREATE ROLE ${quoted(role)};`).join(' ')}`,
  )
}
