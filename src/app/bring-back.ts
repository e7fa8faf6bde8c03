/** A restore as a person asks for it: of a point or of the moment before an action, whole or single tables, into a database or a new folder. */
import { existsSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { withCopy } from '../vault/drill-physical.ts'
import { putTables, tablesOfCopy } from '../vault/logical-tables.ts'
import { isMarkId, untilMark } from '../vault/mark-manifest.ts'
import type { Until } from '../vault/physical-config.ts'
import { isPhysicalId } from '../vault/physical-manifest.ts'
import type { BaseManifest } from '../vault/physical-manifest.ts'
import { restorePhysical } from '../vault/physical-restore.ts'
import { listBases, openBase } from '../vault/physical-verify.ts'
import { pinned } from '../vault/table-describe.ts'
import { restoredCluster } from './alone.ts'
import { asTaken } from './as-taken.ts'
import type { Firebreak } from './compose.ts'
import { dialScratch } from './databases.ts'
import type { Moment } from './moment.ts'
import { boxOf, spoolOf } from './physical.ts'
import { scratchOf } from './recovery.ts'
import { realChance } from './world.ts'

export interface Wanted {
  readonly point: string
  /** Up to where a base backup goes. */
  readonly until: Until
  /** A database of the target's server; null for a folder. */
  readonly into: string | null
  readonly folder: string | null
  readonly tables: readonly string[]
  readonly schema: string | null
  readonly trusts: boolean
}

/** The newest verified point of the target before that moment: a base backup, which goes up to it, else a copy, which stays behind it. */
export async function pointBefore(firebreak: Firebreak, moment: Moment): Promise<string> {
  const { target, at, base: marked } = moment
  if (marked !== null) return marked
  const rows = await firebreak.state.transact((tx) => tx.find('point', {}))
  const good = new Set(rows.filter(({ verifiedAt }) => verifiedAt !== null).map(({ id }) => id))
  const bases = await listBases(boxOf(firebreak))
  const base = bases.findLast(
    ({ id, source, stoppedAt }) => source === target && stoppedAt < at && good.has(id),
  )
  if (base !== undefined) return base.id
  const copy = rows.findLast(
    ({ id, engine, detail, takenAt }) =>
      engine === 'logical' && detail['source'] === target && takenAt < at && good.has(id),
  )
  if (copy !== undefined) return copy.id
  throw new FirebreakError(
    'not_found',
    `no verified recovery point of \`${target}\` is older than that`,
    'list them with `firebreak vault`',
  )
}

/** Lines of what was done. */
export async function bringBack(firebreak: Firebreak, wanted: Wanted): Promise<readonly string[]> {
  const { point, into, folder, tables, schema, trusts } = wanted
  await asTaken(firebreak, point)
  if (isMarkId(point)) {
    if (wanted.until.kind !== 'end')
      throw new FirebreakError('bad_input', `\`${point}\` is a moment: say no other`)
    const { base, until } = await untilMark(boxOf(firebreak), point)
    return await bringBack(firebreak, { ...wanted, point: base, until })
  }
  if (isPhysicalId(point)) {
    const base = await openBase(boxOf(firebreak), point)
    if (folder !== null) return await intoFolder(firebreak, base, { ...wanted, folder })
    if (into !== null && tables.length > 0)
      return [await tablesOfBase(firebreak, base, { ...wanted, into })]
    throw new FirebreakError(
      'bad_input',
      `\`${point}\` is of a whole cluster: it goes into \`--folder NEW\`, or table by table into a database`,
      '`--table schema.name --into DATABASE`',
    )
  }
  if (folder !== null && tables.length > 0)
    throw new FirebreakError('bad_input', 'single tables go into a database: `--into DATABASE`')
  if (folder !== null) return [await firebreak.vault.unpack(point, folder)]
  if (into === null)
    throw new FirebreakError(
      'bad_input',
      `say where \`${point}\` goes: a database into \`--into DATABASE\`, a folder into \`--folder NEW\``,
    )
  return [await firebreak.vault.restoreInto(point, { database: into, trusts, tables, schema })]
}

async function intoFolder(
  firebreak: Firebreak,
  base: BaseManifest,
  { point, until, folder: into, tables }: Wanted & { readonly folder: string },
): Promise<readonly string[]> {
  if (tables.length > 0)
    throw new FirebreakError('bad_input', 'single tables go into a database: `--into DATABASE`')
  const restored = await restorePhysical({
    box: boxOf(firebreak),
    spool: spoolNow(firebreak, base.source),
    point,
    until,
    into,
    progress: (bytes) => firebreak.progress.heard(point, bytes),
  })
  return restoredCluster(base, into, restored)
}

/** The cluster is brought up to that place in a scratch folder, started alone, and the tables are read there. */
async function tablesOfBase(
  firebreak: Firebreak,
  base: BaseManifest,
  { point: id, until, into, tables, schema, trusts }: Wanted & { readonly into: string },
): Promise<string> {
  const database = firebreak.databases.get(base.source)
  if (database === undefined)
    throw new FirebreakError('not_found', `the config has no database \`${base.source}\``)
  const { clock, config, progress } = firebreak
  const { user, database: name } = database.target
  const spool = spoolNow(firebreak, base.source)
  const heard = (bytes: number): void => progress.heard(id, bytes)
  const house = {
    box: boxOf(firebreak),
    clock,
    chance: realChance,
    folder: scratchOf(config),
    connect: dialScratch,
    progress: heard,
  }
  // Before anything is copied: a database that is not there is told at once.
  const session = await database.connect(into)
  try {
    return await withCopy(base, { id, until, spool, user, database: name }, house, async (copy) => {
      await copy.ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      return await pinned(copy.ask, async () =>
        putTables(session, await tablesOfCopy(copy), { tables, schema, trusts, progress: heard }),
      )
    })
  } finally {
    await session.close()
  }
}

function spoolNow(
  firebreak: Firebreak,
  target: string,
): { readonly folder: string; readonly key: Uint8Array } | null {
  const spool = { folder: spoolOf(firebreak, target), key: firebreak.vaultKey }
  return existsSync(spool.folder) ? spool : null
}
