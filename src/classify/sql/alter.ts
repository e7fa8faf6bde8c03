/** Judges what changes a table: columns, types, constraints, what guards it. */
import type { Json, JsonObject } from '../../base/json.ts'
import {
  alterRows,
  alterWrites,
  binding,
  dropRows,
  droppedDefault,
  losslessTypes,
} from '../../platforms/postgres/effects-alter.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import { holdsAll } from '../../platforms/postgres/types-wider.ts'
import { isColumnAbsent, isConstraintAbsent, voided } from './absent.ts'
import { noMoreOwn } from './define.ts'
import { lossOf } from './losses.ts'
import { computeAgain, switchOn } from './relations.ts'
import type { Heading, Scope } from './scope.ts'
import { identityOf, judgeRestart } from './sequences.ts'
import { child, children, constant, names, nodeName, nothing, under, word } from './tree.ts'
import { walk } from './walk.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

/** One command of an `ALTER TABLE`. */
interface Command {
  readonly node: JsonObject
  readonly subtype: string
  readonly table: JsonObject
  /** The column, or the constraint. */
  readonly name: string
}

export function judgeAlterTable(node: JsonObject, scope: Scope): Heading {
  const table = child(node, 'relation')
  scope.touch(table)
  const words = `ALTER ${dropRows[word(node, 'objtype')]?.words ?? 'TABLE'}`
  const commands = children(node, 'cmds')
  const isNowhere = node['missing_ok'] === true && scope.isAbsent(table)
  for (const each of commands) {
    const inner = under(each, 'AlterTableCmd') ?? nothing
    const subtype = word(inner, 'subtype')
    if (/^AT_Enable\w*Trig/.test(subtype)) switchOn(table, scope)
    judgeCommand({ node: inner, subtype, table, name: word(inner, 'name') }, isNowhere, scope)
  }
  walk(commands, scope)
  if (scope.isCounted) noMoreOwn(table, scope)
  computeAgain(table, scope)
  if (scope.reasons.length === 0) scope.add(write('changes how a thing is built'))
  const drops = commands.some(
    (each) => word(under(each, 'AlterTableCmd') ?? nothing, 'subtype') === 'AT_DropColumn',
  )
  return { words: drops ? `${words} … DROP COLUMN` : words }
}

function judgeCommand(command: Command, isNowhere: boolean, scope: Scope): void {
  const { subtype, node, table, name } = command
  if (binding.has(subtype)) scope.leaves.push({ kind: 'renamed', name: '', text: '' })
  if (subtype === 'AT_AlterColumnType') return judgeType(command, isNowhere, scope)
  if (subtype === 'AT_SetIdentity') {
    const options = children(under(node['def'], 'List') ?? nothing, 'items')
    return judgeRestart(options, identityOf(table, name, scope), scope)
  }
  if (subtype === 'AT_ColumnDefault' && !('def' in node)) return scope.add(droppedDefault)
  if (alterWrites.has(subtype)) return
  const row = Object.hasOwn(alterRows, subtype) ? alterRows[subtype] : undefined
  if (row === undefined) scope.unread('sql-node', `does \`${subtype}\`, which is not known here`)
  else if (isNowhere || isMissing(command, scope)) scope.lose(() => [], voided(row))
  else takeAway(command, row, scope)
}

/** True for `DROP … IF EXISTS` of what the table does not have. */
function isMissing({ node, subtype, table, name }: Command, scope: Scope): boolean {
  if (node['missing_ok'] !== true) return false
  if (subtype === 'AT_DropColumn') return isColumnAbsent(table, name, scope)
  return subtype === 'AT_DropConstraint' && isConstraintAbsent(table, name, scope)
}

function takeAway({ node, subtype, table, name }: Command, row: SqlReason, scope: Scope): void {
  const cascade = word(node, 'behavior') === 'DROP_CASCADE'
  if (subtype !== 'AT_DropColumn') return scope.add(row)
  scope.lose(() => lossOf([table], 'drop column', scope, { columns: [name], cascade }), row)
}

/** A type that can hold every value of the old one loses nothing; which one the old is, only the catalog can tell. */
function judgeType({ node, table, name }: Command, isNowhere: boolean, scope: Scope): void {
  const definition = under(node['def'], 'ColumnDef') ?? nothing
  const type = child(definition, 'typeName')
  const isOwn = isOwnColumn(definition['raw_default'], name, type)
  if (isOwn && isAny(type) && !mayRound(table, name, scope)) return
  const reason: SqlReason = {
    effect: 'destroy',
    kinds: ['data'],
    rule: 'sql-data',
    why: 'changes the type of a column, where values can be lost',
    instead: ['add a column of the new type, copy the values, and compare them'],
  }
  if (isNowhere) scope.lose(() => [], voided(reason))
  else if (isOwn && isWider(type, table, name, scope))
    scope.lose(() => [], { ...voided(reason), why: 'changes a type to one that holds every value' })
  else scope.lose(() => lossOf([table], 'update', scope, { columns: [name] }), reason)
}

/** What a float is written as hangs on a setting of the session. */
function mayRound(table: JsonObject, column: string, scope: Scope): boolean {
  const tables = scope.namesakes(table)
  const found = tables.flatMap(({ columns }) => columns.filter(({ name }) => name === column))
  if (found.length === 0) return tables.length > 0 && !scope.isWhole
  return found.some(({ type }) => /^(?:real|double precision)/.test(type))
}

function isAny(type: JsonObject): boolean {
  const isBare =
    children(type, 'typmods').length === 0 && children(type, 'arrayBounds').length === 0
  const [name, schema = 'pg_catalog'] = names(children(type, 'names')).toReversed()
  return schema === 'pg_catalog' && losslessTypes.has(name ?? '') && isBare
}

function isWider(type: JsonObject, table: JsonObject, column: string, scope: Scope): boolean {
  const found = scope.isWhole ? scope.namesakes(table) : []
  const options = children(type, 'typmods').map((each) => Number(constant(each) ?? NaN))
  const parts = names(children(type, 'names'))
  if (children(type, 'arrayBounds').length > 0 || parts.length > 2) return false
  if (parts.length === 2 && parts[0] !== 'pg_catalog') return false
  const olds = found.flatMap(({ columns }) => columns.filter(({ name }) => name === column))
  const name = parts.at(-1) ?? ''
  return olds.length > 0 && olds.every((old) => holdsAll(old.type, name, options))
}

/** The column by itself, or cast to the new type; each cast between may lose something. */
function isOwnColumn(using: Json | undefined, column: string, type: JsonObject): boolean {
  const cast = under(using, 'TypeCast')
  if (using === undefined) return true
  if (cast !== null)
    return (
      nodeName(cast['arg']) === 'ColumnRef' &&
      sameType(child(cast, 'typeName'), type) &&
      isOwnColumn(cast['arg'], column, type)
    )
  return names(children(under(using, 'ColumnRef') ?? nothing, 'fields')).join('.') === column
}

function sameType(one: JsonObject, other: JsonObject): boolean {
  const told = (type: JsonObject): string =>
    JSON.stringify([
      names(children(type, 'names')),
      children(type, 'typmods').map(constant),
      children(type, 'arrayBounds').length,
    ])
  return told(one) === told(other)
}
