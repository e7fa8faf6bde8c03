/** What a password of a PostgreSQL server can do: one statement in a transaction that may only read, over the server's own catalogs. */
import { isObject, parseJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Ask, Row } from '../../platforms/postgres/questions.ts'
import { count, sizeOf } from '../radius-words.ts'
import { toldOf } from './provider.ts'
import { silent } from './reach.ts'
import type { Power, Reach, Thing } from './reach.ts'

/** Names are qualified, so that nothing of the database's own is called. What a role may become counts as what it is. */
const question = `SELECT current_user AS role, pg_catalog.current_database() AS database,
    pg_catalog.pg_is_in_recovery() AS standby,
    (SELECT pg_catalog.bool_or(s.rolsuper) FROM pg_catalog.pg_roles s WHERE pg_catalog.pg_has_role(s.oid, 'MEMBER')) AS super,
    (SELECT pg_catalog.bool_or(s.rolname IN ('pg_execute_server_program', 'pg_write_server_files')) FROM pg_catalog.pg_roles s
      WHERE pg_catalog.pg_has_role(s.oid, 'MEMBER')) AS server,
    (SELECT pg_catalog.bool_or(s.rolcreaterole) FROM pg_catalog.pg_roles s WHERE pg_catalog.pg_has_role(s.oid, 'MEMBER')) AS mints,
    t.tables, t.owned, t.erasable, t.overwritable, t.writable, t.readable, t.row_count, t.bytes,
    (SELECT pg_catalog.json_agg(d.datname) FROM pg_catalog.pg_database d WHERE NOT d.datistemplate
      AND d.datallowconn AND pg_catalog.pg_has_role(d.datdba, 'MEMBER')) AS databases
  FROM (SELECT pg_catalog.count(*) AS tables,
      pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_has_role(c.relowner, 'MEMBER')) AS owned,
      pg_catalog.count(*) FILTER (WHERE pg_catalog.has_table_privilege(c.oid, 'DELETE, TRUNCATE')) AS erasable,
      pg_catalog.count(*) FILTER (WHERE pg_catalog.has_any_column_privilege(c.oid, 'UPDATE')) AS overwritable,
      pg_catalog.count(*) FILTER (WHERE pg_catalog.has_any_column_privilege(c.oid, 'INSERT')) AS writable,
      pg_catalog.count(*) FILTER (WHERE pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS readable,
      pg_catalog.sum(CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE 0 END)::bigint AS row_count,
      pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))::bigint AS bytes
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_') t`

/** `where` is host and port. Throws what the session throws. */
export async function databaseReach(where: string, ask: Ask): Promise<Reach> {
  await ask('BEGIN TRANSACTION READ ONLY')
  await ask("SET LOCAL statement_timeout = '8s'")
  const [row] = await ask(question)
  await ask('ROLLBACK')
  if (row === undefined) return silent(`${where} answered nothing`)
  return reachOf(where, row)
}

function reachOf(where: string, row: Row): Reach {
  const isOn = (name: string): boolean => row[name] === 't'
  const many = (name: string): number => Number(row[name] ?? '0')
  const current = row['database'] ?? ''
  const databases = [...new Set([current, ...namesIn(row['databases'])])]
  const size = `${count(many('tables'), 'table')}, about ${count(many('row_count'), 'row')}, ${sizeOf(many('bytes'))}`
  const things = databases.map((name): Thing => ({
    id: name,
    type: 'database',
    name: name === current ? `${name} (${size})` : name,
    environments: [],
    shared: null,
    holds: 'data',
  }))
  const unknown = isOn('standby')
    ? ['it is a standby, and the same password may open the server that it follows']
    : []
  return toldOf(`postgres ${where}`, `role ${row['role'] ?? ''} at ${where}`, {
    isBlanket: isOn('super') || isOn('server'),
    things,
    unknown,
    powers: isOn('standby') ? [reads] : powersOf(row, current),
  })
}

const reads: Power = { operation: 'SELECT', does: 'reads', on: 'all' }

function powersOf(row: Row, current: string): readonly Power[] {
  const some = (name: string): boolean => Number(row[name] ?? '0') > 0
  const isSuper = row['super'] === 't'
  // Whoever runs programs or writes files as the server does has all that the server has (PostgreSQL 18, §21.5).
  const isServer = row['server'] === 't'
  const isAll = isSuper || isServer
  const owned = namesIn(row['databases'])
  const here = [current]
  const when = (holds: boolean, power: Power): readonly Power[] => (holds ? [power] : [])
  return [
    ...when(isSuper, { operation: 'DROP DATABASE', does: 'destroys', on: 'all' }),
    ...when(isServer, { operation: 'COPY to a program or file', does: 'destroys', on: 'all' }),
    ...when(!isSuper && owned.length > 0, {
      operation: 'DROP DATABASE',
      does: 'destroys',
      on: owned,
    }),
    ...when(some('owned'), { operation: 'DROP TABLE', does: 'destroys', on: here }),
    ...when(some('erasable'), { operation: 'DELETE', does: 'destroys', on: here }),
    // What every row held is gone after `UPDATE … SET`, with no row deleted.
    ...when(some('overwritable'), { operation: 'UPDATE', does: 'destroys', on: here }),
    ...when(some('writable'), { operation: 'INSERT', does: 'changes', on: here }),
    ...when(isAll || row['mints'] === 't', { operation: 'CREATE ROLE', does: 'mints', on: [] }),
    ...when(some('readable'), { ...reads, on: here }),
  ]
}

function namesIn(text: string | null | undefined): readonly string[] {
  const value: Json = parseJson(text ?? '[]')
  return Array.isArray(value) && !isObject(value)
    ? value.filter((name: Json): name is string => typeof name === 'string')
    : []
}
