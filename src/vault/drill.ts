/** A drill: a recovery point is restored into a scratch server, compared with what it was taken of, and timed. */
import type { Chance, Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import { holdsIn } from './assertions.ts'
import type { Box } from './box.ts'
import { parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import {
  compareLogical,
  isBeside,
  makeExtensions,
  restoreLogical,
  restoreRest,
} from './logical-restore.ts'
import { ready, refuse } from './drill-held.ts'
import { programsFor } from './programs.ts'
import { startScratch } from './scratch.ts'
import type { Servers } from './servers.ts'
import type { Part } from './table-describe.ts'
import { countIn } from './table-rows.ts'

export interface Drilled {
  readonly point: string
  readonly passed: boolean
  /** What is not as it was, one line each; empty where it passed. */
  readonly wrong: readonly string[]
  /** What the point does not hold. */
  readonly lacks: readonly string[]
  /** What else was looked at, and what was not, with why. */
  readonly notes: readonly string[]
  readonly tables: number
  readonly rows: number
  /** Of a folder's point. */
  readonly files?: number
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
  /** Hears how many bytes are restored. */
  readonly progress?: (bytes: number) => void
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
    refuse(thrown, house.folder)
    return lost(point, messageOf(thrown), clock.steady() - began.steady)
  }
  const wrong = await rehearse(manifest, assertions, house)
  return {
    point,
    passed: wrong.length === 0,
    wrong,
    lacks: manifest.lacks,
    notes: [],
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { sum: told }) => sum + countIn(told), 0),
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
  const programs = await programsFor(major, { exact: false, folder: house.folder })
  const scratch = await ready(house.folder, () => startScratch({ ...house, programs }))
  try {
    const low = lowOf(house.chance)
    const first = await house.connect({ ...scratch, database: 'postgres' })
    await prepare(first, manifest, low)
    await first.close()
    const over = await house.connect({ ...scratch, database })
    const session = await house.connect({ ...scratch, ...low, database })
    try {
      return await restored({ over, session }, manifest, assertions, { ...house, low })
    } finally {
      await session.close()
      await over.close()
    }
  } finally {
    await scratch.stop()
  }
}

const database = 'drill'

/** Who restores: whatever the copy's own code does when rows come in, it does as somebody who may nothing but that. */
interface Low {
  readonly user: string
  readonly secret: Secret
}

/** No role of the copy can have this name. */
function lowOf(chance: Chance): Low {
  const user = `drill_${Buffer.from(chance(12)).toString('hex')}`
  return { user, secret: new Secret(Buffer.from(chance(24)).toString('base64url')) }
}

/** Roles are of the server, not of the database: here they are names and may nothing. */
async function prepare(
  { ask }: Session,
  manifest: LogicalManifest,
  { user, secret }: Low,
): Promise<void> {
  for (const role of manifest.roles) await ask(`CREATE ROLE ${quoted(role)} NOLOGIN`)
  await ask(`CREATE ROLE ${user} LOGIN BYPASSRLS PASSWORD '${secret.reveal()}'`)
  await ask(`GRANT pg_read_all_data TO ${user}`)
  const encoding = `'${manifest.encoding.replaceAll("'", "''")}'`
  await ask(
    `CREATE DATABASE ${database} OWNER ${user} TEMPLATE template0 ENCODING ${encoding} LOCALE 'C'`,
  )
}

interface Sessions {
  /** The superuser, who runs no code of the copy's. */
  readonly over: Session
  readonly session: Session
}

/**
 * INVARIANT (nothing of the copy's commands the server): a function that stands in a check, an index, a default or a view runs when the
 * copy comes in, and somebody may have put it there for that. So rows and all that computes come in as the low role;
 * only owners and privileges, which run nothing, are given by the superuser.
 */
async function restored(
  { over, session }: Sessions,
  manifest: LogicalManifest,
  assertions: Assertions,
  {
    low,
    box,
    folder,
    progress,
  }: Pick<DrillHouse, 'box' | 'folder' | 'progress'> & { readonly low: Low },
): Promise<readonly string[]> {
  try {
    await over.ask('BEGIN')
    await makeExtensions(over.ask, manifest)
    for (const { schema } of manifest.extensions)
      await over.ask(`ALTER SCHEMA ${quoted(schema)} OWNER TO ${low.user}`)
    await over.ask('COMMIT')
    const leaves = (part: Part): boolean => isBeside(part) || isRight(part)
    await restoreLogical(session, manifest, box, {
      leaves,
      ...(progress === undefined ? {} : { progress }),
    })
    const left = await restoreRest(over, manifest)
    const wrong = [...left, ...(await compareLogical(over, manifest))]
    wrong.push(...(await holdsIn(session, assertions)))
    return [...new Set(wrong)]
  } catch (thrown) {
    refuse(thrown, folder)
    return [messageOf(thrown)]
  }
}

/** What only a superuser can give to others. */
function isRight({ kind }: Part): boolean {
  return kind === 'owner' || kind === 'privilege' || kind === 'column privilege'
}

function lost(point: string, why: string, rtoMs: number): Drilled {
  const nothing = { lacks: [], notes: [], tables: 0, rows: 0, bytes: 0, rpoMs: 0 }
  return { point, passed: false, wrong: [why], ...nothing, rtoMs: Math.round(rtoMs) }
}
