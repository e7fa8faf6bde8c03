/** Judges what changes a table: columns, types, constraints, what guards it. */
import type { JsonObject } from '../../base/json.ts'
import {
  alterRows,
  alterWrites,
  dropRows,
  losslessTypes,
} from '../../platforms/postgres/effects-alter.ts'
import { lossOf } from './losses.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, names, nothing, under, word } from './tree.ts'
import { walk } from './walk.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

export function judgeAlterTable(node: JsonObject, scope: Scope): Heading {
  scope.touch(child(node, 'relation'))
  const words = `ALTER ${dropRows[word(node, 'objtype')]?.words ?? 'TABLE'}`
  const commands = children(node, 'cmds')
  for (const each of commands)
    judgeCommand(under(each, 'AlterTableCmd') ?? nothing, child(node, 'relation'), scope)
  walk(commands, scope)
  if (scope.reasons.length === 0) scope.add(write('changes how a thing is built'))
  const drops = commands.some(
    (each) => word(under(each, 'AlterTableCmd') ?? nothing, 'subtype') === 'AT_DropColumn',
  )
  return { words: drops ? `${words} … DROP COLUMN` : words }
}

function judgeCommand(command: JsonObject, table: JsonObject, scope: Scope): void {
  const subtype = word(command, 'subtype')
  if (subtype === 'AT_AlterColumnType') return judgeType(command, table, scope)
  if (alterWrites.has(subtype)) return
  const row = Object.hasOwn(alterRows, subtype) ? alterRows[subtype] : undefined
  if (row === undefined) scope.unread('sql-node', `does \`${subtype}\`, which is not known here`)
  else if (subtype !== 'AT_DropColumn') scope.add(row)
  else {
    const cascade = word(command, 'behavior') === 'DROP_CASCADE'
    const columns = [word(command, 'name')]
    scope.lose(() => lossOf([table], 'drop column', scope, { columns, cascade }), row)
  }
}

/** A type that can hold every value of the old one loses nothing; which one the old is, only the catalog could tell. */
function judgeType(command: JsonObject, table: JsonObject, scope: Scope): void {
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
  const columns = [word(command, 'name')]
  scope.lose(() => lossOf([table], 'update', scope, { columns }), {
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
