/** `${x…}`: what a parameter comes to, as far as its value is known and its operation takes no pattern. */
import type { ParameterOperation, Word, WordPart } from 'unbash'
import type { Scope } from './scope.ts'
import type { Arg } from './arg.ts'

type Parameter = Extract<WordPart, { type: 'ParameterExpansion' }>
/** A word within it, as one text. */
type Within = (word: Word, scope: Scope) => Arg

/** Null where that cannot be told. */
export function parameterOf(part: Parameter, scope: Scope, within: Within): string | null {
  const { operation, prefix, index, parameter } = part
  if (prefix === '!' && index === undefined && operation === undefined) {
    const name = scope.valueOf(parameter)
    return name === null ? null : scope.valueOf(name)
  }
  if (prefix !== undefined) return null
  const value = index === undefined ? scope.valueOf(parameter) : at(parameter, index.text, scope)
  return operation === undefined ? value : changed(value, operation, (word) => within(word, scope))
}

/** `${X:-other}`: what stands there where nobody has set it. */
export function otherwise(
  { operation, prefix, index }: Parameter,
  scope: Scope,
  within: Within,
): string | null {
  if (operation?.type !== 'Default' || prefix !== undefined || index !== undefined) return null
  if (operation.operator.endsWith('?')) return null
  return within(operation.operand, scope).text
}

function at(name: string, index: string, scope: Scope): string | null {
  const one = /^\d+$/.test(index) ? scope.listOf(name)?.[Number(index)] : undefined
  return one?.isKnown === true && !one.isGlob ? one.text : null
}

function changed(
  value: string | null,
  operation: ParameterOperation,
  within: (word: Word) => Arg,
): string | null {
  // What it is when it is set, nobody here knows; where every system sets it so, it is that.
  if (value === null) return null
  const plain = (word: Word): string | null => {
    const { text, isKnown } = within(word)
    return isKnown && !/[*?[\]\\]/.test(text) ? text : null
  }
  switch (operation.type) {
    case 'Default':
      return byDefault(value, operation.operator, plain(operation.operand))
    case 'Remove':
      return removed(value, plain(operation.operand), operation.operator.startsWith('#'))
    case 'Replace':
      return replaced(value, plain(operation.pattern), plain(operation.replacement), operation)
    case 'Slice':
      return sliced(value, operation)
    case 'CaseModification':
      return cased(value, operation)
    case 'Transform':
    case 'Names':
    case 'Unknown':
      return null
  }
}

function byDefault(value: string, operator: string, other: string | null): string | null {
  if (operator.endsWith('+')) return value === '' ? '' : other
  return value === '' ? other : value
}

function replaced(
  value: string,
  from: string | null,
  to: string | null,
  { operator }: { readonly operator: string },
): string | null {
  if (
    from === null ||
    to === null ||
    from === '' ||
    operator.length > 1 + Number(operator === '//')
  )
    return null
  return operator === '//' ? value.replaceAll(from, () => to) : value.replace(from, () => to)
}

function sliced(
  value: string,
  { offset, length }: { readonly offset: Word; readonly length: Word | undefined },
): string | null {
  const [from, many] = [offset.text.trim(), length?.text.trim() ?? '0']
  if (!/^\d+$/.test(from) || !/^\d+$/.test(many)) return null
  return value.slice(Number(from), length === undefined ? undefined : Number(from) + Number(many))
}

function removed(value: string, gone: string | null, isFront: boolean): string | null {
  if (gone === null) return null
  if (isFront) return value.startsWith(gone) ? value.slice(gone.length) : value
  return gone !== '' && value.endsWith(gone) ? value.slice(0, -gone.length) : value
}

function cased(
  value: string,
  { operator, operand }: { readonly operator: string; readonly operand: Word | undefined },
): string | null {
  if (operand !== undefined) return null
  if (operator === '^^') return value.toUpperCase()
  if (operator === ',,') return value.toLowerCase()
  const first = value.slice(0, 1)
  return `${operator === '^' ? first.toUpperCase() : first.toLowerCase()}${value.slice(1)}`
}
