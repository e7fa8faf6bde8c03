/** Reads SQL: from a text to its statements, each judged. What is not understood is `unread`. */
import { loadModule, parseSync } from 'libpg-query'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Effect } from '../../core/effect.ts'
import { judgeCreated } from './body.ts'
import { judgeTold, judgeUnwritten } from './calls.ts'
import { judgeFunction } from './functions.ts'
import { withoutComments } from './comments.ts'
import { tooLong } from './limits.ts'
import { isAscii } from './mask.ts'
import { isQuiet, operationOf } from './operation.ts'
import { Scope } from './scope.ts'
import type { Heading, Runner } from './scope.ts'
import { Batch } from './batch.ts'
import type { SqlAbout, SqlStatement } from './statement.ts'
import { judgeNode } from './statements.ts'
import { children, each, isList, nothing, under } from './tree.ts'

export type { SqlAbout, SqlStatement } from './statement.ts'

/** Must be awaited once before anything is read; until then everything is unread. */
export async function loadSql(): Promise<void> {
  await loadModule()
}

/** All statements of a text, in order. Never throws: what cannot be read is one `unread` statement. An empty text has none. */
export function readSql(text: string, about: SqlAbout): readonly SqlStatement[] {
  return readAll(text, about).statements
}

/** What a `FunctionCall` message does, by the oid that it names. */
export function readCall(oid: number, about: SqlAbout): SqlStatement {
  const found = about.catalog?.functions.get(oid) ?? null
  const scope = Scope.of(about, runner)
  if (found === null)
    scope.unread('function-unknown', `calls the function with oid ${oid}, which is not known`)
  else judgeFunction(found, scope, 'by its oid')
  const text = found === null ? `FunctionCall ${oid}` : `FunctionCall ${found.schema}.${found.name}`
  return told({ words: 'FunctionCall' }, { text, base: 0 }, scope)
}

const runner: Runner = {
  text: (text, scope) => {
    for (const { node, slice } of parsed(text)) {
      const prepared = under(node, 'PrepareStmt')
      judgeNode(prepared?.['query'] ?? node, slice, scope)
    }
  },
  definition: (text, scope) => {
    for (const { node, slice } of parsed(text))
      judgeCreated(under(node, 'CreateFunctionStmt') ?? {}, slice, scope)
  },
  rule: (text, scope) => {
    for (const { node } of parsed(text))
      for (const action of children(under(node, 'RuleStmt') ?? nothing, 'actions'))
        judgeNode(action, '', scope)
  },
  ranges: (text) => {
    const found: JsonObject[] = []
    for (const { node } of parsed(text))
      each(node, (inner) => {
        if (typeof inner['relname'] === 'string') found.push(inner)
      })
    return found
  },
  node: judgeNode,
}

/** Statements whose numbers are plain values, where no reader looked at them. */
const queries: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'])

export interface ReadAll {
  readonly statements: readonly SqlStatement[]
  /** True where the verdicts hang on nothing but the text and the catalog. */
  readonly isFixed: boolean
  /** True where no number in the text was looked at either, and nothing is lost. */
  readonly isShape: boolean
}

/** The statements, and how far their verdicts can be remembered. */
export function readAll(text: string, about: SqlAbout): ReadAll {
  try {
    const session = new Batch(about.session)
    let isFixed = true
    let isShape = true
    const statements = parsed(text).map(({ node, slice, base }) => {
      const scope = Scope.of({ ...about, session }, runner)
      const heading = judgeNode(node, slice, scope)
      for (const type of about.types ?? []) judgeTold(type, scope)
      session.note(scope.leaves)
      const statement = told(heading, { text: slice, base }, scope)
      isFixed &&= !scope.hangsOnValues && !scope.hangsOnSession && !scope.bindsLosses
      isShape &&=
        queries.has(heading.words) && !scope.hangsOnNumbers && isQuiet(statement.operation)
      return statement
    })
    return { statements, isFixed, isShape: isShape && statements.length === 1 }
  } catch (thrown) {
    // Whatever the parser or a reader meets: what is not read is held.
    return { statements: [unread(text, messageOf(thrown), about)], isFixed: true, isShape: false }
  }
}

interface Written {
  readonly text: string
  /** Where it begins in the whole text, in UTF-8 bytes. */
  readonly base: number
}

function told(heading: Heading, written: Written, scope: Scope): SqlStatement {
  if (running.test(heading.words) || heading.words === 'FunctionCall') judgeUnwritten(scope)
  const operation = operationOf(heading.words, written, scope)
  return {
    operation,
    kind: heading.kind ?? (isCounted(heading, scope) ? 'bounded' : 'plain'),
    hangsOnValues: scope.hangsOnValues,
    text: written.text,
    losses: lossesOf(operation.effect, scope),
    atMost: atMostOf(heading, scope),
    isVoid: operation.effect === 'destroy' && scope.isVoid,
    empties: operation.effect === 'destroy' ? emptiesOf(scope) : null,
    leaves: scope.leaves,
  }
}

/** Of one change and nothing around it: EXPLAIN and EXECUTE have names of their own, a WITH has commands beside. */
function atMostOf({ words }: Heading, { commands, mostRows, countsMore }: Scope): number | null {
  const isOne = (words === 'UPDATE' || words === 'DELETE') && commands.size === 1
  return isOne && !countsMore && mostRows.length === 1 ? (mostRows[0] ?? null) : null
}

/** Only where nothing else of it is grave. */
function emptiesOf({ empties, reasons, isInside }: Scope): readonly string[] | null {
  const isAlone = reasons.every(
    ({ effect, rule }) => effect === 'read' || effect === 'write' || rule === 'sql-data',
  )
  return isAlone && !isInside ? empties : null
}

/** Statements in which code can run that hangs on a table, a view or a type. */
const running =
  /^(SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|CALL|DO|EXECUTE|DECLARE|CREATE TABLE AS|REFRESH|EXPLAIN ANALYZE)\b/

/** Where this session has made functions, the catalog may not know yet on what they hang: then whatever can run one is counted. */
function isCounted({ words }: Heading, scope: Scope): boolean {
  const hasMade = (scope.about.session?.functions.size ?? 0) > 0
  if (hasMade) scope.hangsOnSession = true
  return scope.isCounted || (hasMade && running.test(words))
}

function lossesOf(effect: Effect, scope: Scope): SqlStatement['losses'] {
  if (effect === 'unread') return null
  const counts = scope.isCounted && scope.about.countedToo === true
  return effect === 'destroy' || counts ? scope.losses() : []
}

function unread(text: string, why: string, about: SqlAbout): SqlStatement {
  const scope = Scope.of(about, runner)
  scope.unread('sql-unread', `cannot be read: ${why}`)
  return told({ words: 'unread' }, { text, base: 0 }, scope)
}

interface Parsed {
  readonly node: Json
  readonly slice: string
  readonly base: number
}

/** The statements of a text with their nodes; throws for what PostgreSQL's grammar refuses. */
function parsed(text: string): readonly Parsed[] {
  if (text === '') return []
  const tooMuch = tooLong(text)
  if (tooMuch !== null) throw new FirebreakError('bad_input', tooMuch)
  // The server ends a text at its first NUL, and so would the parser.
  if (text.includes('\0') || !text.isWellFormed())
    throw new FirebreakError('bad_input', 'the text holds what no text can hold')
  const tree = treeOf(text)
  const stmts = isObject(tree) ? tree['stmts'] : undefined
  if (!isList(stmts)) return []
  const bytes = isAscii(text) ? null : Buffer.from(text)
  return stmts.map((each) => {
    const { stmt = null, stmt_location: from, stmt_len: length } = isObject(each) ? each : {}
    const base = typeof from === 'number' ? from : 0
    const end = typeof length === 'number' && length > 0 ? base + length : undefined
    const slice = bytes === null ? text.slice(base, end) : bytes.subarray(base, end).toString()
    return { node: stmt, slice, base }
  })
}

/** What the grammar makes of a text; without its comments where it stumbles over them. */
function treeOf(text: string): unknown {
  try {
    return parseSync(text)
  } catch (thrown) {
    if (!text.includes('--') && !text.includes('/*')) throw thrown
    return parseSync(withoutComments(text, false))
  }
}
