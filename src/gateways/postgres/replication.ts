/** Firebreak's own replication client: the commands of a physical standby, over a connection of its own. */
import { FirebreakError } from '../../base/error.ts'
import type { Row } from '../../platforms/postgres/questions.ts'
import { told } from '../../platforms/postgres/questions.ts'
import { lsnText, parseLsn } from '../../platforms/postgres/replication.ts'
import type {
  BackupEvent,
  Identity,
  Lsn,
  Replication,
  Tablespace,
  WalEvent,
  WalStream,
} from '../../platforms/postgres/replication.ts'
import { readColumns, readRow } from '../../wire/postgres/back.ts'
import { frame } from '../../wire/postgres/frame.ts'
import { query } from '../../wire/postgres/front.ts'
import { readBackupPart, readStreamed, writeStanding } from '../../wire/postgres/replication.ts'
import { inTime } from './client.ts'
import type { Dial } from './client.ts'
import { ServerError } from './client-ears.ts'
import { openReplicationLine } from './replication-line.ts'
import type { ReplicationLine } from './replication-line.ts'

/** The first that takes options in parentheses and sends tablespaces in one COPY. */
const leastVersion = 15

/** Throws a `Fatal` where the target cannot be reached in time or does not let in, `bad_config` for a server that is too old. */
export async function openReplication(dial: Dial): Promise<Replication> {
  const parameters = new Map([...(dial.parameters ?? []), ['replication', 'true'] as const])
  const upstream = await inTime({ ...dial, parameters })
  const line = openReplicationLine(upstream.socket, upstream.leave())
  const replication: Replication = {
    way: 'replication',
    identify: async () => identityOf(await ask(line, 'IDENTIFY_SYSTEM')),
    show: async (setting) => {
      const [row] = await ask(line, `SHOW ${checked(setting)}`)
      return Object.values(row ?? {})[0] ?? ''
    },
    slot: async (name) => {
      const [row] = await ask(line, `READ_REPLICATION_SLOT ${checked(name)}`)
      const keeps = told(row, 'restart_lsn')
      return { there: told(row, 'slot_type') !== '', keeps: keeps === '' ? null : parseLsn(keeps) }
    },
    makeSlot: async (name) => {
      await ask(line, `CREATE_REPLICATION_SLOT ${checked(name)} PHYSICAL (RESERVE_WAL)`)
    },
    history: async (timeline) => {
      const [row] = await ask(line, `TIMELINE_HISTORY ${timeline}`)
      return told(row, 'content')
    },
    baseBackup: (label) => baseBackup(line, label),
    stream: async (from) => await stream(line, from),
    close: () => line.close(),
  }
  const version = await replication.show('server_version')
  if (Number.parseInt(version, 10) >= leastVersion) return replication
  line.close()
  throw new FirebreakError(
    'bad_config',
    `the database is PostgreSQL ${version}: physical recovery points need ${leastVersion} or newer`,
    'upgrade the server, or use logical backups',
  )
}

async function ask(line: ReplicationLine, command: string): Promise<readonly Row[]> {
  line.say(query(command))
  const answer = openAnswer()
  for (let error: unknown = null; ;) {
    try {
      const { type, body } = await line.next()
      answer.hear(type, body)
      if (type === 'Z' && error !== null) throw error
      if (type === 'Z') return answer.rows
    } catch (thrown) {
      // The server says that it is ready again after its no, and only then is the next thing asked.
      if (!(thrown instanceof ServerError) || thrown === error) throw error ?? thrown
      error = thrown
    }
  }
}

interface Answer {
  readonly rows: Row[]
  hear(type: string, body: Uint8Array): void
}

/** The rows of the last result. */
function openAnswer(): Answer {
  const rows: Row[] = []
  let columns: readonly string[] = []
  return {
    rows,
    hear: (type, body) => {
      if (type === 'T') {
        columns = readColumns(body)
        rows.length = 0
      }
      if (type !== 'D') return
      const values = readRow(body)
      rows.push(Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null])))
    },
  }
}

function identityOf([row]: readonly Row[]): Identity {
  const timeline = Number(told(row, 'timeline'))
  return { system: told(row, 'systemid'), timeline, flushed: parseLsn(told(row, 'xlogpos')) }
}

/**
 * The server is asked for the sums that cost it least: they find accidents on its way here, and what is stored is named by SHA-256.
 * INVARIANT (whole backup): it ends with `ended`, or it throws; who stops taking it loses the connection.
 */
async function* baseBackup(line: ReplicationLine, label: string): AsyncGenerator<BackupEvent> {
  line.say(
    query(
      `BASE_BACKUP (LABEL '${label.replaceAll("'", "''")}', CHECKPOINT 'fast', WAIT false, ` +
        `MANIFEST 'yes', MANIFEST_CHECKSUMS 'CRC32C')`,
    ),
  )
  let ended = false
  try {
    const results: (readonly Row[])[] = []
    let answer = openAnswer()
    while (!ended) {
      const { type, body } = await line.next()
      answer.hear(type, body)
      if (type === 'C' && answer.rows.length > 0) {
        results.push(answer.rows)
        answer = openAnswer()
      }
      if (type === 'H') yield begun(results)
      if (type === 'dd') yield { kind: 'bytes', bytes: body }
      if (type === 'd') yield* backupEvents(body)
      ended = type === 'Z'
    }
    yield { kind: 'ended', stop: parseLsn(told(results.at(2)?.[0], 'recptr')) }
  } finally {
    if (!ended) line.close()
  }
}

function begun([from, spaces = []]: readonly (readonly Row[])[]): BackupEvent {
  const tablespaces: Tablespace[] = []
  for (const row of spaces)
    if (row['spcoid']) tablespaces.push({ oid: row['spcoid'], location: told(row, 'spclocation') })
  const start = parseLsn(told(from?.[0], 'recptr'))
  return { kind: 'began', start, timeline: Number(told(from?.[0], 'tli')), tablespaces }
}

function* backupEvents(body: Uint8Array): Generator<BackupEvent> {
  const part = readBackupPart(body)
  if (part.kind === 'archive') {
    const [oid] = /^\d+(?=\.tar$)/.exec(part.name) ?? []
    yield { kind: 'archive', tablespace: oid ?? null }
  } else if (part.kind !== 'progress') yield part
}

async function stream(
  line: ReplicationLine,
  from: { readonly slot: string; readonly at: Lsn; readonly timeline: number },
): Promise<WalStream> {
  const { slot, at, timeline } = from
  const place = `${lsnText(at)} TIMELINE ${timeline}`
  line.say(query(`START_REPLICATION SLOT ${checked(slot)} PHYSICAL ${place}`))
  const { type } = await line.next()
  // Of a timeline that has ended here there is nothing to stream.
  const empty = type !== 'W'
  let sentAt = 0n
  async function* events(): AsyncGenerator<WalEvent> {
    for (;;) {
      if (empty) return
      const { type, body } = await line.next()
      if (type !== 'd') return
      const said = readStreamed(body)
      sentAt = said.sentAt
      const server = { end: said.end, at: Number(said.sentAt / 1000n) + epochMs }
      if (said.kind === 'wal') yield { kind: 'wal', at: said.at, bytes: said.bytes, server }
      else yield { kind: 'alive', asks: said.asks, server }
    }
  }
  return {
    events: events(),
    report: ({ received, durable, asks }) => {
      const standing = { written: received, flushed: durable, applied: 0n, sentAt, asks }
      line.say(frame('d', writeStanding(standing)))
    },
  }
}

/** The servers' time begins with the year 2000. */
const epochMs = 946_684_800_000

function checked(name: string): string {
  if (/^[a-z0-9_]{1,63}$/.test(name)) return name
  throw new FirebreakError(
    'bad_input',
    `\`${name}\` is no name for a replication slot`,
    'use a-z, 0-9 and _',
  )
}
