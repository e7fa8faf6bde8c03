/** The statements in a text of pg_dump's, each by itself; by psql's own rules, and without psql: what it would do by itself is left out. */
import { FirebreakError } from '../base/error.ts'

export interface Statement {
  readonly text: string
  /** One line that no name, text or body can forge: those are a quote each, comments are gone, and between words is one space. */
  readonly shape: string
}

const space = /\s+/y
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const dollar = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

/** Throws `broken_store` for what is no whole text of statements. */
export function statementsIn(text: string): readonly Statement[] {
  const found: Statement[] = []
  let open = begun(0)
  const end = (at: number): void => {
    const shape = open.shape.join('').replaceAll(/ {2,}/g, ' ').trim()
    if (shape !== '') found.push({ text: text.slice(open.at, at).trim(), shape })
    open = begun(at + 1)
  }
  for (let at = 0; at < text.length;) {
    const isBetween = open.shape.length === 0
    const after = pastUnread(text, at, isBetween)
    if (after > at) {
      if (isBetween) open = begun(after)
      else open.shape.push(' ')
      at = after
      continue
    }
    const [past, shown] = pieceAt(text, at, /^e$/i.test(open.shape.at(-1) ?? ''))
    count(open, shown)
    if (shown === ';' && open.depth <= 0 && open.blocks === 0) end(at)
    else open.shape.push(shown)
    at = past
  }
  if (open.shape.length > 0) throw torn('it ends within a statement')
  return found
}

interface Open {
  readonly at: number
  readonly shape: string[]
  /** Open brackets, and open blocks of a body that is no text: `BEGIN ATOMIC … CASE … END … END`. */
  depth: number
  blocks: number
}

function begun(at: number): Open {
  return { at, shape: [], depth: 0, blocks: 0 }
}

function count(open: Open, shown: string): void {
  if (shown === '(') open.depth += 1
  if (shown === ')') open.depth -= 1
  if (open.depth !== 0 || !/^(?:begin|case|end)$/i.test(shown)) return
  if (!/^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) /.test(open.shape.slice(0, 8).join('')))
    return
  if (/^begin$/i.test(shown) || (open.blocks > 0 && /^case$/i.test(shown))) open.blocks += 1
  else if (open.blocks > 0 && /^end$/i.test(shown)) open.blocks -= 1
}

/** Where spaces, a comment, or between statements a line for psql end; `at` where none stands there. */
function pastUnread(text: string, at: number, isBetween: boolean): number {
  if (text.startsWith('--', at) || (isBetween && text[at] === '\\'))
    return orEnd(text, text.indexOf('\n', at))
  if (!text.startsWith('/*', at)) return at + (matchAt(space, text, at)?.length ?? 0)
  let depth = 1
  let next = at + 2
  while (depth > 0 && next < text.length) {
    const isOpen = text.startsWith('/*', next)
    const isShut = text.startsWith('*/', next)
    depth += Number(isOpen) - Number(isShut)
    next += isOpen || isShut ? 2 : 1
  }
  return next
}

/** A word, a quoted thing or a single sign: where it ends, and what the shape shows of it. */
function pieceAt(
  text: string,
  at: number,
  escapes: boolean,
): readonly [past: number, shown: string] {
  const sign = text[at] ?? ''
  if (sign === '"' || sign === "'")
    return [pastQuote(text, at, sign, escapes && sign === "'"), sign]
  const tag = matchAt(dollar, text, at)
  if (tag !== null) {
    const past = text.indexOf(tag, at + tag.length)
    if (past < 0) throw torn('a body has no end')
    return [past + tag.length, "'"]
  }
  if (sign === '\\') throw torn('a sign in it is none of SQL')
  const name = matchAt(word, text, at)
  return name === null ? [at + 1, sign] : [at + name.length, name]
}

function pastQuote(text: string, at: number, quote: string, escapes: boolean): number {
  for (let next = at + 1; next < text.length; next += 1) {
    if (escapes && text[next] === '\\') next += 1
    else if (text[next] === quote && text[next + 1] === quote) next += 1
    else if (text[next] === quote) return next + 1
  }
  throw torn('a quote has no end')
}

function matchAt(what: RegExp, text: string, at: number): string | null {
  what.lastIndex = at
  return what.exec(text)?.[0] ?? null
}

function orEnd(text: string, at: number): number {
  return at < 0 ? text.length : at
}

function torn(why: string): FirebreakError {
  return new FirebreakError('broken_store', `the schema as pg_dump wrote it cannot be read: ${why}`)
}
