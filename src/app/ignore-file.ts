/** `.firebreak-ignore` on the disk. A checkout is anybody's: what is no ordinary file under that name is neither read nor written. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { FirebreakError, messageOf } from '../base/error.ts'
import { ignoreFile, readIgnored, writeIgnored } from '../scan/ignore.ts'
import type { Ignored } from '../scan/ignore.ts'

/** Ten thousand findings, each with a sentence. */
const mostBytes = 1024 * 1024

const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** The day, as acceptances count it (UTC). */
export const today = (): string => new Date().toISOString().slice(0, 10)

/** What it says in this folder; nothing where there is none. Throws `bad_input` as `readIgnored`, and for what is no ordinary file or too long. */
export function ignoredIn(root: string): Ignored {
  return readIgnored(ignoreText(root))
}

/** Its text; empty where there is none. */
export function ignoreText(root: string): string {
  try {
    return opened(root, constants.O_RDONLY, (fd) => readFileSync(fd, 'utf8'))
  } catch (thrown) {
    if (absent.includes(codeOf(thrown))) return ''
    throw told(thrown)
  }
}

export function keepIgnored(root: string, ignored: Ignored): void {
  try {
    opened(root, constants.O_WRONLY | constants.O_CREAT, (fd) => {
      ftruncateSync(fd)
      writeFileSync(fd, writeIgnored(ignored))
    })
  } catch (thrown) {
    throw told(thrown)
  }
}

/** INVARIANT (own file): a link is not followed, so that no checkout has another file read or written. */
function opened<T>(root: string, how: number, work: (fd: number) => T): T {
  const fd = openSync(join(root, ignoreFile), how | careful, 0o644)
  try {
    const facts = fstatSync(fd)
    if (!facts.isFile()) throw odd()
    if (facts.size > mostBytes)
      throw new FirebreakError(
        'bad_input',
        `${ignoreFile} is longer than ${mostBytes} bytes`,
        'take out what is met no more',
      )
    return work(fd)
  } finally {
    closeSync(fd)
  }
}

const absent: readonly unknown[] = ['ENOENT', 'ENOTDIR']
/** What the system says of a link, a folder and a pipe. */
const oddCodes: readonly unknown[] = ['ELOOP', 'EMLINK', 'EISDIR', 'ENXIO']

function told(thrown: unknown): FirebreakError {
  if (thrown instanceof FirebreakError) return thrown
  if (oddCodes.includes(codeOf(thrown))) return odd()
  const why = `${ignoreFile} cannot be opened: ${messageOf(thrown)}`
  return new FirebreakError('bad_input', why, 'look whose it is', thrown)
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}

const odd = (): FirebreakError =>
  new FirebreakError(
    'bad_input',
    `${ignoreFile} is no regular file of this folder`,
    'look who put a link or a device there, and take it away',
  )
