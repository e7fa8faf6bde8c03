/** Judges what makes, changes and takes away the objects of a database. */
import type { JsonObject } from '../../base/json.ts'
import {
  alterRows,
  alterWrites,
  dropRows,
  losslessTypes,
  renamable,
} from '../../platforms/postgres/effects-alter.ts'
import { changeRelation } from './relations.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, names, nothing, objectName, under, word } from './tree.ts'
import { walk } from './walk.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

export function judgeDrop(node: JsonObject, scope: Scope): Heading {
  const type = word(node, 'removeType')
  const row = dropRows[type]
  const cascade = word(node, 'behavior') === 'DROP_CASCADE'
  if (row === undefined) {
    scope.unread('sql-node', `drops \`${type}\`, which is not known here`)
    return { words: 'DROP' }
  }
  const objects = children(node, 'objects').map(objectName)
  for (const parts of objects) note(type, parts, scope)
  scope.hangsOnSession ||= type === 'OBJECT_TABLE'
  if (type === 'OBJECT_TABLE' && objects.every((parts) => isTemporary(parts, scope))) {
    scope.add(write('drops a temporary table of this session'))
    for (const parts of objects)
      scope.leaves.push({ kind: 'dropped', name: parts.at(-1) ?? '', text: '' })
  } else if (type === 'OBJECT_INDEX' && objects.some((parts) => isUniqueIndex(parts, scope)))
    scope.add({ ...row, kinds: ['guard'], why: 'drops an index that keeps duplicates out' })
  else
    scope.add(
      row,
      ...(cascade
        ? [{ ...row, rule: 'sql-drop-cascade', why: 'drops whatever hangs on it too' }]
        : []),
    )
  return { words: `DROP ${row.words}` }
}

/** Names of triggers, rules and policies end with their own; the table stands before it. */
function note(type: string, parts: readonly string[], scope: Scope): void {
  const isOnTable = type === 'OBJECT_TRIGGER' || type === 'OBJECT_RULE' || type === 'OBJECT_POLICY'
  const table = isOnTable ? parts.slice(0, -1) : parts
  scope.touch(rangeOf(table))
}

function rangeOf(parts: readonly string[]): JsonObject {
  return { relname: parts.at(-1) ?? '', schemaname: parts.at(-2) ?? '' }
}

function isTemporary(parts: readonly string[], scope: Scope): boolean {
  const schema = parts.at(-2) ?? ''
  if (schema === 'pg_temp') return true
  return schema === '' && scope.about.session?.temporary.has(parts.at(-1) ?? '') === true
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
  const temporary = tables.every((table) =>
    isTemporary([word(table, 'schemaname'), word(table, 'relname')], scope),
  )
  scope.hangsOnSession = true
  scope.add(
    temporary
      ? write('empties a temporary table of this session')
      : {
          effect: 'destroy',
          kinds: ['data'],
          rule: 'sql-data',
          why: 'empties the table',
          instead: ['delete the rows that you mean: `DELETE … WHERE key IN (…)`'],
        },
  )
  return { words: 'TRUNCATE' }
}

function noteTruncated(table: JsonObject, scope: Scope): void {
  for (const key of scope.relation(table)?.pointedAtBy ?? []) {
    const from = scope.catalog?.relations.get(key.from)
    if (from === undefined) continue
    scope.touched.add(`${from.schema}.${from.name}`)
    scope.add({
      effect: 'destroy',
      kinds: ['data'],
      rule: 'sql-cascade',
      why: `empties \`${from.schema}.${from.name}\` too`,
    })
  }
}

export function judgeAlterTable(node: JsonObject, scope: Scope): Heading {
  scope.touch(child(node, 'relation'))
  const words = `ALTER ${dropRows[word(node, 'objtype')]?.words ?? 'TABLE'}`
  const commands = children(node, 'cmds')
  for (const each of commands) judgeCommand(under(each, 'AlterTableCmd') ?? nothing, scope)
  walk(commands, scope)
  if (scope.reasons.length === 0) scope.add(write('changes how a thing is built'))
  const drops = commands.some(
    (each) => word(under(each, 'AlterTableCmd') ?? nothing, 'subtype') === 'AT_DropColumn',
  )
  return { words: drops ? `${words} … DROP COLUMN` : words }
}

function judgeCommand(command: JsonObject, scope: Scope): void {
  const subtype = word(command, 'subtype')
  if (subtype === 'AT_AlterColumnType') return judgeType(command, scope)
  if (alterWrites.has(subtype)) return
  const row = Object.hasOwn(alterRows, subtype) ? alterRows[subtype] : undefined
  if (row === undefined) scope.unread('sql-node', `does \`${subtype}\`, which is not known here`)
  else scope.add(row)
}

/** A type that can hold every value of the old one loses nothing; which one the old is, only the catalog could tell. */
function judgeType(command: JsonObject, scope: Scope): void {
  const definition = under(command['def'], 'ColumnDef') ?? nothing
  const type = child(definition, 'typeName')
  const plain = names(children(type, 'names')).at(-1) ?? ''
  const bare = children(type, 'typmods').length === 0 && children(type, 'arrayBounds').length === 0
  if (
    losslessTypes.has(plain) &&
    bare &&
    isOwnColumn(definition['raw_default'], word(command, 'name'))
  )
    return
  scope.add({
    effect: 'destroy',
    kinds: ['data'],
    rule: 'sql-data',
    why: 'changes the type of a column, where values can be lost',
    instead: ['add a column of the new type, copy the values, and compare them'],
  })
}

function isOwnColumn(using: JsonObject[string] | undefined, column: string): boolean {
  if (using === undefined) return true
  const cast = under(using, 'TypeCast')
  if (cast !== null) return isOwnColumn(cast['arg'], column)
  return names(children(under(using, 'ColumnRef') ?? nothing, 'fields')).join('.') === column
}

export function judgeRename(node: JsonObject, scope: Scope): Heading {
  const type = word(node, 'renameType')
  if ('relation' in node) scope.touch(child(node, 'relation'))
  scope.add({
    ...write('gives a thing another name, which can be taken back'),
    ...(renamable.has(type) ? {} : { rule: 'sql-rename' }),
  })
  return { words: 'RENAME' }
}
