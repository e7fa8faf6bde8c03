/** The WAL receiver: every byte on the vault's disk before the server hears so, whole segments into the box, and on again where it stopped. */
import { join } from 'node:path'
import type { Chance, Clock, Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn, Replication, Way } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { follow } from './physical-follow.ts'
import type { Following } from './physical-follow.ts'
import { lockSpool } from './physical-lock.ts'
import { meet, meetAgain } from './physical-meet.ts'
import type { Met } from './physical-meet.ts'
import { openPress } from './physical-press.ts'
import { openShelf } from './physical-shelf.ts'
import type { WalOf } from './physical-segments.ts'
import { makeSpool } from './physical-spool.ts'
import type { SpoolWriter } from './physical-spool.ts'
import { openWaiting } from './physical-waiting.ts'
import { reasonOf } from './reason.ts'

export interface ReceiverParts {
  /** A new connection each time. */
  readonly connect: () => Promise<Replication>
  readonly box: Box
  /** The spool's folder, beside the store. */
  readonly folder: string
  /** The vault's key. */
  readonly key: Uint8Array
  /** The replication slot, made where it is not there. */
  readonly slot: string
  readonly clock: Clock
  readonly timer: Timer
  readonly chance: Chance
}

/** Where things stand. All that the server acknowledged before `durable` survives it. */
export interface ReceiverStatus {
  readonly connected: boolean
  /** How the WAL comes, or came last. */
  readonly way: Way
  readonly received: Lsn
  readonly durable: Lsn
  /** In the box, in whole segments. */
  readonly shelved: Lsn
  /** How far the server was when it last said so. */
  readonly server: Lsn
  /** What the server has and this disk has not. */
  readonly lagBytes: number
  /** So long ago everything that the server had was durable here: what may be lost at most, in time. */
  readonly exposedMs: number
  /** So far the clock of the server is ahead of ours, less the way here; null before it has said anything. */
  readonly aheadMs: number | null
  /** What was once in the spool and is no more, until it has come again. */
  readonly lost: { readonly from: Lsn; readonly to: Lsn } | null
  /** Why something is tried again. */
  readonly trouble: string | null
}

export interface Receiver {
  /** Whose WAL it is. */
  readonly of: WalOf
  status(): ReceiverStatus
  /** Fulfils when the WAL up to there is on this disk. Throws `not_reachable` after `ms`. */
  durable(until: Lsn, ms: number): Promise<void>
  /** The same for whole segments in the box. */
  shelved(until: Lsn, ms: number): Promise<void>
  /** Rejects with what cannot be mended by trying again; fulfils after `stop`. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const againMs = 1000

/**
 * Comes back when it has met the server and knows where to go on. Throws `wrong_state` for a second one on the same spool, for a
 * server that would keep WAL without a limit or is another one, and what the first connection says.
 */
export async function openReceiver(parts: ReceiverParts): Promise<Receiver> {
  await makeSpool(parts.folder)
  const unlock = lockSpool(join(parts.folder, 'lock'))
  try {
    const first = await parts.connect()
    try {
      const met = await meet(first, parts)
      return receive(parts, met, first, unlock)
    } catch (thrown) {
      first.close()
      throw thrown
    }
  } catch (thrown) {
    unlock()
    throw thrown
  }
}

function receive(parts: ReceiverParts, met: Met, first: Replication, unlock: () => void): Receiver {
  const { clock, timer } = parts
  const { of } = met
  let [received, durable, server] = [met.at, met.at, met.server]
  let caughtUpAt = -Infinity
  let aheadMs: number | null = null
  let trouble: string | null = null
  let connected = false
  let stopped = false
  let connection: Replication | null = first
  let { way } = first
  let spool: SpoolWriter | null = null
  let wake = (): void => undefined
  const waits = {
    durable: openWaiting('durable', timer),
    shelved: openWaiting('in the box', timer),
  }
  const press = openPress(1)
  const shelf = openShelf({
    ...parts,
    press,
    of,
    from: met.shelved,
    shelved: async (end) => {
      await spool?.drop(end)
      waits.shelved.reached(end)
    },
  })
  const compare = (): void => {
    if (durable >= server) caughtUpAt = clock.steady()
  }
  const following = (): Following => ({
    ...parts,
    of,
    at: durable,
    opened: (writer) => {
      spool = writer
    },
    heard: ({ end, at }) => {
      server = end
      aheadMs = Math.round(at - clock.now())
      connected = true
      trouble = null
      compare()
    },
    received: (upTo) => {
      received = upTo
    },
    durable: (upTo) => {
      durable = upTo
      compare()
      waits.durable.reached(durable)
      shelf.fill(durable)
    },
  })

  const once = async (): Promise<void> => {
    try {
      if (connection === null) {
        connection = await parts.connect()
        ;({ way } = connection)
        await meetAgain(connection, parts.slot, of)
      }
      if (!stopped) await follow(connection, following())
    } catch (thrown) {
      const fault = forGood(thrown, durable)
      if (fault !== null && !stopped) throw fault
      trouble = reasonOf(thrown)
    } finally {
      connected = false
      connection?.close()
      connection = null
    }
  }
  const run = async (): Promise<void> => {
    try {
      while (!isStopped()) {
        await once()
        if (isStopped()) return
        await new Promise<void>((resolve) => {
          wake = resolve
          timer(againMs, resolve)
        })
      }
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown : new Error(String(thrown))
      trouble = reasonOf(why)
      for (const wait of Object.values(waits)) wait.fail(why)
      throw why
    } finally {
      await shelf.stop()
      await press.stop()
      unlock()
    }
  }
  const isStopped = (): boolean => stopped

  waits.durable.reached(durable)
  waits.shelved.reached(met.shelved)
  shelf.fill(durable)
  const ended = run()
  // Whoever does not look at it sees it in the status.
  ended.catch(() => null)

  return {
    of,
    status: () => ({
      connected,
      way,
      received,
      durable,
      shelved: shelf.end,
      server,
      lagBytes: Math.max(0, Number(server - durable)),
      exposedMs: clock.steady() - caughtUpAt,
      aheadMs,
      lost: met.promised > durable ? { from: durable, to: met.promised } : null,
      trouble: trouble ?? shelf.trouble,
    }),
    durable: (until, ms) => waits.durable.until(until, ms),
    shelved: (until, ms) => waits.shelved.until(until, ms),
    ended,
    stop: async () => {
      stopped = true
      connection?.close()
      wake()
      const why = new FirebreakError('wrong_state', 'the WAL receiver was stopped')
      for (const wait of Object.values(waits)) wait.fail(why)
      await ended.catch(() => null)
    },
  }
}

/** What trying again does not mend; null for all else. */
function forGood(thrown: unknown, at: Lsn): Error | null {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (thrown instanceof FirebreakError)
    return ['bad_config', 'bad_input', 'wrong_state', 'broken_store'].includes(code) ? thrown : null
  // The server has removed that segment, or the slot has lost what it kept.
  if (code !== '58P01' && code !== '55000') return null
  return new FirebreakError(
    'broken_store',
    `the database has no WAL any more from ${lsnText(at)} on: what was written since is in no recovery point`,
    'drop the slot, give the receiver a new spool folder, and take a new base backup',
    thrown,
  )
}
