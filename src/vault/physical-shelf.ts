/** From the spool into the box: each segment when it is whole, in order, again until it is there. */
import type { Timer } from '../base/clock.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import type { Press } from './physical-press.ts'
import { putSegment } from './physical-segments.ts'
import type { WalOf } from './physical-segments.ts'
import { spooled } from './physical-spool.ts'
import { reasonOf } from './reason.ts'

export interface Shelf {
  /** Whole segments are in the box up to here. */
  readonly end: Lsn
  /** Why the last try did not succeed; null where it did. */
  readonly trouble: string | null
  /** The WAL up to here is durable in the spool; what is whole of it goes into the box. */
  fill(durable: Lsn): void
  /** Ends when nothing is under way any more. */
  stop(): Promise<void>
}

export interface ShelfParts {
  readonly box: Box
  readonly press: Press
  readonly folder: string
  readonly key: Uint8Array
  readonly of: WalOf
  readonly timer: Timer
  /** The start of the first segment that is not in the box. */
  readonly from: Lsn
  /** Called when a segment is there. */
  readonly shelved: (end: Lsn) => Promise<void>
}

const againMs = 5000

export function openShelf(parts: ShelfParts): Shelf {
  const { box, press, folder, key, of, timer } = parts
  let [end, durable] = [parts.from, parts.from]
  let trouble: string | null = null
  let work: Promise<void> | null = null
  let stopped = false
  let callOff = (): void => undefined

  const fill = async (): Promise<void> => {
    for (;;) {
      const to = end + BigInt(of.segmentBytes)
      if (stopped || to > durable) return
      await putSegment({ box, press }, of, end, spooled(folder, key, of, { from: end, to }))
      end = to
      trouble = null
      await parts.shelved(end)
    }
  }
  const start = (): void => {
    if (work !== null || stopped) return
    work = fill()
      .catch((thrown: unknown) => {
        // It stays in the spool, and is tried again: a store that is away comes back.
        trouble = reasonOf(thrown)
        callOff = timer(againMs, start)
      })
      .finally(() => {
        work = null
        // More may have become durable behind its last look.
        if (trouble === null && end + BigInt(of.segmentBytes) <= durable) start()
      })
  }
  return {
    get end() {
      return end
    },
    get trouble() {
      return trouble
    },
    fill: (upTo) => {
      durable = upTo
      if (trouble === null) start()
    },
    stop: async () => {
      stopped = true
      callOff()
      await work
    },
  }
}
