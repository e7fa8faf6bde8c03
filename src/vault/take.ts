/** Taking one recovery point: copy, name, read back, write down; a copy of no one moment is tried once more, then refused. */
import { realpath } from 'node:fs/promises'
import { newId } from '../base/clock.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import { defaultLimits, openBudget } from './budget.ts'
import { copyFolder, keepIn } from './engine-files.ts'
import type { Copied } from './engine-files.ts'
import { gradeOf, isEnough } from './grade.ts'
import { markBefore } from './before.ts'
import { takeDatabase } from './logical-point.ts'
import { contentDigest, manifestText } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { goesWith, insideRadius, isNested, thingsAround } from './near.ts'
import type { DatabaseSource, FolderSource, Need } from './needs.ts'
import { bestOf, tooLow } from './offsite.ts'
import type { VaultParts } from './parts.ts'
import { toldOf } from './write-down.ts'
import { reasonOf } from './reason.ts'
import { openResticTaking } from './take-restic.ts'
import { implausible, prove, refused, sameContent, slackBytes } from './taking.ts'
import type { Taken } from './taking.ts'

export function openTaking(parts: VaultParts): (need: Need, radius: BlastRadius) => Promise<Taken> {
  const { box, clock, chance } = parts
  const lying = { what: 'the vault', place: box.store.place }

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
      const keep = keepIn({ box, staging, budget, mend })
      const copied = await copyFolder(source, { budget, keep })
      if (copied.kind === 'changed')
        return refused(`${thing} was written to while it was copied, at \`${copied.path}\``, true)
      const { items, bytes, folders } = copied
      const doubt = implausible(need, items, bytes) ?? (await tooNear(source, folders))
      if (doubt !== null) return refused(doubt)
      const content = contentDigest(source, items)
      const same = await sameContent(content, need.things, parts)
      const manifest = same?.engine === 'files' ? same : manifestOf(need, source, copied)
      await staging.settle()
      if (!(await box.store.points()).includes(manifest.id))
        await staging.name(manifest.id, box.sealManifest(manifest.id, manifestText(manifest)))
      return await prove(manifest, { content, on: await under(), budget }, parts)
    } finally {
      await staging.discard()
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
  const under = async (): Promise<readonly string[]> => [
    ...parts.storeOn.map(resourceKey),
    ...(await thingsAround(box.store.place, parts.sources)),
  ]

  /** Before a byte is read: whether the store would go with what it saves. */
  const inside = async (source: string, radius: BlastRadius): Promise<string | null> =>
    (await withStore(radius)) ?? isNested(lying, source)

  /** Whether what goes is what the store lies on. */
  const withStore = async (radius: BlastRadius): Promise<string | null> =>
    goesWith(lying, await under(), radius)

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
    sourceNodes: ReadonlySet<string>,
  ): Promise<string | null> => {
    const storeNodes = await box.store.nodes()
    if (gradeOf({ source, store: box.store.place, storeNodes, sourceNodes }) === 'V0')
      return insideRadius(lying, source)
    const best = bestOf(parts.offsite)
    return isEnough(best, parts.minimum) ? null : tooLow(parts, best)
  }

  const byRestic = openResticTaking(parts, { inside, under })

  return async (need, radius) => {
    if (isOfDatabase(need)) return await guarded(need, () => ofDatabase(need, radius))
    if (!isOfFolder(need)) throw new Error('a source is a folder or a database')
    const one = need.source.repository === undefined ? attempt : byRestic
    const first = await guarded(need, () => one(need, radius, false))
    if (first.kind === 'taken' || !first.again) return first
    return await guarded(need, () => one(need, radius, true))
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
