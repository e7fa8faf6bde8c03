/** The same act by another way: nested in a query, in code, behind a name, beside other statements. */
import type { Chance } from './fuzz-chance.ts'
import { quoted, tokensOf } from './fuzz-lexical.ts'

/** What is sent, one Query after another; the last one is the act as it was, as far as no wrap has moved it. */
export type Script = readonly [string, ...string[]]

type Wrap = (act: string, chance: Chance) => Script

const isChange = (act: string): boolean => /^\s*(delete|update|insert|merge)\b/i.test(act)
const isQuery = (act: string): boolean => /^\s*(select|values|with|table)\b/i.test(act)
const isSingle = (act: string): boolean => !tokensOf(act).includes(';')
const returning = (act: string): string =>
  /\breturning\b/i.test(act) || !/^\s*(delete|update|insert)\b/i.test(act)
    ? act
    : `${act} RETURNING 1`

const name = (chance: Chance): string => chance.pick(['fz', 'fz2', '"Fz"', 'lower', 'zz_1'])

/** In plpgsql a query's rows must go somewhere. */
const inCode = (act: string): string =>
  isQuery(act) ? act.replace(/^\s*select\b/i, 'PERFORM') : act

const code = (act: string, chance: Chance): string => {
  const inner = inCode(act)
  return chance.pick([
    `BEGIN ${inner}; END`,
    `DECLARE x int := 1; BEGIN IF x = 1 THEN ${inner}; END IF; END`,
    `BEGIN FOR i IN 1..1 LOOP ${inner}; END LOOP; END`,
    `<<a>> BEGIN BEGIN ${inner}; EXCEPTION WHEN division_by_zero THEN NULL; END; END a`,
    `BEGIN EXECUTE ${quoted(act, chance)}; END`,
    `BEGIN EXECUTE format('%s', ${quoted(act, chance)}); END`,
    `DECLARE q text := ${quoted(act, chance)}; BEGIN EXECUTE q; END`,
    `BEGIN CASE WHEN true THEN ${inner}; ELSE NULL; END CASE; END`,
    `DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP ${inner}; EXIT; END LOOP; END`,
  ])
}

const functionOf = (act: string, called: string, chance: Chance): string => {
  const sql = `CREATE FUNCTION ${called}() RETURNS void LANGUAGE sql AS ${quoted(act, chance)}`
  return chance.pick([
    sql,
    `CREATE OR REPLACE FUNCTION ${called}() RETURNS void AS ${quoted(code(act, chance), chance)} LANGUAGE plpgsql`,
    `CREATE FUNCTION ${called}() RETURNS void LANGUAGE sql BEGIN ATOMIC ${act}; END`,
    `CREATE FUNCTION pg_temp.${called}() RETURNS void LANGUAGE plpgsql AS ${quoted(code(act, chance), chance)}`,
  ])
}

const wraps: readonly [Wrap, ...Wrap[]] = [
  (act, chance) => [
    `${chance.pick(['EXPLAIN ANALYZE', 'EXPLAIN (ANALYZE)', 'explain (costs off, analyze 1)', 'EXPLAIN (ANALYZE off, ANALYZE)', 'EXPLAIN ANALYZE VERBOSE', "EXPLAIN (analyze 'on')"])} ${act}`,
  ],
  (act, chance) => [
    `${chance.pick(['PREPARE p AS', 'prepare "p" as', 'PREPARE p (int) AS'])} ${act}`,
    'EXECUTE p',
  ],
  (act) => [`PREPARE p AS ${act}; EXECUTE p`],
  (act, chance) => [
    `DO ${chance.pick(['', 'LANGUAGE plpgsql '])}${quoted(code(act, chance), chance)}`,
  ],
  (act, chance) => {
    const called = name(chance)
    const made = functionOf(act, called, chance)
    const whole = made.includes('pg_temp.') ? `pg_temp.${called}` : called
    const call = chance.pick([
      `SELECT ${whole}()`,
      `SELECT * FROM ${whole}()`,
      `SELECT 1 WHERE ${whole}() IS NULL`,
      `SELECT count(*) FROM notes ORDER BY max(${whole}()::text)`,
      `INSERT INTO notes (body) SELECT ${whole}()::text`,
      `DO $do$ BEGIN PERFORM ${whole}(); END $do$`,
      `SELECT query_to_xml('SELECT ${whole}()', true, false, '')`,
      `CREATE VIEW fv AS SELECT ${whole}(); SELECT * FROM fv`,
      `CREATE MATERIALIZED VIEW fm AS SELECT ${whole}()::text AS a`,
      `CREATE TABLE ft AS SELECT ${whole}()::text AS a`,
      `ALTER FUNCTION ${whole} RENAME TO fy; SELECT fy()`,
    ])
    return chance.once(2) ? [made, call] : [`${made}; ${call}`]
  },
  (act, chance) => {
    const made = `CREATE PROCEDURE pz() LANGUAGE plpgsql AS ${quoted(code(act, chance), chance)}`
    return chance.once(2) ? [made, 'CALL pz()'] : [`${made}; CALL pz()`]
  },
  (act, chance) => {
    const made = `CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS ${quoted(code(act, chance).replace(/END( a)?$/, 'RETURN NULL; END$1'), chance)}`
    const on = chance.pick([
      'AFTER INSERT ON notes',
      'AFTER UPDATE ON notes FOR EACH ROW',
      'AFTER INSERT ON fresh',
    ])
    const fires = on.includes('UPDATE')
      ? 'UPDATE notes SET body = body WHERE id = 1'
      : `INSERT INTO ${on.includes('fresh') ? 'fresh VALUES (1)' : "notes (body) VALUES ('x')"}`
    return [
      `CREATE TABLE fresh (i int)`,
      made,
      `CREATE TRIGGER tg ${on} EXECUTE FUNCTION tg()`,
      fires,
    ]
  },
  (act, chance) => [
    'CREATE TABLE fresh (i int)',
    `CREATE RULE fr AS ON ${chance.pick(['INSERT', 'UPDATE'])} TO fresh DO ${chance.pick(['ALSO', 'INSTEAD'])} ${act}`,
    'INSERT INTO fresh VALUES (1); UPDATE fresh SET i = 2 WHERE i = 1',
  ],
  (act, chance) => [
    `WITH d AS (${returning(act)}) ${chance.pick(['SELECT * FROM d', 'SELECT 1', "INSERT INTO notes (body) SELECT 'x' FROM d", 'SELECT count(*) FROM d'])}`,
  ],
  (act) => [`WITH a AS (SELECT 1), d AS MATERIALIZED (${returning(act)}) SELECT * FROM a`],
  (act) => [`COPY (${returning(act)}) TO STDOUT`],
  (act, chance) => [
    chance.pick([
      `BEGIN; ${act}; COMMIT`,
      `START TRANSACTION; ${act}; END`,
      `BEGIN; SAVEPOINT a; ${act}; RELEASE a; COMMIT AND CHAIN; ROLLBACK`,
      `ROLLBACK; ${act}`,
    ]),
  ],
  (act) => ['BEGIN', act, 'COMMIT'],
  (act, chance) => [
    chance.pick([
      `SELECT 1; ${act}; SELECT 2`,
      `;;;${act};;`,
      `${act};`,
      `  ;\n${act}`,
      `SELECT ''''; ${act}`,
      `SELECT $$ $a$ $$; ${act}`,
    ]),
  ],
  (act) => [`SET search_path = public; ${act}`],
  (act) => [`SET LOCAL search_path TO archive, public; ${act}`],
  (act, chance) => {
    const table = chance.pick(['notes', 'users', 'payments', 'customers', 'orders'])
    const other = new RegExp(`\\b${table}\\b`, 'g')
    return chance.pick<Script>([
      [`ALTER TABLE ${table} RENAME TO zz`, act.replaceAll(other, 'zz')],
      [`ALTER TABLE ${table} RENAME TO zz; ${act.replaceAll(other, 'zz')}`],
      [`ALTER TABLE ${table} SET SCHEMA archive`, act.replaceAll(other, `archive.${table}`)],
      [`ALTER SCHEMA public RENAME TO zs; ${act.replaceAll(other, `zs.${table}`)}`],
      [`CREATE TEMP TABLE ${table} (id int)`, 'SET search_path = public', act],
      [`CREATE TEMP TABLE ${table} (id int)`, `DROP TABLE pg_temp.${table}; ${act}`],
      [`CREATE VIEW zz AS SELECT * FROM ${table}`, act.replaceAll(other, 'zz')],
    ])
  },
  (act) => [
    act.replace(
      /\b(DROP (?:TABLE|VIEW|INDEX|SCHEMA|TYPE|FUNCTION|SEQUENCE))\b(?! IF)/i,
      '$1 IF EXISTS',
    ),
  ],
  (act, chance) => [
    `${act.replace(/\bWHERE\b[\s\S]*$/i, '')} WHERE ${chance.pick(['true', '1=1', 'id = id', 'NOT false', 'id IS NOT NULL', 'id = 1 OR true', "'t'", 'id IN (SELECT id FROM notes)', 'id = ANY (SELECT id FROM notes)', 'EXISTS (SELECT 1)', 'id > 0', 'id = (SELECT notes.id)', 'id IN (SELECT notes.id LIMIT 1)', 'id NOT IN (0)', 'NOT (id = 0)', 'coalesce(id = 1, false) IS NOT NULL', 'CASE WHEN id = 1 THEN true ELSE true END', '(id, id) = (id, id)', 'id IN (id)', "id::text LIKE '%'", 'id = 1 IS NOT NULL', 'id BETWEEN 0 AND 999', 'id = greatest(id, 0)', 'ROW(id) = ROW(id)', 'id = ANY (ARRAY[id])', 'id IN (VALUES (id))', 'id = (SELECT max(n.id) FROM notes n WHERE n.id = notes.id)', 'id IN (SELECT n.id FROM notes n JOIN notes m ON n.id = m.id)', 'id OPERATOR(pg_catalog.=) id', 'id IS DISTINCT FROM 0', '(SELECT true)', 'id = id + 0', 'id IN (1, id)', 'nullif(id, 0) IS NOT NULL', 'id = 1 IN (true, false)', 'notes.* IS NOT NULL', 'ctid = ctid', 'tableoid = tableoid', 'id = ALL (SELECT id)', 'NULL IS NULL', "id = 5 OR id = (SELECT 6) OR 'on'"])}`,
  ],
]

/** The act of a script by one more way; null where there is none for it. */
export function wrapped(script: Script, chance: Chance): Script {
  const act = script.at(-1) ?? ''
  if (!isSingle(act) && !chance.once(3)) return script
  const wrap = chance.pick(wraps)
  // Most statements that are not queries can stand in code only.
  if (!isChange(act) && !isQuery(act) && chance.once(4)) return script
  return joined(script.slice(0, -1), wrap(act, chance))
}

function joined(before: readonly string[], after: Script): Script {
  const [first = '', ...rest] = [...before, ...after]
  return [first, ...rest]
}
