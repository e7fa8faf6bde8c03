/** What a database says of itself to whoever wants to keep recovery points of it: reads, and one replication session that is tried. */
import { messageOf } from '../base/error.ts'
import { plain } from '../base/plain.ts'
import { ServerError } from '../gateways/postgres/client-ears.ts'
import { Fatal } from '../gateways/postgres/refusal.ts'
import { openReplication } from '../gateways/postgres/replication.ts'
import { missingFunctions } from '../platforms/postgres/over-sql.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask, Row } from '../platforms/postgres/questions.ts'
import { findPrograms } from '../vault/programs.ts'
import { dialNamed } from './database-url.ts'
import type { Named } from './database-url.ts'

export interface Seen {
  /** `server_version_num`, and as people write it. */
  readonly version: number
  readonly versionText: string
  readonly user: string
  readonly database: string
  readonly bytes: number
  readonly isSuperuser: boolean
  readonly mayReplicate: boolean
  readonly isStandby: boolean
  readonly walLevel: string
  readonly senders: Room
  readonly slots: Room
  /** `max_slot_wal_keep_size` as the server shows it. */
  readonly keep: string
  readonly mayMark: boolean
  /** Tables, views that keep rows, and sequences that the role cannot read, and tables of which rows may be hidden from it; quoted names. */
  readonly unreadable: readonly string[]
  readonly hidden: readonly string[]
  /** What the server sees us as; null over a socket. */
  readonly from: string | null
  readonly serverAt: string | null
  readonly isEncrypted: boolean
  /** Null where the role may not know them. */
  readonly dataFolder: string | null
  readonly accessFile: string | null
  /** Why no replication session was had; null where one was. */
  readonly refused: { readonly code: string; readonly message: string } | null
  /** Functions that the role may not call, and would have to where bytes come by plain SQL. */
  readonly lacks: readonly string[]
  /** Programs are installed here to hold drills with. */
  readonly drills: { readonly logical: boolean; readonly physical: boolean }
}

export interface Room {
  readonly most: number
  readonly used: number
}

/** Throws `not_reachable` where no session is had at all. `scratch`: where fetched programs may lie. */
export async function lookAt(named: Named, scratch: string): Promise<Seen> {
  const client = await dialNamed(named)
  try {
    await client.ask('BEGIN READ ONLY')
    // Names are whole, and none of the user's own functions stands for one of the server's.
    await client.ask(`SELECT set_config('search_path', 'pg_catalog, pg_temp', true)`)
    return { ...(await asked(client.ask, scratch)), refused: await tried(named) }
  } finally {
    await client.close()
  }
}

const ours = `c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`

const about = `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
    session_user AS "user", current_database() AS database, pg_database_size(current_database()) AS bytes,
    r.rolsuper AS super, r.rolreplication AS replicates, pg_is_in_recovery() AS standby,
    current_setting('wal_level') AS wal, current_setting('max_wal_senders') AS senders,
    (SELECT count(*) FROM pg_stat_replication) AS sending,
    current_setting('max_replication_slots') AS slots, (SELECT count(*) FROM pg_replication_slots) AS slotted,
    (SELECT setting || coalesce(unit, '') FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS keep,
    has_function_privilege('pg_create_restore_point(text)', 'EXECUTE') AS marks,
    host(inet_client_addr()) AS "from", host(inet_server_addr()) AS at,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS ssl,
    (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data,
    (SELECT setting FROM pg_settings WHERE name = 'hba_file') AS hba
  FROM pg_roles r WHERE r.rolname = session_user`

const unreadable = `SELECT c.oid::regclass AS name FROM pg_class c WHERE ${ours} AND CASE
    WHEN c.relkind IN ('r', 'p', 'm') THEN NOT has_table_privilege(c.oid, 'SELECT') OR NOT has_schema_privilege(c.relnamespace, 'USAGE')
    WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT') ELSE false END ORDER BY 1`

const hidden = `SELECT c.oid::regclass AS name FROM pg_class c
  WHERE ${ours} AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid) ORDER BY 1`

async function asked(ask: Ask, folder: string): Promise<Omit<Seen, 'refused'>> {
  const [row] = await ask(about)
  const [no, some] = [await ask(unreadable), await ask(hidden)]
  const lacks = await missingFunctions(ask)
  const version = Number(told(row, 'number'))
  const major = Math.floor(version / 10_000)
  const is = (column: string): boolean => told(row, column) === 't'
  const count = (column: string): number => Number(told(row, column))
  return {
    version,
    versionText: plain(told(row, 'version').split(' ')[0] ?? '', 20),
    user: told(row, 'user'),
    database: told(row, 'database'),
    bytes: count('bytes'),
    isSuperuser: is('super'),
    mayReplicate: is('replicates') || is('super'),
    isStandby: is('standby'),
    walLevel: told(row, 'wal'),
    senders: { most: count('senders'), used: count('sending') },
    slots: { most: count('slots'), used: count('slotted') },
    keep: told(row, 'keep'),
    mayMark: is('marks'),
    unreadable: namesIn(no),
    hidden: namesIn(some),
    from: row?.['from'] ?? null,
    serverAt: row?.['at'] ?? null,
    isEncrypted: is('ssl'),
    dataFolder: row?.['data'] ?? null,
    accessFile: row?.['hba'] ?? null,
    lacks,
    drills: {
      logical: (await findPrograms(major, { exact: false, folder })) !== null,
      physical: (await findPrograms(major, { exact: true, folder })) !== null,
    },
  }
}

function namesIn(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => told(row, 'name'))
}

/** Whether the server lets replication in is told by nothing but a try: its access file is not for others to read. */
async function tried({ dial }: Named): Promise<Seen['refused']> {
  try {
    const replication = await openReplication(dial)
    try {
      await replication.identify()
    } finally {
      replication.close()
    }
    return null
  } catch (thrown) {
    const code =
      thrown instanceof Fatal
        ? (thrown.serverCode ?? '')
        : thrown instanceof ServerError
          ? thrown.code
          : ''
    return { code, message: plain(messageOf(thrown)) }
  }
}
