/** Taking a point of a folder whose content the owner's restic keeps: read here, kept there, read back from there, written down here. */
import { realpath } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { newId } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { digest, isObject, parseJson, toJson } from '../base/json.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import { defaultLimits, openBudget } from './budget.ts'
import { copyFolder } from './engine-files.ts'
import { bestOfFolder, gradeOf, isEnough } from './grade.ts'
import { manifestText } from './manifest.ts'
import type { FolderManifest } from './manifest.ts'
import { goesWith, insideRadius, isNested, thingsAround } from './near.ts'
import type { FolderSource, Need } from './needs.ts'
import type { VaultParts } from './parts.ts'
import { reasonOf } from './reason.ts'
import type { ResticManifest } from './restic-manifest.ts'
import { kindOfRepository } from './restic-place.ts'
import type { Access } from './restic-place.ts'
import { callOf } from './restic-point.ts'
import { quietly } from './restic-read.ts'
import { findRestic, textOf } from './restic-run.ts'
import type { Call } from './restic-run.ts'
import { nodesAbove } from './store-disk.ts'
import { implausible, prove, refused, sameContent } from './taking.ts'
import type { Taken } from './taking.ts'

/** What is asked of the store that keeps the manifest, as of any other point. */
export interface OfStore {
  readonly inside: (source: string, radius: BlastRadius) => Promise<string | null>
  readonly under: () => Promise<readonly string[]>
}

type Attempt = (need: Need<FolderSource>, radius: BlastRadius, again: boolean) => Promise<Taken>

/** Snapshots of ours are a group of their own: what the owner says of how many to keep counts them apart. */
const marks = ['--host', 'firebreak', '--tag', 'firebreak'] as const
/** Whoever has locked the repository is waited for, as long as a copy may take. */
const lockedMs = 5000

export function openResticTaking(parts: VaultParts, store: OfStore): Attempt {
  const { box, clock } = parts
  return async (need, radius, again) => {
    const thing = resourceKey(need.source.covers)
    const budget = openBudget(parts.limits ?? defaultLimits, clock, (bytes) =>
      parts.progress(thing, bytes),
    )
    const access = await accessOf(need.source, parts)
    const source = await realpath(need.source.path)
    const place = await placeOf(access.repository)
    const on = place === null ? [] : await thingsAround(place, parts.sources)
    const lying = { what: 'the restic repository', place: place ?? access.repository }
    const near =
      (await store.inside(source, radius)) ??
      goesWith(lying, on, radius) ??
      isNested(lying, source) ??
      tooHigh(parts, access.repository)
    if (near !== null) return refused(near)
    const call = await callOf(access, parts)
    let made: Made = { doubt: null, content: '', manifest: null }
    const copied = await copyFolder(source, {
      budget,
      keep: async () => await Promise.resolve(true),
      meanwhile: async (items, bytes) => {
        made = await keptBy(call, { need, source, items, bytes, again }, parts)
      },
    })
    const { doubt, content, manifest } = made
    if (copied.kind === 'changed')
      return refused(`${thing} was written to while it was copied, at \`${copied.path}\``, true)
    if (manifest === null) return refused(doubt ?? 'nothing was copied')
    const storeNodes = [...(await box.store.nodes()), ...(await nodesOf(place))]
    const places = { source, store: lying.place, storeNodes, sourceNodes: copied.folders }
    if (gradeOf(places) === 'V0') return refused(insideRadius(lying, source))
    await nameOnce(manifest, parts)
    return await prove(manifest, { content, on: [...(await store.under()), ...on], budget }, parts)
  }
}

interface Made {
  readonly doubt: string | null
  readonly content: string
  /** Null where there is a doubt. */
  readonly manifest: ResticManifest | null
}

interface Looked {
  readonly need: Need<FolderSource>
  readonly source: string
  readonly items: FolderManifest['items']
  readonly bytes: number
  readonly again: boolean
}

/** Has the folder kept by restic, unless a point has this very content. */
async function keptBy(
  call: Call,
  { need, source, items, bytes, again }: Looked,
  parts: VaultParts,
): Promise<Made> {
  const { things } = need
  const doubt = implausible(need, items, bytes)
  if (doubt !== null) return { doubt, content: '', manifest: null }
  const { repository } = call.access
  const content = digest(toJson({ source, repository, items }))
  // Another try: the one that there is has just turned out to be damaged.
  const same = again ? null : await sameContent(content, things, parts)
  if (same?.engine === 'restic') return { doubt, content, manifest: same }
  const takenAt = parts.clock.now()
  const id = newId('point', takenAt, parts.chance)
  const of = { v: 1, id, covers: things, source, takenAt, bytes, items } as const
  return { doubt, content, manifest: await backUp(of, call) }
}

/** What keeps points from being taken by restic whatever the folder holds; one line each. */
export async function lacksOfRestic(
  needs: readonly Need[],
  parts: VaultParts,
): Promise<readonly string[]> {
  const repositories = needs.flatMap(({ source }) =>
    'path' in source && source.repository !== undefined ? [source.repository] : [],
  )
  if (repositories.length === 0) return []
  const low = repositories.map((each) => tooHigh(parts, each)).filter((why) => why !== null)
  const absent = await findRestic(parts.restic?.folders).then(
    () => [],
    (thrown: unknown) => [reasonOf(thrown)],
  )
  return [...low, ...absent]
}

/** INVARIANT (recovery-first): what holds the password can forget snapshots, so it is worth what an ordinary folder is. */
function tooHigh({ minimum }: VaultParts, repository: string): string | null {
  return isEnough(bestOfFolder, minimum)
    ? null
    : `the restic repository \`${repository}\` has grade ${bestOfFolder}, since its password can forget snapshots, and ${minimum} is asked for: copy this source into the vault, without \`restic\``
}

async function accessOf(
  { repository = '' }: FolderSource,
  { restic }: VaultParts,
): Promise<Access> {
  const access = (await restic?.access({ repository, password: null })) ?? null
  if (access !== null) return access
  throw new FirebreakError('bad_config', `nothing says what opens the repository \`${repository}\``)
}

/** The real path of one that is a folder here. */
async function placeOf(repository: string): Promise<string | null> {
  if (kindOfRepository(repository) !== 'folder') return null
  try {
    return await realpath(repository)
  } catch (cause) {
    throw new FirebreakError(
      'not_reachable',
      `there is no restic repository at \`${repository}\``,
      'is its disk mounted? A new one is made by its owner: `restic init`',
      cause,
    )
  }
}

async function nodesOf(place: string | null): Promise<readonly string[]> {
  return place === null ? [] : await nodesAbove(place)
}

async function backUp(of: Omit<FolderManifest, 'engine'>, call: Call): Promise<ResticManifest> {
  const [, version] = /^restic (\S+)/.exec(await textOf(['version'], call)) ?? []
  const how = [...quietly, '--json', '--tag', of.id] as const
  await unlocked(
    async () => await textOf(['backup', ...how, ...marks, '--', of.source], call),
    call,
  )
  const listed = parseJson(await textOf(['snapshots', ...how, '--no-lock'], call))
  const [one, ...more] = Array.isArray(listed) ? listed : []
  const snapshot = one !== undefined && isObject(one) ? one['id'] : null
  if (typeof snapshot !== 'string' || version === undefined || more.length > 0)
    throw new FirebreakError('wrong_state', 'restic does not say which snapshot it has made')
  const { repository, password } = call.access
  return { ...of, engine: 'restic', repository, snapshot, version, password: password.reveal() }
}

/** Never by `restic unlock`: whose lock it is, its owner knows. */
async function unlocked(work: () => Promise<unknown>, { signal }: Call): Promise<void> {
  for (;;)
    try {
      await work()
      return
    } catch (thrown) {
      if (!(thrown instanceof FirebreakError) || thrown.code !== 'wrong_state') throw thrown
      await delay(lockedMs, undefined, { signal }).catch(() => {
        // The time is over, and it was locked all along.
        throw thrown
      })
    }
}

async function nameOnce(manifest: ResticManifest, { box }: VaultParts): Promise<void> {
  if ((await box.store.points()).includes(manifest.id)) return
  const staging = await box.store.stage()
  try {
    await staging.name(manifest.id, box.sealManifest(manifest.id, manifestText(manifest)))
  } finally {
    await staging.discard()
  }
}
