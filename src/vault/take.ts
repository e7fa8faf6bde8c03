/** Taking one recovery point: copy, name, read back, write down; a copy of no one moment is tried once more, then refused. */
import { realpath } from 'node:fs/promises'
import { newId } from '../base/clock.ts'
import { toJson } from '../base/json.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import { resourceKey } from '../core/resource.ts'
import type { ResourceRef } from '../core/resource.ts'
import { defaultLimits, openBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { copyFolder, firstDamage } from './engine-files.ts'
import type { Copied } from './engine-files.ts'
import { contains, gradeOf, isEnough } from './grade.ts'
import { markBefore } from './before.ts'
import { takeDatabase } from './logical-point.ts'
import { contentDigest, manifestDigest, manifestText } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { DatabaseSource, FolderSource, Need } from './needs.ts'
import { bestOf, tooLow } from './offsite.ts'
import type { VaultParts } from './parts.ts'
import { toldOf, writeDown } from './write-down.ts'
import { reasonOf } from './reason.ts'

export type Taken =
  | { readonly kind: 'taken'; readonly point: RecoveryPoint }
  /** `again`: another try can end otherwise. */
  | { readonly kind: 'refused'; readonly why: string; readonly again: boolean }

/** A platform rounds its sizes and counts what a file system needs: so much less than it says is not suspicious yet. */
const slackBytes = 64 * 1024 * 1024

export function openTaking(parts: VaultParts): (need: Need, radius: BlastRadius) => Promise<Taken> {
  const { box, state, clock, chance } = parts

  const attempt = async (
    need: Need<FolderSource>,
    radius: BlastRadius,
    mend: boolean,
  ): Promise<Taken> => {
    const thing = resourceKey(need.source.covers)
    const budget = openBudget(parts.limits ?? defaultLimits, clock, (bytes) =>
      parts.progress(thing, bytes),
    )
    const source = await realpath(need.source.path)
    const near = await inside(source, radius)
    if (near !== null) return refused(near)
    const staging = await box.store.stage()
    try {
      const copied = await copyFolder(source, { box, staging, budget, mend })
      if (copied.kind === 'changed')
        return refused(`${thing} was written to while it was copied, at \`${copied.path}\``, true)
      const doubt = implausible(need, copied) ?? (await tooNear(source, copied))
      if (doubt !== null) return refused(doubt)
      const manifest = (await same(need, source, copied)) ?? manifestOf(need, source, copied)
      await staging.settle()
      if (!(await box.store.points()).includes(manifest.id))
        await staging.name(manifest.id, box.sealManifest(manifest.id, manifestText(manifest)))
      return await prove(manifest, budget)
    } finally {
      await staging.discard()
    }
  }

  /** What counts is what the store gives back, not what was handed to it. */
  const prove = async (manifest: Manifest, budget: Budget): Promise<Taken> => {
    const stored = await box.manifest(manifest.id)
    const damage =
      manifestDigest(stored) === manifestDigest(manifest)
        ? await firstDamage(stored, box, budget)
        : 'the manifest'
    if (damage !== null)
      return refused(`the copy in the vault is not what was copied, at \`${damage}\``, true)
    const { source, items } = manifest
    const content = contentDigest(source, items)
    const row = await writeDown(manifest, { source, content, on: toJson(await under()) }, parts)
    return { kind: 'taken', point: toldOf(row) }
  }

  /** The newest point with this very content for these things: it is as good as a new one, once it is verified again. */
  const same = async (
    { things }: Need,
    source: string,
    { items }: Copied & { kind: 'copied' },
  ): Promise<Manifest | null> => {
    const content = contentDigest(source, items)
    const rows = (await state?.transact((tx) => tx.find('point', {}))) ?? []
    const wanted = things.map(resourceKey)
    const row = rows.findLast(
      (row) => row.detail['content'] === content && coversAll(row.covers, wanted),
    )
    try {
      return row === undefined ? null : await box.manifest(row.id)
    } catch {
      // Damaged or gone: a new one is taken in its place.
      return null
    }
  }

  const manifestOf = (
    { things }: Need,
    source: string,
    { items, bytes }: Copied & { kind: 'copied' },
  ): Manifest => {
    const takenAt = clock.now()
    const id = newId('point', takenAt, chance)
    return { v: 1, id, engine: 'files', covers: things, source, takenAt, bytes, items }
  }

  /** Keys of the things that the store lies on: what was declared, and every source that it turns out to lie in. */
  const under = async (): Promise<readonly string[]> => {
    const keys = parts.storeOn.map(resourceKey)
    for (const source of parts.sources) {
      if ('database' in source) continue
      const { covers, path } = source
      // A source that is gone holds no store.
      const real = await realpath(path).catch(() => null)
      if (real !== null && contains(real, box.store.place)) keys.push(resourceKey(covers))
    }
    return [...new Set(keys)]
  }

  /** Before a byte is read: whether the store would go with what it saves. */
  const inside = async (source: string, radius: BlastRadius): Promise<string | null> => {
    const near = await withStore(radius)
    if (near !== null) return near
    const { place } = box.store
    return contains(source, place) || contains(place, source) ? insideRadius(source) : null
  }

  /** Whether what goes is what the store lies on. */
  const withStore = async (radius: BlastRadius): Promise<string | null> => {
    const going = new Set([...radius.resources, ...radius.backups].map(resourceKey))
    const on = (await under()).find((key) => going.has(key))
    return on === undefined ? null : insideRadius(on)
  }

  const ofDatabase = async (need: Need<DatabaseSource>, radius: BlastRadius): Promise<Taken> => {
    const { database, covers } = need.source
    const { servers } = parts
    if (servers?.has(database) !== true)
      return refused(
        `the config has no database \`${database}\` to copy ${resourceKey(covers)} from`,
      )
    const near = await withStore(radius)
    if (near !== null) return refused(near)
    const best = bestOf(parts.offsite)
    if (!isEnough(best, parts.minimum)) return refused(tooLow(parts, best))
    if (parts.marks?.has(database) === true)
      return { kind: 'taken', point: toldOf(await markBefore(database, need.things, parts)) }
    const row = await takeDatabase(database, need.things, servers, parts)
    const { lacks } = row.detail
    // What a person must know before the act, not after it.
    if (Array.isArray(lacks) && lacks.length > 0)
      return refused(`a copy of ${database} does not hold all of it: ${lacks.join(', ')}`)
    if (row.bytes + slackBytes < (need.bytes ?? 0) / 100)
      return refused(
        `${database} does not look like ${resourceKey(covers)}: it holds ${row.bytes} bytes of rows, and the platform says ${need.bytes ?? 0}`,
      )
    return { kind: 'taken', point: toldOf(row) }
  }

  const tooNear = async (
    source: string,
    copied: Copied & { kind: 'copied' },
  ): Promise<string | null> => {
    const storeNodes = await box.store.nodes()
    const places = { source, store: box.store.place, storeNodes, sourceNodes: copied.folders }
    const grade = gradeOf(places)
    if (grade === 'V0') return insideRadius(source)
    const best = bestOf(parts.offsite)
    return isEnough(best, parts.minimum) ? null : tooLow(parts, best)
  }

  const insideRadius = (what: string): string =>
    `the vault \`${box.store.place}\` lies inside the blast radius, with \`${what}\`: move it outside`

  return async (need, radius) => {
    if (isOfDatabase(need)) return await guarded(need, () => ofDatabase(need, radius))
    if (!isOfFolder(need)) throw new Error('a source is a folder or a database')
    const first = await guarded(need, () => attempt(need, radius, false))
    if (first.kind === 'taken' || !first.again) return first
    return await guarded(need, () => attempt(need, radius, true))
  }
}

function isOfDatabase(need: Need): need is Need<DatabaseSource> {
  return 'database' in need.source
}

function isOfFolder(need: Need): need is Need<FolderSource> {
  return 'path' in need.source
}

async function guarded(need: Need, work: () => Promise<Taken>): Promise<Taken> {
  try {
    return await work()
  } catch (thrown) {
    // Whatever keeps a copy from being taken, the answer is that there is none, and why.
    const thing = resourceKey(need.source.covers)
    const from = isOfFolder(need) ? need.source.path : 'its database'
    return refused(`${thing} could not be copied from \`${from}\`: ${reasonOf(thrown)}`)
  }
}

/** A folder that is not mounted looks like an empty volume: a copy of that would be the worst kind of comfort. */
function implausible(
  need: Need<FolderSource>,
  { items, bytes }: Copied & { kind: 'copied' },
): string | null {
  const { bytes: said, source } = need
  const empty = items.every(({ kind }) => kind === 'directory')
  const wrong = `\`${source.path}\` does not look like ${resourceKey(source.covers)}`
  if (empty && said !== 0)
    return `${wrong}: it is empty, and the platform does not say that the volume is: is it mounted?`
  return said !== null && bytes + slackBytes < said / 2
    ? `${wrong}: it holds ${bytes} bytes, and the platform says ${said}`
    : null
}

/** True where all that is wanted is among what a point covers. */
export function coversAll(refs: readonly ResourceRef[], wanted: readonly string[]): boolean {
  const keys = new Set(refs.map(resourceKey))
  return wanted.every((key) => keys.has(key))
}

function refused(why: string, again = false): Taken {
  return { kind: 'refused', why, again }
}
