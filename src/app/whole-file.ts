/** A file written whole or not at all, in the place of what had the name: never through a link, and never into a pipe or a device. */
import { randomBytes } from 'node:crypto'
import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { FirebreakError, messageOf } from '../base/error.ts'

/** Readable by its owner alone. Throws `bad_input` where the name is taken by what is no regular file, and with the system's words where it cannot be written. */
export function writeWhole(file: string, text: string): void {
  const facts = lstatSync(file, { throwIfNoEntry: false })
  if (facts !== undefined && !facts.isFile())
    throw new FirebreakError(
      'bad_input',
      `${file} is no regular file`,
      'a link or a pipe under that name may be somebody else\u2019s: name another, or take it away',
    )
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writeFileSync(beside, text, { flag: 'wx', mode: 0o600 })
    renameSync(beside, file)
  } catch (thrown) {
    rmSync(beside, { force: true })
    throw new FirebreakError(
      'bad_input',
      `${file} cannot be written: ${messageOf(thrown)}`,
      'see that its folder is there, and yours',
      thrown,
    )
  }
}
