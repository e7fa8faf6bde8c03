/** The third engine: a whole PostgreSQL cluster, as base backups and every byte of its WAL since, for any moment in between. */
import { openTurn } from '../base/turn.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import { takeBase } from './physical-base.ts'
import type { BaseManifest } from './physical-manifest.ts'
import { markNow } from './physical-mark.ts'
import type { Mark } from './physical-mark.ts'
import { openReceiver } from './physical-receiver.ts'
import type { ReceiverParts, ReceiverStatus } from './physical-receiver.ts'
import type { WalOf } from './physical-segments.ts'

export interface PhysicalParts extends ReceiverParts {
  /** The target whose database it is, and what a point of it brings back. */
  readonly source: string
  readonly covers: readonly ResourceRef[]
  /** Hears how many bytes of a base backup have come. */
  readonly progress: (bytes: number) => void
  /** How long the last WAL of a base backup may take into the box. */
  readonly shelvedMs: number
}

export interface Physical {
  /** Whose WAL is received. */
  readonly of: WalOf
  status(): ReceiverStatus
  /** One at a time. It counts when it comes back. */
  takeBase(): Promise<BaseManifest>
  /** A restore point that is on the vault's disk when it comes back. `ask`: see `markNow`. */
  mark(ask: Session['ask'], maxMs: number): Promise<Mark>
  /** Fulfils when the WAL up to there is in the box, in whole segments. Throws `not_reachable` after `ms`. */
  shelved(until: Lsn, ms: number): Promise<void>
  /** Rejects with what keeps WAL from being received for good. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** Receives from now on. Throws what `openReceiver` throws. */
export async function openPhysical(parts: PhysicalParts): Promise<Physical> {
  const receiver = await openReceiver(parts)
  const inTurn = openTurn()
  return {
    of: receiver.of,
    status: () => receiver.status(),
    takeBase: () =>
      inTurn(async () => {
        const replication = await parts.connect()
        try {
          return await takeBase(replication, {
            ...parts,
            shelved: (until) => receiver.shelved(until, parts.shelvedMs),
            aheadMs: () => receiver.status().aheadMs,
          })
        } finally {
          replication.close()
        }
      }),
    mark: (ask, maxMs) => markNow({ ...parts, ask, receiver, maxMs }),
    shelved: (until, ms) => receiver.shelved(until, ms),
    ended: receiver.ended,
    stop: () => receiver.stop(),
  }
}
