/** Words as the shell would hand them over: quotes gone, known variables filled in, braces unfolded. What cannot be told is marked, and never guessed. */
import type { Word, WordPart } from 'unbash'
import type { Scope } from './scope.ts'

/** One argument. Where a part of it cannot be told, the text has that part as it is written. */
export interface Arg {
  readonly text: string
  readonly isKnown: boolean
  /** Stands for what the file system has by that pattern. */
  readonly isGlob: boolean
}

export const argOf = (text: string): Arg => ({ text, isKnown: true, isGlob: false })

/** More than this from one word is cut off and unknown: `{1..99999}`, nested braces. */
const mostOfOne = 64

interface Piece extends Arg {
  /** Unquoted, so white space in it makes several words. */
  readonly isSplit: boolean
}

/** The arguments that one word becomes; none where it is an unquoted variable that is empty. */
export function argsOf(word: Word, scope: Scope): readonly Arg[] {
  if (word.parts === undefined) return [tilde({ ...argOf(word.value) }, scope)]
  let all: readonly (readonly Piece[])[] = [[]]
  for (const part of word.parts) {
    const choices = piecesOf(part, scope, false)
    all = all.flatMap((so) => choices.map((one) => [...so, one]))
    if (all.length > mostOfOne) return [{ text: word.value, isKnown: false, isGlob: false }]
  }
  return all.flatMap(joined).map((arg) => tilde(arg, scope))
}

/** The same as one text: where no word is split (assignments, here-documents, `[[`). */
export function textOf(parts: readonly WordPart[] | undefined, value: string, scope: Scope): Arg {
  if (parts === undefined) return argOf(value)
  const pieces = parts.map((part) => piecesOf(part, scope, true)[0] ?? unknown(part.text))
  return together(pieces)
}

function together(pieces: readonly Piece[]): Arg {
  return {
    text: pieces.map(({ text }) => text).join(''),
    isKnown: pieces.every(({ isKnown }) => isKnown),
    isGlob: pieces.some(({ isGlob }) => isGlob),
  }
}

function joined(pieces: readonly Piece[]): readonly Arg[] {
  const words: Piece[][] = [[]]
  for (const piece of pieces) {
    const parts = piece.isSplit ? piece.text.split(/[ \t\n]+/) : [piece.text]
    parts.forEach((text, nth) => {
      if (nth > 0) words.push([])
      if (text !== '' || !piece.isSplit) words.at(-1)?.push({ ...piece, text })
    })
  }
  return words.filter((one) => one.length > 0).map(together)
}

/** The alternatives of one part: several only for braces. */
function piecesOf(part: WordPart, scope: Scope, isWhole: boolean): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [known(part.value)]
    case 'Glob':
    case 'ExtendedGlob':
      return [{ text: part.text, isKnown: true, isGlob: !isWhole, isSplit: false }]
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.map((one) => piecesOf(one, scope, true)[0] ?? unknown(one.text))
      return [{ ...together(inner), isSplit: false }]
    }
    case 'SimpleExpansion':
    case 'ParameterExpansion':
      return [variable(part, scope, isWhole)]
    case 'BraceExpansion':
      return isWhole ? [known(part.text)] : braces(part.text)
    case 'CommandExpansion': {
      const said = part.script === undefined ? null : scope.outputOf(part.script)
      return [said === null ? unknown(part.text) : { ...known(said), isSplit: !isWhole }]
    }
    default:
      return [unknown(part.text)]
  }
}

function variable(
  part: Extract<WordPart, { type: 'SimpleExpansion' | 'ParameterExpansion' }>,
  scope: Scope,
  isWhole: boolean,
): Piece {
  const name = part.type === 'SimpleExpansion' ? part.text.slice(1) : part.parameter
  const value = scope.valueOf(name)
  if (part.type === 'ParameterExpansion') {
    const { operation, prefix, index } = part
    if (prefix !== undefined || index !== undefined) return unknown(part.text)
    if (operation !== undefined) {
      const isDefault = operation.type === 'Default' && /^:?[-=]$/.test(operation.operator)
      if (!isDefault) return unknown(part.text)
      const other = textOf(operation.operand.parts, operation.operand.value, scope)
      // What it is when it is set, nobody here knows; `scope` may know a variable that every system sets alike.
      const usual = scope.usual(name)
      if (value === null && (usual === null || usual !== other.text)) return unknown(part.text)
      return { ...known(value ?? other.text), isSplit: !isWhole }
    }
  }
  const text = value ?? scope.usual(name)
  return text === null ? unknown(part.text) : { ...known(text), isSplit: !isWhole }
}

const known = (text: string): Piece => ({ ...argOf(text), isSplit: false })
const unknown = (text: string): Piece => ({ text, isKnown: false, isGlob: false, isSplit: false })

/** `{a,b}` and `{1..3}`, as far as they do not nest. */
function braces(text: string): readonly Piece[] {
  const inner = text.slice(1, -1)
  if (/[{}'"\\$`]/.test(inner)) return [unknown(text)]
  const range = /^(-?\d{1,4})\.\.(-?\d{1,4})$/.exec(inner)
  if (range === null) return inner.split(',').map(known)
  const [from, to] = [Number(range[1]), Number(range[2])]
  const many = Math.abs(to - from) + 1
  if (many > mostOfOne) return [unknown(text)]
  return Array.from({ length: many }, (_, nth) => known(String(from + (to > from ? nth : -nth))))
}

/** `~` and `~/x` where the word begins with it, and no quote stood before. */
function tilde(arg: Arg, scope: Scope): Arg {
  return /^~(\/|$)/.test(arg.text) && arg.isKnown
    ? { ...arg, text: `${scope.home}${arg.text.slice(1)}` }
    : arg
}
