/** The configuration of a restored copy: it starts alone, reachable by its own user only, and does nothing but recover. */
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import { FirebreakError } from '../base/error.ts'
import type { Line } from './physical-line.ts'

/** Up to where a copy recovers: the last thing before, and nothing of what came then. */
export type Until =
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'lsn'; readonly lsn: Lsn }
  /** A restore point of this name, and where it stands, as far as that is known: no timeline, the newest that comes from the base backup's. */
  | ({ readonly kind: 'name'; readonly name: string; readonly lsn: Lsn | null } & Partial<Line>)
  /** All of the WAL that is known. */
  | { readonly kind: 'end' }

export interface Isolation {
  /** Where the WAL lies; null where it is the server's own already. */
  readonly wal: string | null
  /** The folder of its socket: whoever may enter it may enter the database. */
  readonly socket: string
  /** Null: to the end of what is there. */
  readonly until: Until | null
  /** The later timeline that it goes on to; none where it stays on that of the base backup. */
  readonly timeline?: number | null
  /** What the server does there: it becomes a database of its own, or stands still to be looked into. */
  readonly action: 'promote' | 'pause'
  /** What the source had, and a copy must not have less of. */
  readonly settings: { readonly [name: string]: string }
  /** Libraries that this server has and its tables need. */
  readonly preload: readonly string[]
  /** It is read once and thrown away. */
  readonly scratch?: boolean
}

/** Nobody over the network; over the socket whoever may enter its folder, which is its user's alone. */
export const isolatedAccess =
  "# written by Firebreak: a restored copy is its own user's alone\nlocal all all trust\n"

export function isolatedSettings(isolation: Isolation): string {
  const { wal, socket, until, settings, preload, timeline = null } = isolation
  const lines: (readonly [string, string])[] = [
    ...Object.entries(settings).filter(([name]) => /^max_[a-z_]+$/.test(name)),
    ['listen_addresses', ''],
    ['unix_socket_directories', socket],
    ['unix_socket_permissions', '0700'],
    ['ssl', 'off'],
    ['shared_preload_libraries', preload.filter((one) => !jobs.has(one)).join(', ')],
    ['session_preload_libraries', ''],
    ['local_preload_libraries', ''],
    ['cron.launch_active_jobs', 'off'],
    ['max_logical_replication_workers', '0'],
    ['archive_mode', 'off'],
    ['archive_command', ''],
    ['primary_conninfo', ''],
    ['primary_slot_name', ''],
    ['synchronous_standby_names', ''],
    ['hot_standby', 'on'],
    // Where the server finds nothing that way it looks where it keeps its own.
    ['restore_command', wal === null ? 'false' : `cp ${inShell(`${wal}/`)}%f "%p"`],
    // Where all WAL here is of the base backup's own timeline, by its number the server would ask for the history before it.
    ['recovery_target_timeline', timeline === null ? 'current' : String(timeline)],
    ...(isolation.scratch === true ? thrownAway : []),
    ...(until === null ? [] : targetOf(until)),
    ...(until === null ? [] : [['recovery_target_action', isolation.action] as const]),
  ]
  const head =
    '# Written by Firebreak: a restored copy starts alone. What the source had is in *.source.\n'
  return `${head}${lines.map(([name, value]) => `${name} = ${quoted(value)}`).join('\n')}\n`
}

/** Nothing of it need outlive this server, and all of it is read once. */
const thrownAway = [
  ['fsync', 'off'],
  ['full_page_writes', 'off'],
  ['synchronous_commit', 'off'],
  ['autovacuum', 'off'],
  ['max_wal_size', '64GB'],
  ['checkpoint_timeout', '1d'],
  ['shared_buffers', '512MB'],
  ['jit', 'off'],
  ['min_parallel_table_scan_size', '1MB'],
  // Triggers of the copy, those on events too, do not run.
  ['session_replication_role', 'replica'],
] as const

/** Libraries that run jobs by themselves. */
const jobs = new Set(['pg_cron', 'pgagent', 'pg_partman_bgw', 'pg_timetable'])

function targetOf(until: Until): readonly (readonly [string, string])[] {
  switch (until.kind) {
    case 'time':
      return [
        [
          'recovery_target_time',
          new Date(until.time).toISOString().replace('T', ' ').replace('Z', '+00'),
        ],
        ['recovery_target_inclusive', 'off'],
      ]
    case 'lsn':
      return [
        ['recovery_target_lsn', lsnText(until.lsn)],
        ['recovery_target_inclusive', 'off'],
      ]
    case 'name':
      return [['recovery_target_name', until.name]]
    case 'end':
      return []
  }
}

function quoted(value: string): string {
  if (/[\n\r\0]/.test(value))
    throw new FirebreakError(
      'bad_input',
      'a restored copy cannot lie under a path with line breaks',
    )
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** One word for a shell, and no `%` that the server would fill in. */
function inShell(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`).replaceAll('%', '%%')}'`
}
