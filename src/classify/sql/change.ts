/** Judges what changes rows: INSERT, UPDATE, DELETE, MERGE, and a SELECT that makes a table. */
import type { JsonObject } from '../../base/json.ts'
import { atMost, settled } from './at-most.ts'
import { boundAmong, boundOfChange, sourcesOf, tableSource } from './bound.ts'
import { lockTables } from '../../platforms/postgres/lock-tables.ts'
import type { Bound } from './truth.ts'
import { fireEvents } from './events.ts'
import { lossOf, lossOfChange } from './losses.ts'
import { changeRelation } from './relations.ts'
import type { Lose, Scope } from './scope.ts'
import { child, children, each, nothing, under, word } from './tree.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

/** They are nobody else's, and no loss: nothing of them is counted. */
const ownRows = write('changes rows of a temporary table of this session')

/** Notes what one query node does to rows; what it reads and calls is found by the walk. */
export function judgeChange(name: string, node: JsonObject, scope: Scope): void {
  noteConditions(node, scope)
  scope.commands.add(name.slice(0, -'Stmt'.length).toUpperCase())
  switch (name) {
    case 'InsertStmt':
      return insert(node, scope)
    case 'UpdateStmt':
      changeRelation(child(node, 'relation'), 'update', scope, settled(node))
      if (scope.isTemporary(child(node, 'relation'))) return scope.add(ownRows)
      scope.mostRows.push(atMost(node, 'update', scope))
      return bounded('changes', boundOf(node, scope), scope, () =>
        lossOfChange(node, 'update', scope),
      )
    case 'DeleteStmt':
      changeRelation(child(node, 'relation'), 'delete', scope)
      if (scope.isTemporary(child(node, 'relation'))) return scope.add(ownRows)
      scope.mostRows.push(atMost(node, 'delete', scope))
      return bounded('deletes', boundOf(node, scope), scope, () =>
        lossOfChange(node, 'delete', scope),
      )
    case 'MergeStmt':
      return merge(node, scope)
    default:
      if ('intoClause' in node) {
        const into = child(node, 'intoClause')
        scope.add(write('makes a table of what is read'))
        noteTemporary(child(into, 'rel'), word(into, 'onCommit'), scope)
        // In a function it is a variable that it fills.
        if (!scope.variables.has(word(child(into, 'rel'), 'relname')))
          scope.leaves.push({ kind: 'altered', name: '', text: '' })
        fireEvents('SELECT INTO', scope)
      }
  }
}

/** A table that the session holds for itself, for as long as it lives. */
export function noteTemporary(range: JsonObject, onCommit: string, scope: Scope): void {
  const isTemporary =
    word(range, 'relpersistence') === 't' || word(range, 'schemaname') === 'pg_temp'
  // What it calls for each row may change rows of others, which are counted; that can be replaced by what does.
  const calls = scope.isCounted || scope.judged.size > 0
  if (isTemporary && onCommit !== 'ONCOMMIT_DROP' && !calls)
    scope.leaves.push({ kind: 'temporary', name: word(range, 'relname'), text: '' })
}

/** What it says of the rows. */
function boundOf(node: JsonObject, scope: Scope): Bound {
  const bound = boundOfChange(node, scope)
  return bound === 'open' &&
    'targetList' in node &&
    lockTables.has(word(child(node, 'relation'), 'relname'))
    ? 'pins'
    : bound
}

function bounded(verb: string, bound: Bound, scope: Scope, lose: Lose): void {
  scope.isCounted = true
  if (bound === 'never') scope.add({ ...write(`${verb} no row`), rule: 'sql-bounded' })
  else if (bound === 'pins')
    scope.lose(lose, { ...write(`${verb} the rows that it names`), rule: 'sql-bounded' })
  else {
    // Of a temporary table it would be none.
    scope.hangsOnSession = true
    scope.lose(lose, {
      effect: 'destroy',
      kinds: ['data'],
      rule: 'sql-no-bound',
      why: `${verb} rows without a bound that pins a column to values`,
      instead: [
        'name the rows: `WHERE key = value`, `IN (…)`, or `IN (SELECT key … LIMIT n)`',
        'count them first: `SELECT count(*)` with the same condition',
      ],
    })
  }
}

function insert(node: JsonObject, scope: Scope): void {
  const relation = child(node, 'relation')
  changeRelation(relation, 'insert', scope)
  scope.add(write('adds rows'))
  const conflict = child(node, 'onConflictClause')
  if (word(conflict, 'action') !== 'ONCONFLICT_UPDATE') return
  changeRelation(relation, 'update', scope)
  scope.isCounted = true
  // Each row that is given changes one row at most; they are counted.
  scope.lose(() => lossOf([relation], 'update', scope, { rows: 'unclear' }), {
    ...write('changes rows that are there already'),
    rule: 'sql-bounded',
  })
}

function merge(node: JsonObject, scope: Scope): void {
  const relation = child(node, 'relation')
  const { all, conditions } = sourcesOf([node['sourceRelation'] ?? null], scope)
  const target = tableSource(relation, scope)
  for (const each of children(node, 'mergeWhenClauses')) {
    const clause = under(each, 'MergeWhenClause') ?? nothing
    const command = word(clause, 'commandType')
    if (command === 'CMD_NOTHING') continue
    const event =
      command === 'CMD_INSERT' ? 'insert' : command === 'CMD_DELETE' ? 'delete' : 'update'
    changeRelation(relation, event, scope)
    if (event === 'insert') {
      scope.add(write('adds rows'))
      continue
    }
    // Rows without a match are not bound by what matches.
    const matched = word(clause, 'matchKind') === 'MERGE_WHEN_MATCHED'
    const joined = matched ? [...conditions, node['joinCondition']] : []
    const bound = boundAmong(target, all, [...joined, clause['condition']], scope)
    const [verb, how] =
      event === 'delete' ? (['deletes', 'delete'] as const) : (['changes', 'update'] as const)
    bounded(verb, bound, scope, () => lossOf([relation], how, scope, { rows: 'unclear' }))
  }
}

/** What a person must see to judge: the values of the conditions. */
function noteConditions(node: JsonObject, scope: Scope): void {
  each(
    [node['whereClause'] ?? null, node['limitCount'] ?? null, node['joinCondition'] ?? null],
    (found) => {
      const value = under(found, 'A_Const')
      if (typeof value?.['location'] === 'number') scope.plain.add(value['location'])
    },
  )
}
