/** A vault with nothing beside it: no daemon, no state, no platform; a store and a key, or an owner's identity, are enough. */
import { existsSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import { openBox } from '../vault/box.ts'
import type { Box } from '../vault/box.ts'
import { parseLogicalManifest, schemaBy } from '../vault/logical-manifest.ts'
import { putInto } from '../vault/logical-restore.ts'
import { isMarkId, listMarks, untilMark } from '../vault/mark-manifest.ts'
import { putTables, tablesOfManifest } from '../vault/logical-tables.ts'
import { isPhysicalId } from '../vault/physical-manifest.ts'
import type { BaseManifest } from '../vault/physical-manifest.ts'
import { restorePhysical } from '../vault/physical-restore.ts'
import { lookAtBases, openBase, openWhole } from '../vault/physical-verify.ts'
import type { PhysicalRestored } from '../vault/physical-restore.ts'
import { openManifest } from '../vault/point.ts'
import { restoreFolder } from '../vault/restore.ts'
import { coversOf, damagedPoint } from '../vault/whole.ts'
import { defaultLimits, openBudget } from '../vault/budget.ts'
import { openDiskStore } from '../vault/store-disk.ts'
import type { Store } from '../vault/store.ts'
import { aloneKeys } from './alone-keys.ts'
import type { KeyPlace } from './alone-keys.ts'
import { openBucketAlone } from './bucket.ts'
import { dialNamed, readUrl } from './database-url.ts'
import { resticAlone } from './restic.ts'
import { spoolIn } from './spool.ts'
import { realChance, realClock } from './world.ts'

export interface Place extends KeyPlace {
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly store: string
}

export interface Alone {
  readonly box: Box
  readonly store: string
  /** What the spool is under; null where it stays shut. */
  readonly machine: Uint8Array | null
  /** What a person should know of its keys. */
  readonly said: readonly string[]
}

/** Throws `not_found` where there is no store, `custody_locked` where it does not open with this key or identity. */
export async function openAlone({ store: place, ...files }: Place): Promise<Alone> {
  const store = place.startsWith('s3://') ? await openBucketAlone(place) : await openFolder(place)
  const { keys, machine, said } = await aloneKeys(store, files)
  return { box: openBox(store, keys, realChance), store: place, machine, said }
}

async function openFolder(folder: string): Promise<Store> {
  if (existsSync(folder)) return await openDiskStore(folder, realChance, realClock.now())
  throw new FirebreakError(
    'not_found',
    `there is no vault at \`${folder}\``,
    'is its disk mounted?',
  )
}

/** What speaks against a point that can be restored; null where nothing does. */
export async function doubtOf({ box }: Alone, id: string): Promise<string | null> {
  if (!(await box.store.points()).includes(id) || (await box.proof(id)).signed) return null
  return `\`${id}\` is not signed: it is from before points were, or someone who holds the key has written it`
}

export interface Until {
  /** ISO 8601, a place of the WAL, or a restore point's name; the end of what is known where all are null. */
  readonly time: string | null
  readonly lsn: string | null
  readonly name: string | null
}

interface ClusterWanted {
  readonly id: string
  readonly folder: string
  readonly until: Until
  /** Hears how many bytes are written. */
  readonly progress?: (bytes: number) => void
}

/** Brings a base backup and its WAL, or a point of files, into a folder that is empty or not there; lines of what to do then. */
export async function restoreCluster(
  alone: Alone,
  { id, folder, until, progress }: ClusterWanted,
): Promise<readonly string[]> {
  const said = untilOf(until)
  checkMoment(id, said)
  const { box } = alone
  if (!isPhysicalId(id)) return [await restoreFiles(box, id, folder)]
  const mark = isMarkId(id) ? await untilMark(box, id) : null
  if (mark !== null && said.kind !== 'end')
    throw new FirebreakError('bad_input', `\`${id}\` is a moment: say no other`)
  const point = mark?.base ?? id
  const base = await openWhole(box, point)
  const folderOfSpool = spoolIn(alone.store, base.source)
  const spool =
    alone.machine !== null && existsSync(folderOfSpool)
      ? { folder: folderOfSpool, key: alone.machine }
      : null
  const restored = await restorePhysical({
    box,
    spool,
    point,
    until: mark?.until ?? said,
    into: folder,
    ...(progress === undefined ? {} : { progress }),
  })
  return restoredCluster(base, folder, restored)
}

/** Lines of what to do with it then. */
export function restoredCluster(
  { id, source, server }: BaseManifest,
  folder: string,
  { data, socket, known, cut }: PhysicalRestored,
): readonly string[] {
  return [
    `\`${id}\` of ${source} is in \`${folder}\`, with its WAL beside it`,
    ...(cut === null
      ? []
      : [
          `NOT all of it: the WAL behind ${lsnText(known)} is damaged or missing (\`${cut}\`), so it goes back up to there`,
        ]),
    `start it with PostgreSQL ${Number.parseInt(server, 10)}, as a user that owns the folder: postgres -D ${data}`,
    `it recovers alone and listens on its socket only: psql -h ${socket}`,
  ]
}

async function restoreFiles(box: Box, id: string, folder: string): Promise<string> {
  const restic = resticAlone()
  const covers = await coversOf(box, id)
  try {
    const budget = openBudget(defaultLimits, realClock, () => undefined)
    const manifest = await openManifest(box, id)
    if (manifest.engine !== 'files' && manifest.engine !== 'restic')
      throw new FirebreakError('bad_input', `\`${id}\` is of a database, and goes into no folder`)
    const { files, bytes } = await restoreFolder(manifest, folder, box, { budget, restic })
    return `${files} files, ${bytes} bytes of \`${id}\` are in \`${folder}\``
  } catch (thrown) {
    throw await damagedPoint(id, covers, thrown, { box, clock: realClock, restic })
  }
}

/** Throws `bad_input` for another moment than its own of what has one only: it would go by unheard. */
export function checkMoment(id: string, until: ReturnType<typeof untilOf>): void {
  if (isPhysicalId(id) || until.kind === 'end') return
  throw new FirebreakError(
    'bad_input',
    `\`${id}\` is of one moment, and goes to no other`,
    'a base backup goes to any moment since it was taken',
  )
}

/** Throws `bad_input` for two of them, or for what is no time or place. */
export function untilOf({
  time,
  lsn,
  name,
}: Until): Parameters<typeof restorePhysical>[0]['until'] {
  if ([time, lsn, name].filter((one) => one !== null).length > 1)
    throw new FirebreakError('bad_input', 'say one of `--time`, `--lsn` and `--name`')
  if (lsn !== null) return { kind: 'lsn', lsn: parseLsn(lsn) }
  if (name !== null) return { kind: 'name', name, lsn: null }
  if (time === null) return { kind: 'end' }
  const at = Date.parse(time)
  if (Number.isNaN(at))
    throw new FirebreakError(
      'bad_input',
      `\`${time}\` is no time`,
      'write it with its zone: `2026-11-25T06:49:50Z`',
    )
  return { kind: 'time', time: at }
}

export interface Found {
  readonly id: string
  /** The key that it is under; null for the one that the daemon derived from its own. */
  readonly key: string | null
  readonly signed: boolean
  readonly engine: string
  /** Where its bytes were read by plain SQL, in place of replication. */
  readonly way?: 'sql'
  /** How the schema of a whole database is kept. */
  readonly schema?: string
  readonly source: string
  readonly takenAt: number
  readonly bytes: number
}

/** Every point, oldest first; a damaged one by its id and why. */
export async function pointsAlone(
  box: Box,
): Promise<readonly (Found | { readonly id: string; readonly why: string })[]> {
  const found: (Found | { readonly id: string; readonly why: string })[] = []
  const add = async (of: Omit<Found, 'key' | 'signed'>): Promise<void> => {
    const { key, signed } = await box.proof(of.id)
    const { id, engine, way, source, takenAt, bytes, schema } = of
    const told = {
      engine,
      ...(way === undefined ? {} : { way }),
      ...(schema === undefined ? {} : { schema }),
    }
    found.push({ id, ...told, source, takenAt, bytes, key, signed })
  }
  for (const each of [...(await lookAtBases(box)), ...(await listMarks(box))]) {
    if ('why' in each) found.push(each)
    else await add(each)
  }
  for (const id of (await box.store.points()).filter((each) => !isPhysicalId(each)))
    try {
      const manifest = await openManifest(box, id)
      await add(
        manifest.engine === 'logical' ? { ...manifest, schema: schemaBy(manifest) } : manifest,
      )
    } catch (thrown) {
      // One damaged point must not hide the others; with another key all of them are.
      found.push({ id, why: thrown instanceof FirebreakError ? thrown.message : 'cannot be read' })
    }
  return found
}

export interface AloneInto {
  readonly url: string
  readonly trusts: boolean
  /** None: all of it, into an empty database. */
  readonly tables: readonly string[]
  readonly schema: string | null
  readonly progress?: (bytes: number) => void
}

/** Brings a point of a database into an empty one, or tables of it into any; one line of what was done. */
export async function restoreAlone(
  box: Box,
  id: string,
  { url, tables, schema, ...how }: AloneInto,
): Promise<string> {
  const covers = await coversOf(box, id)
  try {
    const manifest = parseLogicalManifest(await box.manifestText(id))
    const named = readUrl(url, '--to')
    const client = await dialNamed(named)
    try {
      if (tables.length === 0)
        return await putInto(client, manifest, box, { database: named.at.database, ...how })
      return await putTables(client, tablesOfManifest(manifest, box), { tables, schema, ...how })
    } finally {
      await client.close()
    }
  } catch (thrown) {
    throw await damagedPoint(id, covers, thrown, { box, clock: realClock })
  }
}

/** How many bytes a restore of it writes; null where its manifest cannot be read. */
export async function bytesAlone(box: Box, id: string): Promise<number | null> {
  try {
    return (await (isPhysicalId(id) ? openBase(box, id) : openManifest(box, id))).bytes
  } catch {
    // The restore itself says why.
    return null
  }
}
