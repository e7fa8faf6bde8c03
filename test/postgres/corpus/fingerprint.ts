/** What is there: rows, objects, privileges, settings, as a set of facts that can be compared; what is new never counts as lost. */
import { columns, errorFields, send } from '../differential-wire.ts'
import type { Session } from '../differential-wire.ts'

export interface Fingerprint {
  /** Objects, privileges, settings: key to words for a reader. */
  readonly facts: ReadonlyMap<string, string>
  /** Rows by table and text, with how often. */
  readonly rows: ReadonlyMap<string, number>
  /** The columns whose values are compared, by table. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  readonly sequences: ReadonlyMap<string, bigint>
  /** Types of all columns: another one is no loss by itself, and another world. */
  readonly types: string
}

/** So many rows one statement may change and still be ordinary. */
export const rowBound = 10

/** Looks at a database; with `like`, only at the columns that were there then, so that an added one changes no row. */
export async function look(session: Session, like: Fingerprint | null): Promise<Fingerprint> {
  const facts = new Map<string, string>()
  for (const [kind = '', key = '', words = ''] of await ask(session, questions))
    facts.set(`${kind} ${key}`, `${kind} ${words}`)
  const [[types = ''] = []] = await ask(session, columnTypes)
  const rows = await contents(session, like)
  return { facts, ...rows, sequences: await counters(session), types }
}

/** Each row of each table as a text of its compared columns. */
async function contents(
  session: Session,
  like: Fingerprint | null,
): Promise<Pick<Fingerprint, 'rows' | 'columns'>> {
  const all = await ask(session, tables)
  const columns = all.map(([table = '', from = '', number = '', name = '']) => ({
    table,
    from,
    number,
    name,
  }))
  const compared = columns.filter(
    ({ table, number }) => like?.columns.get(table)?.has(number) ?? like === null,
  )
  const byTable = Map.groupBy(compared, ({ table }) => table)
  const selects = [...byTable].map(
    ([table, list]) =>
      `SELECT '${table} ' || ROW(${list.map(({ name }) => `t.${name}`).join(',')})::text FROM ${list[0]?.from} t`,
  )
  const rows = new Map<string, number>()
  const texts = selects.length === 0 ? [] : await ask(session, selects.join(' UNION ALL '))
  for (const [row = ''] of texts) rows.set(row, (rows.get(row) ?? 0) + 1)
  const numbers = [...byTable].map(
    ([table, list]) => [table, new Set(list.map(({ number }) => number))] as const,
  )
  return { rows, columns: new Map(numbers) }
}

/** The last value that each sequence gave, or one less than the first. */
async function counters(session: Session): Promise<ReadonlyMap<string, bigint>> {
  const names = await ask(session, `SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'`)
  if (names.length === 0) return new Map()
  const selects = names.map(
    ([name = '']) =>
      `SELECT '${name}'::regclass::oid, CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ${name}`,
  )
  const values = await ask(session, selects.join(' UNION ALL '))
  return new Map(values.map(([oid = '', at = '0']) => [oid, BigInt(at)]))
}

/** What was there before and is not now, in words; empty when nothing beyond the bound of rows is lost. */
export function lost(before: Fingerprint, after: Fingerprint): readonly string[] {
  const out: string[] = []
  for (const [key, words] of before.facts) if (!after.facts.has(key)) out.push(words)
  for (const [key, at] of before.sequences)
    if ((after.sequences.get(key) ?? 0n) < at) out.push(`sequence ${key} went back from ${at}`)
  const gone = new Map<string, number>()
  for (const [row, times] of before.rows) {
    const missing = times - (after.rows.get(row) ?? 0)
    const [table = ''] = row.split(' ', 1)
    if (missing > 0) gone.set(table, (gone.get(table) ?? 0) + missing)
  }
  const all = [...gone.values()].reduce((sum, n) => sum + n, 0)
  // A partition's row counts in its parent too, so there the bound is half as wide.
  if (all > rowBound) out.push(`${all} rows of ${[...gone.keys()].join(', ')}`)
  return out
}

/** True when nothing at all is different, what was added included. */
export function same(a: Fingerprint, b: Fingerprint): boolean {
  const flat = (of: Fingerprint): string =>
    JSON.stringify(
      [of.facts, of.rows]
        .map((map) => [...map.entries()].map(String).sort())
        .concat([[...of.sequences.entries()].map(String).sort()]),
    )
  return a.types === b.types && flat(a) === flat(b)
}

export async function ask(
  session: Session,
  sql: string,
): Promise<readonly (readonly (string | undefined)[])[]> {
  session.write(send.query(sql))
  const frames = await session.until('Z')
  const error = frames.find(({ type }) => type === 'E')
  if (error !== undefined)
    throw new Error(`${errorFields(error.body).get('M')} in ${sql.slice(0, 200)}`)
  if (frames.at(-1)?.type !== 'Z') throw new Error('the server is gone')
  return frames
    .filter(({ type }) => type === 'D')
    .map(({ body }) => columns(body).map((text) => text ?? undefined))
}

const own = `(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')`

const columnTypes = `SELECT string_agg(format('%s %s %s', attrelid, attnum, format_type(atttypid, atttypmod)), ',' ORDER BY attrelid, attnum)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace IN ${own} AND attnum > 0`

/** Plain and partitioned tables and their columns; rows of a materialized view can be made again. */
const tables = `SELECT c.oid, CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || c.oid::regclass::text, a.attnum, quote_ident(a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace IN ${own} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum`

const privilege = (kind: string, from: string, acl: string, name: string): string =>
  `SELECT 'privilege', '${kind} ' || x.oid || ' ' || a.grantee || ' ' || a.privilege_type || ' ' || a.is_grantable,
    a.privilege_type || ' on ' || ${name} || ' of ' || a.grantee FROM ${from} x, aclexplode(${acl}) a`
const plain = (kind: string, catalog: string, name: string, where = 'true'): string =>
  `SELECT '${kind}', x.oid::text, (${name})::text FROM ${catalog} x WHERE ${where}`

const questions = [
  plain('schema', 'pg_namespace', 'x.nspname', `x.oid IN ${own}`),
  // An index, constraint or statistics that is made again under its name is still there.
  `SELECT 'relation', CASE WHEN relkind IN ('i', 'I') THEN relname::text ELSE oid::text END, relname::text FROM pg_class WHERE relnamespace IN ${own}`,
  plain(
    'logged',
    'pg_class',
    'x.relname',
    `x.relnamespace IN ${own} AND x.relpersistence = 'p' AND x.relkind NOT IN ('i', 'I')`,
  ),
  plain('row security', 'pg_class', 'x.relname', 'x.relrowsecurity'),
  plain('forced row security', 'pg_class', 'x.relname', 'x.relforcerowsecurity'),
  `SELECT 'column', attrelid || ' ' || attnum, attrelid::regclass || '.' || attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relkind NOT IN ('i', 'I') AND relnamespace IN ${own})`,
  `SELECT 'default', adrelid || ' ' || adnum, adrelid::regclass::text FROM pg_attrdef`,
  `SELECT 'constraint', conrelid || ' ' || contypid || ' ' || conname, conname::text FROM pg_constraint WHERE connamespace IN ${own}`,
  plain('trigger', 'pg_trigger', 'x.tgname', 'NOT x.tgisinternal'),
  plain('trigger works', 'pg_trigger', 'x.tgname', `x.tgenabled IN ('O', 'A')`),
  plain('rule', 'pg_rewrite', 'x.rulename', 'x.oid >= 16384'),
  plain('rule works', 'pg_rewrite', 'x.rulename', `x.oid >= 16384 AND x.ev_enabled IN ('O', 'A')`),
  plain('policy', 'pg_policy', 'x.polname'),
  plain('function', 'pg_proc', 'x.proname', `x.pronamespace IN ${own}`),
  plain('type', 'pg_type', 'x.typname', `x.typnamespace IN ${own}`),
  plain('label', 'pg_enum', 'x.enumlabel'),
  plain('extension', 'pg_extension', 'x.extname'),
  plain('operator', 'pg_operator', 'x.oprname', 'x.oid >= 16384'),
  plain('cast', 'pg_cast', 'x.oid', 'x.oid >= 16384'),
  plain('collation', 'pg_collation', 'x.collname', 'x.oid >= 16384'),
  plain('text search', 'pg_ts_config', 'x.cfgname', 'x.oid >= 16384'),
  plain('dictionary', 'pg_ts_dict', 'x.dictname', 'x.oid >= 16384'),
  `SELECT 'statistics', stxname::text, stxname::text FROM pg_statistic_ext`,
  plain('publication', 'pg_publication', 'x.pubname'),
  plain('published', 'pg_publication_rel', 'x.prrelid'),
  plain('subscription', 'pg_subscription', 'x.subname'),
  plain('event trigger', 'pg_event_trigger', 'x.evtname', `x.evtenabled <> 'D'`),
  plain('foreign wrapper', 'pg_foreign_data_wrapper', 'x.fdwname'),
  plain('foreign server', 'pg_foreign_server', 'x.srvname'),
  plain('user mapping', 'pg_user_mapping', 'x.umserver'),
  plain('large object', 'pg_largeobject_metadata', 'x.oid'),
  `SELECT 'large object content', loid || ' ' || md5(string_agg(data, '' ORDER BY pageno)), loid::text FROM pg_largeobject GROUP BY loid`,
  `SELECT 'comment', classoid || ' ' || objoid || ' ' || objsubid, description FROM pg_description WHERE objoid >= 16384`,
  `SELECT 'inherits', inhrelid || ' ' || inhparent, inhrelid::regclass::text FROM pg_inherits`,
  privilege(
    'class',
    `(SELECT * FROM pg_class WHERE relkind NOT IN ('i', 'I') AND relnamespace IN ${own})`,
    `coalesce(x.relacl, acldefault(CASE x.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", x.relowner))`,
    'x.relname',
  ),
  privilege(
    'schema',
    'pg_namespace',
    `coalesce(x.nspacl, acldefault('n', x.nspowner))`,
    'x.nspname',
  ),
  privilege(
    'function',
    '(SELECT * FROM pg_proc WHERE oid >= 16384)',
    `coalesce(x.proacl, acldefault('f', x.proowner))`,
    'x.proname',
  ),
  privilege(
    'type',
    '(SELECT * FROM pg_type WHERE oid >= 16384)',
    `coalesce(x.typacl, acldefault('T', x.typowner))`,
    'x.typname',
  ),
  privilege('default', 'pg_default_acl', 'x.defaclacl', 'x.defaclobjtype::text'),
  privilege(
    'large object',
    'pg_largeobject_metadata',
    `coalesce(x.lomacl, acldefault('L', x.lomowner))`,
    'x.oid::text',
  ),
  `SELECT 'privilege', 'column ' || attrelid || ' ' || attnum || ' ' || a.grantee || a.privilege_type, attname || ' of ' || a.grantee FROM pg_attribute, aclexplode(attacl) a`,
  privilege(
    'database',
    '(SELECT 0 AS oid, datacl, datdba FROM pg_database WHERE datname = current_database())',
    `coalesce(x.datacl, acldefault('d', x.datdba))`,
    `'this database'`,
  ),
  // What belongs to the whole server.
  `SELECT 'database', datname::text, datname::text FROM pg_database`,
  `SELECT 'role', rolname || ' ' || what, rolname || ' ' || what FROM pg_authid, unnest(ARRAY['is', CASE WHEN rolcanlogin THEN 'logs in' END, CASE WHEN rolsuper THEN 'superuser' END,
    CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolbypassrls THEN 'bypasses' END, 'password ' || coalesce(rolpassword, 'none'), 'until ' || coalesce(rolvaliduntil::text, 'ever')]) what WHERE what IS NOT NULL`,
  `SELECT 'member', roleid || ' ' || member, roleid::regrole || ' of ' || member::regrole FROM pg_auth_members`,
  `SELECT 'setting', setdatabase || ' ' || setrole || ' ' || line, line FROM pg_db_role_setting, unnest(setconfig) line`,
  `SELECT 'server setting', name || '=' || setting, name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'`,
  `SELECT 'slot', slot_name::text, slot_name::text FROM pg_replication_slots WHERE NOT temporary`,
  `SELECT 'prepared', gid, gid FROM pg_prepared_xacts WHERE database = current_database()`,
  `SELECT 'file', f || ' ' || md5(pg_read_file('precious/' || f)), f FROM pg_ls_dir('precious') f`,
].join(' UNION ALL ')
