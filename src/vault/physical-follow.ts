/** One connection of the receiver, to its end: WAL to the disk, and only then word of it to the server. */
import type { Chance, Clock, Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type {
  Lsn,
  Replication,
  Server,
  WalEvent,
  WalStream,
} from '../platforms/postgres/replication.ts'
import type { WalRecord } from './physical-records.ts'
import type { WalOf } from './physical-segments.ts'
import { openSpool } from './physical-spool.ts'
import type { SpoolWriter } from './physical-spool.ts'

export interface Following {
  readonly folder: string
  readonly key: Uint8Array
  readonly slot: string
  readonly of: WalOf
  readonly at: Lsn
  readonly clock: Clock
  readonly timer: Timer
  readonly chance: Chance
  /** The spool while it is written to. */
  readonly opened: (spool: SpoolWriter | null) => void
  readonly heard: (server: Server) => void
  readonly received: (upTo: Lsn) => void
  /** INVARIANT (durable first): it is on the disk; the server is told after this. */
  readonly durable: (upTo: Lsn) => void
}

/** A server that is asked each second and says nothing for so long is hung up on. */
const silentMs = 15_000
/** What waits to be written before the server is not listened to. */
const waitingBytes = 16 << 20

/** Throws when the connection is lost, nothing can be written, or the timeline has ended. */
export async function follow(replication: Replication, following: Following): Promise<never> {
  const { folder, slot, of, at } = following
  const spool = await openSpool(folder, following, of, at)
  following.opened(spool)
  following.received(at)
  try {
    const stream = await replication.stream({ slot, at, timeline: of.timeline })
    await write(stream, spool, replication, following)
    throw timelineOver(of.timeline)
  } finally {
    following.opened(null)
    // What of it was durable is known; of the rest nothing was said to anybody.
    await spool.close().catch(() => null)
  }
}

async function write(
  stream: WalStream,
  spool: SpoolWriter,
  replication: Replication,
  following: Following,
): Promise<void> {
  let received = following.at
  let durable = following.at
  const report = (asks: boolean): void => stream.report({ received, durable, asks })
  const disk = openDisk(
    spool,
    () => {
      durable = spool.end
      following.durable(durable)
      report(false)
    },
    () => replication.close(),
  )
  const watch = openWatch(following, () => report(true), replication)
  const take = (event: WalEvent): void => {
    watch.heard()
    following.heard(event.server)
    if (event.kind === 'alive') {
      if (event.asks) report(false)
      return
    }
    if (event.at !== received) throw leap(received, event.at)
    received += BigInt(event.bytes.length)
    following.received(received)
    disk.put({ at: event.at, sentAt: event.server.at, bytes: event.bytes })
  }
  try {
    for await (const event of stream.events) {
      take(event)
      await disk.room()
    }
  } finally {
    watch.stop()
    await disk.end()
  }
}

interface Disk {
  put(record: WalRecord): void
  /** Ends when no more waits to be written than may. */
  room(): Promise<void>
  /** Ends when nothing is under way; throws what kept something from being written. */
  end(): Promise<void>
}

/** Writes what has come in one go, while more comes: one sync for all of it. */
function openDisk(spool: SpoolWriter, synced: () => void, failed: () => void): Disk {
  let pending: WalRecord[] = []
  let bytes = 0
  let work: Promise<void> | null = null
  const faults: unknown[] = []
  const write = async (): Promise<void> => {
    while (pending.length > 0) {
      const records = pending
      pending = []
      bytes = 0
      await spool.write(inOne(records))
      await spool.sync()
      synced()
    }
  }
  const start = (): void => {
    if (work !== null || pending.length === 0 || faults.length > 0) return
    work = write()
      .catch((thrown: unknown) => {
        faults.push(thrown)
        failed()
      })
      .finally(() => {
        work = null
        // Something may have come behind its last look.
        start()
      })
  }
  return {
    put: (record) => {
      pending.push(record)
      bytes += record.bytes.length
      start()
    },
    room: async () => {
      if (bytes > waitingBytes) await work
    },
    end: async () => {
      await work
      if (faults.length > 0) throw faults[0]
    },
  }
}

/** What follows one upon the other is one record: sealed once, written once. */
function inOne(records: readonly WalRecord[]): WalRecord {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined || first === last)
    return first ?? { at: 0n, sentAt: 0, bytes: new Uint8Array(0) }
  const bytes = Buffer.concat(records.map((one) => one.bytes))
  return { at: first.at, sentAt: last.sentAt, bytes }
}

function openWatch(
  { clock, timer }: Following,
  ask: () => void,
  replication: Replication,
): { readonly heard: () => void; readonly stop: () => void } {
  let heardAt = clock.steady()
  let callOff = (): void => undefined
  const tick = (): void => {
    callOff = timer(1000, tick)
    if (clock.steady() - heardAt > silentMs) replication.close()
    else ask()
  }
  tick()
  return {
    heard: () => {
      heardAt = clock.steady()
    },
    stop: () => callOff(),
  }
}

function leap(wanted: Lsn, is: Lsn): FirebreakError {
  return new FirebreakError(
    'not_reachable',
    `the database sends WAL from ${lsnText(is)} and not from ${lsnText(wanted)}`,
  )
}

function timelineOver(timeline: number): FirebreakError {
  return new FirebreakError(
    'wrong_state',
    `the database has left timeline ${timeline}: another server was promoted`,
    'give the receiver a new spool folder, and take a new base backup of the new server',
  )
}
