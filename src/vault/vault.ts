/** The vault: finds or takes a recovery point for each thing that would lose data, proves it, and brings it back. */
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import { openTurn } from '../base/turn.ts'
import { actionKinds } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { TakeImage } from '../guard/image.ts'
import type { Covered, Foreseen, Vault } from '../guard/ports.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { imageUponMark, markBefore } from './before.ts'
import { openBackups } from './backups.ts'
import type { Box } from './box.ts'
import type { Backups } from './backups.ts'
import { leisureLimits, openBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { restoreImage, takeImage } from './engine-table.ts'
import { isEnough } from './grade.ts'
import { listedOf } from './listed.ts'
import type { Listed } from './listed.ts'
import { needsOf, withoutImaged } from './needs.ts'
import { digestOf, openManifest } from './point.ts'
import type { PointManifest } from './point.ts'
import { bestOf, tooLow } from './offsite.ts'
import { isPhysicalId } from './physical-manifest.ts'
import { reasonOf } from './reason.ts'
import { restoreFolder } from './restore.ts'
import { lacksOfRestic } from './take-restic.ts'
import { openTaking } from './take.ts'
import { newestOf } from './taking.ts'
import { toldOf } from './write-down.ts'
import type { VaultParts } from './parts.ts'
import { coversOf, damagedPoint, isWholeBase, lastGood, wrongWith } from './whole.ts'
import type { Inspected } from './whole.ts'

export interface OpenVault extends Vault, Backups {
  /** Every point in the store, oldest first, from the disk alone; when it was verified comes from the state, where that is there. */
  list(): Promise<readonly Listed[]>
  /** Whether all of it is as it was put; what is not no longer counts. Throws where the store cannot be asked, or has no such point. */
  inspect(id: string): Promise<Inspected>
  /** Brings a point back into a folder that is gone or empty, and not into its old place. */
  restoreTo(pointId: string, folder: string): Promise<string>
  /** True for a point that goes back over what lives now, and not into an empty place: an image of a database. */
  isOverLiving(pointId: string): Promise<boolean>
  /** What it keeps things in; null where there is no vault. */
  readonly box: Box | null
  /** For a runner whose act and image are one transaction. */
  readonly image: TakeImage
  /** A mark in a database of which every byte of WAL is received, for what runs outside of transactions. Throws why there is none. */
  readonly before: (target: string, covers: readonly ResourceRef[]) => Promise<RecoveryPoint>
}

/** INVARIANT (recovery-first): `covered` means read back from the store and compared, for every thing that would lose data. */
export function openVault(parts: VaultParts): OpenVault {
  const { box, clock, state } = parts
  const take = openTaking(parts)
  const backups = openBackups(parts)
  // One at a time: two copies of one folder would only slow each other down.
  const inTurn = openTurn()
  // By themselves: an act that a person has approved shall not wait for a backup that takes an hour.
  const atLeisure = openTurn()
  const limits = parts.limits ?? leisureLimits
  const budget = (): Budget => openBudget(limits, clock, () => undefined)

  // A mark stands before the act itself; what goes elsewhere with it needs a point of its own.
  const isMarked =
    (action: Action) =>
    (target: string): boolean =>
      target === action.target && (parts.marks?.has(target) ?? false)
  const isDatabase = (target: string): boolean => parts.databases?.has(target) ?? false

  /** True where something goes that no image can hold, and a mark can. */
  const onMark = (action: Action, radius: BlastRadius): boolean =>
    isMarked(action)(action.target) &&
    withoutImaged(radius, isDatabase, () => false).rest.resources.some(
      ({ target, protects }) => target === action.target && protects === null,
    )

  const lacks = (action: Action, radius: BlastRadius): readonly string[] => {
    const empty = nothingNamed(action, radius)
    // An image is of whatever the act turns out to take, also where no table goes.
    if (empty !== null && !(radius.known && isDatabase(action.target))) return [empty]
    const { imaged, rest } = withoutImaged(radius, isDatabase, isMarked(action))
    const { needs, missing } = needsOf(rest, parts)
    const best = bestOf(parts.offsite)
    const low = needs.length + imaged.length > 0 && !isEnough(best, parts.minimum)
    return low ? [...missing, tooLow(parts, best)] : missing
  }

  const lacksNow = async (action: Action, radius: BlastRadius): Promise<readonly string[]> => {
    const missing = lacks(action, radius)
    if (missing.length > 0) return missing
    const { rest } = withoutImaged(radius, isDatabase, isMarked(action))
    return await lacksOfRestic(needsOf(rest, parts).needs, parts)
  }

  const foresee = async (action: Action, radius: BlastRadius): Promise<Foreseen> => {
    const missing = await lacksNow(action, radius)
    if (missing.length > 0 || state === null) return { missing, points: [], untried: [] }
    const going = new Set([...radius.resources, ...radius.backups].map(resourceKey))
    const all = await state.transact((tx) => tx.find('point', {}))
    const rows = all.filter((row) => storeOn(row).every((key) => !going.has(key)))
    const { rest } = withoutImaged(radius, isDatabase, isMarked(action))
    const { needs } = needsOf(rest, parts)
    const points = needs.map(({ things }) => newestOf(rows, things))
    const leaned = needs.flatMap(({ source }) => ('database' in source ? [source.database] : []))
    const untried = untriedOf(
      all,
      onMark(action, radius) ? [...leaned, action.target] : leaned,
      parts,
    )
    return { missing, points: points.filter((point) => point !== null), untried }
  }

  const cover = async (action: Action, radius: BlastRadius): Promise<Covered> => {
    const missing = await lacksNow(action, radius)
    // Nothing is copied where the whole cannot be covered anyway.
    if (missing.length > 0) return { kind: 'missing', why: missing }
    if (
      withoutImaged(radius, isDatabase, isMarked(action)).imaged.length > 0 ||
      isDatabase(action.target)
    )
      return { kind: 'missing', why: [onlyInTheAct] }
    const { needs } = needsOf(radius, parts)
    const points: RecoveryPoint[] = []
    for (const need of needs) {
      const taken = await take(need, radius)
      if (taken.kind === 'refused') return { kind: 'missing', why: [taken.why] }
      points.push(taken.point)
    }
    return { kind: 'covered', points }
  }

  const rowOf = async (id: string): Promise<RecoveryPointRow | null> =>
    state === null ? null : await state.transact((tx) => tx.get('point', id))

  const counts = async (id: string, whole: boolean): Promise<void> => {
    await state?.transact(async (tx) => {
      const row = await tx.get('point', id)
      if (row !== null) await tx.put('point', { ...row, verifiedAt: whole ? clock.now() : null })
    })
  }

  const verify = async (id: string): Promise<boolean> => {
    const isWhole = async (): Promise<boolean> => {
      try {
        return (await wrongWith(id, (await rowOf(id))?.manifest ?? null, parts)) === null
      } catch {
        // The port's promise: any doubt is a no.
        return false
      }
    }
    const whole = await isWhole()
    await counts(id, whole)
    return whole
  }

  const inspect = async (id: string): Promise<Inspected> => {
    const row = await rowOf(id)
    if (row === null && !(await box.store.points()).includes(id)) throw unknown(id)
    const wrong = await wrongWith(id, row?.manifest ?? null, parts)
    await counts(id, wrong === null)
    if (wrong === null) return { whole: true, wrong, lastGood: null }
    const covers = row?.covers ?? (await coversOf(box, id))
    const other = await lastGood(id, covers, parts)
    // With a hole in its later WAL it is itself as good as any.
    const good = (await isWholeBase(id, box)) ? (other ?? id) : other
    return { whole: false, wrong, lastGood: good }
  }

  const restoreTo = async (id: string, folder: string | null): Promise<string> => {
    if (isPhysicalId(id))
      throw new FirebreakError(
        'bad_input',
        `\`${id}\` is of a whole cluster: it goes into a folder of its own, and over nothing`,
        `firebreak restore ${id} --store ${box.store.place} --key KEY --folder FOLDER`,
      )
    const manifest = await known(id)
    if (manifest.engine === 'table') return await putBack(manifest, folder)
    if (manifest.engine === 'logical')
      throw new FirebreakError(
        'bad_input',
        `\`${id}\` is of a database: \`firebreak restore ${id} --into DATABASE\` brings it into an empty one`,
      )
    const into = folder ?? manifest.source
    return told(
      id,
      into,
      await restoreFolder(manifest, into, box, { ...parts, limits, budget: budget() }),
    )
  }

  /** What is damaged is told with the point that is not. */
  const naming = async (id: string, work: Promise<string>): Promise<string> => {
    try {
      return await work
    } catch (thrown) {
      const covers = (await rowOf(id))?.covers ?? (await coversOf(box, id))
      throw await damagedPoint(id, covers, thrown, parts)
    }
  }

  const putBack = async ({ id, source }: PointManifest, folder: string | null): Promise<string> => {
    if (folder !== null)
      throw new FirebreakError(
        'bad_input',
        `\`${id}\` goes back into \`${source}\` only, and into no folder`,
      )
    if (parts.databases?.has(source) !== true)
      throw new FirebreakError('not_found', `the config has no database \`${source}\` any more`)
    const session = await parts.databases.open(source)
    try {
      return await restoreImage(session, id, parts)
    } finally {
      await session.close()
    }
  }

  const known = async (id: string): Promise<PointManifest> => {
    if ((await box.store.points()).includes(id)) return await openManifest(box, id)
    if ((await rowOf(id)) === null) throw unknown(id)
    throw new FirebreakError('broken_store', 'its manifest is not in the store any more')
  }

  const look = async (id: string): Promise<Listed> => {
    try {
      const manifest = await openManifest(box, id)
      const row = await verifiedRow(id)
      const same = row?.manifest === digestOf(manifest)
      return listedOf(manifest, box.store.place, same ? row : null)
    } catch (thrown) {
      // One damaged point must not hide the others.
      return { kind: 'broken', id, why: reasonOf(thrown) }
    }
  }

  const verifiedRow = async (id: string): Promise<RecoveryPoint | null> => {
    try {
      return state === null ? null : await state.transact((tx) => tx.get('point', id))
    } catch {
      // The disk alone must do when the state is gone; nothing counts as verified then.
      return null
    }
  }

  return {
    foresee,
    cover: (action, radius) => inTurn(() => cover(action, radius)),
    verify: (id) => inTurn(() => verify(id)),
    inspect: (id) => inTurn(() => inspect(id)),
    restore: (id) => inTurn(() => naming(id, restoreTo(id, null))),
    restoreTo: (id, folder) => inTurn(() => naming(id, restoreTo(id, folder))),
    isOverLiving: async (id) => !isPhysicalId(id) && (await known(id)).engine === 'table',
    backup: (target) => atLeisure(() => backups.backup(target)),
    drill: (id, assertions) => atLeisure(() => backups.drill(id, assertions)),
    restoreInto: (id, into) => atLeisure(() => naming(id, backups.restoreInto(id, into))),
    unpack: (id, folder) => atLeisure(() => naming(id, backups.unpack(id, folder))),
    box,
    // Not in turn: whoever takes one has tables locked, and shall not wait for a copy of something else.
    image: (session, wanted) =>
      imageUponMark((...given) => takeImage(...given, parts), [session, wanted], parts),
    before: async (target, covers) => toldOf(await markBefore(target, covers, parts)),
    list: async () => {
      const listed: Listed[] = []
      for (const id of await box.store.points()) if (!isPhysicalId(id)) listed.push(await look(id))
      return listed
    },
  }
}

function unknown(id: string): FirebreakError {
  const hint = 'list them with `firebreak vault`'
  return new FirebreakError('not_found', `there is no recovery point \`${id}\``, hint)
}

const onlyInTheAct = 'an image of a table is taken in the act itself, when a person approves it'

/** Data that goes while nothing is named has no way back: an empty radius must not count as a covered one. */
function nothingNamed(action: Action, radius: BlastRadius): string | null {
  if (!radius.known) return `what would go is not known: ${radius.unknown.join('; ')}`
  const loses = actionKinds(action).some((kind) =>
    ['data', 'container', 'overwrite'].includes(kind),
  )
  if (!loses || radius.resources.length > 0) return null
  return 'the platform names nothing that would go, so nothing can be saved first'
}

/** What the store of a point lay on, as far as was known: with that it would go. */
function storeOn({ detail }: RecoveryPointRow): readonly string[] {
  const { on } = detail
  return Array.isArray(on) ? on.map(String) : []
}

/** Databases whose copies have not been restored for twice as long as was asked for. An image is tried in the act itself. */
function untriedOf(
  rows: readonly RecoveryPointRow[],
  databases: readonly string[],
  { drills, clock }: VaultParts,
): readonly string[] {
  return [...new Set(databases)].flatMap((database) => {
    const often = drills?.get(database)
    const passed = rows.filter(({ detail }) => detail['source'] === database).map(passedAt)
    const last = Math.max(0, ...passed)
    if (often === undefined || clock.now() - last <= 2 * often) return []
    const when = last === 0 ? 'ever' : `since ${new Date(last).toISOString().slice(0, 10)}`
    return [
      `no copy of ${database} was restored for trial ${when}: \`firebreak drill\` first, or one person more`,
    ]
  })
}

/** When a drill of it passed last, ms since 1970; 0 where none did. */
export function passedAt({ detail: { drill } }: RecoveryPointRow): number {
  if (drill === undefined || !isObject(drill) || drill['passed'] !== true) return 0
  return typeof drill['at'] === 'number' ? drill['at'] : 0
}

function told(
  id: string,
  into: string,
  { files, bytes, skipped, ownerless }: Awaited<ReturnType<typeof restoreFolder>>,
): string {
  const parts = [
    `${files} files, ${bytes} bytes of \`${id}\` are in \`${into}\``,
    ...(skipped > 0 ? [`${skipped} pipes, sockets or devices were not made again`] : []),
    ...(ownerless > 0 ? [`${ownerless} things have another owner than they had`] : []),
  ]
  return parts.join('; ')
}
