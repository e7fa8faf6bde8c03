/** A drill of a base backup: restored with its WAL up to a fresh mark, started alone, and read to the last row. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import { holdsIn } from './assertions.ts'
import { amcheck } from './drill-amcheck.ts'
import type { Checked } from './drill-amcheck.ts'
import { ready, refuse } from './drill-held.ts'
import type { Drilled, DrillHouse } from './drill.ts'
import type { Until } from './physical-config.ts'
import type { BaseManifest } from './physical-manifest.ts'
import type { SpoolAt } from './physical-plan.ts'
import { fitsSocket, restorePhysical } from './physical-restore.ts'
import { openWhole } from './physical-verify.ts'
import { programsFor } from './programs.ts'
import type { Programs } from './programs.ts'
import { preparedFolder, startCopy } from './scratch.ts'
import { describe, holdsRows, pinned } from './table-describe.ts'
import { readRows } from './table-rows.ts'

export interface PhysicalDrill {
  readonly id: string
  /** Up to where: a mark that was set for this drill, so that a missing piece of WAL is noticed. */
  readonly until: Until
  readonly spool: SpoolAt | null
  /** Who looks, and into which database. */
  readonly user: string
  readonly database: string
  readonly assertions: readonly string[]
}

/** INVARIANT (drill-proves): as `drill`. */
export async function drillPhysical(asked: PhysicalDrill, house: DrillHouse): Promise<Drilled> {
  const { box, clock } = house
  const began = { at: clock.now(), steady: clock.steady() }
  const told = (base: BaseManifest | null, seen: Seen): Drilled => ({
    point: asked.id,
    passed: seen.wrong.length === 0,
    wrong: seen.wrong,
    lacks: [],
    notes: seen.notes,
    tables: seen.tables,
    rows: seen.rows,
    bytes: base?.bytes ?? 0,
    // The mark was set when it began: what was committed until then is in it.
    rpoMs: asked.until.kind === 'end' ? began.at - (base?.takenAt ?? began.at) : 0,
    rtoMs: Math.round(clock.steady() - began.steady),
  })
  const failed = (thrown: unknown, folder: string): Seen => {
    refuse(thrown, folder)
    return { tables: 0, rows: 0, wrong: [messageOf(thrown)], notes: [] }
  }
  let base: BaseManifest
  try {
    base = await openWhole(box, asked.id)
  } catch (thrown) {
    return told(null, failed(thrown, house.folder))
  }
  const { server, id } = base
  const ground = await ready(house.folder, () => groundFor({ server, id }, house.folder))
  try {
    return told(base, await rehearse(ground, asked, house))
  } catch (thrown) {
    return told(base, failed(thrown, ground.folder))
  }
}

interface Seen extends Checked {
  readonly tables: number
  readonly rows: number
}

async function rehearse(ground: Ground, asked: PhysicalDrill, house: DrillHouse): Promise<Seen> {
  return await inCopy(ground, asked, house, async (session, as) => {
    // Both to their end: the server goes away behind them.
    const [checked, seen] = await Promise.allSettled([
      checkedBy(session, as),
      look(session, asked.assertions),
    ])
    if (seen.status === 'rejected') throw seen.reason
    if (checked.status === 'rejected') throw checked.reason
    const wrong = [...seen.value.wrong, ...checked.value.wrong]
    return { ...seen.value, wrong, notes: checked.value.notes }
  })
}

/** By a superuser of the copy, in a session of its own beside the reading. */
async function checkedBy({ ask }: Session, as: As): Promise<Checked> {
  const [row] = await ask(
    'SELECT rolname AS name FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1',
  )
  if (row === undefined)
    return { wrong: [], notes: ['no amcheck: the copy has no superuser who may log in'] }
  const over = await as(told(row, 'name'))
  try {
    return await amcheck(over.ask)
  } finally {
    await over.close()
  }
}

/** Another session with the copy, as this role. */
type As = (user: string) => Promise<Awaited<ReturnType<DrillHouse['connect']>>>

/** Where a copy is started, and by what. */
interface Ground {
  readonly programs: Programs
  /** As the system names it. */
  readonly folder: string
  readonly place: string
}

type Started = Pick<BaseManifest, 'id' | 'server'>

async function groundFor({ server }: Started, folder: string): Promise<Ground> {
  const programs = await programsFor(Number.parseInt(server, 10), { exact: true, folder })
  await preparedFolder(folder)
  const real = await realpath(folder)
  const place = await mkdtemp(join(real, 'copy-'))
  try {
    fitsSocket(copyIn(place))
  } catch (thrown) {
    await rm(place, { recursive: true, force: true })
    throw thrown
  }
  return { programs, folder: real, place }
}

function copyIn(place: string): string {
  return join(place, 'it')
}

/** Restores it into a scratch folder, starts it alone, and lets `work` ask there; then all of it is gone. */
export async function withCopy<T>(
  base: Started,
  asked: Omit<PhysicalDrill, 'assertions'>,
  house: DrillHouse,
  work: (session: Session, as: As) => Promise<T>,
): Promise<T> {
  return await inCopy(await groundFor(base, house.folder), asked, house, work)
}

async function inCopy<T>(
  { programs, place }: Ground,
  { id: point, until, spool, user, database }: Omit<PhysicalDrill, 'assertions'>,
  { box, connect, progress = (): void => undefined }: DrillHouse,
  work: (session: Session, as: As) => Promise<T>,
): Promise<T> {
  try {
    const into = copyIn(place)
    const restore = { box, spool, point, until, into, progress, scratch: true }
    const { data, socket } = await restorePhysical(restore)
    const stop = await startCopy(programs, { data, owned: place })
    try {
      const as: As = async (user) =>
        await connect({ socket, port: 5432, user, secret: new Secret(''), database })
      const session = await as(user)
      try {
        return await work(session, as)
      } finally {
        await session.close()
      }
    } finally {
      await stop()
    }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/** A table or index never has fewer pages than VACUUM or ANALYZE has last counted: a file that was cut off reads without an error. */
const shorter = `SELECT c.oid::regclass AS name, c.relpages AS were, pg_relation_size(c.oid) / current_setting('block_size')::int AS are
  FROM pg_class c WHERE c.relkind IN ('r', 'm', 't', 'i') AND c.relpersistence = 'p' AND c.relpages > pg_relation_size(c.oid) / current_setting('block_size')::int
  ORDER BY 1`

/** Every table is read to its last row: what cannot be read is not there. */
async function look(session: Session, assertions: readonly string[]): Promise<Omit<Seen, 'notes'>> {
  const { ask } = session
  let [tables, rows] = [0, 0]
  const wrong: string[] = []
  await ask('BEGIN READ ONLY')
  await pinned(ask, async () => {
    for (const part of (await describe(ask)).values()) {
      if (!holdsRows(part)) continue
      rows += await readRows(ask, part.rel ?? '')
      tables += 1
    }
  })
  for (const row of await ask(shorter))
    wrong.push(
      `\`${told(row, 'name')}\` is cut off: ${told(row, 'are')} of ${told(row, 'were')} pages are there`,
    )
  await ask('COMMIT')
  const [row] = await ask('SELECT rolsuper AS super FROM pg_roles WHERE rolname = session_user')
  if (told(row, 'super') === 't' && assertions.length > 0)
    wrong.push(
      'what must hold was not asked: the role of the target is a superuser, and functions of the copy would run with its rights',
    )
  else wrong.push(...(await holdsIn(session, assertions)))
  return { tables, rows, wrong }
}
