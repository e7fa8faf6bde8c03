/** What a command prints, where that can be told from its words: what is piped into a shell is then read, and else held. */
import type { Fed, Run } from './run.ts'
import { programOf } from './run.ts'

/** Hands on what it is fed, changed at most in ways that leave no command unseen. */
const through = new Set(['cat', 'tee', 'head', 'tail', 'sort', 'uniq', 'nl', 'pv', 'sudo'])

/** What stands on the other end of the pipe. */
export function said({ argv, stdin }: Run): Fed {
  const [name, ...rest] = argv
  const program = programOf(name?.text ?? '')
  const from: Fed = { kind: 'unread', from: program }
  if (name?.isKnown !== true) return from
  if (program === 'echo' || program === 'printf') {
    if (!rest.every((one) => one.isKnown && !one.isGlob)) return from
    const words = rest.map(({ text }) => text)
    return { kind: 'text', text: program === 'echo' ? echoed(words) : printed(words) }
  }
  const paths = rest.filter(({ text }) => !text.startsWith('-'))
  if (program === 'cat' && paths.length === 1 && paths[0]?.isKnown === true)
    return { kind: 'unread', from: paths[0].text }
  const isPlain = rest.every(({ text }) => text.startsWith('-'))
  return through.has(program) && isPlain && stdin.kind === 'text' ? stdin : from
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
  let next = 0
  const once = (): string =>
    escaped(format).replaceAll(/%(%|-?\d*[sbqdif])/g, (_, kind: string) =>
      kind === '%' ? '%' : (words[next++] ?? ''),
    )
  let text = once()
  while (next > 0 && next < words.length && text.length < 100_000) text += once()
  return text
}

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
