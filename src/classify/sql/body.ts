/** Judges code: DO blocks and the bodies of functions. Static statements are judged, dynamic SQL is `exec`. */
import { parsePlPgSQLSync } from 'libpg-query'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { judgeWritten } from './calls.ts'
import { withoutComments } from './comments.ts'
import type { Scope } from './scope.ts'
import { judgeSet } from './settings.ts'
import { child, children, each, isList, nodeName, nothing, option, under, word } from './tree.ts'
import { walk } from './walk.ts'

/** Variables of every body, and of a trigger's function. */
const ownVariables =
  'new old found tg_name tg_when tg_level tg_op tg_relid tg_relname tg_table_name tg_table_schema tg_nargs tg_argv tg_event tg_tag sqlstate sqlerrm'.split(
    ' ',
  )

/** A DO block, written in that text. */
export function judgeDo(node: JsonObject, text: string, scope: Scope): void {
  const language = textOption(children(node, 'args'), 'language')
  judgeInside(language === '' ? 'plpgsql' : language, [], { text, body: null, scope })
}

/** The body of a CREATE FUNCTION, written in that text. Nothing of it runs now, but it will. */
export function judgeCreated(node: JsonObject, text: string, scope: Scope): void {
  const options = children(node, 'options')
  judgeAround(node, options, scope)
  const parameters = children(node, 'parameters').map((each) =>
    word(under(each, 'FunctionParameter') ?? nothing, 'name'),
  )
  const name = word(under(children(node, 'funcname').at(-1), 'String') ?? nothing, 'sval')
  const variables = [...parameters.filter((each) => each !== ''), name]
  const sqlBody = node['sql_body']
  if (sqlBody !== undefined) return judgeSqlBody(sqlBody, variables, scope)
  const parts = children(
    under(child(option(options, 'as') ?? nothing, 'arg'), 'List') ?? nothing,
    'items',
  )
  const body = parts.map((part) => word(under(part, 'String') ?? nothing, 'sval')).join('')
  const language = textOption(options, 'language')
  judgeInside(language === '' ? 'sql' : language, variables, { text, body, scope })
}

/** What a call runs before its body: defaults of arguments, and the settings that it brings. */
export function judgeAround(node: JsonObject, options: readonly Json[], scope: Scope): void {
  for (const each of children(node, 'parameters'))
    walk(under(each, 'FunctionParameter')?.['defexpr'] ?? null, scope)
  for (const each of options) {
    const { defname, arg } = under(each, 'DefElem') ?? nothing
    const set = under(arg, 'VariableSetStmt')
    // Whatever a name may mean is judged anyway, and `SET search_path = …, pg_temp` is good practice there.
    if (defname === 'set' && set !== null && word(set, 'name') !== 'search_path')
      judgeSet(set, scope)
  }
}

function textOption(options: readonly Json[], name: string): string {
  const found = under(child(option(options, name) ?? nothing, 'arg'), 'String')
  return word(found ?? nothing, 'sval').toLowerCase()
}

/** A body that stands in the tree: `BEGIN ATOMIC …` or `RETURN …`. */
function judgeSqlBody(body: Json, variables: readonly string[], scope: Scope): void {
  const inner = scope.inside(null, variables)
  if (typeof inner === 'string') return scope.unread('sql-depth', 'runs functions too deep')
  const open: Json[] = [body]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const list = isList(next) ? next : children(under(next, 'List') ?? nothing, 'items')
    const returned = under(next, 'ReturnStmt')
    if (list.length > 0) open.push(...list)
    else if (returned !== null)
      inner.runner.node(
        { SelectStmt: { targetList: [returned['returnval'] ?? null], op: 'SETOP_NONE' } },
        '',
        inner,
      )
    else if (nodeName(next) !== null && nodeName(next) !== 'List')
      inner.runner.node(next, '', inner)
  }
  scope.absorb(inner, isMore)
}

interface Code {
  /** The whole statement. */
  readonly text: string
  /** Its body, where the statement is a CREATE FUNCTION. */
  readonly body: string | null
  readonly scope: Scope
}

function judgeInside(language: string, variables: readonly string[], code: Code): void {
  const { scope, text, body } = code
  if (language === 'sql' && body !== null) {
    const inner = scope.inside(null, variables)
    if (typeof inner === 'string') return scope.unread('sql-depth', 'runs functions too deep')
    inner.runner.text(body, inner)
    return scope.absorb(inner, isMore)
  }
  if (language === 'plpgsql') return judgePlpgsql(text, variables, scope)
  scope.add({
    effect: 'destroy',
    kinds: ['exec'],
    rule: 'sql-code',
    why: `has code in \`${language}\`, which is not read here`,
  })
}

function isMore({ effect }: { readonly effect: string }): boolean {
  return effect !== 'read'
}

function judgePlpgsql(text: string, variables: readonly string[], scope: Scope): void {
  const tree = parsed(text)
  if (tree === null) return scope.unread('sql-body', 'has a body that cannot be read')
  const found = collect(tree)
  const inner = scope.inside(null, [...variables, ...ownVariables, ...found.variables])
  if (typeof inner === 'string') return scope.unread('sql-depth', 'runs functions too deep')
  for (const type of found.types) judgeWritten(type, inner)
  if (found.unknown !== null)
    inner.unread('sql-body', `has \`${found.unknown}\` in its body, which is not known here`)
  if (found.isDynamic)
    inner.add({
      effect: 'destroy',
      kinds: ['exec'],
      rule: 'sql-dynamic',
      why: 'runs SQL that is put together at run time',
      instead: ['write the statements out instead of `EXECUTE`'],
    })
  for (const { query, mode } of found.expressions) {
    const statement = statementOf(query, mode)
    if (statement === null) inner.unread('sql-body', 'has an assignment that cannot be read')
    else if (statement !== '') inner.runner.text(statement, inner)
  }
  if (found.isEnding && inner.isCounted)
    inner.unread('two-phase', 'ends its transaction by itself, so that its rows cannot be counted')
  scope.absorb(inner, isMore)
}

/** Null where the parser refuses, with the comments and without. */
function parsed(text: string): Json | null {
  return treeOf(() => text) ?? treeOf(() => withoutComments(text, true))
}

function treeOf(text: () => string): Json | null {
  try {
    const tree: unknown = parsePlPgSQLSync(text())
    return isObject(tree) ? tree : null
  } catch {
    // What cannot be parsed is unread, whatever the reason.
    return null
  }
}

interface Collected {
  readonly expressions: readonly { readonly query: string; readonly mode: number }[]
  readonly variables: readonly string[]
  /** Of its variables. */
  readonly types: readonly string[]
  readonly isDynamic: boolean
  /** True where it commits or rolls back by itself. */
  readonly isEnding: boolean
  /** A kind of node that is not known here. */
  readonly unknown: string | null
}

const known =
  /^(PLpgSQL_(function|var|rec|row|recfield|type|expr|stmt_(block|assign|if|case|loop|while|fori|fors|forc|foreach_a|exit|return|return_next|return_query|raise|assert|execsql|dynexecute|dynfors|getdiag|open|fetch|close|perform|call|commit|rollback)|if_elsif|case_when|exception_block|exception|condition|raise_option|diag_item|nsitem|variable|arrayelem))$/
const dynamic = ['PLpgSQL_stmt_dynexecute', 'PLpgSQL_stmt_dynfors', 'dynquery'] as const

const ending = ['PLpgSQL_stmt_commit', 'PLpgSQL_stmt_rollback'] as const

function collect(tree: Json): Collected {
  const expressions: { query: string; mode: number }[] = []
  const variables: string[] = []
  const types: string[] = []
  const keys = new Set<string>()
  each(tree, (node) => {
    for (const key in node) keys.add(key)
    if (typeof node['refname'] === 'string') variables.push(node['refname'])
    const type = under(node, 'PLpgSQL_type')
    if (type !== null) types.push(word(type, 'typname'))
    const expression = under(node, 'PLpgSQL_expr')
    if (expression === null) return
    const mode = expression['parseMode']
    expressions.push({
      query: word(expression, 'query'),
      mode: typeof mode === 'number' ? mode : 0,
    })
  })
  const unknown = [...keys].find((key) => key.startsWith('PLpgSQL_') && !known.test(key)) ?? null
  const isDynamic = dynamic.some((key) => keys.has(key))
  const isEnding = ending.some((key) => keys.has(key))
  return { expressions, variables, types, isDynamic, isEnding, unknown }
}

/** An expression as a statement, by how the server parses it: a statement, an expression, an assignment. Null where that fails. */
function statementOf(query: string, mode: number): string | null {
  if (mode === 0) return query
  if (mode === 1) return ''
  if (mode === 2) return `SELECT ${query}`
  const assigned = /^\s*[\w."$]+(?:\s*\[[\w\s+-]*\])*\s*:?=/.exec(query)
  return assigned === null ? null : `SELECT ${query.slice(assigned[0].length)}`
}
