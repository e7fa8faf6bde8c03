/** Files of a set-up written, and put back: all of them or none, and never over what somebody else wrote meanwhile. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FirebreakError, messageOf } from '../../base/error.ts'

export interface Wanted {
  readonly path: string
  /** What must stand there now; null where nothing may. */
  readonly before: string | null
  /** Null takes the file away. */
  readonly after: string | null
}

/** Writes each; where one cannot be, those that were written are put back, and it throws why. */
export function writeAll(all: readonly Wanted[]): void {
  const stale = all.find(({ path, before }) => textOf(path) !== before)
  if (stale !== undefined)
    throw new FirebreakError(
      'wrong_state',
      `\`${stale.path}\` was changed by somebody else meanwhile`,
      'nothing was written; run this again',
    )
  const done: Wanted[] = []
  try {
    for (const each of all) {
      writeOne(each.path, each.after)
      done.push(each)
    }
  } catch (thrown) {
    for (const { path, before } of done.toReversed()) writeOne(path, before)
    throw new FirebreakError(
      'bad_input',
      `\`${all[done.length]?.path ?? ''}\` cannot be written: ${messageOf(thrown)}`,
      'nothing was changed; look who may write there',
      thrown,
    )
  }
}

/** The text of a file; null where there is none. */
export function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** Whole or not at all, with the mode that it had; a folder that nothing is left in goes too, where it was made for the file. */
function writeOne(path: string, text: string | null): void {
  if (text === null) {
    rmSync(path, { force: true })
    emptied(dirname(path))
    return
  }
  const isNew = !existsSync(path)
  if (isNew) mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    if (!isNew) chmodSync(draft, statSync(path).mode)
    renameSync(draft, path)
  } catch (thrown) {
    rmSync(draft, { force: true })
    throw thrown
  }
}

/** Folders that hosts keep their files in; any other stays, even empty. */
const hostFolder =
  /(^|\/)\.(cursor|claude|codex|gemini|copilot|opencode|windsurf|kiro|github)(\/(hooks|plugins?|agents))?$/

function emptied(folder: string): void {
  if (!hostFolder.test(folder) || readdirSync(folder).length > 0) return
  rmdirSync(folder)
  emptied(dirname(folder))
}
