/** A TOML text cut into its statements, each with its place, so that one can change and the others stay byte for byte (TOML 1.0). */
import { parse } from 'smol-toml'
import { FirebreakError } from '../../base/error.ts'
import { isObject } from '../../base/json.ts'

export interface Statement {
  readonly kind: 'table' | 'pair' | 'nothing'
  /** With the end of its line. */
  readonly text: string
  /** The name of a table, or the keys of a pair as they are written before its `=`. */
  readonly keys: readonly string[]
}

/** All of the text, in its order: put together again it is the same. */
export function statementsOf(text: string): readonly Statement[] {
  const found: Statement[] = []
  for (let from = 0; from < text.length;) {
    const to = endOf(text, from)
    found.push(statementOf(text.slice(from, to)))
    from = to
  }
  return found
}

function statementOf(text: string): Statement {
  const first = text.trimStart()[0]
  if (first === undefined || first === '#') return { kind: 'nothing', text, keys: [] }
  return first === '['
    ? { kind: 'table', text, keys: keysOf(parse(text)) }
    : { kind: 'pair', text, keys: keysOf(parse(text)) }
}

/** The way down as long as there is only one. */
function keysOf(value: unknown): readonly string[] {
  const within: unknown = Array.isArray(value) ? value[0] : value
  if (!isObject(within)) return []
  const [key, ...more] = Object.keys(within)
  return key === undefined || more.length > 0 ? [] : [key, ...keysOf(within[key])]
}

/** Where a statement ends: at the first end of a line outside of texts and brackets. */
function endOf(text: string, from: number): number {
  const token =
    /"""[^]*?(?:(?<!\\)(?:\\\\)*)"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}\n]/g
  const isTable = /^[ \t]*\[/.test(text.slice(from, from + 200))
  token.lastIndex = from
  let depth = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match
    if (found === '\n' && (depth <= 0 || isTable)) return token.lastIndex
    if (found === '[' || found === '{') depth += 1
    if (found === ']' || found === '}') depth -= 1
  }
  return text.length
}

/** A text, or a list of texts, as TOML has them. */
export function tomlOf(value: string | readonly string[]): string {
  if (typeof value !== 'string') return `[${value.map((each) => tomlOf(each)).join(', ')}]`
  if (/\u007F/.test(value)) throw new FirebreakError('bad_input', 'a word has a control character')
  return JSON.stringify(value)
}
