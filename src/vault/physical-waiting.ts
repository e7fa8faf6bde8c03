/** Waiting until a place in the WAL is reached: by whoever asks, until its time is over. */
import type { Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'

export interface Waiting {
  /** Fulfils when that place is reached; throws `not_reachable` after `ms`, and what `fail` was told. */
  until(lsn: Lsn, ms: number): Promise<void>
  /** It has come so far. */
  reached(lsn: Lsn): void
  /** It comes no further. */
  fail(why: Error): void
}

/** `what`: what is waited for, in words for the refusal. */
export function openWaiting(what: string, timer: Timer): Waiting {
  const waiting = new Set<{ lsn: Lsn; done: () => void; fail: (why: Error) => void }>()
  let reached = 0n
  let failed: Error | null = null
  return {
    until: async (lsn, ms) => {
      if (reached >= lsn) return
      if (failed !== null) throw failed
      const { promise, resolve, reject } = Promise.withResolvers<null>()
      const one = { lsn, done: () => resolve(null), fail: reject }
      waiting.add(one)
      const callOff = timer(ms, () => reject(late(what, lsn, reached)))
      try {
        await promise
      } finally {
        callOff()
        waiting.delete(one)
      }
    },
    reached: (lsn) => {
      reached = lsn
      for (const one of waiting) if (one.lsn <= lsn) one.done()
    },
    fail: (why) => {
      failed = why
      for (const one of waiting) one.fail(why)
    },
  }
}

function late(what: string, lsn: Lsn, reached: Lsn): FirebreakError {
  return new FirebreakError(
    'not_reachable',
    `the WAL at ${lsnText(lsn)} is not ${what} in time: that is so up to ${lsnText(reached)}`,
    'look at what the receiver says of itself',
  )
}
