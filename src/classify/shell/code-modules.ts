/** Code that an interpreter loads before what it is told to run: `node --require FILE`, `ruby -rFILE`, `perl -MNAME`. */
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

/** Of Node and those that are like it: the word behind is a value, and no file to run. */
export const apart = /^(-C|--conditions|--env-file(-if-exists)?|--tsconfig|-P|--project|--title)$/

interface Loads {
  /** Its first group is what stands in the same word. */
  readonly flag: RegExp
  /** The file that a module's name stands for. */
  readonly file: (name: string) => string
}

const javascript: Loads = {
  flag: /^(?:-r|--require|--import|--loader|--experimental-loader|--preload)(?:=(.*))?$/s,
  file: (name) => name.replace(/^file:\/\//, ''),
}
const loads: ReadonlyMap<string, Loads> = new Map([
  ...['node', 'nodejs', 'bun', 'tsx', 'ts-node'].map((name) => [name, javascript] as const),
  ['ruby', { flag: /^-r(.+)?$/s, file: (name) => (name.endsWith('.rb') ? name : `${name}.rb`) }],
  ['perl', { flag: /^-[mM](?!$)-?(.+)?$/s, file: (name) => `${pathOf(name)}.pm` }],
])

const pathOf = (name: string): string => name.replace(/=.*$/s, '').replaceAll('::', '/')

/** `holds` is the code where the word itself has it: `--import data:text/javascript,…`. */
export function modulesIn(program: string, args: readonly Arg[]): readonly Arg[] {
  const one = loads.get(program)
  if (one === undefined) return []
  const found: Arg[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? argOf('')
    if (!arg.text.startsWith('-')) break
    const told = one.flag.exec(arg.text)
    if (apart.test(arg.text)) at += 1
    if (told === null) continue
    const value = told[1] === undefined ? args[(at += 1)] : { ...arg, text: told[1] }
    if (value !== undefined) found.push(...moduleOf(value, one))
  }
  return found
}

/** Node tries endings where there is none. */
function moduleOf(value: Arg, { file }: Loads): readonly Arg[] {
  const [, coding, code] =
    /^data:[^,;]*(?:;charset=[^,;]*)?(;base64)?,(.*)$/s.exec(value.text) ?? []
  if (code === undefined) {
    const name = file(value.text)
    const ends = /\.\w+$/.test(name) ? [''] : ['', '.js', '.cjs', '.json', '/index.js']
    return ends.map((end) => ({ ...value, text: `${name}${end}` }))
  }
  const holds = coding === undefined ? decoded(code) : Buffer.from(code, 'base64').toString()
  return [{ ...value, holds }]
}

function decoded(code: string): string {
  try {
    return decodeURIComponent(code)
  } catch {
    // Node would not load it either; what stands there is read as it is.
    return code
  }
}
