/** Judges what an expression calls: functions by name and by the catalog, operators, casts, and columns that are calls in disguise. */
import type { Json, JsonObject } from '../../base/json.ts'
import { settingReason } from '../../platforms/postgres/effects-set.ts'
import {
  functionNamed,
  isOfSafeExtension,
  readsTable,
  runsText,
} from '../../platforms/postgres/functions.ts'
import { judgeFunction } from './functions.ts'
import type { Scope } from './scope.ts'
import { judgeSetval } from './sequences.ts'
import { children, constant, names, nodeName, word } from './tree.ts'

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
  if (own && name === 'set_config') setConfig(args, scope)
  else if (own && name === 'setval') judgeSetval(args, scope)
  else if (own && runsText.has(name)) runText(args[name === 'ts_rewrite' ? 1 : 0], name, scope)
  else judgeTold(parts, own, { args, scope })
}

interface Called {
  readonly args: readonly Json[]
  readonly scope: Scope
}

function judgeTold(parts: readonly string[], own: boolean, { args, scope }: Called): void {
  const name = parts.at(-1) ?? ''
  if (own && readsTable.has(name)) readTable(args[0], name, scope)
  else judgePlain(parts, own, scope)
}

/** A table that is named by a text. */
function readTable(arg: Json | undefined, name: string, scope: Scope): void {
  const text = constant(arg)
  if (typeof text === 'string' && /^[a-z_][a-z0-9_.]*$/.test(text))
    runText({ A_Const: { sval: { sval: `TABLE ${text}` } } }, name, scope)
  else runText(undefined, name, scope)
}

function judgePlain(parts: readonly string[], own: boolean, scope: Scope): void {
  const name = parts.at(-1) ?? ''
  const known = functionNamed(name, own)
  if (known.kind === 'does')
    scope.add({ ...known.reason, why: `calls \`${name}\`, which ${known.reason.why}` })
  const users = scope
    .functions(parts.at(-2) ?? null, name)
    .filter((found) => found.schema !== 'pg_catalog')
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
  const name = constant(args[0])
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

/** A function that runs a text: read where it is written out, dynamic SQL where it is not. */
function runText(arg: Json | undefined, name: string, scope: Scope): void {
  const text = constant(arg)
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

function judgeOids(oids: readonly number[], how: string, scope: Scope): void {
  for (const oid of oids) {
    const found = scope.catalog?.functions.get(oid)
    if (found === undefined)
      scope.unread('function-unknown', `calls a function ${how} that is not known`)
    else judgeFunction(found, scope, how)
  }
}
