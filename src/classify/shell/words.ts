/** Words as the shell would hand them over: quotes gone, known variables filled in, braces unfolded. What cannot be told is marked, and never guessed. */
import type { Word, WordPart } from 'unbash'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'
import { otherwise, parameterOf } from './parameter.ts'
import type { Scope } from './scope.ts'

/** More than this from one word is cut off and unknown: `{1..99999}`, nested braces. */
const mostOfOne = 64

interface Piece extends Arg {
  /** Unquoted, so white space in it makes several words. */
  readonly isSplit: boolean
}

/** The arguments that one word becomes; none where it is an unquoted variable that is empty. */
export function argsOf(word: Word, scope: Scope): readonly Arg[] {
  if (word.parts === undefined) return [tilde(word, argOf(word.value), scope)]
  const own = listOf(word.parts, scope) ?? madeBy(word, scope)
  if (own !== null) return own
  let all: readonly (readonly Piece[])[] = [[]]
  for (const part of word.parts) {
    const choices = piecesOf(part, scope, false)
    all = all.flatMap((so) => choices.map((one) => [...so, one]))
    if (all.length > mostOfOne) return [{ text: word.value, isKnown: false, isGlob: false }]
  }
  return all.flatMap(joined).map((arg) => tilde(word, arg, scope))
}

/** The same as one text: where no word is split (assignments, here-documents, `[[`). */
export function textOf(parts: readonly WordPart[] | undefined, value: string, scope: Scope): Arg {
  if (parts === undefined) return argOf(value)
  const pieces = parts.map((part) => piecesOf(part, scope, true)[0] ?? unknown(part.text))
  return together(pieces)
}

/** `"$@"`, `${a[*]}`: a word that stands for a list that is known. */
function listOf([part, ...more]: readonly WordPart[], scope: Scope): readonly Arg[] | null {
  if (part === undefined || more.length > 0) return null
  const isQuoted = part.type === 'DoubleQuoted'
  const [inside, ...others] = isQuoted ? part.parts : [part]
  if (inside === undefined || others.length > 0) return null
  const name = listNamed(inside)
  const list = name === null ? null : scope.listOf(name.of)
  if (name === null || list === null) return null
  if (!isQuoted) return list.flatMap((one) => (one.isKnown ? splitAt(one) : [one]))
  return name.isOne ? [oneOf(list)] : list
}

function listNamed(part: WordPart): { readonly of: string; readonly isOne: boolean } | null {
  if (part.type === 'SimpleExpansion' && /^\$[@*]$/.test(part.text))
    return { of: '@', isOne: part.text === '$*' }
  if (part.type !== 'ParameterExpansion' || part.prefix !== undefined) return null
  if (part.operation !== undefined) return null
  const { parameter, index } = part
  if (parameter === '@' || parameter === '*') return { of: '@', isOne: parameter === '*' }
  return index !== undefined && /^[@*]$/.test(index.text)
    ? { of: parameter, isOne: index.text === '*' }
    : null
}

const splitAt = (one: Arg): readonly Arg[] =>
  one.text
    .split(/[ \t\n]+/)
    .filter(Boolean)
    .map((text) => ({ ...one, text }))

/** Several as one text, with a space between. */
export function oneOf(list: readonly Arg[]): Arg {
  return {
    text: list.map(({ text }) => text).join(' '),
    isKnown: list.every(({ isKnown }) => isKnown),
    isGlob: list.some(({ isGlob }) => isGlob),
  }
}

/** `<(echo x)`: a file, and what is in it. */
function madeBy({ text, parts = [] }: Word, scope: Scope): readonly Arg[] | null {
  const [part, ...more] = parts
  if (part?.type !== 'ProcessSubstitution' || part.operator !== '<' || more.length > 0) return null
  const holds = part.script === undefined ? null : scope.outputOf(part.script)
  return [{ text, isKnown: false, isGlob: false, holds }]
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
  if ('value' in part) {
    const isGlob = part.type === 'Glob' && !isWhole
    return [{ ...known(part.value), isGlob }]
  }
  if (part.type === 'ExtendedGlob') return [{ ...known(part.text), isGlob: !isWhole }]
  if (part.type === 'BraceExpansion') return isWhole ? [known(part.text)] : braces(part.text)
  if (part.type !== 'DoubleQuoted' && part.type !== 'LocaleString')
    return [split(expanded(part, scope), isWhole)]
  const inner = part.parts.map((one) => piecesOf(one, scope, true)[0] ?? unknown(one.text))
  return [{ ...together(inner), isSplit: false }]
}

/** A value that is known, and stands in no quotes, becomes as many words as it has. */
const split = (piece: Piece, isWhole: boolean): Piece => ({
  ...piece,
  isSplit: piece.isKnown && !isWhole,
})

const within = (word: Word, scope: Scope): Arg => textOf(word.parts, word.value, scope)

type Expansion = Extract<
  WordPart,
  {
    type:
      | 'CommandExpansion'
      | 'SimpleExpansion'
      | 'ParameterExpansion'
      | 'ArithmeticExpansion'
      | 'ProcessSubstitution'
  }
>

function expanded(part: Expansion, scope: Scope): Piece {
  const said = valueIn(part, scope)
  if (said !== null) return known(said)
  // What stands there where it is not set is what it may be.
  const other = part.type === 'ParameterExpansion' ? otherwise(part, scope, within) : null
  return unknown(other ?? part.text)
}

function valueIn(part: Expansion, scope: Scope): string | null {
  if (part.type === 'CommandExpansion')
    return part.script === undefined ? null : scope.outputOf(part.script)
  if (part.type === 'SimpleExpansion') return scope.valueOf(part.text.slice(1))
  return part.type === 'ParameterExpansion' ? parameterOf(part, scope, within) : null
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

/** `~` and `~/x` where the word begins with it, and no quote stands before. */
function tilde({ text }: Word, arg: Arg, scope: Scope): Arg {
  return text.startsWith('~') && /^~(\/|$)/.test(arg.text)
    ? { ...arg, text: `${scope.home}${arg.text.slice(1)}` }
    : arg
}
