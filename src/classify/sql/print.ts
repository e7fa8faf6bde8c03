/** Writes an expression again with whole names, so that rows can be counted by it elsewhere. Null for what would not surely mean the same there, or do more than read. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import { quoted } from '../../platforms/postgres/radius-count.ts'
import { safeBuiltIns } from '../../platforms/postgres/functions-safe.ts'
import type { Scope } from './scope.ts'
import { child, children, names, nodeName, nothing, under, word } from './tree.ts'

/** One writing: values that are met are bound anew, numbered as they come. */
export interface Printing {
  readonly scope: Scope
  readonly values: (string | null)[]
  /** New numbers by the old ones. */
  readonly numbers: Map<number, number>
  /** Writes a query; handed in, since queries and expressions hold each other. */
  readonly query: (select: JsonObject, printing: Printing) => string | null
  readonly target: { readonly relation: Relation; readonly alias: string }
}

export function printed(value: Json | undefined, printing: Printing): string | null {
  const name = nodeName(value) ?? ''
  const print = Object.hasOwn(printers, name) ? printers[name] : undefined
  return print === undefined ? null : print(under(value, name) ?? nothing, printing)
}

/** All of a list, or null. */
export function printedAll(list: readonly Json[], printing: Printing): string | null {
  const parts = list.map((each) => printed(each, printing))
  return parts.includes(null) ? null : parts.join(', ')
}

/** Puts what was written into a text; null where a part of it could not be. */
export function filled(
  texts: TemplateStringsArray,
  ...parts: readonly (string | null)[]
): string | null {
  return parts.includes(null) ? null : String.raw({ raw: texts }, ...parts)
}

export function quotedText(text: string): string {
  const plain = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${plain.replaceAll('\\', '\\\\')}` : plain
}

type Print = (node: JsonObject, printing: Printing) => string | null

const printers: { readonly [node: string]: Print } = {
  A_Const: printConstant,
  ColumnRef: printColumn,
  ParamRef: printParameter,
  A_Expr: printOperator,
  FuncCall: printCall,
  TypeCast: (node, printing) =>
    filled`CAST(${printed(node['arg'], printing)} AS ${typeOf(child(node, 'typeName'))})`,
  List: (node, printing) => filled`(${printedAll(children(node, 'items'), printing)})`,
  RowExpr: (node, printing) => filled`ROW(${printedAll(children(node, 'args'), printing)})`,
  A_ArrayExpr: (node, printing) =>
    filled`ARRAY[${printedAll(children(node, 'elements'), printing)}]`,
  CoalesceExpr: (node, printing) =>
    filled`coalesce(${printedAll(children(node, 'args'), printing)})`,
  MinMaxExpr: (node, printing) =>
    filled`${word(node, 'op') === 'IS_LEAST' ? 'least' : 'greatest'}(${printedAll(children(node, 'args'), printing)})`,
  BoolExpr: (node, printing) => {
    const parts = children(node, 'args').map((each) => filled`(${printed(each, printing)})`)
    if (parts.includes(null)) return null
    const joint = joints[word(node, 'boolop')]
    return joint === undefined ? `NOT ${parts[0]}` : parts.join(joint)
  },
  NullTest: (node, printing) =>
    filled`(${printed(node['arg'], printing)}) IS ${word(node, 'nulltesttype') === 'IS_NULL' ? '' : 'NOT '}NULL`,
  BooleanTest: (node, printing) =>
    filled`(${printed(node['arg'], printing)}) ${word(node, 'booltesttype').replaceAll('_', ' ')}`,
  CaseExpr: printCase,
  SQLValueFunction: (node) => moments[word(node, 'op')] ?? null,
  SubLink: printLink,
  A_Indirection: printElement,
}

const joints: { readonly [op: string]: string } = { AND_EXPR: ' AND ', OR_EXPR: ' OR ' }

/** Who somebody is, is another in another session. */
const moments: { readonly [op: string]: string } = {
  SVFOP_CURRENT_DATE: 'CURRENT_DATE',
  SVFOP_CURRENT_TIME: 'CURRENT_TIME',
  SVFOP_CURRENT_TIMESTAMP: 'CURRENT_TIMESTAMP',
  SVFOP_LOCALTIME: 'LOCALTIME',
  SVFOP_LOCALTIMESTAMP: 'LOCALTIMESTAMP',
}

function printConstant(node: JsonObject): string | null {
  if (node['isnull'] === true) return 'NULL'
  const { ival, fval, boolval, sval } = node
  if (ival !== undefined) return JSON.stringify(child(node, 'ival')['ival'] ?? 0)
  if (fval !== undefined) return word(child(node, 'fval'), 'fval')
  if (boolval !== undefined) return child(node, 'boolval')['boolval'] === true ? 'true' : 'false'
  return sval === undefined ? null : quotedText(word(child(node, 'sval'), 'sval'))
}

function printColumn(node: JsonObject, { scope, target }: Printing): string | null {
  const fields = children(node, 'fields')
  if (fields.some((field) => nodeName(field) !== 'String')) return null
  const parts = names(fields)
  if (scope.variables.has(parts[0] ?? '')) return null
  if (parts.length < 3) return parts.map(quoted).join('.')
  const { relation, alias } = target
  const isTarget = parts.length === 3 && parts[0] === relation.schema && parts[1] === relation.name
  return isTarget && alias === relation.name ? `${quoted(alias)}.${quoted(parts[2] ?? '')}` : null
}

function printParameter(node: JsonObject, { scope, values, numbers }: Printing): string | null {
  const number = node['number']
  if (typeof number !== 'number') return null
  scope.bindsLosses = true
  const value = scope.about.values?.[number - 1]
  if (value === undefined) return null
  if (!numbers.has(number)) numbers.set(number, values.push(value))
  return `$${numbers.get(number)}`
}

function printOperator(node: JsonObject, printing: Printing): string | null {
  const symbol = symbolOf(node)
  const left = 'lexpr' in node ? printed(node['lexpr'], printing) : ''
  const right = printed(node['rexpr'], printing)
  const form = forms[word(node, 'kind')]
  if (form === undefined) return printBetween(node, printing)
  return symbol === null || left === null || right === null ? null : form(left, symbol, right)
}

const around = (left: string, symbol: string, right: string): string =>
  `(${left} ${symbol} ${right})`

const forms: {
  readonly [kind: string]: (left: string, symbol: string, right: string) => string
} = {
  AEXPR_OP: around,
  AEXPR_LIKE: around,
  AEXPR_ILIKE: around,
  AEXPR_SIMILAR: around,
  AEXPR_OP_ANY: (left, symbol, right) => `(${left} ${symbol} ANY (${right}))`,
  AEXPR_OP_ALL: (left, symbol, right) => `(${left} ${symbol} ALL (${right}))`,
  AEXPR_IN: (left, symbol, right) => `(${left} ${symbol === '<>' ? 'NOT IN' : 'IN'} ${right})`,
  AEXPR_DISTINCT: (left, _, right) => `(${left} IS DISTINCT FROM ${right})`,
  AEXPR_NOT_DISTINCT: (left, _, right) => `(${left} IS NOT DISTINCT FROM ${right})`,
  AEXPR_NULLIF: (left, _, right) => `nullif(${left}, ${right})`,
}

function printBetween(node: JsonObject, printing: Printing): string | null {
  const [low, high] = children(under(node['rexpr'], 'List') ?? nothing, 'items')
  const kind = word(node, 'kind')
  if (!/^AEXPR_(NOT_)?BETWEEN(_SYM)?$/.test(kind)) return null
  const words = names(children(node, 'name')).join(' ')
  return filled`(${printed(node['lexpr'], printing)} ${words} ${printed(low, printing)} AND ${printed(high, printing)})`
}

/** An operator's symbol; where its schema is given, only of PostgreSQL's own. */
function symbolOf(node: JsonObject): string | null {
  const parts = names(children(node, 'name'))
  if (parts.length === 1) return parts[0] ?? null
  return parts.length === 2 && parts[0] === 'pg_catalog' ? `OPERATOR(pg_catalog.${parts[1]})` : null
}

/** PostgreSQL's own functions that give the same as long as nothing changes. */
function printCall(node: JsonObject, printing: Printing): string | null {
  const { scope } = printing
  const parts = names(children(node, 'funcname'))
  const name = parts.at(-1) ?? ''
  if (parts.length > 1 && (parts.length > 2 || parts[0] !== 'pg_catalog')) return null
  const own = scope.functions('pg_catalog', name)
  const isCalm = own.length > 0 && own.every(({ volatility }) => volatility !== 'volatile')
  if (!isCalm || !safeBuiltIns.has(name) || scope.functions(null, name).length > 0) return null
  if (Object.keys(node).some((key) => !plainCall.has(key))) return null
  const args = node['agg_star'] === true ? '*' : printedAll(children(node, 'args'), printing)
  return filled`pg_catalog.${quoted(name)}(${args})`
}

const plainCall: ReadonlySet<string> = new Set([
  'funcname',
  'args',
  'agg_star',
  'funcformat',
  'location',
])

/** One element of an array; a field of a row may be a call in disguise. */
function printElement(node: JsonObject, printing: Printing): string | null {
  const places = children(node, 'indirection').map((each) => {
    const place = under(each, 'A_Indices')
    return place === null || 'is_slice' in place
      ? null
      : filled`[${printed(place['uidx'], printing)}]`
  })
  if (places.includes(null)) return null
  return filled`(${printed(node['arg'], printing)})${places.join('')}`
}

function printCase(node: JsonObject, printing: Printing): string | null {
  const whens = children(node, 'args').map((each) => {
    const when = under(each, 'CaseWhen') ?? nothing
    return filled`WHEN ${printed(when['expr'], printing)} THEN ${printed(when['result'], printing)}`
  })
  const of = 'arg' in node ? printed(node['arg'], printing) : ''
  const rest = 'defresult' in node ? filled` ELSE ${printed(node['defresult'], printing)}` : ''
  return whens.includes(null) ? null : filled`CASE ${of} ${whens.join(' ')}${rest} END`
}

function printLink(node: JsonObject, printing: Printing): string | null {
  const query = printing.query(under(node['subselect'], 'SelectStmt') ?? nothing, printing)
  const symbol = 'operName' in node ? symbolOf({ name: node['operName'] ?? [] }) : null
  switch (word(node, 'subLinkType')) {
    case 'EXISTS_SUBLINK':
      return filled`EXISTS (${query})`
    case 'EXPR_SUBLINK':
      return filled`(${query})`
    case 'ARRAY_SUBLINK':
      return filled`ARRAY(${query})`
    case 'ANY_SUBLINK':
      return filled`(${printed(node['testexpr'], printing)} ${symbol === null ? 'IN' : `${symbol} ANY`} (${query}))`
    case 'ALL_SUBLINK':
      return filled`(${printed(node['testexpr'], printing)} ${symbol} ALL (${query}))`
    default:
      return null
  }
}

/** A type by its name; null for one that is another type's, a set, or that has an option of its own. */
function typeOf(type: JsonObject): string | null {
  const parts = names(children(type, 'names'))
  const options = children(type, 'typmods')
  const isPlain = type['setof'] !== true && type['pct_type'] !== true && options.length === 0
  if (!isPlain || parts.length === 0) return null
  return `${parts.map(quoted).join('.')}${'[]'.repeat(children(type, 'arrayBounds').length)}`
}
