/** Brings a logical recovery point into an empty database, and compares what is there with what was. */
import { FirebreakError } from '../base/error.ts'
import { questions, told } from '../platforms/postgres/questions.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import { restorableParts } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { describe, differences, pinned } from './table-describe.ts'
import type { Part } from './table-describe.ts'
import { make } from './table-make.ts'
import { ours } from './table-relations.ts'
import { bringRows, countIn, sumOf } from './table-rows.ts'
import { sequencesOf, setSequence } from './table-watch.ts'

/** Restores, compares, and says in one line what is there. Throws as `restoreLogical`. */
export async function putInto(
  session: Session,
  manifest: LogicalManifest,
  box: Box,
  database: string,
): Promise<string> {
  const left = await restoreLogical(session, manifest, box)
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
): Promise<readonly string[]> {
  const { ask } = session
  await refuseLiving(ask)
  await refuseRoles(ask, manifest)
  await ask('BEGIN')
  await ask(questions.unhurried)
  try {
    const left = await pinned(ask, () => fill(session, manifest, box))
    await ask('COMMIT')
    return left
  } catch (thrown) {
    await ask('ROLLBACK').catch(() => null)
    throw thrown
  }
}

async function fill(
  session: Session,
  manifest: LogicalManifest,
  box: Box,
): Promise<readonly string[]> {
  const { ask } = session
  const { parts, tables, sequences, extensions } = manifest
  for (const { name, schema } of extensions) {
    await ask(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)
    await ask(`CREATE EXTENSION IF NOT EXISTS ${quoted(name)} SCHEMA ${quoted(schema)}`)
  }
  const wanted = restorableParts(parts)
  await make(ask, wanted, { beforeRows: true, ignores: isBeside })
  for (const { table, moved, sha256 } of tables)
    await bringRows(session, { table, moved }, box.open(sha256))
  const left = await make(ask, wanted, { beforeRows: false, ignores: isBeside })
  for (const sequence of sequences) await setSequence(ask, sequence)
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
            `rows of \`${table}\` differ: ${rowsIn(there)} are there, ${rowsIn(sum)} were taken`,
          )
      }
      const were = restorableParts(manifest.parts)
      const are = await describe(ask)
      for (const id of differences(were, are))
        if (were.has(id) || !isBeside(are.get(id))) wrong.push(`\`${id}\` is not as it was`)
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

/** What is only known by its name: an extension is made by its own statement, the rest is told as lacking. */
function isBeside(part: Part | undefined): boolean {
  return part?.kind === 'other'
}

function rowsIn(sum: string): string {
  return sum.slice(0, sum.indexOf(' '))
}

/** INVARIANT (nothing living): what is restored never meets what is there. */
async function refuseLiving(ask: Ask): Promise<void> {
  const [row] = await ask(
    `SELECT current_database() AS database, (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours}) AS there`,
  )
  if (told(row, 'there') === '0') return
  throw new FirebreakError(
    'wrong_state',
    `nothing is restored over what lives: the database \`${told(row, 'database')}\` holds ${told(row, 'there')} relations`,
    'make an empty database and restore into that',
  )
}

async function refuseRoles(ask: Ask, { parts, roles }: LogicalManifest): Promise<void> {
  const rows = await ask('SELECT rolname AS name FROM pg_roles')
  const there = new Set(rows.map((row) => told(row, 'name')))
  const named = roles.filter(
    (role) => !there.has(role) && parts.some(({ make }) => make.includes(role)),
  )
  if (named.length === 0) return
  throw new FirebreakError(
    'wrong_state',
    `the server has no role ${named.map((role) => `\`${role}\``).join(', ')}, which the recovery point may name as owner or grantee`,
    `make them first: ${named.map((role) => `CREATE ROLE ${quoted(role)};`).join(' ')}`,
  )
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
