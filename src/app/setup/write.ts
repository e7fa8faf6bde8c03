/** Files of a set-up written, and put back: all of them or none, and never over what somebody else wrote meanwhile. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { readRegular } from '../regular-file.ts'

export interface Wanted {
  /** With every link in it followed. */
  readonly path: string
  /** What must stand there now; null where nothing may. */
  readonly before: string | null
  /** Null takes the file away. */
  readonly after: string | null
}

/**
 * Writes each, whole, with the mode and the owner that it had: first all of them beside their places, where a full disk harms
 * nobody, then each into its place. Where one cannot be, those that were are put back, and it throws why.
 */
export function writeAll(all: readonly Wanted[]): void {
  for (const each of all) mustStand(each)
  const drafts = new Map<Wanted, string>()
  const done: Wanted[] = []
  let at = ''
  try {
    for (const each of all) {
      at = each.path
      if (each.after !== null) drafts.set(each, draftOf(each.path, each.after))
    }
    for (const each of all) {
      at = each.path
      mustStand(each)
      place(each, drafts.get(each) ?? null)
      done.push(each)
    }
  } catch (thrown) {
    for (const draft of drafts.values()) rmSync(draft, { force: true })
    const lost = done.toReversed().flatMap((each) => putBack(each))
    for (const { path } of all) emptied(dirname(path))
    throw failure(at, thrown, lost)
  }
  for (const { path, after } of all) if (after === null) emptied(dirname(path))
}

/** The text of a file as it is, byte for byte; null where there is none. Throws `bad_input` for what is no text in UTF-8. */
export function textOf(path: string): string | null {
  if (factsOf(path) === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readRegular(path))
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    throw new FirebreakError('bad_input', `\`${path}\` is no text in UTF-8`, 'look at it', thrown)
  }
}

/** Somebody may have written there since it was shown, or have put a link in its way. */
function mustStand({ path, before }: Wanted): void {
  const folder = nearest(dirname(path))
  const isMoved = realpathSync(folder) !== folder || factsOf(path)?.isSymbolicLink() === true
  if (!isMoved && textOf(path) === before) return
  throw new FirebreakError(
    'wrong_state',
    `\`${path}\` was ${isMoved ? 'put behind a link' : 'changed'} by somebody else meanwhile`,
    'nothing was written; run this again',
  )
}

/** The text under another name in the same folder, durable, with what the file in its place allows. */
function draftOf(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true })
  const old = factsOf(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  // Nobody else reads it on the way: what stays in the file may be as secret as what goes.
  const fd = openSync(draft, 'wx', old === null ? 0o666 : 0o600)
  try {
    writeFileSync(fd, text)
    if (old !== null) likened(fd, old)
    fsyncSync(fd)
  } catch (thrown) {
    rmSync(draft, { force: true })
    throw thrown
  } finally {
    closeSync(fd)
  }
  return draft
}

/** The owner first: giving a file away takes bits of its mode. */
function likened(fd: number, { uid, gid, mode, nlink }: Stats): void {
  // Under the other name what was here would go on standing.
  if (nlink > 1) throw new Error('it has a second name (a hard link)')
  if (process.getuid !== undefined) fchownSync(fd, uid, gid)
  fchmodSync(fd, mode & 0o7777)
}

function place({ path }: Wanted, draft: string | null): void {
  if (draft === null) rmSync(path, { force: true })
  else renameSync(draft, path)
}

/** The path, where it could not be. */
function putBack({ path, before }: Wanted): readonly string[] {
  try {
    place({ path, before, after: before }, before === null ? null : draftOf(path, before))
    return []
  } catch {
    // Told with the others: each that can be put back is.
    return [path]
  }
}

function failure(path: string, thrown: unknown, lost: readonly string[]): FirebreakError {
  const what = `\`${path}\` cannot be written: ${messageOf(thrown)}`
  if (lost.length > 0)
    return new FirebreakError(
      'bad_input',
      `${what}; and these could not be put back: ${lost.join(', ')}`,
      'make room, then run `firebreak uninstall`: it knows how they were',
      thrown,
    )
  if (thrown instanceof FirebreakError && thrown.code === 'wrong_state') return thrown
  return new FirebreakError(
    'bad_input',
    what,
    'nothing was changed; look who may write there',
    thrown,
  )
}

/** Folders that hosts keep their files in; any other stays, even empty. */
const hostFolder =
  /(^|\/)\.(cursor|claude|codex|gemini|copilot|opencode|windsurf|kiro|github)(\/(hooks|plugins?|agents))?$/

/** A folder that nothing is left in goes too, where it was made for the file. */
function emptied(folder: string): void {
  if (!hostFolder.test(folder) || factsOf(folder)?.isDirectory() !== true) return
  if (readdirSync(folder).length > 0) return
  rmdirSync(folder)
  emptied(dirname(folder))
}

/** The folder, or the nearest above it that is there. */
function nearest(folder: string): string {
  return factsOf(folder) === null && dirname(folder) !== folder ? nearest(dirname(folder)) : folder
}

/** Of the name itself; null where nothing has it. */
function factsOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch (thrown) {
    // A file stands where a folder should: nothing is under it.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOTDIR') return null
    throw thrown
  }
}
