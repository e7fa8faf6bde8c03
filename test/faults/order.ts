/** What a test tells the daemon's preload: how far its clocks are moved, and at which commit it dies or cannot write. */

export interface Fault {
  /** `full` and `broken`: the commit throws as SQLite does (SQLITE_FULL, and an I/O error that has rolled back). */
  readonly kind: 'kill-before' | 'kill-after' | 'full' | 'broken'
  /** The commit, counted from when the order came; only those that wrote something count. */
  readonly nth: number
  /** True: every later commit too, until the next order. */
  readonly lasts: boolean
}

export interface Order {
  /** How far the wall clock is ahead, or behind. */
  readonly aheadMs: number
  /** How far the clock that never goes back is ahead. */
  readonly steadyMs: number
  readonly fault: Fault | null
}

/** An order as it came over the channel or the environment; what is missing is none. */
export function readOrder(value: unknown): Order {
  const said = object(value)
  const fault = object(said['fault'])
  const kind = kinds.find((each) => each === fault['kind'])
  return {
    aheadMs: Number(said['aheadMs'] ?? 0),
    steadyMs: Number(said['steadyMs'] ?? 0),
    fault:
      kind === undefined
        ? null
        : { kind, nth: Number(fault['nth'] ?? 1), lasts: fault['lasts'] === true },
  }
}

const kinds = ['kill-before', 'kill-after', 'full', 'broken'] as const

function object(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
