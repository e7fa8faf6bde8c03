/** The catalog of a database, read in some fifteen questions whatever its size: what the reading of SQL leans on. */
import type {
  Column,
  DmlEvent,
  EventTrigger,
  ForeignKey,
  KeyAction,
  Relation,
  RowCall,
  Rule,
  SqlCatalog,
  SqlFunction,
  Trigger,
} from '../../platforms/postgres/catalog.ts'
import { told } from '../../platforms/postgres/questions.ts'
import type { Ask, Row } from '../../platforms/postgres/questions.ts'
import { snapshotQuestions as questions } from './snapshot-questions.ts'

/** Reads only, and what every user may read. Throws what the server says. */
export async function readCatalog(ask: Ask): Promise<SqlCatalog> {
  const [about] = await ask(questions.about)
  const hanging = {
    columns: byOid(await ask(questions.columns), columnOf),
    uniqueKeys: byOid(await ask(questions.keys), (row) => listOf(row, 'columns')),
    pointedAtBy: byOid(await ask(questions.foreignKeys), foreignKeyOf),
    triggers: byOid(await ask(questions.triggers), triggerOf),
    rules: byOid(await ask(questions.rules), ruleOf),
    calls: byOid(await ask(questions.calls), callOf),
    policies: byOid(await ask(questions.policies), nameOf),
    constraints: byOid(await ask(questions.constraints), nameOf),
    children: byOid(await ask(questions.children), (row) => Number(row['child'])),
  }
  const relations = (await ask(questions.relations)).map((row) => relationOf(row, hanging))
  const functions = (await ask(questions.functions)).map(functionOf)
  return {
    version: Number(about?.['version']),
    searchPath: about === undefined ? [] : listOf(about, 'path'),
    ...byName(relations),
    functions: new Map(functions.map((it) => [it.oid, it])),
    functionNames: grouped(functions, (it) => it.name),
    operators: oidsByName(await ask(questions.operators)),
    types: oidsByName(await ask(questions.types)),
    schemas: new Set((await ask(questions.schemas)).map(nameOf)),
    typeNames: new Set((await ask(questions.typeNames)).map(nameOf)),
    eventTriggers: (await ask(questions.eventTriggers)).map(eventTriggerOf),
  }
}

/** The same catalog with the numbers that its sequences have given by now; itself where none has. */
export async function withNumbers(catalog: SqlCatalog, ask: Ask): Promise<SqlCatalog> {
  const numbers = new Map(
    (await ask(questions.numbers)).map((row) => [Number(row['oid']), lastOf(row)]),
  )
  const isOther = ({ kind, oid, lastValue }: Relation): boolean =>
    kind === 'sequence' && lastValue !== (numbers.get(oid) ?? null)
  const before = [...catalog.relations.values()]
  if (!before.some(isOther)) return catalog
  const relations = before.map((it) =>
    isOther(it) ? { ...it, lastValue: numbers.get(it.oid) ?? null } : it,
  )
  return { ...catalog, ...byName(relations) }
}

function byName(
  relations: readonly Relation[],
): Pick<SqlCatalog, 'relations' | 'relationNames' | 'relationsByName'> {
  return {
    relations: new Map(relations.map((it) => [it.oid, it])),
    relationNames: new Map(relations.map((it) => [`${it.schema}.${it.name}`, it])),
    relationsByName: grouped(relations, (it) => it.name),
  }
}

function lastOf(row: Row): bigint | null {
  return told(row, 'last') === '' ? null : BigInt(told(row, 'last'))
}

type ByOid<T> = ReadonlyMap<number, readonly T[]>

interface Hanging {
  readonly columns: ByOid<Column>
  readonly uniqueKeys: ByOid<readonly string[]>
  readonly pointedAtBy: ByOid<ForeignKey>
  readonly triggers: ByOid<Trigger>
  readonly rules: ByOid<Rule>
  readonly calls: ByOid<RowCall>
  readonly policies: ByOid<string>
  readonly constraints: ByOid<string>
  readonly children: ByOid<number>
}

function relationOf(row: Row, hanging: Hanging): Relation {
  const kind = kinds[told(row, 'kind')]
  if (kind === undefined) throw new Error(`a relation of kind ${told(row, 'kind')}`)
  const oid = Number(row['oid'])
  return {
    oid,
    kind,
    ...hungOn(oid, hanging),
    schema: told(row, 'schema'),
    name: told(row, 'name'),
    definition: row['definition'] ?? null,
    parent: told(row, 'parent') === '' ? null : Number(row['parent']),
    estimatedRows: Number(row['rows']),
    bytes: Number(row['bytes']),
    rowSecurity: isTrue(row, 'secured'),
    isUnique: isTrue(row, 'unique'),
    lastValue: lastOf(row),
  }
}

/** What hangs on a relation, of each kind. */
function hungOn(oid: number, hanging: Hanging): Pick<Relation, keyof Hanging> {
  const of = <T>(all: ByOid<T>): readonly T[] => all.get(oid) ?? []
  return {
    columns: of(hanging.columns),
    uniqueKeys: of(hanging.uniqueKeys),
    pointedAtBy: of(hanging.pointedAtBy),
    triggers: of(hanging.triggers),
    rules: of(hanging.rules),
    children: of(hanging.children),
    calls: of(hanging.calls),
    policies: of(hanging.policies),
    constraints: of(hanging.constraints),
  }
}

const kinds: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized',
  f: 'foreign',
  S: 'sequence',
  i: 'index',
  I: 'index',
  c: 'composite',
}

function columnOf(row: Row): Column {
  return {
    name: told(row, 'name'),
    type: told(row, 'type'),
    notNull: isTrue(row, 'bound'),
    default: row['default'] ?? null,
    sequence: told(row, 'sequence') === '' ? null : Number(row['sequence']),
  }
}

function foreignKeyOf(row: Row): ForeignKey {
  return {
    name: told(row, 'name'),
    from: Number(row['from']),
    onDelete: actions[told(row, 'deletes')] ?? 'cascade',
    onUpdate: actions[told(row, 'updates')] ?? 'cascade',
  }
}

const actions: Readonly<Record<string, KeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

function triggerOf(row: Row): Trigger {
  const bits = Number(row['bits'])
  return {
    name: told(row, 'name'),
    events: events.filter(([bit]) => (bits & bit) !== 0).map(([, event]) => event),
    runs: Number(row['runs']),
    enabled: told(row, 'enabled') !== 'D',
  }
}

/** `pg_trigger.tgtype`. */
const events: readonly (readonly [number, DmlEvent])[] = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
]

function nameOf(row: Row): string {
  return told(row, 'name')
}

function callOf(row: Row): RowCall {
  const at = told(row, 'at')
  return { on: at === 'read' || at === 'change' ? at : 'write', runs: Number(row['runs']) }
}

function eventTriggerOf(row: Row): EventTrigger {
  return { name: told(row, 'name'), tags: listOf(row, 'tags'), runs: Number(row['runs']) }
}

function ruleOf(row: Row): Rule {
  return {
    name: told(row, 'name'),
    event: ruleEvents[told(row, 'event')] ?? 'select',
    definition: told(row, 'definition'),
  }
}

const ruleEvents: Readonly<Record<string, Rule['event']>> = {
  1: 'select',
  2: 'update',
  3: 'insert',
  4: 'delete',
}

function functionOf(row: Row): SqlFunction {
  return {
    oid: Number(row['oid']),
    schema: told(row, 'schema'),
    name: told(row, 'name'),
    kind: functionKinds[told(row, 'kind')] ?? 'function',
    // What is not known to be harmless counts as able to do anything.
    volatility: volatilities[told(row, 'volatility')] ?? 'volatile',
    language: told(row, 'language'),
    securityDefiner: isTrue(row, 'definer'),
    returnsSet: isTrue(row, 'set'),
    arguments: listOf(row, 'arguments'),
    argumentNames: listOf(row, 'names'),
    returns: told(row, 'returns'),
    definition: row['definition'] ?? null,
    parts: listOf(row, 'parts').map(Number),
    extension: row['extension'] ?? null,
  }
}

const functionKinds: Readonly<Record<string, SqlFunction['kind']>> = {
  f: 'function',
  p: 'procedure',
  a: 'aggregate',
  w: 'window',
}

const volatilities: Readonly<Record<string, SqlFunction['volatility']>> = {
  i: 'immutable',
  s: 'stable',
  v: 'volatile',
}

function isTrue(row: Row, column: string): boolean {
  return row[column] === 't'
}

/** A column that holds a list as JSON text. */
function listOf(row: Row, column: string): readonly string[] {
  const list: unknown = JSON.parse(row[column] ?? '[]')
  return Array.isArray(list) ? list.map(String) : []
}

function byOid<T>(rows: readonly Row[], read: (row: Row) => T): ByOid<T> {
  const found = grouped(rows, (row) => Number(row['oid']))
  return new Map([...found].map(([oid, list]) => [oid, list.map(read)]))
}

function grouped<K, T>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const found = new Map<K, T[]>()
  for (const one of all) {
    const list = found.get(keyOf(one))
    if (list === undefined) found.set(keyOf(one), [one])
    else list.push(one)
  }
  return found
}

function oidsByName(rows: readonly Row[]): ReadonlyMap<string, readonly number[]> {
  const found = grouped(rows, (row) => told(row, 'name'))
  return new Map(
    [...found].map(([name, list]) => [name, [...new Set(list.map((row) => Number(row['oid'])))]]),
  )
}
