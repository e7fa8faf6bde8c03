/** A drill: a recovery point is restored into a scratch server, compared with what it was taken of, and timed. */
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import { parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { compareLogical, restoreLogical } from './logical-restore.ts'
import { findPrograms } from './programs.ts'
import { startScratch } from './scratch.ts'
import type { Servers } from './servers.ts'

export interface Drilled {
  readonly point: string
  readonly passed: boolean
  /** What is not as it was, one line each; empty where it passed. */
  readonly wrong: readonly string[]
  /** What the point does not hold. */
  readonly lacks: readonly string[]
  readonly tables: number
  readonly rows: number
  readonly bytes: number
  /** How old the point was when the drill began: what would be lost. */
  readonly rpoMs: number
  /** From an empty machine to compared: how long it took. */
  readonly rtoMs: number
}

/** Statements of the user's own, each of which must give one row with true. */
export type Assertions = readonly string[]

export interface DrillHouse {
  readonly box: Box
  readonly clock: Clock
  readonly chance: Chance
  /** Where scratch servers lie. */
  readonly folder: string
  readonly connect: Servers['dial']
}

/**
 * INVARIANT (drill-proves): what cannot be restored and compared whole is a drill that failed, with why; it throws only where
 * no drill could be held at all.
 */
export async function drill(
  point: string,
  assertions: Assertions,
  house: DrillHouse,
): Promise<Drilled> {
  const { box, clock } = house
  const began = { at: clock.now(), steady: clock.steady() }
  let manifest: LogicalManifest
  try {
    manifest = parseLogicalManifest(await box.manifestText(point))
  } catch (thrown) {
    return lost(point, messageOf(thrown), clock.steady() - began.steady)
  }
  const wrong = await rehearse(manifest, assertions, house)
  return {
    point,
    passed: wrong.length === 0,
    wrong,
    lacks: manifest.lacks,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { sum: told }) => sum + Number(told.split(' ')[0]), 0),
    bytes: manifest.bytes,
    rpoMs: began.at - manifest.takenAt,
    rtoMs: Math.round(clock.steady() - began.steady),
  }
}

async function rehearse(
  manifest: LogicalManifest,
  assertions: Assertions,
  house: DrillHouse,
): Promise<readonly string[]> {
  const major = Math.floor(manifest.server / 10_000)
  const programs = await findPrograms(major, { exact: false })
  if (programs === null)
    throw new FirebreakError(
      'wrong_state',
      `no PostgreSQL ${major} or later is installed here, so no drill can be held`,
      `install it (Debian: \`apt install postgresql-${major}\`); the server itself need not run`,
    )
  const scratch = await startScratch({ ...house, programs })
  try {
    const first = await house.connect({ ...scratch, database: 'postgres' })
    await prepare(first, manifest)
    await first.close()
    const session = await house.connect({ ...scratch, database: 'drill' })
    try {
      return await restored(session, manifest, assertions, house.box)
    } finally {
      await session.close()
    }
  } finally {
    await scratch.stop()
  }
}

/** Roles are of the server, not of the database: here they are names and may nothing. */
async function prepare({ ask }: Session, manifest: LogicalManifest): Promise<void> {
  const there = new Set(
    (await ask('SELECT rolname AS name FROM pg_roles')).map((row) => told(row, 'name')),
  )
  for (const role of manifest.roles)
    if (!there.has(role)) await ask(`CREATE ROLE "${role.replaceAll('"', '""')}" NOLOGIN`)
  const encoding = `'${manifest.encoding.replaceAll("'", "''")}'`
  await ask(`CREATE DATABASE drill TEMPLATE template0 ENCODING ${encoding} LOCALE 'C'`)
}

async function restored(
  session: Session,
  manifest: LogicalManifest,
  assertions: Assertions,
  box: Box,
): Promise<readonly string[]> {
  try {
    const left = await restoreLogical(session, manifest, box)
    const wrong = [...left, ...(await compareLogical(session, manifest))]
    for (const sql of assertions)
      if (!(await holds(session, sql))) wrong.push(`\`${sql}\` does not hold`)
    return [...new Set(wrong)]
  } catch (thrown) {
    return [messageOf(thrown)]
  }
}

async function holds({ ask }: Session, sql: string): Promise<boolean> {
  const [row, ...more] = await ask(sql)
  return (
    more.length === 0 && row !== undefined && Object.values(row).every((value) => value === 't')
  )
}

function lost(point: string, why: string, rtoMs: number): Drilled {
  const nothing = { lacks: [], tables: 0, rows: 0, bytes: 0, rpoMs: 0 }
  return { point, passed: false, wrong: [why], ...nothing, rtoMs: Math.round(rtoMs) }
}
