/** Judges one statement by the node that PostgreSQL's grammar makes of it. What has no reader here is unread. */
import type { Json, JsonObject } from '../../base/json.ts'
import { fixedRows, transactionRows } from '../../platforms/postgres/effects.ts'
import { judgeDo } from './body.ts'
import { judgeNamed } from './calls.ts'
import { changeRelation } from './relations.ts'
import {
  granted,
  judgeAlterFunction,
  judgeCreateFunction,
  judgeCreateTrigger,
  judgeDefaultPrivileges,
  judgeExtension,
  judgeGrant,
  judgeRule,
  judgeView,
} from './define.ts'
import { judgeAlterTable } from './alter.ts'
import { fireEvents } from './events.ts'
import { judgeNewPolicy } from './guards.ts'
import { judgeDrop, judgeRename, judgeSetSchema, judgeTruncate } from './objects.ts'
import { noteTemporary } from './change.ts'
import { judgeExecute, judgeExplain, judgePrepare } from './prepared.ts'
import type { Heading, Scope } from './scope.ts'
import { judgeSequence } from './sequences.ts'
import { judgeSet } from './settings.ts'
import { child, children, names, nodeName, nothing, option, under, word } from './tree.ts'
import { judgeDeclare } from './declare.ts'
import { judgeNewPublication, judgePublication } from './publications.ts'
import { walk } from './walk.ts'
import { queryNodes } from './nodes.ts'

/** Notes what the statement does; the heading says what it is called. */
export function judgeNode(node: Json, text: string, scope: Scope): Heading {
  const name = nodeName(node) ?? ''
  if (queryNodes.has(name)) return judgeQuery(node, scope)
  const heading = judgeUtility(name, under(node, name) ?? nothing, text, scope)
  if (scope.foreignChanges > 0 && name !== 'ExecuteStmt') uncountable(scope)
  if (heading.kind === undefined) fireEvents(heading.words, scope)
  if (building.test(heading.words)) scope.leaves.push({ kind: 'altered', name: '', text: '' })
  return heading
}

/** Until it is committed the catalog does not tell of it. */
const building = /^(?:ALTER|CREATE|DROP|RENAME|LOCK)\b/

function judgeUtility(name: string, inner: JsonObject, text: string, scope: Scope): Heading {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (reader !== undefined) return reader(inner, scope, text)
  const row = Object.hasOwn(fixedRows, name) ? fixedRows[name] : undefined
  if (row === undefined) {
    scope.unread('sql-node', `is \`${name}\`, which is not known here`)
    return { words: name }
  }
  scope.add(row)
  if (runsNow.has(name) || scope.catalog !== null) walk(Object.values(inner), scope)
  if (runsLater.has(name)) holdUncounted(scope)
  noteLeft(name, inner, scope)
  return row
}

/** What the session holds afterwards, or no longer. */
function noteLeft(name: string, node: JsonObject, scope: Scope): void {
  if (name === 'CreateStmt') noteTemporary(child(node, 'relation'), word(node, 'oncommit'), scope)
  if (name === 'CreateTableAsStmt') {
    const into = child(node, 'into')
    noteTemporary(child(into, 'rel'), word(into, 'onCommit'), scope)
  }
  if (name === 'DiscardStmt') scope.leaves.push(...discarded)
  if (name === 'DeallocateStmt')
    scope.leaves.push({ kind: 'forgotten', name: word(node, 'name'), text: '' })
}

const discarded = [
  { kind: 'forgotten', name: '', text: '' },
  { kind: 'dropped', name: '', text: '' },
] as const

/** Statements whose expressions run at once, not when somebody uses what they make. */
const runsNow: ReadonlySet<string> = new Set(['CreateTableAsStmt', 'IndexStmt', 'CreateStatsStmt'])

/** Statements whose expressions the server computes again by itself, where nobody counts. */
const runsLater: ReadonlySet<string> = new Set(['IndexStmt', 'CreateStatsStmt'])

function holdUncounted(scope: Scope): void {
  if (scope.isCounted)
    scope.unread('sql-meaning', 'lets the server call by itself what changes rows, uncounted')
}

function judgeQuery(node: Json, scope: Scope): Heading {
  const before = scope.foreignChanges
  scope.query = node
  walk(node, scope)
  const isTold = !scope.isInside && ['UpdateStmt', 'DeleteStmt'].includes(nodeName(node) ?? '')
  const told = isTold && !('withClause' in (under(node, nodeName(node) ?? '') ?? nothing)) ? 1 : 0
  if (scope.foreignChanges - before > told) uncountable(scope)
  const found = ['DELETE', 'UPDATE', 'MERGE', 'INSERT'].find((each) => scope.commands.has(each))
  return { words: found ?? 'SELECT' }
}

function uncountable(scope: Scope): void {
  scope.unread('foreign-rows', 'changes rows of another server, which nobody counts')
}

type Reader = (node: JsonObject, scope: Scope, text: string) => Heading

const readers: { readonly [node: string]: Reader } = {
  TransactionStmt: (node, scope) => {
    const row = transactionRows[word(node, 'kind')]
    if (row === undefined) scope.unread('sql-node', 'is no known command of a transaction')
    else scope.add(row)
    if (word(node, 'kind').startsWith('TRANS_STMT_ROLLBACK'))
      scope.leaves.push({ kind: 'dropped', name: '', text: '' })
    return row ?? { words: 'TRANSACTION' }
  },
  VariableSetStmt: judgeSet,
  AlterRoleSetStmt: (node, scope) => settingOf('ALTER ROLE', node, scope),
  AlterDatabaseSetStmt: (node, scope) => settingOf('ALTER DATABASE', node, scope),
  AlterDatabaseStmt: (_node, scope) => {
    scope.add({
      effect: 'destroy',
      kinds: ['outage'],
      rule: 'sql-outage',
      why: 'changes who may connect, or moves the database',
    })
    return { words: 'ALTER DATABASE' }
  },
  ExplainStmt: judgeExplain,
  PrepareStmt: judgePrepare,
  ExecuteStmt: judgeExecute,
  DeclareCursorStmt: judgeDeclare,
  ConstraintsSetStmt: (node, scope) => {
    scope.add({ effect: 'read', rule: 'sql-read', why: 'says when constraints are looked at' })
    // What code puts off while the end of a transaction is counted would come behind the count.
    if (scope.isInside && node['deferred'] === true)
      scope.unread(
        'two-phase',
        'puts constraints off by itself, so that its rows cannot be counted',
      )
    return { words: 'SET CONSTRAINTS' }
  },
  CallStmt: (node, scope) => {
    const call = child(node, 'funccall')
    const args = children(call, 'args')
    judgeNamed(names(children(call, 'funcname')), args, scope)
    walk(args, scope)
    return { words: 'CALL' }
  },
  CopyStmt: judgeCopy,
  DoStmt: (node, scope, text) => {
    judgeDo(node, text, scope)
    return { words: 'DO' }
  },
  CreateFunctionStmt: (node, scope, text) => judgeCreateFunction(node, text, scope),
  AlterFunctionStmt: judgeAlterFunction,
  DropStmt: judgeDrop,
  TruncateStmt: judgeTruncate,
  AlterTableStmt: judgeAlterTable,
  RenameStmt: judgeRename,
  AlterObjectSchemaStmt: judgeSetSchema,
  AlterSeqStmt: judgeSequence,
  CreateRangeStmt: (node, scope) => {
    scope.add(write('makes a type'))
    judgeParts(children(node, 'params'), scope)
    holdUncounted(scope)
    return { words: 'CREATE TYPE' }
  },
  RefreshMatViewStmt: (node, scope) => {
    scope.add(
      node['skipData'] === true
        ? {
            effect: 'destroy',
            kinds: ['data'],
            rule: 'sql-data',
            why: 'empties the view',
          }
        : write('computes the view anew'),
    )
    walk(child(node, 'relation'), scope)
    return { words: 'REFRESH MATERIALIZED VIEW' }
  },
  CommentStmt: judgeComment,
  CreatePublicationStmt: judgeNewPublication,
  AlterPublicationStmt: judgePublication,
  AlterDomainStmt: (node, scope) => {
    const drops = word(node, 'subtype') === 'X'
    scope.add(
      drops
        ? {
            effect: 'destroy',
            kinds: ['guard'],
            rule: 'sql-guard',
            why: 'drops a constraint that guards the rows',
          }
        : write('changes a domain'),
    )
    return { words: 'ALTER DOMAIN' }
  },
  GrantStmt: judgeGrant,
  GrantRoleStmt: granted,
  AlterDefaultPrivilegesStmt: judgeDefaultPrivileges,
  CreateExtensionStmt: judgeExtension,
  AlterExtensionStmt: (_node, scope) => {
    scope.add(write('changes the version of an extension'))
    return { words: 'ALTER EXTENSION' }
  },
  CreateTrigStmt: judgeCreateTrigger,
  RuleStmt: judgeRule,
  ViewStmt: judgeView,
  CreatePolicyStmt: judgeNewPolicy,
  CreateSchemaStmt: (node, scope, text) => {
    scope.add(write('makes a schema'))
    for (const each of children(node, 'schemaElts')) judgeNode(each, text, scope)
    return { words: 'CREATE SCHEMA' }
  },
  DefineStmt: (node, scope) => judgeDefine(node, scope),
  LockStmt: judgeLock,
  VacuumStmt: judgeVacuum,
  ReindexStmt: (node, scope) => {
    const waits = option(children(node, 'params'), 'concurrently') === undefined
    scope.add(
      waits
        ? outage('locks the table while its index is built again')
        : write('builds an index again'),
    )
    return { words: 'REINDEX' }
  },
}

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const
const guard = (why: string) =>
  ({ effect: 'destroy', kinds: ['guard'], rule: 'sql-guard', why }) as const
const outage = (why: string) =>
  ({ effect: 'destroy', kinds: ['outage'], rule: 'sql-outage', why }) as const
const exec = (why: string) =>
  ({ effect: 'destroy', kinds: ['exec'], rule: 'sql-exec', why }) as const

/** A setting of a role or a database works in every session to come; what it was before is written nowhere else. */
function settingOf(words: string, node: JsonObject, scope: Scope): Heading {
  const set = child(node, 'setstmt')
  judgeSet(set, scope)
  const isOwn = 'role' in node && word(set, 'kind') === 'VAR_SET_VALUE'
  scope.add(
    isOwn
      ? write('sets a setting for sessions to come')
      : guard('changes a setting for the sessions to come of everybody, or takes one back'),
  )
  return { words }
}

function judgeComment(node: JsonObject, scope: Scope): Heading {
  const isGone = word(node, 'comment') === ''
  scope.add(isGone ? guard('takes away what was noted') : write('writes a comment'))
  return { words: 'COMMENT' }
}

function judgeCopy(node: JsonObject, scope: Scope): Heading {
  const from = node['is_from'] === true
  const relation = child(node, 'relation')
  if ('relation' in node && from) changeRelation(relation, 'insert', scope)
  if (node['is_program'] === true) scope.add(exec('runs a program on the server'))
  else if (word(node, 'filename') !== '') scope.add(exec('reads or writes a file of the server'))
  else
    scope.add(from ? write('adds rows') : { effect: 'read', rule: 'sql-read', why: 'reads rows' })
  walk([relation, node['query'] ?? null, node['whereClause'] ?? null], scope)
  return { words: from ? 'COPY FROM' : 'COPY TO' }
}

/** Kinds of objects that only add a thing of their own. */
const definedTypes: ReadonlySet<string> = new Set([
  'OBJECT_TYPE',
  'OBJECT_COLLATION',
  'OBJECT_TSCONFIGURATION',
  'OBJECT_TSDICTIONARY',
  'OBJECT_AGGREGATE',
])

function judgeDefine(node: JsonObject, scope: Scope): Heading {
  const kind = word(node, 'kind')
  const words = `CREATE ${kind.replace('OBJECT_', '').replaceAll('_', ' ')}`
  const base = kind === 'OBJECT_TYPE' && children(node, 'definition').length > 0
  scope.add(
    definedTypes.has(kind) && !base
      ? write('makes a thing of its own')
      : exec('changes what other statements mean'),
  )
  judgeParts(children(node, 'definition'), scope)
  return { words }
}

/** Functions by which a thing is made, named as its parts: whoever uses it calls them. */
const calledParts =
  /^(?:m?(?:sfunc|finalfunc|invfunc)|combinefunc|serialfunc|deserialfunc|subtype_diff|canonical)\d?$/

function judgeParts(parts: readonly Json[], scope: Scope): void {
  for (const part of parts) {
    const element = under(part, 'DefElem') ?? nothing
    const type = under(element['arg'], 'TypeName')
    if (type !== null && calledParts.test(word(element, 'defname').toLowerCase()))
      judgeNamed(names(children(type, 'names')), [], scope)
  }
}

/** Below this mode (SHARE UPDATE EXCLUSIVE is 4) readers and writers go on. */
const modeThatWaits = 5

function judgeLock(node: JsonObject, scope: Scope): Heading {
  const mode = node['mode']
  scope.add(
    typeof mode === 'number' && mode < modeThatWaits
      ? { effect: 'read', rule: 'sql-read', why: 'locks lightly' }
      : outage('locks the table'),
  )
  walk(children(node, 'relations'), scope)
  return { words: 'LOCK' }
}

function judgeVacuum(node: JsonObject, scope: Scope): Heading {
  const isFull = option(children(node, 'options'), 'full') !== undefined
  for (const each of children(node, 'rels'))
    scope.touch(child(under(each, 'VacuumRelation') ?? nothing, 'relation'))
  scope.add(isFull ? outage('locks the table while it is rewritten') : write('tidies up'))
  return { words: node['is_vacuumcmd'] === true ? (isFull ? 'VACUUM FULL' : 'VACUUM') : 'ANALYZE' }
}
