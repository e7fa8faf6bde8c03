/** The machine as hosts of agents see it, and a place in which some files have changed already. */
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { FirebreakError } from '../../base/error.ts'
import { readRegular } from '../regular-file.ts'
import type { FileChange, Place } from './host.ts'

/** The real one. Reads only. */
export function openPlace(at: Pick<Place, 'checkout' | 'home' | 'env'>): Place {
  return { ...at, read, exists: existsSync, list, real }
}

/** As it will be once these are written. */
export function changed(place: Place, changes: readonly FileChange[]): Place {
  const after = new Map(changes.map((change) => [change.path, change.after]))
  return {
    ...place,
    read: (path) => after.get(place.real(path)) ?? place.read(path),
    exists: (path) => after.has(place.real(path)) || place.exists(path),
    list: (folder) => {
      const made = [...after.keys()].filter((path) => dirname(path) === place.real(folder))
      return [...new Set([...place.list(folder), ...made.map((path) => basename(path))])].toSorted()
    },
  }
}

/** The folder that a variable names, or else this one; a variable that is empty names none. */
export function folderOf({ env }: Place, name: string, otherwise: string): string {
  const named = env[name] ?? ''
  return named === '' ? otherwise : named
}

/** True where one of these programs is found on the PATH. */
export function hasProgram({ env, exists }: Place, names: readonly string[]): boolean {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const files = names.flatMap((name) => [name, `${name}.exe`, `${name}.cmd`])
  return folders.some((folder) => files.some((file) => exists(join(folder, file))))
}

function read(path: string): string | null {
  try {
    const bytes = readRegular(path)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return null
    if (thrown instanceof FirebreakError) throw thrown
    const why = thrown instanceof TypeError ? 'is no text in UTF-8' : 'cannot be read'
    throw new FirebreakError('bad_input', `\`${path}\` ${why}`, 'look at it, and mend it', thrown)
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    // No folder, nothing in it.
    return []
  }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Not there yet: the folder that it will be in may be reached by a link.
    const folder = dirname(path)
    return folder === path ? path : join(real(folder), basename(path))
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}
