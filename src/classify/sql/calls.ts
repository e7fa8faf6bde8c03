/** Judges what an expression calls: functions by name and by the catalog, operators, casts, and columns that are calls in disguise. */
import type { Json, JsonObject } from '../../base/json.ts'
import { settingReason } from '../../platforms/postgres/effects-set.ts'
import type { SqlFunction } from '../../platforms/postgres/catalog.ts'
import {
  functionNamed,
  isOfSafeExtension,
  readsNamed,
  runsText,
  runsTextOutside,
} from '../../platforms/postgres/functions.ts'
import { rangeOfText } from './regclass.ts'
import { readRelation } from './relations.ts'
import { judgeFunction } from './functions.ts'
import type { Scope } from './scope.ts'
import { typeCalls, typesCall } from './types.ts'
import { judgeSetval } from './sequences.ts'
import { children, constant, names, nodeName, nothing, under, word } from './tree.ts'

export function judgeCall(call: JsonObject, scope: Scope): void {
  if (scope.quiet) return
  const parts = names(children(call, 'funcname'))
  judgeNamed(parts, children(call, 'args'), scope)
}

/** A function by the parts of its name. */
export function judgeNamed(parts: readonly string[], args: readonly Json[], scope: Scope): void {
  const name = parts.at(-1) ?? ''
  const schema = parts.at(-2) ?? null
  const own = schema === null || schema === 'pg_catalog'
  const users = scope.functions(schema, name).filter((found) => found.schema !== 'pg_catalog')
  const special = specialOf(name, own, args)
  if (special === null) return judgePlain(parts, own, users, scope)
  special(scope)
  // Another one of that name may be meant.
  const isKnown = (found: SqlFunction): boolean =>
    found.extension !== null && runsTextOutside.has(name)
  for (const found of users) if (!isKnown(found)) judgeFunction(found, scope, `by \`${name}\``)
}

/** What a function does that is known by its arguments. */
function specialOf(
  name: string,
  own: boolean,
  args: readonly Json[],
): ((scope: Scope) => void) | null {
  const outside = runsTextOutside.get(name)
  if (outside !== undefined) return (scope) => runTexts(name, args, outside, scope)
  if (!own) return null
  if (name === 'set_config') return (scope) => setConfig(args, scope)
  if (name === 'setval') return (scope) => judgeSetval(args, scope)
  const texts = runsText.get(name)
  if (texts !== undefined) return (scope) => runTexts(name, args, texts, scope)
  const range = readsNamed.has(name) ? rangeOfText(constant(args[0])) : null
  return range === null ? null : (scope) => readRelation(range, scope, true)
}

const fills = /populate_record/

/** It makes values of the types of a row that may be any table's. */
function judgeFilled(scope: Scope): void {
  for (const oids of scope.catalog?.types.values() ?? []) judgeOids(oids, 'by a type', scope)
}

function judgePlain(
  parts: readonly string[],
  own: boolean,
  users: readonly SqlFunction[],
  scope: Scope,
): void {
  const name = parts.at(-1) ?? ''
  const known = functionNamed(name, own)
  if (known.kind === 'does')
    scope.add({ ...known.reason, why: `calls \`${name}\`, which ${known.reason.why}` })
  if (fills.test(name)) judgeFilled(scope)
  for (const found of users) judgeFunction(found, scope, `by \`${name}\``)
  if (known.kind !== 'unknown' || users.length > 0 || isBelieved(name, own, scope)) return
  scope.unread('function-unknown', `calls \`${parts.join('.')}\`, and what that does is not known`)
}

/** What is in no list and not in the catalog's user functions: of PostgreSQL's own what is not volatile, else what only computes. */
function isBelieved(name: string, own: boolean, scope: Scope): boolean {
  const builtIn = own ? scope.functions('pg_catalog', name) : []
  if (builtIn.length > 0) return builtIn.every(({ volatility }) => volatility !== 'volatile')
  const isMade = scope.made(name)
  // What it changes is counted when it runs.
  scope.isCounted ||= isMade
  return isMade || (scope.catalog === null && isOfSafeExtension(name))
}

function setConfig(args: readonly Json[], scope: Scope): void {
  scope.hangsOnNumbers = true
  const [first = null] = args
  const name = constant(first) ?? scope.pinned.get(first)
  const value = constant(args[1])
  if (typeof name !== 'string' || value === undefined) {
    // A parameter or an expression: only a name with a dot is known to be nobody's but the application's.
    if (
      typeof name === 'string' &&
      name.includes('.') &&
      settingReason(name.toLowerCase(), '?') === null
    )
      return
    scope.unread('setting-unknown', 'sets a setting that cannot be told before it runs')
    return
  }
  const reason = settingReason(name.toLowerCase(), value)
  if (reason !== null)
    scope.add({ ...reason, why: `sets \`${name.toLowerCase()}\`, which ${reason.why}` })
}

/** Texts that a function runs: read where they are written out, dynamic SQL where they are not. */
function runTexts(
  name: string,
  args: readonly Json[],
  texts: readonly number[],
  scope: Scope,
): void {
  for (const at of texts) {
    const arg = args[at]
    // A number says how many columns there are.
    if (arg !== undefined && !('ival' in (under(arg, 'A_Const') ?? nothing)))
      runText(constant(arg), name, scope)
  }
}

function runText(text: string | null | undefined, name: string, scope: Scope): void {
  const inner = scope.inside(null, [])
  if (typeof text === 'string' && typeof inner !== 'string') {
    inner.runner.text(text, inner)
    scope.absorb(inner, ({ effect }) => effect !== 'read')
    return
  }
  scope.add({
    effect: 'destroy',
    kinds: ['exec'],
    rule: 'sql-dynamic',
    why: `calls \`${name}\`, which runs SQL that is put together at run time`,
  })
}

/** An operator outside `pg_catalog` is a call. */
export function judgeOperator(expression: JsonObject, scope: Scope): void {
  if (scope.quiet) return
  const parts = names(children(expression, 'name'))
  const between = /^AEXPR_(NOT_)?BETWEEN/.test(word(expression, 'kind'))
  const symbol = parts.at(-1) ?? ''
  for (const each of between ? comparing : [symbol]) judgeSymbol(each, scope)
  const oids = scope.catalog?.operators.get(symbol) ?? []
  const schema = parts.length > 1 ? parts.at(-2) : null
  if (schema !== null && schema !== 'pg_catalog' && oids.length === 0)
    scope.unread(
      'operator-unknown',
      `uses the operator \`${parts.join('.')}\`, and what it calls is not known`,
    )
}

const comparing = ['<', '<=', '>', '>='] as const

/** The functions of users behind a symbol, whatever its types. */
export function judgeSymbol(symbol: string, scope: Scope): void {
  if (scope.quiet) return
  const oids = scope.catalog?.operators.get(symbol) ?? []
  judgeOids(oids, `by the operator \`${symbol}\``, scope)
}

/** Operators that are not written out as one: of IN, of a simple CASE, of USING, and what a row is ordered by. */
export function judgeHidden(name: string, node: JsonObject, scope: Scope): void {
  const isEqual =
    name === 'SubLink'
      ? word(node, 'subLinkType') === 'ANY_SUBLINK' && !('operName' in node)
      : name === 'CaseExpr'
        ? 'arg' in node
        : name === 'JoinExpr' && ('usingClause' in node || node['isNatural'] === true)
  if (isEqual) judgeSymbol('=', scope)
  const written = 'operName' in node ? node['operName'] : node['useOp']
  if (written !== undefined) judgeOperator({ name: written }, scope)
}

/** A type whose casts or checks call functions. */
export function judgeType(type: JsonObject, scope: Scope): void {
  if (scope.quiet) return
  const name = names(children(type, 'names')).at(-1) ?? ''
  judgeOids(scope.catalog?.types.get(name) ?? [], `by the type \`${name}\``, scope)
  // A row of that type is made of values of others.
  for (const row of scope.catalog?.relationsByName.get(name) ?? [])
    judgeOids(typeCalls(row, scope), `by the type \`${name}\``, scope)
}

/** `t.f` calls `f(t)` where `t` has no column of that name. */
export function judgeColumn(fields: readonly Json[], scope: Scope): void {
  const last = fields.at(-1)
  if (scope.quiet || fields.length < 2 || nodeName(last) !== 'String') return
  const name = names([last ?? null])[0] ?? ''
  for (const each of scope.functions(null, name)) {
    const [row, ...more] = each.arguments
    if (row !== undefined && more.length === 0 && isRow(row, scope))
      judgeFunction(each, scope, `by \`.${name}\``)
  }
}

function isRow(type: string, scope: Scope): boolean {
  if (type === 'record' || type.startsWith('any')) return true
  const catalog = scope.catalog
  if (catalog === null) return false
  return [type, ...catalog.searchPath.map((schema) => `${schema}.${type}`)].some((name) =>
    catalog.relationNames.has(name),
  )
}

/** A type as code writes it: `public.d`, `car.id%TYPE`. */
export function judgeWritten(type: string, scope: Scope): void {
  // What a column is of, or a row, may be any.
  if (type.includes('%')) judgeFilled(scope)
  else judgeOids(typesCall([type], scope), `by the type \`${type}\``, scope)
}

/** Casts that the server puts in by itself, wherever a value of their type stands: those that can be read, and so be made here. */
export function judgeUnwritten(scope: Scope): void {
  for (const oid of scope.catalog?.types.get('') ?? []) {
    const found = scope.catalog?.functions.get(oid)
    if (found !== undefined && found.definition !== null)
      judgeFunction(found, scope, 'by a cast that is not written')
  }
}

/** A type by its oid, told for a parameter: its value becomes of that type when it is bound. */
export function judgeTold(oid: number, scope: Scope): void {
  judgeOids(scope.catalog?.types.get(String(oid)) ?? [], 'by the type of a parameter', scope)
}

function judgeOids(oids: readonly number[], how: string, scope: Scope): void {
  for (const oid of oids) {
    const found = scope.catalog?.functions.get(oid)
    if (found === undefined)
      scope.unread('function-unknown', `calls a function ${how} that is not known`)
    else judgeFunction(found, scope, how)
  }
}
