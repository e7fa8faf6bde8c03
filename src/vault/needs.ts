/** What a radius asks of the vault: which things would lose data, and from where each can be read. */
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource, ResourceRef } from '../core/resource.ts'

/** A declared place where a thing's bytes can be read: its files in a folder, or a target whose database is all that lives in it. */
export type Source = FolderSource | DatabaseSource

export interface FolderSource {
  readonly covers: ResourceRef
  readonly path: string
  /** Where its owner's restic keeps the content, instead of the vault's store. */
  readonly repository?: string | undefined
}

export interface DatabaseSource {
  readonly covers: ResourceRef
  readonly database: string
}

/** A declared link: this volume holds that database. */
export interface Holding {
  readonly holder: ResourceRef
  readonly held: ResourceRef
}

export interface Declared {
  readonly sources: readonly Source[]
  readonly links: readonly Holding[]
}

export interface Need<S extends Source = Source> {
  readonly source: S
  /** What a copy of the source brings back. */
  readonly things: readonly ResourceRef[]
  /** What the platform says that the source's own thing holds; null where it does not say. */
  readonly bytes: number | null
}

export interface Needs {
  readonly needs: readonly Need[]
  /** One line for each thing that no declared place covers. */
  readonly missing: readonly string[]
}

/**
 * Things that keep no bytes of their own: what they hold is listed beside them. Whatever is not
 * named here loses data when it goes, so a type that nobody thought of asks for a way back.
 */
const hollow: ReadonlySet<string> = new Set([
  'project',
  'environment',
  'service',
  'serviceInstance',
  'domain',
  'customDomain',
  'serviceDomain',
  'tcpProxy',
])

/** What an image of tables brings back: their rows, and whatever hangs on them or goes with them. */
const pictured: ReadonlySet<string> = new Set([
  'table',
  'tableColumn',
  'tableConstraint',
  'domainConstraint',
  'materializedView',
  'view',
  'index',
  'sequence',
  'trigger',
  'function',
  'procedure',
  'routine',
  'type',
  'compositeType',
  'domain',
  'policy',
  'rule',
  'statistics',
  'statisticsObject',
  'defaultValue',
  'schema',
])

/** What of a radius goes in a database whose acts run with an image, or anything where a mark stands before them; and what else goes. */
export function withoutImaged(
  radius: BlastRadius,
  isDatabase: (target: string) => boolean,
  isMarked: (target: string) => boolean,
): { readonly imaged: readonly Resource[]; readonly rest: BlastRadius } {
  const isImaged = ({ target, type, protects }: Resource): boolean =>
    protects === null && (isMarked(target) || (pictured.has(type) && isDatabase(target)))
  return {
    imaged: radius.resources.filter(isImaged),
    rest: { ...radius, resources: radius.resources.filter((thing) => !isImaged(thing)) },
  }
}

/** Pure: the needs of a radius, one for each source. A backup is no need: it protects, it is not protected. */
export function needsOf(radius: BlastRadius, declared: Declared): Needs {
  const losing = radius.resources.filter((it) => it.protects === null && !hollow.has(it.type))
  const found = losing.map((thing) => ({ thing, sources: sourcesFor(thing, radius, declared, []) }))
  const bySource = new Map<Source, ResourceRef[]>()
  for (const { thing, sources } of found)
    for (const source of sources ?? [])
      bySource.set(source, [...(bySource.get(source) ?? []), refOf(thing)])
  const needs = [...bySource].map(([source, things]) => ({
    source,
    things: uniqueRefs([source.covers, ...things]),
    bytes: sizeTold(losing, source),
  }))
  const missing = found.flatMap(({ thing, sources }) => (sources === null ? [unknown(thing)] : []))
  return { needs, missing }
}

/** `target/type/id` as config writes it; null for anything else. */
export function parseRef(text: string): ResourceRef | null {
  const [target, type, ...rest] = text.split('/')
  const id = rest.join('/')
  return target && type && id ? { target, type, id } : null
}

/** The sources that together bring a thing back; none for what lives in things that are listed; null where one is wanting. */
function sourcesFor(
  thing: ResourceRef,
  radius: BlastRadius,
  declared: Declared,
  asked: readonly string[],
): readonly Source[] | null {
  const key = resourceKey(thing)
  if (asked.includes(key)) return null
  const own = declared.sources.filter(({ covers }) => resourceKey(covers) === key)
  if (own.length > 0) return own
  const further = [...asked, key]
  const holder = declared.links.find(({ held }) => resourceKey(held) === key)?.holder
  const held = holder === undefined ? null : sourcesFor(holder, radius, declared, further)
  if (held !== null && held.length > 0) return held
  if (thing.type === 'volume') return ofInstances(thing, radius, declared, further)
  return thing.type === 'volumeInstance' ? ofVolume(thing, radius, declared) : null
}

/** A volume's bytes are its instances': where those are listed, each must be covered itself. */
function ofInstances(
  volume: ResourceRef,
  radius: BlastRadius,
  declared: Declared,
  asked: readonly string[],
): readonly Source[] | null {
  const instances = typed(radius, volume.target, 'volumeInstance')
  const all = instances.map((instance) => sourcesFor(instance, radius, declared, asked))
  const sources = all.flatMap((each) => each ?? [])
  return sources.length === 0 || all.includes(null) ? null : [...new Set(sources)]
}

/** Nothing says which volume an instance is of: a source for the volume stands for it where there is one volume only. */
function ofVolume(
  instance: ResourceRef,
  radius: BlastRadius,
  declared: Declared,
): readonly Source[] | null {
  const [volume, ...others] = typed(radius, instance.target, 'volume')
  if (volume === undefined || others.length > 0) return null
  const key = resourceKey(volume)
  const own = declared.sources.filter(({ covers }) => resourceKey(covers) === key)
  return own.length > 0 ? own : null
}

function typed(radius: BlastRadius, target: string, type: string): readonly Resource[] {
  return radius.resources.filter((it) => it.target === target && it.type === type)
}

function sizeTold(losing: readonly Resource[], { covers }: Source): number | null {
  const own = losing.find((thing) => resourceKey(thing) === resourceKey(covers))
  return own?.bytes ?? null
}

function uniqueRefs(refs: readonly ResourceRef[]): readonly ResourceRef[] {
  return [...new Map(refs.map((ref) => [resourceKey(ref), ref])).values()]
}

function refOf({ target, type, id }: ResourceRef): ResourceRef {
  return { target, type, id }
}

/** What is no file anywhere, so that no folder could be declared for it. */
const noFiles: ReadonlyMap<string, string> = new Map([
  ['deployment', 'the code that runs in'],
  ['state', 'what is written over by'],
  ['variables', 'the variables of'],
])

function unknown(thing: Resource): string {
  const what = noFiles.get(thing.type)
  if (what !== undefined)
    return `no engine of the vault can copy ${what} \`${thing.name}\`: change it in another way, or let a person do it on the platform`
  const key = resourceKey(thing)
  return `nothing says where the bytes of ${thing.type} \`${thing.name}\` can be read: declare \`${key}\` under \`vault.sources\`, or take a copy by hand`
}
