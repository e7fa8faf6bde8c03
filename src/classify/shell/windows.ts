/** What the words of a Windows prompt take away: whole trees, and files that are renamed over each other. */
import type { Operation } from '../../core/operation.ts'
import type { Special } from './nested.ts'
import { destroys } from './operation.ts'
import type { Run } from './run.ts'

/** `rmdir /s`, `rd /s`, `del /s`: a tree, past the bin. Without it, an empty folder or what a pattern names. */
const trees: Special = ({ argv }) => {
  const [program = '', ...args] = argv.map(({ text }) => text)
  if (!args.some((arg) => /^\/s$/i.test(arg))) return []
  const paths = args.filter((arg) => !/^\/[a-z]$/i.test(arg))
  return paths.map((path) => gone(program, `takes \`${path}\` away with all that is in it`))
}

/** A folder that is not there makes `move * FOLDER` name each file so, one over the other. */
const moves: Special = ({ argv }) => {
  const sources = argv.slice(1).filter(({ text }) => !/^[/-]/.test(text))
  const isMany = sources.slice(0, -1).some(isPattern)
  const target = sources.at(-1)?.text ?? ''
  return isMany && !/[\\/]$/.test(target)
    ? [destroys('move', ['overwrite'], `if \`${target}\` is no folder, all files become that one`)]
    : []
}

export const windows: readonly (readonly [string, Special])[] = [
  ['rmdir', trees],
  ['rd', trees],
  ['del', trees],
  ['erase', trees],
  ['move', moves],
]

function isPattern({ text, isGlob }: Run['argv'][number]): boolean {
  return isGlob || /[*?]/.test(text)
}

function gone(program: string, message: string): Operation {
  return destroys(program.toLowerCase(), ['data'], message)
}
