/** The other way to the bytes of a cluster: its server refuses replication, and lets its files be read by plain SQL. */
import type { Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { grantOf, missingFunctions } from '../platforms/postgres/over-sql.ts'
import { told } from '../platforms/postgres/questions.ts'
import { parseLsn } from '../platforms/postgres/replication.ts'
import type { Identity, Replication } from '../platforms/postgres/replication.ts'
import { readHistory } from './physical-history.ts'
import { segmentBytesOf } from './physical-setting.ts'
import { sqlBackup } from './sql-base.ts'
import type { SqlSession } from './sql-read.ts'
import { pollWal } from './sql-wal.ts'
import type { Polling } from './sql-wal.ts'

/** The first that has `pg_backup_start`. */
const leastVersion = 150_000

/** Takes the session over. Throws `bad_config` for a server that is too old, and for a role that may not read its files. */
export async function openOverSql(session: SqlSession, timer: Timer): Promise<Replication> {
  try {
    await ready(session)
  } catch (thrown) {
    await session.close()
    throw thrown
  }
  const show = async (setting: string): Promise<string> => {
    const [row] = await session.ask('SELECT pg_catalog.current_setting($1) AS is', [setting])
    return told(row, 'is')
  }
  const history = async (timeline: number): Promise<string> => {
    const file = `pg_wal/${timeline.toString(16).padStart(8, '0').toUpperCase()}.history`
    const [row] = await session.ask(
      `SELECT pg_catalog.convert_from(pg_catalog.pg_read_binary_file($1, 0, 1000000, true), 'UTF8') AS is`,
      [file],
    )
    return told(row, 'is')
  }
  return {
    way: 'sql',
    identify: () => identify(session),
    show,
    slot: async (name) => {
      const [row] = await session.ask(
        `SELECT slot_name, CASE WHEN wal_status <> 'lost' THEN restart_lsn END::text AS keeps
          FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical'`,
        [name],
      )
      const keeps = told(row, 'keeps')
      return { there: row !== undefined, keeps: keeps === '' ? null : parseLsn(keeps) }
    },
    makeSlot: async (name) => {
      await session.ask('SELECT pg_catalog.pg_create_physical_replication_slot($1, true)', [name])
    },
    history,
    baseBackup: (label) => sqlBackup(session, label),
    stream: async ({ slot, at, timeline }) => {
      const segmentBytes = segmentBytesOf(await show('wal_segment_size'))
      const pageBytes = Number(await show('wal_block_size'))
      const of = { system: '', timeline, segmentBytes }
      const left = await leftAt(session, timeline, history)
      return pollWal({ session, slot, of, at, left, pageBytes, timer })
    },
    close: () => {
      // Whoever still waits for an answer of it hears that it was closed.
      session.close().catch(() => null)
    },
  }
}

/** Where the server has left that timeline, and for which; null where it is on it. */
async function leftAt(
  session: SqlSession,
  timeline: number,
  history: Replication['history'],
): Promise<Polling['left']> {
  const now = (await identify(session)).timeline
  if (now === timeline) return null
  const forks = readHistory(await history(now))
  const at = forks.findIndex((fork) => fork.timeline === timeline)
  const fork = forks[at]
  if (fork !== undefined) return { at: fork.at, next: forks[at + 1]?.timeline ?? now }
  throw new FirebreakError(
    'wrong_state',
    `timeline ${timeline} is none that this server, on timeline ${now}, comes from`,
  )
}

async function ready({ ask }: SqlSession): Promise<void> {
  // None of the user's own functions stands for one of the server's, and nothing is given up for being slow.
  await ask(`SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)`)
  await ask(
    `SELECT set_config(name, CASE name WHEN 'standard_conforming_strings' THEN 'on' ELSE '0' END, false) FROM pg_settings
      WHERE name IN ('standard_conforming_strings', 'statement_timeout', 'lock_timeout', 'idle_session_timeout',
        'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  )
  const [row] = await ask(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version, session_user AS role`,
  )
  if (Number(told(row, 'number')) < leastVersion)
    throw new FirebreakError(
      'bad_config',
      `the database is PostgreSQL ${told(row, 'version')}: physical recovery points need 15 or newer`,
      'upgrade the server, or use logical backups',
    )
  const missing = await missingFunctions(ask)
  if (missing.length > 0)
    throw new FirebreakError(
      'bad_config',
      `\`${told(row, 'role')}\` may not read the files of the cluster: it lacks ${missing.join(', ')}`,
      grantOf(missing, told(row, 'role')),
    )
}

/** A standby is named too; whoever asks refuses it by what it is. */
async function identify({ ask }: SqlSession): Promise<Identity> {
  const [row] = await ask(
    `SELECT system_identifier::text AS system,
      CASE WHEN pg_is_in_recovery() THEN timeline_id ELSE
        ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END AS timeline,
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END::text AS flushed
    FROM pg_control_system(), pg_control_checkpoint()`,
  )
  return {
    system: BigInt.asUintN(64, BigInt(told(row, 'system'))).toString(),
    timeline: Number(told(row, 'timeline')),
    flushed: parseLsn(told(row, 'flushed')),
  }
}
