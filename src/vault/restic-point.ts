/** A point whose content restic keeps: opened, read back, brought back. */
import { open } from 'node:fs/promises'
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { defaultLimits } from './budget.ts'
import type { Budget, BudgetLimits } from './budget.ts'
import { nameBytes } from './manifest.ts'
import { reasonOf } from './reason.ts'
import type { ResticManifest } from './restic-manifest.ts'
import type { Access } from './restic-place.ts'
import { readSnapshot } from './restic-read.ts'
import type { FileItem, Filling } from './restic-read.ts'
import { findRestic } from './restic-run.ts'
import type { Call } from './restic-run.ts'
import { full } from './walk.ts'

/** How repositories are opened; where nothing is said, by what the point's own manifest says. */
export interface ResticHouse {
  readonly restic?: Restic | undefined
  readonly limits?: BudgetLimits | undefined
}

export interface Wanted {
  readonly repository: string
  /** Null where a point is only to be taken. */
  readonly password: Secret | null
}

export interface Restic {
  /** Where its program is looked for; in the system's own folders where nothing is said. */
  readonly folders?: readonly string[]
  /**
   * What opens a repository, whose password may be known already; null for one that nobody knows any more. Throws where it
   * cannot be had now.
   */
  readonly access: (own: Wanted) => Promise<Access | null>
}

/** Throws `not_reachable` where nothing is installed that could read it: that says nothing about the point. */
export async function damageInRestic(
  manifest: ResticManifest,
  budget: Budget,
  house: ResticHouse,
): Promise<string | null> {
  return await readSnapshot(manifest, { call: await callFor(manifest, house), budget, begin: null })
}

/** Writes every file below `root`, whose folders are there. Throws `broken_store` with the path that is not as it was. */
export async function fillFromRestic(
  manifest: ResticManifest,
  root: string,
  budget: Budget,
  house: ResticHouse,
): Promise<void> {
  const call = await callFor(manifest, house)
  const begin = async (item: FileItem): Promise<Filling> => await fileAt(root, item)
  const damage = await readSnapshot(manifest, { call, budget, begin })
  if (damage !== null)
    throw new FirebreakError(
      'broken_store',
      `\`${damage}\` is damaged or missing in the repository`,
    )
}

/** How restic is called for so long as a copy may take. */
export async function callOf(access: Access, { restic, limits }: ResticHouse): Promise<Call> {
  const program = await findRestic(restic?.folders)
  return { program, access, signal: AbortSignal.timeout((limits ?? defaultLimits).maxMs) }
}

async function callFor(manifest: ResticManifest, house: ResticHouse): Promise<Call> {
  try {
    const own = ownAccess(manifest)
    return await callOf((await house.restic?.access(own)) ?? own, house)
  } catch (cause) {
    throw new FirebreakError('not_reachable', reasonOf(cause), null, cause)
  }
}

function ownAccess({ repository, password }: ResticManifest): Access {
  return { repository, password: new Secret(password), credential: null }
}

async function fileAt(root: string, { path }: FileItem): Promise<Filling> {
  const handle = await open(full(root, nameBytes(path)), 'wx', 0o600)
  let isOpen = true
  return {
    write: async (bytes) => await handle.writeFile(bytes),
    close: async () => {
      if (!isOpen) return
      isOpen = false
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
  }
}
