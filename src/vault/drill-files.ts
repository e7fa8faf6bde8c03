/** A drill of a folder's point: it is restored into a scratch folder, read again to its last byte, and compared. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../base/error.ts'
import { canonical, toJson } from '../base/json.ts'
import { defaultLimits, openBudget } from './budget.ts'
import { ready, refuse } from './drill-held.ts'
import type { Drilled } from './drill.ts'
import { copyFolder } from './engine-files.ts'
import { nameBytes, nameShown } from './manifest.ts'
import type { Item } from './manifest.ts'
import type { PointManifest } from './point.ts'
import { restoreFolder } from './restore.ts'
import { preparedFolder } from './scratch.ts'
import type { VaultParts } from './parts.ts'

/** A manifest with every file in it. */
export type FolderManifest = Extract<PointManifest, { readonly items: readonly Item[] }>

/** More than these are not named one by one. */
const mostNamed = 20

/** INVARIANT (drill-proves): it passes where every file, link and folder came back as it was read. */
export async function drillFolder(
  manifest: FolderManifest,
  folder: string,
  parts: VaultParts,
): Promise<Drilled> {
  const { clock } = parts
  const began = { at: clock.now(), steady: clock.steady() }
  const place = await ready(folder, async () => {
    await preparedFolder(folder)
    return await mkdtemp(join(folder, 'copy-'))
  })
  try {
    const wrong = await rehearse(manifest, join(place, 'it'), parts).catch((thrown: unknown) => {
      refuse(thrown, folder)
      return [messageOf(thrown)]
    })
    return {
      point: manifest.id,
      passed: wrong.length === 0,
      wrong: wrong.slice(0, mostNamed),
      lacks: manifest.items.flatMap((item) =>
        item.kind === 'special' ? [`the ${item.what} \`${nameShown(item.path)}\``] : [],
      ),
      notes: [],
      tables: 0,
      rows: 0,
      files: manifest.items.filter(({ kind }) => kind === 'file').length,
      bytes: manifest.bytes,
      rpoMs: began.at - manifest.takenAt,
      rtoMs: Math.round(clock.steady() - began.steady),
    }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function rehearse(
  manifest: FolderManifest,
  into: string,
  parts: VaultParts,
): Promise<readonly string[]> {
  const budget = openBudget(parts.limits ?? defaultLimits, parts.clock, (bytes) =>
    parts.progress(manifest.id, bytes),
  )
  await restoreFolder(manifest, into, parts.box, { ...parts, budget })
  const read = await copyFolder(into, { budget, keep: async () => await Promise.resolve(true) })
  if (read.kind === 'changed') return [`\`${read.path}\` changed while it was compared`]
  return differences(manifest.items, read.items)
}

/** One line for each thing that is not there, is there too, or is another. */
function differences(were: readonly Item[], are: readonly Item[]): readonly string[] {
  const came = new Map(are.map((item) => [keyOf(item), item]))
  const gone = were.flatMap((item) => {
    const other = came.get(keyOf(item))
    came.delete(keyOf(item))
    if (item.kind === 'special') return []
    const path = nameShown(item.path)
    if (other === undefined) return [`\`${path}\` is not there`]
    return isSame(item, other) ? [] : [`\`${path}\` is not as it was`]
  })
  const more = [...came.values()].map(({ path }) => `\`${nameShown(path)}\` was not there`)
  return [...gone, ...more]
}

function keyOf({ path }: Item): string {
  return nameBytes(path).toString('latin1')
}

/** All but whose it is, which who restores may not be able to give; a set-user bit goes with that. Node sets times to about a microsecond. */
function isSame(was: Item, is: Item): boolean {
  const late = BigInt(was.mtime) - BigInt(is.mtime)
  return late < 1_000_000n && late > -1_000_000n && bare(was) === bare(is)
}

function bare(item: Item): string {
  const { uid: _, gid: __, mtime: ___, ...rest } = item
  return canonical(toJson('mode' in rest ? { ...rest, mode: rest.mode & 0o1777 } : rest))
}
