/** What is not there, by the catalog: dropping it `IF EXISTS` takes nothing. What cannot be told counts as there. */
import type { JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import { voidRule } from './scope.ts'
import type { Scope } from './scope.ts'

/** The reason of a statement that would be grave, if what it names were there. */
export function voided(reason: SqlReason): SqlReason {
  return { ...reason, rule: voidRule, why: 'names nothing that is there', instead: [] }
}

/** True for an object that is not there, by the grammar's name of its type and the parts of its own. */
export function isObjectAbsent(type: string, parts: readonly string[], scope: Scope): boolean {
  const { catalog } = scope
  if (catalog === null || !scope.isWhole) return false
  const name = parts.at(-1) ?? ''
  if (relationTypes.has(type)) return scope.isAbsent(rangeOf(parts))
  if (functionTypes.has(type)) return !catalog.functionNames.has(name)
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') return !catalog.typeNames.has(name)
  if (type === 'OBJECT_SCHEMA') return !catalog.schemas.has(name)
  return isMemberAbsent(type, parts, scope)
}

/** Triggers, rules and policies stand on a table, whose name comes first. */
function isMemberAbsent(type: string, parts: readonly string[], scope: Scope): boolean {
  const namesIn = members[type]
  if (namesIn === undefined) return false
  const name = parts.at(-1) ?? ''
  return isMissing(rangeOf(parts.slice(0, -1)), scope, (table) => !namesIn(table).includes(name))
}

const members: { readonly [type: string]: (table: Relation) => readonly string[] } = {
  OBJECT_TRIGGER: ({ triggers }) => triggers.map(({ name }) => name),
  OBJECT_RULE: ({ rules }) => rules.map(({ name }) => name),
  OBJECT_POLICY: ({ policies }) => policies,
}

/** True where a column is not there, or its table is not. */
export function isColumnAbsent(table: JsonObject, column: string, scope: Scope): boolean {
  return isMissing(table, scope, ({ columns }) => columns.every(({ name }) => name !== column))
}

export function isConstraintAbsent(table: JsonObject, name: string, scope: Scope): boolean {
  return isMissing(table, scope, ({ constraints }) => !constraints.includes(name))
}

/** True where every relation that a name may mean lacks something. */
function isMissing(table: JsonObject, scope: Scope, lacks: (found: Relation) => boolean): boolean {
  return scope.isWhole && !scope.isTemporary(table) && scope.namesakes(table).every(lacks)
}

export function rangeOf(parts: readonly string[]): JsonObject {
  return { relname: parts.at(-1) ?? '', schemaname: parts.at(-2) ?? '' }
}

export const relationTypes: ReadonlySet<string> = new Set(
  `OBJECT_TABLE OBJECT_VIEW OBJECT_MATVIEW OBJECT_FOREIGN_TABLE OBJECT_SEQUENCE OBJECT_INDEX`.split(
    ' ',
  ),
)

export const functionTypes: ReadonlySet<string> = new Set(
  'OBJECT_FUNCTION OBJECT_PROCEDURE OBJECT_ROUTINE OBJECT_AGGREGATE'.split(' '),
)
