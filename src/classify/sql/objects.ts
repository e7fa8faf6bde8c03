/** Judges what takes objects of a database away or gives them another name. */
import type { JsonObject } from '../../base/json.ts'
import { dropRows, renamable } from '../../platforms/postgres/effects-alter.ts'
import type { SqlLoss } from '../../platforms/postgres/radius-rows.ts'
import { functionTypes, isObjectAbsent, rangeOf, relationTypes, voided } from './absent.ts'
import { quoted } from '../../platforms/postgres/radius-count.ts'
import { lossOf, lossOfCode, lossOfSchemas } from './losses.ts'
import { judgeFunction } from './functions.ts'
import { changeRelation } from './relations.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, nothing, objectName, under, word } from './tree.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

export function judgeDrop(node: JsonObject, scope: Scope): Heading {
  const type = word(node, 'removeType')
  const row = dropRows[type]
  const cascade = word(node, 'behavior') === 'DROP_CASCADE'
  if (row === undefined) return unknownDrop(type, scope)
  const objects = children(node, 'objects').map(objectName)
  const words = `DROP ${row.words}`
  scope.hangsOnSession = true
  for (const parts of objects) note(type, parts, scope)
  const there =
    node['missing_ok'] === true
      ? objects.filter((parts) => !isObjectAbsent(type, parts, scope))
      : objects
  if (!cascade && isOwnCode(type, objects)) scope.add(write('drops a function of this session'))
  else if (there.length === 0) scope.lose(() => [], voided(row))
  else if (type === 'OBJECT_TABLE' && objects.every((parts) => scope.isTemporary(rangeOf(parts))))
    dropOwn(objects, scope)
  else if (type === 'OBJECT_INDEX' && objects.some((parts) => isUniqueIndex(parts, scope)))
    scope.add({ ...row, kinds: ['guard'], why: 'drops an index that keeps duplicates out' })
  else
    scope.lose(
      () => dropped(type, there, cascade, scope),
      row,
      ...(cascade
        ? [{ ...row, rule: 'sql-drop-cascade', why: 'drops whatever hangs on it too' }]
        : []),
    )
  return { words }
}

function unknownDrop(type: string, scope: Scope): Heading {
  scope.unread('sql-node', `drops \`${type}\`, which is not known here`)
  return { words: 'DROP' }
}

/** Functions that nobody else has, nor can name. */
function isOwnCode(type: string, objects: readonly (readonly string[])[]): boolean {
  return functionTypes.has(type) && objects.every((parts) => parts.at(-2) === 'pg_temp')
}

function dropOwn(objects: readonly (readonly string[])[], scope: Scope): void {
  scope.add(write('drops a temporary table of this session'))
  for (const parts of objects)
    scope.leaves.push({ kind: 'dropped', name: parts.at(-1) ?? '', text: '' })
}

/** What can be named goes with whatever hangs on it; of the rest it can only be told when it takes no row with it. */
function dropped(
  type: string,
  objects: readonly (readonly string[])[],
  cascade: boolean,
  scope: Scope,
): readonly SqlLoss[] | null {
  if (relationTypes.has(type)) return lossOf(objects.map(rangeOf), 'drop', scope, { cascade })
  if (functionTypes.has(type)) return lossOfCode('function', objects, cascade, scope)
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN')
    return lossOfCode('type', objects, cascade, scope)
  const names = objects.map(([name]) => name ?? '')
  if (type === 'OBJECT_SCHEMA') return lossOfSchemas(names, cascade, scope)
  const kinds = dropRows[type]?.kinds ?? []
  return kinds.every((kind) => kind === 'guard' || kind === 'outage') ? [] : null
}

/** Names of triggers, rules and policies end with their own; the table stands before it. */
function note(type: string, parts: readonly string[], scope: Scope): void {
  const isOnTable = type === 'OBJECT_TRIGGER' || type === 'OBJECT_RULE' || type === 'OBJECT_POLICY'
  const table = isOnTable ? parts.slice(0, -1) : parts
  scope.touch(rangeOf(table))
}

function isUniqueIndex(parts: readonly string[], scope: Scope): boolean {
  return scope.relation(rangeOf(parts))?.isUnique === true
}

export function judgeTruncate(node: JsonObject, scope: Scope): Heading {
  const tables = children(node, 'relations').map((each) => under(each, 'RangeVar') ?? nothing)
  for (const table of tables) {
    changeRelation(table, 'truncate', scope)
    if (word(node, 'behavior') === 'DROP_CASCADE') noteTruncated(table, scope)
  }
  const cascade = word(node, 'behavior') === 'DROP_CASCADE'
  scope.hangsOnSession = true
  if (!cascade && node['restart_seqs'] !== true) scope.empties = tables.map(quotedName)
  if (tables.every((table) => scope.isTemporary(table)))
    scope.add(write('empties a temporary table of this session'))
  else
    scope.lose(() => lossOf(tables, 'truncate', scope, { cascade }), {
      effect: 'destroy',
      kinds: ['data'],
      rule: 'sql-data',
      why: 'empties the table',
      instead: ['delete the rows that you mean: `DELETE … WHERE key IN (…)`'],
    })
  return { words: 'TRUNCATE' }
}

/** As the statement means it, for the session that it stands in. */
function quotedName(range: JsonObject): string {
  const parts = [word(range, 'schemaname'), word(range, 'relname')]
  return parts
    .filter((part) => part !== '')
    .map(quoted)
    .join('.')
}

function noteTruncated(table: JsonObject, scope: Scope): void {
  for (const key of scope.relation(table)?.pointedAtBy ?? []) {
    const from = scope.catalog?.relations.get(key.from)
    if (from === undefined) continue
    scope.touched.add(`${from.schema}.${from.name}`)
    scope.lose(() => [], {
      effect: 'destroy',
      kinds: ['data'],
      rule: 'sql-cascade',
      why: `empties \`${from.schema}.${from.name}\` too`,
    })
  }
}

export function judgeRename(node: JsonObject, scope: Scope): Heading {
  const type = word(node, 'renameType')
  const range = child(node, 'relation')
  const isRelation = 'relation' in node && type !== 'OBJECT_COLUMN'
  if ('relation' in node) scope.touch(range)
  if (type === 'OBJECT_FUNCTION' || type === 'OBJECT_PROCEDURE' || type === 'OBJECT_ROUTINE')
    judgeMoved(objectName(node['object'] ?? null), scope)
  const name = word(node, 'newname')
  if (isRelation) renamed(range, name, scope)
  else if (type === 'OBJECT_SCHEMA')
    scope.leaves.push({ kind: 'renamed', name: `${name}.`, text: `${word(node, 'subname')}.` })
  else scope.leaves.push({ kind: 'renamed', name: '', text: '' })
  scope.add({
    ...write('gives a thing another name, which can be taken back'),
    ...(renamable.has(type) ? {} : { rule: 'sql-rename' }),
  })
  return { words: 'RENAME' }
}

export function judgeSetSchema(node: JsonObject, scope: Scope): Heading {
  const range = child(node, 'relation')
  if ('relation' in node) {
    scope.touch(range)
    renamed(range, word(range, 'relname'), scope)
  } else {
    scope.leaves.push({ kind: 'renamed', name: '', text: '' })
    const type = word(node, 'objectType')
    if (type === 'OBJECT_FUNCTION' || type === 'OBJECT_PROCEDURE' || type === 'OBJECT_ROUTINE')
      judgeMoved(objectName(node['object'] ?? null), scope)
  }
  scope.add(write('moves a thing to another schema, which can be taken back'))
  return { words: 'ALTER … SET SCHEMA' }
}

function renamed(range: JsonObject, name: string, scope: Scope): void {
  const known = scope.relation(range)
  const text = known === null ? word(range, 'relname') : `${known.schema}.${known.name}`
  scope.leaves.push({ kind: 'renamed', name, text })
}

/** Under another name a function may be called by those who mean another one, so what it does counts now. */
function judgeMoved(parts: readonly string[], scope: Scope): void {
  const name = parts.at(-1) ?? ''
  const found = scope.functions(parts.at(-2) ?? null, name)
  for (const each of found) judgeFunction(each, scope, 'under another name')
  if (scope.catalog !== null && found.length === 0 && !scope.made(name))
    scope.unread(
      'function-unknown',
      `moves \`${parts.join('.')}\`, and what that does is not known`,
    )
}
