/** What the reader of SQL says where it knows the database: functions, views, rules, triggers, cascades. */
import { beforeAll, expect, test } from 'vitest'
import { loadSql, readCall, readSql } from '../../src/classify/sql/read.ts'
import type { Relation, SqlCatalog, SqlFunction } from '../../src/platforms/postgres/catalog.ts'

beforeAll(loadSql)

const plainRelation: Relation = {
  oid: 0,
  schema: 'public',
  name: '',
  kind: 'table',
  columns: [{ name: 'id', type: 'integer', notNull: true, default: null, sequence: null }],
  uniqueKeys: [['id']],
  pointedAtBy: [],
  triggers: [],
  rules: [],
  definition: null,
  children: [],
  parent: null,
  estimatedRows: 10,
  bytes: 8192,
  rowSecurity: false,
  isUnique: false,
  calls: [],
  policies: [],
  constraints: [],
  lastValue: null,
}

const plainFunction: SqlFunction = {
  oid: 0,
  schema: 'public',
  name: '',
  kind: 'function',
  volatility: 'volatile',
  language: 'plpgsql',
  securityDefiner: false,
  returnsSet: false,
  arguments: [],
  argumentNames: [],
  returns: 'void',
  definition: null,
  parts: [],
  extension: null,
}

function plpgsql(
  oid: number,
  name: string,
  body: string,
  more: Partial<SqlFunction> = {},
): SqlFunction {
  const returns = more.returns ?? 'void'
  const definition = `CREATE OR REPLACE FUNCTION public.${name}() RETURNS ${returns} LANGUAGE plpgsql AS $function$${body}$function$`
  return { ...plainFunction, oid, name, definition, ...more }
}

const functions: readonly SqlFunction[] = [
  plpgsql(101, 'purge', 'BEGIN DELETE FROM t; END'),
  plpgsql(102, 'count_up', 'BEGIN UPDATE t SET n = 1 WHERE id = 1; END'),
  plpgsql(103, 'calls_purge', 'BEGIN PERFORM purge(); END'),
  plpgsql(104, 'loops', 'BEGIN PERFORM loops(); END'),
  plpgsql(105, 'wipe_on_insert', 'BEGIN TRUNCATE other; RETURN NEW; END', { returns: 'trigger' }),
  plpgsql(
    106,
    'log_it',
    'BEGIN INSERT INTO log VALUES (NEW.id); DELETE FROM other WHERE id = OLD.id; RETURN NEW; END',
    { returns: 'trigger' },
  ),
  plpgsql(107, 'said_immutable', 'BEGIN PERFORM purge(); RETURN 1; END', {
    volatility: 'immutable',
    returns: 'integer',
  }),
  { ...plainFunction, oid: 108, name: 'in_c', language: 'c' },
  {
    ...plainFunction,
    oid: 109,
    name: 'of_extension',
    language: 'c',
    volatility: 'immutable',
    extension: 'x',
  },
  {
    ...plainFunction,
    oid: 110,
    name: 'in_python',
    language: 'plpython3u',
    volatility: 'immutable',
  },
  plpgsql(111, 'evil_plus', 'BEGIN PERFORM purge(); RETURN 1; END', { returns: 'integer' }),
  plpgsql(112, 'gone', 'BEGIN PERFORM purge(); RETURN 1; END', {
    arguments: ['t'],
    returns: 'integer',
  }),
  { ...plainFunction, oid: 964, schema: 'pg_catalog', name: 'lo_unlink', language: 'internal' },
  {
    ...plainFunction,
    oid: 870,
    schema: 'pg_catalog',
    name: 'lower',
    language: 'internal',
    volatility: 'immutable',
  },
  plpgsql(113, 'lower', 'BEGIN PERFORM purge(); RETURN 1; END', {
    schema: 'app',
    arguments: ['integer'],
  }),
]

const relations: readonly Relation[] = [
  {
    ...plainRelation,
    oid: 1,
    name: 't',
    pointedAtBy: [{ name: 'items_fk', from: 2, onDelete: 'cascade', onUpdate: 'no action' }],
  },
  { ...plainRelation, oid: 2, name: 'items' },
  { ...plainRelation, oid: 3, name: 'v', kind: 'view', definition: ' SELECT purge() AS purge;' },
  { ...plainRelation, oid: 4, name: 'v2', kind: 'view', definition: ' SELECT id FROM v;' },
  { ...plainRelation, oid: 5, name: 'calm', kind: 'view', definition: ' SELECT id FROM t;' },
  {
    ...plainRelation,
    oid: 6,
    name: 'traps',
    triggers: [{ name: 'wipe', events: ['insert'], runs: 105, enabled: true }],
  },
  {
    ...plainRelation,
    oid: 7,
    name: 'logged',
    triggers: [{ name: 'log', events: ['insert', 'update', 'delete'], runs: 106, enabled: true }],
  },
  {
    ...plainRelation,
    oid: 8,
    name: 'ruled',
    rules: [
      {
        name: 'r',
        event: 'update',
        definition: 'CREATE RULE r AS ON UPDATE TO public.ruled DO ALSO DELETE FROM other',
      },
    ],
  },
  { ...plainRelation, oid: 9, name: 'parted', kind: 'partitioned', children: [6] },
  {
    ...plainRelation,
    oid: 10,
    name: 'fills',
    columns: [{ name: 'id', type: 'integer', notNull: true, default: 'purge()', sequence: null }],
  },
  { ...plainRelation, oid: 11, name: 'uniq', kind: 'index', isUnique: true },
  {
    ...plainRelation,
    oid: 12,
    name: 'hidden',
    schema: 'evil',
    kind: 'view',
    definition: ' SELECT purge() AS purge;',
  },
  {
    ...plainRelation,
    oid: 13,
    name: 'off',
    triggers: [{ name: 'wipe', events: ['insert'], runs: 105, enabled: false }],
  },
]

const catalog: SqlCatalog = {
  version: 150004,
  searchPath: ['public'],
  relations: new Map(relations.map((each) => [each.oid, each])),
  relationNames: new Map(relations.map((each) => [`${each.schema}.${each.name}`, each])),
  relationsByName: Map.groupBy(relations, ({ name }) => name),
  functions: new Map(functions.map((each) => [each.oid, each])),
  functionNames: Map.groupBy(functions, ({ name }) => name),
  operators: new Map([['@@@', [111]]]),
  types: new Map([['trapped', [111]]]),
  schemas: new Set(['public', 'app', 'evil']),
  typeNames: new Set(['trapped']),
  eventTriggers: [],
}

test.each([
  'SELECT purge()',
  'SELECT calls_purge()',
  'SELECT said_immutable()',
  'EXPLAIN SELECT said_immutable()',
  'SELECT in_c()',
  'SELECT in_python()',
  'SELECT not_there()',
  'SELECT app.lower(1)',
  'SELECT lower(1)',
  'SELECT 1 @@@ 2',
  "SELECT '1'::trapped",
  'SELECT t.gone FROM t',
  'SELECT (t).gone FROM t',
  'SELECT (SELECT t FROM t LIMIT 1).gone',
  'SELECT * FROM v',
  'SELECT * FROM v2',
  'WITH v AS (SELECT 1) SELECT * FROM public.v',
  'SELECT * FROM hidden',
  'INSERT INTO traps VALUES (1)',
  'COPY traps FROM STDIN',
  'INSERT INTO parted VALUES (1)',
  'MERGE INTO traps USING (VALUES (1)) AS s(id) ON traps.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1)',
  'UPDATE ruled SET n = 1 WHERE id = 1',
  'INSERT INTO fills DEFAULT VALUES',
  'CREATE VIEW w AS SELECT purge()',
  'CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION wipe_on_insert()',
  'CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION not_there()',
  'CREATE TABLE n (a int DEFAULT purge())',
  'DO $$BEGIN PERFORM calls_purge(); END$$',
  'DROP INDEX uniq',
  'TRUNCATE t CASCADE',
])('held: %s', (text) => {
  const effects = readSql(text, { catalog }).map(({ operation }) => operation.effect)
  expect(effects.some((effect) => effect === 'destroy' || effect === 'unread')).toBe(true)
})

test.each([
  ['SELECT count_up()', 'write'],
  ['SELECT loops()', 'read'],
  ['SELECT of_extension()', 'read'],
  ['SELECT * FROM calm', 'read'],
  ["SELECT upper('x'), now(), 1 + 2", 'read'],
  ['SELECT t.id FROM t', 'read'],
  ['EXPLAIN SELECT purge()', 'read'],
  ['INSERT INTO logged VALUES (1)', 'write'],
  ['INSERT INTO off VALUES (1)', 'write'],
  ['DELETE FROM ruled WHERE id = 1', 'write'],
  ['DELETE FROM t WHERE id = 1', 'write'],
  ['CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION log_it()', 'write'],
  [
    'CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION mine()',
    'write',
  ],
])('passes: %s', (text, effect) =>
  expect(readSql(text, { catalog }).map(({ operation }) => operation.effect)).toContain(effect),
)

test('a join is a bound where the catalog says whose column it is', () => {
  const of = (text: string) => readSql(text, { catalog }).map(({ operation }) => operation.effect)
  expect(of('DELETE FROM t WHERE id = (SELECT id FROM items LIMIT 1)')).toEqual(['write'])
  // `nix` is no column of items, so it is one of the outer table: a condition that each row meets by itself.
  expect(of('DELETE FROM t WHERE nix = (SELECT nix FROM items LIMIT 1)')).toEqual(['destroy'])
})

test('a cascade is told, with the table that it reaches', () => {
  const [deleted] = readSql('DELETE FROM t WHERE id = 1', { catalog })
  expect(deleted?.operation.names.map(({ id }) => id).toSorted()).toEqual([
    'public.items',
    'public.t',
  ])
  expect(deleted?.operation.findings.map(({ rule }) => rule)).toContain('sql-cascade')
})

test('a function is judged by its oid', () => {
  const effect = (oid: number) => readCall(oid, { catalog }).operation.effect
  expect([964, 870, 101, 4711].map(effect)).toEqual(['destroy', 'read', 'destroy', 'unread'])
  expect(readCall(964, { catalog: null }).operation.effect).toBe('unread')
})
