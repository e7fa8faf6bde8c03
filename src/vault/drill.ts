/** A drill: a recovery point is restored into a scratch server, compared with what it was taken of, and timed. */
import type { Chance, Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import { restoredAs } from './drill-restore.ts'
import type { Judged } from './drill-restore.ts'
import { parseLogicalManifest } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import { ready, refuse } from './drill-held.ts'
import { programsFor } from './programs.ts'
import { startScratch } from './scratch.ts'
import type { Servers } from './servers.ts'
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
  const { wrong, notes } = await rehearse(manifest, assertions, house)
  return {
    point,
    passed: wrong.length === 0,
    wrong,
    lacks: manifest.lacks,
    notes,
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
): Promise<Judged> {
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
    const { socket, user, secret } = scratch
    const copied = { programs, folder: house.folder, at: { socket, user, secret, database } }
    try {
      const restoring = { ...house, user: low.user, copied }
      return await restoredAs({ over, session }, manifest, assertions, restoring)
    } catch (thrown) {
      refuse(thrown, house.folder)
      return { wrong: [messageOf(thrown)], notes: [] }
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

function lost(point: string, why: string, rtoMs: number): Drilled {
  const nothing = { lacks: [], notes: [], tables: 0, rows: 0, bytes: 0, rpoMs: 0 }
  return { point, passed: false, wrong: [why], ...nothing, rtoMs: Math.round(rtoMs) }
}
