/** What a password of a PostgreSQL server can do: one statement in a transaction that may only read, over the server's own catalogs. */
import { isObject, parseJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Ask, Row } from '../../platforms/postgres/questions.ts'
import { count, sizeOf } from '../radius-words.ts'
import { toldOf } from './provider.ts'
import { silent } from './reach.ts'
import type { Power, Reach, Thing } from './reach.ts'

/**
 * Names are qualified, so that nothing of the database's own is called.
 * `reached`: every role that this one acts as. `SET ROLE` goes along memberships with SET, a right is inherited along those with INHERIT,
 * and who holds ADMIN gives itself both (PostgreSQL 18, GRANT). Before 16 each membership has SET, and its member says INHERIT.
 * `is_set`: its attributes count too, which are never inherited. The owner of a database is in `pg_database_owner` without being listed.
 */
const question = `WITH RECURSIVE membership AS (
    SELECT m.member, m.roleid, m.admin_option AS admin,
      COALESCE((pg_catalog.to_jsonb(m) ->> 'set_option')::bool, true) AS set,
      COALESCE((pg_catalog.to_jsonb(m) ->> 'inherit_option')::bool, r.rolinherit) AS inherit
    FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.member
    UNION ALL SELECT d.datdba, o.oid, false, false, true FROM pg_catalog.pg_database d, pg_catalog.pg_roles o
      WHERE d.datname = pg_catalog.current_database() AND o.rolname = 'pg_database_owner'
    UNION ALL SELECT s.oid, r.oid, false, true, false FROM pg_catalog.pg_roles s, pg_catalog.pg_roles r WHERE s.rolsuper
  ), reached AS (
    SELECT r.oid, true AS is_set FROM pg_catalog.pg_roles r WHERE r.rolname = session_user
    UNION SELECT m.roleid, m.admin OR (m.set AND e.is_set) FROM reached e JOIN membership m ON m.member = e.oid
      WHERE m.admin OR m.inherit OR (m.set AND e.is_set)
  ), acting AS (
    SELECT r.*, pg_catalog.current_setting('server_version_num')::int < 160000 AS is_old
    FROM pg_catalog.pg_roles r WHERE r.oid IN (SELECT e.oid FROM reached e WHERE e.is_set)
  ), relation AS (
    SELECT c.oid, c.relkind IN ('r', 'm', 'p') AS is_table, c.reltuples,
      c.relowner IN (SELECT e.oid FROM reached e) OR n.nspowner IN (SELECT e.oid FROM reached e) AS owned,
      pg_catalog.bool_or(pg_catalog.has_table_privilege(e.oid, c.oid, 'DELETE, TRUNCATE')) AS erasable,
      pg_catalog.bool_or(pg_catalog.has_table_privilege(e.oid, c.oid, 'TRIGGER')) AS triggered,
      pg_catalog.bool_or(pg_catalog.has_any_column_privilege(e.oid, c.oid, 'UPDATE')) AS overwritable,
      pg_catalog.bool_or(pg_catalog.has_any_column_privilege(e.oid, c.oid, 'INSERT')) AS writable,
      pg_catalog.bool_or(pg_catalog.has_any_column_privilege(e.oid, c.oid, 'SELECT')) AS readable
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN (SELECT DISTINCT e.oid FROM reached e) e
    WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    GROUP BY c.oid, c.relkind, c.reltuples, c.relowner, n.nspowner
  )
  SELECT session_user AS role, pg_catalog.current_database() AS database,
    pg_catalog.pg_is_in_recovery() AS standby,
    (SELECT pg_catalog.bool_or(a.rolsuper) FROM acting a) AS super,
    (SELECT pg_catalog.bool_or(r.rolname IN ('pg_execute_server_program', 'pg_write_server_files')) FROM pg_catalog.pg_roles r
      WHERE r.oid IN (SELECT e.oid FROM reached e)) AS server,
    (SELECT pg_catalog.bool_or(a.rolcreaterole AND a.is_old) FROM acting a) AS any_role,
    (SELECT pg_catalog.bool_or(a.rolcreaterole) FROM acting a) AS mints,
    (SELECT pg_catalog.bool_or(a.rolcreatedb) FROM acting a) AS creates,
    (SELECT pg_catalog.bool_or(a.rolreplication) FROM acting a) AS replicates,
    (SELECT pg_catalog.bool_or(r.rolname IN ('pg_read_all_data', 'pg_read_server_files')) FROM pg_catalog.pg_roles r
      WHERE r.oid IN (SELECT e.oid FROM reached e)) AS reads_all,
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND p.proowner NOT IN (SELECT e.oid FROM reached e)
      AND EXISTS (SELECT FROM reached e WHERE pg_catalog.has_function_privilege(e.oid, p.oid, 'EXECUTE')
        AND pg_catalog.has_schema_privilege(e.oid, n.oid, 'USAGE'))) AS lent,
    t.*,
    (SELECT pg_catalog.json_agg(d.datname) FROM pg_catalog.pg_database d WHERE NOT d.datistemplate
      AND d.datallowconn AND d.datdba IN (SELECT e.oid FROM reached e)) AS databases,
    (SELECT pg_catalog.json_agg(d.datname ORDER BY d.datname) FROM pg_catalog.pg_database d WHERE NOT d.datistemplate
      AND d.datallowconn AND d.datname <> pg_catalog.current_database()
      AND EXISTS (SELECT FROM reached e WHERE pg_catalog.has_database_privilege(e.oid, d.oid, 'CONNECT'))) AS others
  FROM (SELECT pg_catalog.count(*) FILTER (WHERE c.is_table) AS tables,
      pg_catalog.count(*) FILTER (WHERE c.owned) AS owned,
      pg_catalog.count(*) FILTER (WHERE c.erasable) AS erasable,
      pg_catalog.count(*) FILTER (WHERE c.triggered) AS triggered,
      pg_catalog.count(*) FILTER (WHERE c.overwritable) AS overwritable,
      pg_catalog.count(*) FILTER (WHERE c.writable) AS writable,
      pg_catalog.count(*) FILTER (WHERE c.readable) AS readable,
      pg_catalog.sum(CASE WHEN c.is_table AND c.reltuples > 0 THEN c.reltuples ELSE 0 END)::bigint AS row_count,
      pg_catalog.sum(CASE WHEN c.is_table THEN pg_catalog.pg_total_relation_size(c.oid) ELSE 0 END)::bigint AS bytes
    FROM relation c) t`

/** Opens a session with another database of the same server, for as long as the work takes. Throws what the session throws. */
export type Beside = (
  database: string,
  work: (ask: Ask) => Promise<Row | null>,
) => Promise<Row | null>

/** So many other databases of one server are looked into. */
const mostBeside = 8

/** `where` is host and port. Null for `beside`: the database of the string alone is asked. Throws what the first session throws. */
export async function databaseReach(
  where: string,
  ask: Ask,
  beside: Beside | null = null,
): Promise<Reach> {
  const row = await asked(ask)
  if (row === null) return silent(`${where} answered nothing`)
  const others = row['standby'] === 't' ? [] : namesIn(row['others'])
  const { rows, unknown } = await besides(others, beside)
  return reachOf(where, [row, ...rows], unknown)
}

async function besides(
  others: readonly string[],
  beside: Beside | null,
): Promise<{ readonly rows: readonly Row[]; readonly unknown: readonly string[] }> {
  const near = beside === null ? [] : others.slice(0, mostBeside)
  const rows: Row[] = []
  const unknown: string[] = []
  for (const name of near) {
    // Whatever kept it from being asked: the same password may do so from elsewhere.
    const other = await beside?.(name, asked).catch(() => null)
    if (other === null || other === undefined) unknown.push(`database ${name}: it told nothing`)
    else rows.push(other)
  }
  const left = others.length - near.length
  if (left > 0) unknown.push(`${count(left, 'more database')} that it may connect to`)
  return { rows, unknown }
}

async function asked(ask: Ask): Promise<Row | null> {
  await ask('BEGIN TRANSACTION READ ONLY')
  await ask("SET LOCAL statement_timeout = '8s'")
  const [row = null] = await ask(question)
  await ask('ROLLBACK')
  return row
}

const many = (row: Row, name: string): number => Number(row[name] ?? '0')

/** The first row tells of the role; each of its own database. */
function reachOf(where: string, rows: readonly Row[], left: readonly string[]): Reach {
  const [row = {}] = rows
  const isOn = (name: string): boolean => row[name] === 't'
  const sizes = new Map(rows.map((one) => [one['database'] ?? '', sizeIn(one)]))
  const databases = [...new Set([...sizes.keys(), ...namesIn(row['databases'])])]
  const things = databases.map((name): Thing => ({
    id: name,
    type: 'database',
    name: sizes.has(name) ? `${name} (${sizes.get(name) ?? ''})` : name,
    environments: [],
    shared: null,
    holds: 'data',
  }))
  const lent = rows.reduce((sum, one) => sum + many(one, 'lent'), 0)
  const functions = count(lent, 'function')
  return toldOf(`postgres ${where}`, `role ${row['role'] ?? ''} at ${where}`, {
    isBlanket: isOn('super') || isOn('server') || isOn('any_role'),
    things,
    unknown: [
      ...(isOn('standby')
        ? ['it is a standby, and the same password may open the server that it follows']
        : []),
      ...(lent > 0
        ? [`what ${functions} with another role's rights can do (SECURITY DEFINER)`]
        : []),
      ...left,
    ],
    powers: isOn('standby') ? [reads] : [...rows.flatMap(powersIn), ...powersOf(row)],
  })
}

const sizeIn = (row: Row): string =>
  `${count(many(row, 'tables'), 'table')}, about ${count(many(row, 'row_count'), 'row')}, ${sizeOf(many(row, 'bytes'))}`

const reads: Power = { operation: 'SELECT', does: 'reads', on: 'all' }

const when = (holds: boolean, power: Power): readonly Power[] => (holds ? [power] : [])

/** What the role may wherever it is. */
function powersOf(row: Row): readonly Power[] {
  const isOn = (name: string): boolean => row[name] === 't'
  const isSuper = isOn('super')
  // Whoever runs programs or writes files as the server does has all that the server has (PostgreSQL 18, §21.5).
  const isServer = isOn('server')
  // Before 16, CREATEROLE makes its holder a member of whatever is no superuser: of those that run programs too (PostgreSQL 15, CREATE ROLE).
  const isAnyRole = isOn('any_role')
  const mints = isSuper || isServer || isAnyRole || isOn('mints')
  const owned = namesIn(row['databases'])
  const drop = { operation: 'DROP DATABASE', does: 'destroys' } as const
  const stream = { operation: 'BASE_BACKUP, DROP_REPLICATION_SLOT', does: 'changes' } as const
  return [
    ...when(isSuper, { ...drop, on: 'all' }),
    ...when(isServer, { operation: 'COPY to a program or file', does: 'destroys', on: 'all' }),
    ...when(isAnyRole, { operation: 'GRANT any role to itself', does: 'destroys', on: 'all' }),
    ...when(!isSuper && owned.length > 0, { ...drop, on: owned }),
    ...when(mints, { operation: 'CREATE ROLE', does: 'mints', on: [] }),
    ...when(isOn('creates'), { operation: 'CREATE DATABASE', does: 'changes', on: [] }),
    // A copy of every file, and slots that others stand on (PostgreSQL 18, §54.4).
    ...when(isOn('replicates'), { ...stream, on: [] }),
    ...when(isOn('reads_all') || isOn('replicates'), reads),
  ]
}

/** What it may in one database. */
function powersIn(row: Row): readonly Power[] {
  const here = [row['database'] ?? '']
  const power = (name: string, operation: string, does: Power['does']): readonly Power[] =>
    when(many(row, name) > 0, { operation, does, on: here })
  return [
    ...power('owned', 'DROP TABLE', 'destroys'),
    ...power('erasable', 'DELETE', 'destroys'),
    // What every row held is gone after `UPDATE … SET`, with no row deleted.
    ...power('overwritable', 'UPDATE', 'destroys'),
    // A trigger runs with the rights of whoever writes next.
    ...power('triggered', 'CREATE TRIGGER', 'destroys'),
    ...power('writable', 'INSERT', 'changes'),
    ...power('readable', 'SELECT', 'reads'),
  ]
}

function namesIn(text: string | null | undefined): readonly string[] {
  const value: Json = parseJson(text ?? '[]')
  return Array.isArray(value) && !isObject(value)
    ? value.filter((name: Json): name is string => typeof name === 'string')
    : []
}
