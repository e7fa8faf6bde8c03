/** Credentials that Firebreak made and nobody else knows, at the end of it: where no file takes them back, they are kept for their owner. */
import { existsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import type { Wanted } from '../setup/write.ts'
import { textOf } from '../setup/write.ts'
import { holds } from './texts.ts'

/** Those that will stand in none of the files. `files`: as they will be. */
export function homeless(
  made: Readonly<Record<string, string>>,
  files: readonly Pick<Wanted, 'path' | 'after'>[],
): Readonly<Record<string, string>> {
  const texts = files.map(({ path, after }) => ({ path, text: after ?? '' }))
  return Object.fromEntries(
    Object.entries(made).filter(
      ([, secret]) => !texts.some(({ path, text }) => holds(text, path, secret)),
    ),
  )
}

/** Of each file what stands in it once the writes are done. */
export function asWritten(
  files: readonly { readonly path: string }[],
  writes: readonly Wanted[],
): readonly Pick<Wanted, 'path' | 'after'>[] {
  return files.map(({ path }) => {
    const write = writes.find((each) => each.path === path)
    return { path, after: write === undefined ? lying(path) : write.after }
  })
}

/** What can be read by nobody takes nothing back. */
function lying(path: string): string | null {
  try {
    return textOf(path)
  } catch {
    // A folder, a link, no UTF-8: `uninstall` names it itself.
    return null
  }
}

/** Written for its owner alone, one line each; gives the file. Never over one that is there. */
export function keepForOwner(made: Readonly<Record<string, string>>, state: string): string {
  const named = (count: number): string =>
    join(homedir(), `firebreak-left-${basename(state)}${count === 1 ? '' : `-${count}`}.env`)
  let count = 1
  while (existsSync(named(count))) count += 1
  const file = named(count)
  const lines = Object.entries(made).map(([target, secret]) => `${target}=${secret}\n`)
  writeFileSync(file, lines.join(''), { mode: 0o600, flag: 'wx' })
  return file
}
