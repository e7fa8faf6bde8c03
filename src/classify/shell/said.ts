/** What a command prints, where that can be told from its words: what is piped into a shell is then read, and else held. */
import type { Fed, Run } from './run.ts'
import { nothingFed, programOf } from './run.ts'

/** Hands on what it is fed, changed at most in ways that leave no command unseen. */
const through = new Set(['cat', 'tee', 'head', 'tail', 'sort', 'uniq', 'nl', 'pv', 'sudo'])
/** Prints nothing. */
const silent = new Set(
  ': true false cd pushd popd set shift export local declare typeset readonly unset read mapfile readarray test [ sleep wait mkdir touch rm mv cp ln chmod exit return break continue trap alias'.split(
    ' ',
  ),
)

/** What stands on the other end of the pipe. */
export function said({ argv, stdin }: Run): Fed {
  const [name, ...rest] = argv
  if (name === undefined) return stdin
  const program = programOf(name.text)
  const isKnown = argv.every((one) => one.isKnown && !one.isGlob)
  if (silent.has(program)) return nothingFed
  if (!isKnown) return { kind: 'unread', from: name.isKnown ? program : name.text }
  const words = rest.map(({ text }) => text)
  const print = printers.get(program)
  if (print !== undefined) return { kind: 'text', text: print(words) }
  return handedOn(
    program,
    words.filter((text) => !text.startsWith('-')),
    stdin,
  )
}

/** `cat FILE` is the file; `cat` alone is what it was fed. */
function handedOn(program: string, [path, ...more]: readonly string[], stdin: Fed): Fed {
  if (path === undefined) return through.has(program) ? stdin : { kind: 'unread', from: program }
  const isFile = program === 'cat' && more.length === 0
  return { kind: 'unread', from: isFile ? path : program }
}

/** The text that a script prints, where it is one such command; null where that cannot be told. */
export function echoed(words: readonly string[]): string {
  let at = 0
  let isPlain = true
  for (; /^-[neE]+$/.test(words[at] ?? ''); at += 1)
    if (words[at]?.includes('e') === true) isPlain = false
  const text = words.slice(at).join(' ')
  return isPlain ? text : escaped(text)
}

/** Each `%s` and `%b` is the next word; other directives stand for what cannot end a command. */
export function printed([format = '', ...words]: readonly string[]): string {
  const many = [...format.matchAll(directive)].filter(([, kind]) => kind !== '%').length
  const turns = many === 0 ? 1 : Math.max(1, Math.ceil(words.length / many))
  const left = [...words]
  const once = (): string =>
    escaped(format).replaceAll(directive, (_, kind: string) =>
      kind === '%' ? '%' : (left.shift() ?? ''),
    )
  return Array.from({ length: Math.min(turns, mostTurns) }, once).join('')
}

const printers: ReadonlyMap<string, (words: readonly string[]) => string> = new Map([
  ['echo', echoed],
  ['printf', printed],
])

const directive = /%(%|-?\d*[sbqdif])/g
const mostTurns = 200

function escaped(text: string): string {
  return text.replaceAll(/\\(n|t|r|\\|0?[0-7]{1,3}|x[0-9a-fA-F]{1,2})/g, (_, code: string) => {
    if (code === 'n') return '\n'
    if (code === 't') return '\t'
    if (code === 'r') return '\r'
    if (code === '\\') return '\\'
    const value = code.startsWith('x')
      ? Number.parseInt(code.slice(1), 16)
      : Number.parseInt(code, 8)
    return String.fromCharCode(value)
  })
}
