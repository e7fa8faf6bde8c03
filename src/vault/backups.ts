/** What is kept whatever agents do: recovery points of whole databases and folders, drills of those, and back into an empty database. */
import type { Json } from '../base/json.ts'
import { FirebreakError } from '../base/error.ts'
import { noRadius } from '../core/blast-radius.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import { resourceKey } from '../core/resource.ts'
import type { Tx } from '../guard/ports.ts'
import { leisureLimits, openBudget } from './budget.ts'
import { drillFolder } from './drill-files.ts'
import type { FolderManifest } from './drill-files.ts'
import { drill } from './drill.ts'
import type { Assertions, Drilled } from './drill.ts'
import { parseLogicalManifest } from './logical-manifest.ts'
import { takeDatabase } from './logical-point.ts'
import { putTables, tablesOfManifest } from './logical-tables.ts'
import { putInto } from './logical-restore.ts'
import type { Into } from './logical-restore.ts'
import type { VaultParts } from './parts.ts'
import { openManifest } from './point.ts'
import { restoreFolder } from './restore.ts'
import type { Servers } from './servers.ts'
import { openTaking } from './take.ts'
import { toldOf } from './write-down.ts'

export interface Backups {
  /** A verified point of a whole database, by its target; or of a folder, by what that covers. Throws what keeps it from being taken; then there is none. */
  backup(of: string): Promise<RecoveryPoint>
  /** Restores a point into a scratch place and compares; what came of it stands with the point. */
  drill(id: string, assertions: Assertions): Promise<Drilled>
  /** Brings a point into an empty database of its target's server; one line of what was done. */
  restoreInto(id: string, into: Into & Partial<Some>): Promise<string>
  /** Brings a folder's point into a folder that is gone or empty; one line of what was done. */
  unpack(id: string, folder: string): Promise<string>
}

/** Single tables of it, into a database that need not be empty. */
export interface Some {
  readonly tables: readonly string[]
  readonly schema: string | null
}

export function openBackups(given: VaultParts): Backups {
  const parts = { ...given, limits: given.limits ?? leisureLimits }
  const { box, clock, state } = parts
  const servers = (target: string): Servers => {
    if (parts.servers?.has(target) === true) return parts.servers
    throw new FirebreakError('not_found', `the config has no database \`${target}\``)
  }

  const backup = async (of: string): Promise<RecoveryPoint> =>
    of.includes('/')
      ? await keepFolder(of, parts)
      : toldOf(await takeDatabase(of, [], servers(of), parts))

  const held = async (id: string, assertions: Assertions): Promise<Drilled> => {
    if (parts.servers === undefined)
      throw new FirebreakError('not_found', 'the config has no database')
    const row = await state?.transact((tx) => tx.get('point', id))
    // One that was taken and is gone is a drill that fails.
    if ((row ?? null) === null && !(await box.store.points()).includes(id))
      throw new FirebreakError(
        'not_found',
        `there is no recovery point \`${id}\``,
        'list them with `firebreak vault`',
      )
    const { scratch, dial } = parts.servers
    const folder = await folderPoint(id)
    if (folder !== null) {
      const found = await drillFolder(folder, scratch, parts)
      await state?.transact((tx) => noteDrill(tx, found, clock.now()))
      return found
    }
    const house = {
      box,
      clock,
      chance: parts.chance,
      folder: scratch,
      connect: dial,
      progress: (bytes: number) => parts.progress(id, bytes),
    }
    const found = await drill(id, assertions, house)
    await state?.transact((tx) => noteDrill(tx, found, clock.now()))
    return found
  }

  /** Null for a point of a database, and for one whose manifest cannot be read: the drill says so. */
  const folderPoint = async (id: string): Promise<FolderManifest | null> => {
    const manifest = await openManifest(box, id).catch(() => null)
    return manifest !== null && 'items' in manifest ? manifest : null
  }

  const unpack: Backups['unpack'] = async (id, folder) => {
    const manifest = await openManifest(box, id)
    if (!('items' in manifest))
      throw new FirebreakError('bad_input', `\`${id}\` is of a database, and goes into no folder`)
    const heard = (bytes: number): void => parts.progress(id, bytes)
    const budget = openBudget(parts.limits, clock, heard)
    const { files, bytes } = await restoreFolder(manifest, folder, box, { ...parts, budget })
    return `${files} files, ${bytes} bytes of \`${id}\` are in \`${folder}\``
  }

  const restoreInto: Backups['restoreInto'] = async (id, into) => {
    const manifest = parseLogicalManifest(await box.manifestText(id))
    const { open } = servers(manifest.source)
    const session = await open(manifest.source, into.database)
    try {
      const progress = (bytes: number): void => parts.progress(id, bytes)
      const { tables = [], schema = null, trusts } = into
      if (tables.length > 0)
        return await putTables(session, tablesOfManifest(manifest, box), {
          tables,
          schema,
          trusts,
          progress,
        })
      return await putInto(session, manifest, box, { ...into, progress })
    } finally {
      await session.close()
    }
  }

  return { backup, drill: held, restoreInto, unpack }
}

async function keepFolder(key: string, parts: VaultParts): Promise<RecoveryPoint> {
  const source = parts.sources.find((one) => 'path' in one && resourceKey(one.covers) === key)
  if (source === undefined)
    throw new FirebreakError('not_found', `no folder in \`vault.sources\` covers \`${key}\``)
  const { covers } = source
  // As if it went: the store may not lie on it.
  const thing = { ...covers, name: key, environment: null, bytes: null, protects: null }
  const radius = { ...noRadius, resources: [thing] }
  const taken = await openTaking(parts)({ source, things: [covers], bytes: null }, radius)
  if (taken.kind === 'taken') return taken.point
  throw new FirebreakError('wrong_state', taken.why)
}

/** What came of a drill stands with the point. */
export async function noteDrill(tx: Tx, found: Drilled, at: number): Promise<void> {
  const row = await tx.get('point', found.point)
  if (row === null) return
  const last: Json = { at, passed: found.passed, rtoMs: found.rtoMs, rpoMs: found.rpoMs }
  // What cannot be restored is no way back, whatever its bytes say.
  const verifiedAt = found.passed ? at : null
  await tx.put('point', { ...row, verifiedAt, detail: { ...row.detail, drill: last } })
}
