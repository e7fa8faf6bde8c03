/** Waiting by two clocks: when a grace is over, and when a silent target is asked again. */
import type { Clock } from '../base/clock.ts'
import type { HoldRow } from './rows.ts'

export interface Grace {
  /** INVARIANT (E2): both clocks must say so; a wall clock that jumps forward ends no grace. */
  isOver(hold: Pick<HoldRow, 'id' | 'executesAt' | 'graceMs'>): boolean
  forget(id: string): void
}

/** After a restart what is left of a grace comes from the wall clock: the steady one starts anew with the machine. */
export function openGrace(clock: Clock): Grace {
  const rises = new Map<string, number>()
  const risesAt = (id: string, executesAt: number, graceMs: number): number => {
    const left = Math.min(Math.max(0, executesAt - clock.now()), graceMs)
    const at = rises.get(id) ?? clock.steady() + left
    rises.set(id, at)
    return at
  }
  return {
    isOver: ({ id, executesAt, graceMs }) => {
      if (executesAt === null) return false
      // Before the clock is read: one that counts parts of a millisecond is further by then, so that no grace is over at once.
      const rises = risesAt(id, executesAt, graceMs)
      return clock.steady() >= rises && executesAt <= clock.now()
    },
    forget: (id) => void rises.delete(id),
  }
}

export interface Asks {
  /** Counts one question: the next has its time later. */
  count(id: string): void
  isTime(id: string): boolean
  forget(id: string): void
}

const firstAskMs = 7500
const longestAskMs = 3_600_000

/** A target that cannot say whether it has done something is asked again: after a quarter of a minute, and at last every hour. */
export function openAsks(clock: Clock): Asks {
  const asked = new Map<string, { readonly at: number; readonly waitMs: number }>()
  return {
    count: (id) => {
      const waitMs = Math.min(longestAskMs, (asked.get(id)?.waitMs ?? firstAskMs) * 2)
      asked.set(id, { at: clock.steady() + waitMs, waitMs })
    },
    isTime: (id) => (asked.get(id)?.at ?? 0) <= clock.steady(),
    forget: (id) => void asked.delete(id),
  }
}
