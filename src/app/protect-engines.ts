/** Which engine a database can be kept by, and in exact lines what the others would take. */
import { plain } from '../base/plain.ts'
import { waysToInstall } from '../vault/programs.ts'
import { grantOf } from '../platforms/postgres/over-sql.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import type { Seen } from './protect-look.ts'

export type EngineName = 'physical' | 'logical'

export interface Possible {
  readonly engine: EngineName
  /** What it would take, a line each, to be run by whoever may; empty where it is possible now. */
  readonly takes: readonly string[]
  /** What is to be known, though it keeps nothing from being taken. */
  readonly notes: readonly string[]
  /** What would do as well where the access file stays as it is, beside the rest of `takes`. */
  readonly instead: readonly string[]
}

/** The best first: what loses least. */
export function enginesOf(seen: Seen): readonly Possible[] {
  return [
    physical(seen),
    { engine: 'logical', takes: forLogical(seen), notes: drillNote(seen, 'logical'), instead: [] },
  ]
}

/** By replication; by plain SQL where the access file refuses that, and nothing else is in the way. */
function physical(seen: Seen): Possible {
  const notes = drillNote(seen, 'physical')
  const takes = forPhysical(seen)
  const isShut = seen.refused?.code === '28000'
  if (!isShut || takes.length === 0) return { engine: 'physical', takes, notes, instead: [] }
  // No sender is needed for that, and no line in the access file.
  const left = forPhysical({ ...seen, refused: null, senders: { most: neededSenders, used: 0 } })
  if (seen.lacks.length > 0) {
    const grant = `${grantOf(seen.lacks, seen.user)}   -- in ${quoted(seen.database)}`
    const instead = [plain(grant, 500)]
    return { engine: 'physical', takes, notes, instead: left.length < takes.length ? instead : [] }
  }
  if (left.length > 0) return { engine: 'physical', takes: left, notes, instead: [] }
  const way = `over SQL, since ${seen.accessFile ?? 'pg_hba.conf'} refuses replication: slower, and the rest as good. Replication is taken by itself once it has this line: ${hbaLine(seen)}`
  return { engine: 'physical', takes: [], notes: [plain(way, 500), ...notes], instead: [] }
}

const firstPhysical = 150_000
const firstLogical = 140_000
/** One receives WAL all the time, one takes base backups. */
const neededSenders = 2
/** What PostgreSQL has where nobody has said anything. */
const usual = 10

function forPhysical(seen: Seen): readonly string[] {
  const { version, versionText, isStandby, walLevel, senders, slots, keep } = seen
  if (version < firstPhysical)
    return [`PostgreSQL 15 or later; this is ${versionText}, and an upgrade`]
  if (isStandby) return ['the primary: this server is a standby, or is still recovering']
  const role = quoted(seen.user)
  const free = ({ most, used }: Seen['slots'], needed: number): number | null =>
    most - used >= needed ? null : Math.max(usual, used + needed)
  const [more, moreSlots] = [free(senders, neededSenders), free(slots, 1)]
  return [
    ...(seen.mayReplicate ? [] : [`ALTER ROLE ${role} REPLICATION;`]),
    ...(seen.mayMark
      ? []
      : [
          `GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${role};   -- in ${quoted(seen.database)}`,
        ]),
    ...(walLevel === 'minimal'
      ? [`ALTER SYSTEM SET wal_level = 'replica';   -- then restart the server`]
      : []),
    ...(more === null
      ? []
      : [`ALTER SYSTEM SET max_wal_senders = ${more};   -- then restart the server`]),
    ...(moreSlots === null
      ? []
      : [`ALTER SYSTEM SET max_replication_slots = ${moreSlots};   -- then restart the server`]),
    // A vault that is gone must not fill the database's disk.
    ...(keep.startsWith('-1')
      ? [`ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();`]
      : []),
    ...accessLine(seen),
  ].map((line) => plain(line, 500))
}

/** A server says no before it looks at the rest; what else it may refuse for, the other lines are about. */
function accessLine(seen: Seen): readonly string[] {
  const { refused, accessFile } = seen
  if (refused === null) return []
  const file = accessFile ?? 'pg_hba.conf'
  // Crowded out before anybody looked into the file.
  if (refused.code === '53300')
    return [`this command again then: it will show whether ${file} lets replication in`]
  if (refused.code === '42501') return []
  // The same role is let in to ask: what keeps it out of replication is the access file.
  if (refused.code !== '28000') return [`an answer to replication: ${refused.message}`]
  return [
    `SELECT pg_reload_conf();   -- when ${file} has this line, before others of its kind: ${hbaLine(seen)}`,
  ]
}

function hbaLine({ user, from, isEncrypted }: Seen): string {
  const role = /^[a-z_][a-z0-9_]*$/.test(user) ? user : `"${user.replaceAll('"', '""')}"`
  if (from === null) return `local replication ${role} scram-sha-256`
  const bits = from.includes(':') ? 128 : 32
  return `${isEncrypted ? 'hostssl' : 'host'} replication ${role} ${from}/${bits} scram-sha-256`
}

function forLogical(seen: Seen): readonly string[] {
  const { version, versionText, unreadable, hidden, user } = seen
  if (version < firstLogical)
    return [`PostgreSQL 14 or later; this is ${versionText}, and an upgrade`]
  const some = (names: readonly string[]): string =>
    `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
  return [
    ...(unreadable.length === 0
      ? []
      : [`GRANT pg_read_all_data TO ${quoted(user)};   -- it cannot read ${some(unreadable)}`]),
    ...(hidden.length === 0
      ? []
      : [
          `ALTER ROLE ${quoted(user)} BYPASSRLS;   -- rows may be hidden from it in ${some(hidden)}`,
        ]),
  ].map((line) => plain(line, 500))
}

function drillNote({ drills, version }: Seen, engine: EngineName): readonly string[] {
  if (drills[engine]) return []
  const major = Math.floor(version / 10_000)
  const which = engine === 'physical' ? `${major}` : `${major} or later`
  return [
    `no drill can be held here: PostgreSQL ${which} is not installed (${waysToInstall(major)})`,
  ]
}
