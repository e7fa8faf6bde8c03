/** A live request that waits for a person: a convenience on top of the rows, lost without harm. */
import type { Timer } from '../base/clock.ts'

export interface Waiters {
  /** Fulfils when the hold moves, `ms` are over or the signal aborts, whichever comes first. */
  wait(hold: string, ms: number, signal: AbortSignal): Promise<void>
  /** Wakes all who wait for this hold. */
  wake(hold: string): void
}

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
    wake: (hold) => {
      for (const resolve of waiting.get(hold) ?? []) resolve()
    },
  }
}
