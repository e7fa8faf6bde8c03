/** The schema as pg_dump told it, in a drill: made by two pairs of hands, and told once more of the copy. */
import { join } from 'node:path'
import { messageOf } from '../base/error.ts'
import type { Ask, Session } from '../platforms/postgres/questions.ts'
import { played } from './logical-restore.ts'
import type { Failed } from './logical-restore.ts'
import type { Programs } from './programs.ts'
import { findPrograms } from './programs.ts'
import { dumpSection, writerOf } from './schema-dump.ts'
import type { DumpPlace } from './schema-dump.ts'
import type { Script } from './schema-keep.ts'
import { statementsIn } from './schema-split.ts'
import type { Statement } from './schema-split.ts'
import { headOf, isHarmless, newOwnerOf, turnOf } from './schema-turns.ts'
import { pin } from './table-describe.ts'
import { attempt } from './table-make.ts'

export interface Hands {
  /** Within the low role's transaction; what it may not make, and calls nothing of the copy's, the superuser makes. */
  readonly low: (statement: Statement) => Promise<string | null>
  /** By the superuser, what has this turn: owners and privileges, or what would be called by all that comes after it. */
  readonly give: (script: Script, turn: 'right' | 'last') => Promise<void>
  /** What nobody could make so far. */
  readonly failed: readonly Failed[]
  /** The low role may use no more than it was given. */
  readonly end: () => Promise<void>
}

/** INVARIANT (nothing of the copy's commands the server): the superuser runs what `isHarmless` says, and nothing else. */
export async function openHands(over: Session, low: Session, user: string): Promise<Hands> {
  // Between transactions too: a text means the same whoever reads it.
  for (const { ask } of [over, low]) await pin(ask)
  const failed: Failed[] = []
  const isGiven = new Set<string>()
  const lend = async (): Promise<void> => {
    for (const name of await wrappersIn(over.ask)) {
      if (isGiven.has(name)) continue
      isGiven.add(name)
      await over.ask(`GRANT USAGE ON FOREIGN DATA WRAPPER ${name} TO ${user}`)
    }
  }
  await lend()
  const byBoth = async (statement: Statement): Promise<string | null> => {
    const why = await attempt(low.ask, statement.text)
    if (why === null || !isHarmless(statement)) return why
    await low.ask('COMMIT')
    const still = await alone(over.ask, statement)
    await lend()
    await low.ask('BEGIN')
    return still
  }
  return {
    failed,
    low: async (statement) => {
      const why = await byBoth(statement)
      if (why !== null) failed.push({ statement, why })
      return why
    },
    give: async (script, turn) => {
      const not = await played([...script.before, ...script.after], turn, (one) =>
        alone(over.ask, one),
      )
      failed.push(...not)
    },
    end: async () => {
      for (const name of isGiven)
        await over.ask(`REVOKE USAGE ON FOREIGN DATA WRAPPER ${name} FROM ${user}`)
      await low.ask('RESET ALL')
    },
  }
}

async function wrappersIn(ask: Ask): Promise<readonly string[]> {
  const rows = await ask('SELECT quote_ident(fdwname) AS name FROM pg_foreign_data_wrapper')
  return rows.map((row) => row['name'] ?? '')
}

async function alone(ask: Ask, statement: Statement): Promise<string | null> {
  const owner = newOwnerOf(statement)
  const lifted = owner !== null && (await isPlain(ask, owner)) ? owner : null
  try {
    await (lifted === null ? ask(statement.text) : givenTo(ask, lifted, statement))
    return null
  } catch (thrown) {
    await ask('ROLLBACK')
    return messageOf(thrown)
  }
}

/** Some things only a superuser may own: the role is one for as long as this takes, and nobody is in as that role. */
async function givenTo(ask: Ask, owner: string, { text }: Statement): Promise<void> {
  await ask('BEGIN')
  await ask(`ALTER ROLE ${owner} SUPERUSER`)
  await ask(text)
  await ask(`ALTER ROLE ${owner} NOSUPERUSER`)
  await ask('COMMIT')
}

/** PostgreSQL's own roles cannot be changed, and need not be. */
async function isPlain(ask: Ask, role: string): Promise<boolean> {
  const [row] = await ask(
    `SELECT count(*) AS there FROM pg_roles WHERE quote_ident(rolname) = $1 AND rolname !~ '^pg_' AND NOT rolsuper`,
    [role],
  )
  return row?.['there'] === '1'
}

export interface Copied {
  readonly programs: Programs
  /** Where the scratch servers lie. */
  readonly folder: string
  readonly at: DumpPlace
}

/** What only a superuser may make and would run code of the copy's, and what hangs on that: nothing that a drill can try. */
export function untriedOf(failed: readonly Failed[]): readonly Failed[] {
  const refused = failed.filter(
    ({ statement, why }) => !isHarmless(statement) && /permission denied|must be /.test(why),
  )
  if (refused.length === 0) return []
  return failed.filter((one) => refused.includes(one) || one.why.includes('does not exist'))
}

export interface Compared {
  readonly wrong: readonly string[]
  /** False where there is nobody to tell it once more. */
  readonly isTold: boolean
  readonly note: string
}

export interface Told {
  readonly script: Script
  readonly server: number
  readonly untried: readonly Failed[]
}

/** What pg_dump says of the copy against what it said of the source: the same statements, in whatever order. */
export async function compareSchema(
  { script, server, untried }: Told,
  { programs, folder, at }: Copied,
): Promise<Compared> {
  const major = Math.floor(server / 10_000)
  const wanted = { exact: true, folder, holds: ['pg_dump'] }
  const found = programs.major === major ? await findPrograms(major, wanted) : null
  if (found === null || !script.by.startsWith(`pg_dump ${major}.`))
    return {
      wrong: [],
      isTold: false,
      note: `the schema of the copy was not told once more by pg_dump: that takes PostgreSQL ${major} and its own pg_dump, here and when it was taken`,
    }
  const told = async (section: 'pre-data' | 'post-data'): Promise<string> =>
    await dumpSection(join(found.folder, 'pg_dump'), calm(at, major), { section, snapshot: null })
  const [before, after] = [await told('pre-data'), await told('post-data')]
  const is = [...statementsIn(before), ...statementsIn(after)]
  const isUntried = new Set(untried.map(({ statement }) => statement.text))
  const were = [...script.before, ...script.after].filter(({ text }) => !isUntried.has(text))
  const wrong = differ(were, is)
  return { wrong, isTold: true, note: `the schema is what ${writerOf(before)} says of the copy` }
}

/** A trigger at the login of a superuser would be code of the copy's. */
function calm(at: DumpPlace, major: number): DumpPlace {
  return major >= 17 ? { ...at, options: '-c event_triggers=off' } : at
}

/** What is in one of the two only, a line each; their order counts for nothing. */
export function differ(were: readonly Statement[], are: readonly Statement[]): readonly string[] {
  const left = new Map<string, number>()
  const count = (all: readonly Statement[], by: number): void => {
    for (const one of all)
      if (turnOf(one) !== 'never') left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + by)
  }
  count(were, 1)
  count(are, -1)
  return [...left].flatMap(([text, by]) => {
    if (by === 0) return []
    const head = headOf({ text, shape: '' })
    return [by > 0 ? `\`${head}\` did not come back` : `\`${head}\` is there and was not`]
  })
}

/** The roles of a policy stand in the order in which the server keeps them, which is another on every server. */
function keyOf({ text, shape }: Statement): string {
  if (!shape.startsWith('CREATE POLICY ')) return text
  return text.replace(
    / TO ((?:"[^"]*"|[^\s,"]+)(?:, (?:"[^"]*"|[^\s,"]+))+)/,
    (_, roles: string) => ` TO ${roles.split(', ').toSorted().join(', ')}`,
  )
}
