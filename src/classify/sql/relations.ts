/** What a touched table, view or foreign table does beside what the statement says: its view, rules, triggers, defaults, cascades. */
import type { Json, JsonObject } from '../../base/json.ts'
import type {
  DmlEvent,
  ForeignKey,
  KeyAction,
  Relation,
  RowCall,
  Trigger,
} from '../../platforms/postgres/catalog.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import { judgeFunction } from './functions.ts'
import type { Scope } from './scope.ts'
import { typeCalls } from './types.ts'
import { child, children, each, names, under, word } from './tree.ts'
import { isSystem } from './scope.ts'

/** Tables of the server that hold passwords. */
const secretTables: ReadonlySet<string> = new Set(['pg_authid', 'pg_shadow'])

/** Those that hold one in a column, and much else that is asked about; of the other columns nothing is secret. */
const secretColumns: ReadonlySet<string> = new Set(['umoptions', 'option_value', 'subconninfo'])
const partlySecret: ReadonlySet<string> = new Set(
  `pg_user_mapping pg_user_mappings user_mapping_options _pg_user_mappings pg_subscription`.split(
    ' ',
  ),
)
const secret = {
  effect: 'expose',
  rule: 'sql-secret',
  why: 'reads passwords or their hashes',
} as const

/** True where a query that reads one of those may show its secret column: by name, by `*`, or as a whole row. */
function showsSecret(query: Json, range: JsonObject): boolean {
  const whole = new Set([word(range, 'relname'), word(child(range, 'alias'), 'aliasname')])
  let shows = false
  each(query, (node) => {
    const column = under(node, 'ColumnRef')
    if (column === null) return
    const fields = children(column, 'fields')
    const name = names(fields).at(-1) ?? ''
    if (under(fields.at(-1), 'A_Star') !== null || secretColumns.has(name) || whole.has(name))
      shows = true
  })
  return shows
}

/** A relation that is named anywhere: it may be read; `isWhole` where all of its columns are. */
export function readRelation(range: JsonObject, scope: Scope, isWhole = false): void {
  scope.touch(range)
  if (scope.quiet) return
  if (isSystem(range) && secretTables.has(word(range, 'relname'))) scope.add(secret)
  if (isSystem(range) && partlySecret.has(word(range, 'relname'))) noteSecret(range, scope, isWhole)
  for (const known of scope.namesakes(range)) {
    if (known.definition !== null && !isOwn(known)) runs(-known.oid, [known.definition], scope)
    if (known.rowSecurity) runsCalls(known, 'read', scope)
  }
}

/** Where no query is at hand that says which columns, all of them may be shown. */
function noteSecret(range: JsonObject, scope: Scope, isWhole: boolean): void {
  const { query } = scope
  // Other names for its columns tell nothing.
  const isRenamed = 'colnames' in child(range, 'alias')
  if (isWhole || isRenamed || query === null || showsSecret(query, range)) scope.add(secret)
}

/** What is called for each row: by checks, index expressions and conditions, and by policies. */
function runsCalls(known: Relation, on: RowCall['on'], scope: Scope): void {
  for (const call of known.calls) if (call.on === on) runsOid(call.runs, known, scope)
}

/** What is computed for the rows that are there, where a table is rewritten or its checks are looked at. */
export function computeAgain(range: JsonObject, scope: Scope): void {
  for (const known of scope.namesakes(range)) runsCalls(known, 'write', scope)
}

/** Triggers that are switched on run from now on; the catalog tells so later. */
export function switchOn(range: JsonObject, scope: Scope): void {
  for (const { triggers } of scope.namesakes(range))
    for (const trigger of triggers) scope.making(() => runsTrigger(trigger, scope))
}

function runsOid(oid: number, known: Relation, scope: Scope): void {
  const found = scope.catalog?.functions.get(oid)
  if (found !== undefined) judgeFunction(found, scope, `for each row of \`${known.name}\``)
  else scope.unread('function-unknown', `calls a function for each row that is not known`)
}

/** A relation whose rows are changed. */
export function changeRelation(
  range: JsonObject,
  event: DmlEvent,
  scope: Scope,
  set: Columns = null,
): void {
  scope.touch(range)
  if (isSystem(range)) {
    scope.add({
      effect: 'destroy',
      kinds: ['guard', 'data'],
      rule: 'catalog-write',
      why: 'writes to the server’s own catalog',
    })
    return
  }
  const seen = new Set<string>()
  const all = scope.namesakes(range)
  const isOwn = word(range, 'schemaname') === 'pg_temp'
  if (all.length === 0 && (isOwn || event === 'insert')) countUnknown(range, scope)
  for (const known of all) changed(known, { event, set }, scope, seen)
  if (event !== 'insert' && all.some((known) => isElsewhere(known, scope, 0)))
    scope.foreignChanges += 1
}

/** What a table runs for its rows that the catalog does not have, nobody knows but the server; of the session's own it may be known. */
function countUnknown(range: JsonObject, scope: Scope): void {
  const isPlain = scope.about.session?.temporary.has(word(range, 'relname')) === true
  scope.hangsOnSession ||= isPlain
  if (scope.catalog !== null) scope.isCounted ||= !isPlain
}

/** True where its rows, or those of a part of it, lie on another server. */
function isElsewhere({ kind, children: below }: Relation, scope: Scope, depth: number): boolean {
  if (kind === 'foreign' || depth > deepest) return true
  return below.some((oid) => {
    const found = scope.catalog?.relations.get(oid)
    return found !== undefined && isElsewhere(found, scope, depth + 1)
  })
}

/** Partitions of partitions are looked at so deep. */
const deepest = 32

/** The columns that an update sets; null where that is not told. */
type Columns = readonly string[] | null

interface Change {
  readonly event: DmlEvent
  readonly set: Columns
}

function changed(known: Relation, change: Change, scope: Scope, seen: Set<string>): void {
  const { event } = change
  const key = `${known.oid} ${event}`
  if (seen.has(key)) return
  seen.add(key)
  for (const trigger of known.triggers)
    if (trigger.enabled && trigger.events.includes(event)) runsTrigger(trigger, scope)
  runsRules(known, event, scope)
  runsForRows(known, change, scope)
  cascades(known, change, scope, seen)
  for (const oid of known.children) {
    const below = scope.catalog?.relations.get(oid)
    if (below !== undefined) changed(below, change, scope, seen)
  }
}

/** What is computed and checked for rows that come, and what follows those that go. */
function runsForRows(known: Relation, { event }: Change, scope: Scope): void {
  const isNew = event === 'insert' || event === 'update'
  if (isNew) {
    runsDefaults(known, scope)
    runsTypes(known, scope)
  }
  if (isNew || known.rowSecurity) runsCalls(known, 'write', scope)
  runsCalls(known, 'change', scope)
}

function runsRules(known: Relation, event: DmlEvent, scope: Scope): void {
  const rules = known.rules.filter((rule) => rule.event === event)
  const inner = scope.inside(-known.oid, ['new', 'old'])
  if (rules.length === 0 || inner === 'seen') return
  if (inner === 'too-deep') return scope.unread('sql-depth', 'runs rules too deep')
  for (const { definition } of rules) inner.runner.rule(definition, inner)
  scope.absorb(inner, isMore)
}

function runsTrigger({ name, runs: oid }: Trigger, scope: Scope): void {
  const found = scope.catalog?.functions.get(oid)
  if (found !== undefined) judgeFunction(found, scope, `through the trigger \`${name}\``)
  else scope.unread('trigger-unknown', `runs the trigger \`${name}\`, whose function is not known`)
}

/** Rows of other tables that go or change with it; they are counted with the rows of the statement. */
function cascades(known: Relation, { event, set }: Change, scope: Scope, seen: Set<string>): void {
  if ((event !== 'delete' && event !== 'update') || isApart(known, set)) return
  for (const key of known.pointedAtBy) {
    const action = event === 'delete' ? key.onDelete : key.onUpdate
    if (action === 'no action' || action === 'restrict') continue
    const from = scope.catalog?.relations.get(key.from)
    follow(key, action, from, scope)
    // What is set off there too.
    const next = event === 'delete' && action === 'cascade' ? 'delete' : 'update'
    if (from !== undefined) changed(from, { event: next, set: null }, scope, seen)
  }
}

function follow(
  key: ForeignKey,
  action: KeyAction,
  from: Relation | undefined,
  scope: Scope,
): void {
  const name = from === undefined ? 'another table' : `${from.schema}.${from.name}`
  if (from !== undefined) scope.touched.add(name)
  scope.add({
    effect: 'write',
    rule: 'sql-cascade',
    why: `reaches rows of \`${name}\` through the foreign key \`${key.name}\` (${action})`,
  })
}

/** True where only columns are set at which no key points. */
function isApart({ uniqueKeys }: Relation, set: Columns): boolean {
  return set?.every((name) => !uniqueKeys.flat().includes(name)) === true
}

function runsDefaults(known: Relation, scope: Scope): void {
  const texts = known.columns.flatMap((column) =>
    column.default === null ? [] : [`SELECT ${column.default}`],
  )
  runs(null, texts, scope)
}

/** A value is cast to the type of its column, and checked where that is a domain. */
function runsTypes(known: Relation, scope: Scope): void {
  for (const oid of typeCalls(known, scope)) runsOid(oid, known, scope)
}

/** Relations and functions are numbered apart, so a relation goes by its negative. */
function runs(oid: number | null, texts: readonly string[], scope: Scope): void {
  if (texts.length === 0) return
  const inner = scope.inside(oid, ['new', 'old'])
  if (inner === 'seen') return
  if (inner === 'too-deep') return scope.unread('sql-depth', 'runs views and functions too deep')
  for (const text of texts) inner.runner.text(text, inner)
  scope.absorb(inner, isMore)
}

/** What is only read or written stays silent: the statement says so itself. */
function isMore(reason: SqlReason): boolean {
  return reason.effect !== 'read'
}

function isOwn(known: Relation): boolean {
  return known.schema === 'pg_catalog' || known.schema === 'information_schema'
}
