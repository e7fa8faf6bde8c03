/** WAL by plain SQL: what the server has flushed is read out of its files, and a slot keeps those until it is durable here. */
import type { Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn, Server, WalEvent, WalStream } from '../platforms/postgres/replication.ts'
import { segmentAt, segmentFile } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { readStretch } from './sql-read.ts'
import type { SqlSession } from './sql-read.ts'

export interface Polling {
  readonly session: SqlSession
  readonly slot: string
  readonly of: WalOf
  readonly at: Lsn
  /** Where the server has left that timeline, and for which; null where it is on it. */
  readonly left: { readonly at: Lsn; readonly next: number } | null
  /** Of each page of WAL. */
  readonly pageBytes: number
  readonly timer: Timer
}

const mostBytes = 4n << 20n
/** Right after WAL has come more of it is likely; where nothing is written nobody is asked all the time. */
const firstMs = 10
const lastMs = 160

interface Standing extends Server {
  readonly keeps: Lsn
}

export function pollWal(polling: Polling): WalStream {
  const { session, slot, of, left, timer } = polling
  let durable = polling.at
  let wake = (): void => undefined
  const rest = async (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<null>()
    const callOff = timer(ms, () => resolve(null))
    wake = () => resolve(null)
    await promise
    callOff()
  }
  async function* events(): AsyncGenerator<WalEvent> {
    let { at } = polling
    let ms = firstMs
    let now = await standing(session, slot)
    for (;;) {
      if (segmentAt(durable, of) > now.keeps) await letGo(session, slot, segmentAt(durable, of))
      const end = left === null ? now.end : left.at
      if (left !== null && at >= end) return
      if (end <= at) {
        yield { kind: 'alive', asks: false, server: now }
        await rest(ms)
        ms = Math.min(lastMs, ms * 2)
        now = await standing(session, slot)
        continue
      }
      const bytes = await read(polling, at, end)
      // Asked again behind the read: a slot that has lost nothing by then kept those files while they were read.
      now = await standing(session, slot)
      yield { kind: 'wal', at, bytes, server: now }
      at += BigInt(bytes.length)
      ms = firstMs
    }
  }
  return {
    events: events(),
    report: (said) => {
      ;({ durable } = said)
      if (said.asks) wake()
    },
  }
}

async function standing({ ask }: SqlSession, slot: string): Promise<Standing> {
  const [row] = await ask(
    `SELECT pg_catalog.pg_current_wal_flush_lsn()::text AS flushed,
      pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint AS at,
      s.slot_name, CASE WHEN s.wal_status <> 'lost' THEN s.restart_lsn END::text AS keeps
    FROM (SELECT) one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = $1 AND s.slot_type = 'physical'`,
    [slot],
  )
  // It is made anew on the next connection, and what is still there is taken.
  if (told(row, 'slot_name') === '')
    throw new FirebreakError('not_reachable', `the replication slot \`${slot}\` is gone`)
  const keeps = told(row, 'keeps')
  if (keeps === '') throw lost(`its slot \`${slot}\` has lost what it kept`)
  return {
    end: parseLsn(told(row, 'flushed')),
    at: Number(told(row, 'at')),
    keeps: parseLsn(keeps),
  }
}

/** The server need keep nothing before: it removes whole segments. */
async function letGo({ ask }: SqlSession, slot: string, upTo: Lsn): Promise<void> {
  await ask('SELECT pg_catalog.pg_replication_slot_advance($1, $2::pg_lsn)', [slot, lsnText(upTo)])
}

/** Some of it, never beyond the end of a segment. */
async function read(polling: Polling, at: Lsn, end: Lsn): Promise<Buffer> {
  const { session, of, left } = polling
  const segment = segmentAt(at, of)
  const till = [end, at + mostBytes, segment + BigInt(of.segmentBytes)].reduce((a, b) =>
    a < b ? a : b,
  )
  // The segment that holds the fork is whole on the next timeline; of the old one the server may have put it aside.
  const isLast = left !== null && segment === segmentAt(left.at, of)
  const file = segmentFile(segment, isLast ? { ...of, timeline: left.next } : of)
  const stretch = {
    path: `pg_wal/${file}`,
    from: Number(at - segment),
    to: Number(till - segment),
  }
  const bytes = await readStretch(session, stretch)
  if (bytes?.length !== Number(till - at)) throw lost(`\`${stretch.path}\` is not there any more`)
  checkPages(bytes, at, polling)
  return bytes
}

/**
 * Each page says where in the WAL it stands. A file that was given to later WAL while it was read, or holds what is older, does not
 * pass. Behind the end of a segment that was ended early the server leaves the heads of pages empty.
 */
function checkPages(bytes: Buffer, at: Lsn, { of, pageBytes }: Polling): void {
  const size = BigInt(pageBytes)
  for (
    let page = at + ((size - (at % size)) % size);
    page < at + BigInt(bytes.length);
    page += size
  ) {
    const head = bytes.subarray(Number(page - at))
    if (head.length < 16) return
    const place = (BigInt(head.readUInt32LE(12)) << 32n) | BigInt(head.readUInt32LE(8))
    if (place === page || head.subarray(0, 16).every((byte) => byte === 0)) continue
    throw lost(`\`pg_wal/${segmentFile(segmentAt(page, of), of)}\` holds other WAL by now`)
  }
}

/** The words of the receiver for what no trying again mends. */
function lost(why: string): Error {
  return Object.assign(new Error(why), { code: '58P01' })
}
