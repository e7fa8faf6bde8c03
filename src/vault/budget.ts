/** What one recovery point may cost: time, bytes and entries, counted as they are spent. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'

export interface BudgetLimits {
  readonly maxMs: number
  readonly maxBytes: number
  readonly maxEntries: number
}

/** Every member throws `too_large` when its limit or the time is over. */
export interface Budget {
  time(): void
  /** Hears how many entries a folder has so far. */
  entries(count: number): void
  /** Counts bytes that were read from the source. */
  bytes(count: number): void
}

/** Of a copy that an act waits for. */
export const defaultLimits: BudgetLimits = {
  maxMs: 15 * 60_000,
  maxBytes: 1024 ** 4,
  maxEntries: 500_000,
}

/** Of what nobody's act waits for: a backup, a verification, and above all a restore takes as long as there are bytes. */
export const leisureLimits: BudgetLimits = {
  ...defaultLimits,
  maxMs: 7 * 24 * 3_600_000,
  maxBytes: 64 * 1024 ** 4,
}

/** A budget that starts now; `progress` hears of every piece how many bytes were read. */
export function openBudget(
  limits: BudgetLimits,
  clock: Clock,
  progress: (bytes: number) => void,
): Budget {
  const until = clock.steady() + limits.maxMs
  let spent = 0
  const time = (): void => {
    if (clock.steady() > until)
      throw tooLarge(`it takes longer than ${Math.round(limits.maxMs / 1000)} seconds`)
  }
  return {
    time,
    entries: (count) => {
      if (count > limits.maxEntries)
        throw tooLarge(`there are more than ${limits.maxEntries} files`)
      time()
    },
    bytes: (count) => {
      spent += count
      if (spent > limits.maxBytes) throw tooLarge(`there are more than ${limits.maxBytes} bytes`)
      time()
      progress(spent)
    },
  }
}

function tooLarge(why: string): FirebreakError {
  return new FirebreakError(
    'too_large',
    why,
    'name smaller sources, or keep a database by `engine: physical`: an act waits no longer for its copy',
  )
}
