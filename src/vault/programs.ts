/** Where PostgreSQL's own programs lie on this machine, by major version. */
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'

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

/**
 * The programs of the lowest major version that is at least `major`, or of exactly that one where `exact`; null where there are none.
 * A copy of files can only be started by its own version, statements can be run by a later one.
 */
export async function findPrograms(
  major: number,
  { exact }: { readonly exact: boolean },
): Promise<Programs | null> {
  const found: Programs[] = []
  for (const [home, name, below] of homes)
    for (const entry of await namesIn(home)) {
      const version = Number(name.exec(entry)?.[1])
      const fits = exact ? version === major : version >= major
      const folder = fits ? await whole(join(home, entry, below)) : null
      if (folder !== null) found.push({ folder, major: version })
    }
  return found.toSorted((a, b) => a.major - b.major)[0] ?? null
}

/** The real folder, if all that a scratch server needs is in it. */
async function whole(folder: string): Promise<string | null> {
  const names = await namesIn(folder)
  return ['postgres', 'initdb'].every((name) => names.includes(name))
    ? await realpath(folder)
    : null
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    // A folder that is not there holds no programs.
    return []
  }
}
