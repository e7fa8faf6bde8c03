/** What a condition says by itself: of constants, and of bound values as far as they are known. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Scope } from './scope.ts'
import { constant, under, word } from './tree.ts'

/** `pins`: few rows by a key; `never`: no row; `always`: true for every row; `open`: not told. */
export type Bound = 'pins' | 'never' | 'always' | 'open'

export function nullTest(node: JsonObject, scope: Scope): Bound {
  const value = valueOf(node['arg'], scope)
  if (value === undefined) return 'open'
  const isNull = value === null
  return (word(node, 'nulltesttype') === 'IS_NULL') === isNull ? 'always' : 'never'
}

/** Two constants: equal or not; NULL equals nothing. */
export function folded(left: Json | undefined, right: Json | undefined, scope: Scope): Bound {
  const [one, other] = [valueOf(left, scope), valueOf(right, scope)]
  if (one === undefined || other === undefined) return 'open'
  if (one === null || other === null) return 'open'
  if (one === other) return 'always'
  return /^-?\d+$/.test(one) && /^-?\d+$/.test(other) && BigInt(one) !== BigInt(other)
    ? 'never'
    : 'open'
}

export function opposite(bound: Bound): Bound {
  return bound === 'always' ? 'never' : bound === 'never' ? 'always' : 'open'
}

/** A constant, or a bound value as far as it is known. */
export function valueOf(value: Json | undefined, scope: Scope): string | null | undefined {
  const cast = under(value, 'TypeCast')
  if (cast !== null) return valueOf(cast['arg'], scope)
  const parameter = under(value, 'ParamRef')
  return parameter === null ? constant(value) : scope.value(parameter)
}

export function truthOf(value: string | null | undefined): Bound {
  if (value === null) return 'never'
  const plain = value?.trim().toLowerCase() ?? ''
  if (plain === '') return 'open'
  if (['false', 'off', 'no'].some((word) => word.startsWith(plain)) && plain !== 'o') return 'never'
  return plain === '0' ? 'never' : 'open'
}
