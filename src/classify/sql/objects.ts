/** Judges what takes objects of a database away or gives them another name. */
import type { JsonObject } from '../../base/json.ts'
import { dropRows, renamable } from '../../platforms/postgres/effects-alter.ts'
import type { SqlLoss } from '../../platforms/postgres/radius-rows.ts'
import { lossOf, lossOfAll } from './losses.ts'
import { changeRelation } from './relations.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, nothing, objectName, under, word } from './tree.ts'

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
  if (type === 'OBJECT_TABLE' && objects.every((parts) => scope.isTemporary(rangeOf(parts)))) {
    scope.add(write('drops a temporary table of this session'))
    for (const parts of objects)
      scope.leaves.push({ kind: 'dropped', name: parts.at(-1) ?? '', text: '' })
  } else if (type === 'OBJECT_INDEX' && objects.some((parts) => isUniqueIndex(parts, scope)))
    scope.add({ ...row, kinds: ['guard'], why: 'drops an index that keeps duplicates out' })
  else
    scope.lose(
      () => dropped(type, objects, cascade, scope),
      row,
      ...(cascade
        ? [{ ...row, rule: 'sql-drop-cascade', why: 'drops whatever hangs on it too' }]
        : []),
    )
  return { words: `DROP ${row.words}` }
}

const relationTypes: ReadonlySet<string> = new Set(
  `OBJECT_TABLE OBJECT_VIEW OBJECT_MATVIEW OBJECT_FOREIGN_TABLE OBJECT_SEQUENCE OBJECT_INDEX`.split(
    ' ',
  ),
)

/** Relations go by name, and with a schema all that are in it; of anything else it can only be told when it takes nothing with it. */
function dropped(
  type: string,
  objects: readonly (readonly string[])[],
  cascade: boolean,
  scope: Scope,
): readonly SqlLoss[] | null {
  if (relationTypes.has(type)) return lossOf(objects.map(rangeOf), 'drop', scope, { cascade })
  if (type === 'OBJECT_SCHEMA')
    return lossOfAll(
      objects.map(([name]) => name ?? ''),
      cascade,
      scope,
    )
  return dropRows[type]?.kinds?.every((kind) => kind === 'guard' || kind === 'outage') === true
    ? []
    : null
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
  if ('relation' in node) scope.touch(child(node, 'relation'))
  scope.add({
    ...write('gives a thing another name, which can be taken back'),
    ...(renamable.has(type) ? {} : { rule: 'sql-rename' }),
  })
  return { words: 'RENAME' }
}
