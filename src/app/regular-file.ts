/** The bytes of an ordinary file: a checkout may hold a pipe, a device or a terabyte under any name, and none of them keeps us. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'

/** Longer ones are no settings that a person keeps. */
export const longestFile = 32 * 1024 * 1024

/** Follows links. Throws what `openSync` throws, `bad_input` for what is no regular file, and `too_large`. */
export function readRegular(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const facts = fstatSync(fd)
    if (!facts.isFile())
      throw new FirebreakError('bad_input', `\`${path}\` is no regular file`, 'look what it is')
    if (facts.size > longestFile) throw new FirebreakError('too_large', `\`${path}\` is too long`)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}
