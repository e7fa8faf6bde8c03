/** A live request that waits for a person: a convenience on top of the rows, lost without harm. */
import type { Timer } from '../base/clock.ts'

export interface Waiters {
  /** Fulfils when the hold moves, `ms` are over or the signal aborts, whichever comes first. */
  wait(hold: string, ms: number, signal: AbortSignal): Promise<void>
  /** True where as many wait for this hold as may: one more is answered at once. */
  full(hold: string): boolean
  /** Wakes all who wait for this hold. */
  wake(hold: string): void
}

/** One that waits takes a place from everybody else's requests: an agent has few of them for one hold. */
const mostWaiting = 10

export function openWaiters(timer: Timer): Waiters {
  const waiting = new Map<string, Set<() => void>>()
  return {
    wait: async (hold, ms, signal) => {
      if (signal.aborted || ms <= 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const here = waiting.get(hold) ?? new Set()
      waiting.set(hold, here.add(resolve))
      const cancel = timer(ms, resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      cancel()
      here.delete(resolve)
      if (here.size === 0) waiting.delete(hold)
    },
    full: (hold) => (waiting.get(hold)?.size ?? 0) >= mostWaiting,
    wake: (hold) => {
      for (const resolve of waiting.get(hold) ?? []) resolve()
    },
  }
}
