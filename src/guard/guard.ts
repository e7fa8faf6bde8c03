/** The guard, opened: the order for gateways, and the steps that people and timers take. */
import { barred } from './barred.ts'
import type { HoldRow } from './rows.ts'
import { openDeferral } from './defer.ts'
import type { Deferral } from './defer.ts'
import { openHalts } from './halt.ts'
import type { Halts } from './halt.ts'
import type { House } from './house.ts'
import { openLanes } from './lanes.ts'
import { passes } from './pass.ts'
import type { Guard } from './passed.ts'
import type { Asked } from './ports.ts'
import { preview } from './preview.ts'
import type { Preview } from './preview.ts'
import { openRecorder } from './record.ts'
import { standing } from './told.ts'
import { openWaiters } from './wait.ts'

export interface OpenGuard extends Guard {
  readonly deferral: Deferral
  readonly halts: Halts
  /** Tells live requests that a hold has moved. */
  moved(hold: HoldRow): void
  /** Loads what must survive a restart and asks about what was executing. */
  start(): Promise<void>
  /** What it would say, while nothing happens. */
  preview(asked: Asked): Promise<Preview>
  /** Writes what is noted; for the drain. */
  flush(): Promise<void>
}

export function openGuard(house: House): OpenGuard {
  const halts = openHalts(house)
  const recorder = openRecorder(house)
  const lanes = openLanes(house.timer)
  const waiters = openWaiters(house.timer)
  const moved = (hold: HoldRow): void => waiters.wake(hold.id)
  const deferral = openDeferral(house, { halts, lanes }, moved)

  const status: Guard['status'] = async (id, root) => {
    const hold = await house.state.transact((tx) => tx.get('hold', id))
    return hold === null || hold.principal.root !== root ? null : standing(house, hold)
  }
  const receipt: Guard['receipt'] = async (index, principal) => {
    const found = await house.state.transact((tx) => house.ledger.receipt(tx, index))
    return found === null || found.principal !== principal ? null : found.text
  }
  return {
    deferral,
    halts,
    moved,
    status,
    receipt,
    flush: recorder.flush,
    bars: (principal) => barred(house, halts, principal),
    pass: passes(house, halts, { recorder, lanes }),
    preview: async (asked) => await preview(house, halts, asked),
    wait: async (id, ms, signal) => {
      const until = house.clock.steady() + (waiters.full(id) ? 0 : ms)
      for (;;) {
        const stop = new AbortController()
        const left = until - house.clock.steady()
        // Listening starts before looking: a move in between must not be missed.
        const woken = waiters.wait(id, left, AbortSignal.any([signal, stop.signal]))
        const hold = await house.state.transact((tx) => tx.get('hold', id))
        if (hold === null || !pending(hold, house.clock.now()) || left <= 0 || signal.aborted) {
          stop.abort()
          return hold === null ? null : standing(house, hold)
        }
        await woken
      }
    },
    start: async () => {
      await halts.load()
      await deferral.reconcile()
    },
  }
}

/** True while waiting a little longer can bring the answer; not while a grace window runs. */
function pending(hold: HoldRow, now: number): boolean {
  const running = hold.state === 'scheduled' && (hold.executesAt ?? 0) <= now
  return ['open', 'approved', 'executing'].includes(hold.state) || running
}
