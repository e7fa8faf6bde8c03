/** Where PostgreSQL's own programs lie on this machine, by major version. */
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { fetchable } from './programs-known.ts'

export interface Programs {
  readonly folder: string
  readonly major: number
}

/** Folders of folders by major version: Debian's and Red Hat's packages, Homebrew's. */
const homes: readonly (readonly [folder: string, name: RegExp, below: string])[] = [
  ['/usr/lib/postgresql', /^(\d+)$/, 'bin'],
  ['/usr', /^pgsql-(\d+)$/, 'bin'],
  ['/opt/homebrew/opt', /^postgresql@(\d+)$/, 'bin'],
]

export interface Wanted {
  /** A copy of files can only be started by its own version, statements can be run by a later one. */
  readonly exact: boolean
  /** Where scratch servers lie: fetched programs lie beside them. */
  readonly folder: string
  /** What must lie there; what a scratch server needs, where nothing is said. */
  readonly holds?: readonly string[]
}

const server = ['postgres', 'initdb']

/**
 * The programs of the lowest major version that is at least `major`, or of exactly that one where `exact`, the system's before
 * fetched ones; null where there are none.
 */
export async function findPrograms(
  major: number,
  { exact, folder: scratch, holds = server }: Wanted,
): Promise<Programs | null> {
  const found: Programs[] = []
  const fetched = [scratch, /^postgresql-(\d+)$/, 'bin'] as const
  for (const [home, name, below] of (await isOurs(scratch)) ? [...homes, fetched] : homes)
    for (const entry of await namesIn(home)) {
      const version = Number(name.exec(entry)?.[1])
      const fits = exact ? version === major : version >= major
      const folder = fits ? await whole(join(home, entry, below), holds) : null
      if (folder !== null) found.push({ folder, major: version })
    }
  return found.toSorted((a, b) => a.major - b.major)[0] ?? null
}

/** The same; throws `not_found` with what to install where there are none. */
export async function programsFor(major: number, wanted: Wanted): Promise<Programs> {
  const found = await findPrograms(major, wanted)
  if (found !== null) return found
  throw new FirebreakError(
    'not_found',
    `no PostgreSQL ${major}${wanted.exact ? '' : ' or later'} is installed here, so no drill can be held`,
    `install it (${waysToInstall(major)}); the server itself need not run`,
  )
}

/** How a person gets it. */
export function waysToInstall(major: number): string {
  const debian = `Debian: \`apt install postgresql-${major}\``
  return fetchable(major) === null ? debian : `${debian}, or \`firebreak drill --fetch ${major}\``
}

/** Where the programs of one major version lie that were fetched. */
export function fetchedHome(scratch: string, major: number): string {
  return join(scratch, `postgresql-${major}`)
}

/** In a shared place anybody may have made it. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return found !== null && found.isDirectory() && found.uid === process.getuid?.()
}

/** The real folder, if all of it is in there. */
async function whole(folder: string, holds: readonly string[]): Promise<string | null> {
  const names = await namesIn(folder)
  return holds.every((name) => names.includes(name)) ? await realpath(folder) : null
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    // A folder that is not there holds no programs.
    return []
  }
}
