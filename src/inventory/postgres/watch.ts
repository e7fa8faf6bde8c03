/** The bypass watch of a database: sessions that did not come through the gateway, each told once. */
import { told } from '../../platforms/postgres/questions.ts'
import type { Ask, Row } from '../../platforms/postgres/questions.ts'
import type { Ours } from './ours.ts'

export interface Stranger {
  readonly pid: number
  readonly user: string
  readonly database: string
  /** What it calls itself, in its own words; null where this user may not see it. */
  readonly application: string | null
  /** Address of the client; null over a socket of the server's own machine. */
  readonly address: string | null
  readonly since: string | null
}

export interface Watch {
  /** The sessions that are there now, are none of ours, and were not told before. Throws what the server says. */
  look(ask: Ask): Promise<readonly Stranger[]>
}

export function openWatch(ours: Pick<Ours, 'has' | 'there'>): Watch {
  let seen: ReadonlySet<string> = new Set()
  return {
    look: async (ask) => {
      const all = await ask(question)
      ours.there(new Set(all.map((row) => Number(row['pid']))))
      const rows = all.filter((row) => !ours.has(Number(row['pid'])))
      const fresh = rows.filter((row) => !seen.has(keyOf(row)))
      // A process id is used again: with when it began it is one session's alone. Those that have gone are forgotten.
      seen = new Set(rows.map(keyOf))
      return fresh.map(strangerOf)
    },
  }
}

/**
 * Replication is of the server itself, and so is all that is no client's backend. To a user without `pg_read_all_stats`
 * the server hides what kind another user's session is, and since when: such a one has a user, and workers have none.
 */
const question = `SELECT pid, usename, datname, application_name, client_addr::text AS address, backend_start
  FROM pg_stat_activity a WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (backend_type = 'client backend' OR (backend_type IS NULL AND usename IS NOT NULL))
    AND NOT EXISTS (SELECT FROM pg_stat_replication r WHERE r.pid = a.pid)
  ORDER BY backend_start, pid`

function keyOf(row: Row): string {
  return `${told(row, 'pid')} ${told(row, 'backend_start')}`
}

function strangerOf(row: Row): Stranger {
  return {
    pid: Number(row['pid']),
    user: told(row, 'usename'),
    database: told(row, 'datname'),
    application: row['application_name'] ?? null,
    address: row['address'] ?? null,
    since: row['backend_start'] ?? null,
  }
}
