/** How far long work is: heard while it runs, read by whoever waits for it, forgotten at its end. */
import type { Clock } from '../base/clock.ts'

export interface Standing {
  readonly bytes: number
  /** Of all of it, as far as that is known before; `about` where it is an estimate. */
  readonly total: number | null
  readonly about: boolean
  readonly sinceMs: number
}

export interface Whole {
  readonly bytes: number
  readonly about: boolean
}

export interface Progress {
  /** Runs `work`, and can tell meanwhile how far it is. It does not wait for `whole`. */
  during<T>(
    thing: string,
    whole: Promise<Whole | null>,
    work: () => Promise<T>,
    /** By what else it is asked for. */
    alias?: string,
  ): Promise<T>
  /** So many bytes by now; of what nobody waits for, nothing is kept. */
  heard(thing: string, bytes: number): void
  /** Null for what does not run now. */
  of(thing: string): Standing | null
  /** Everything that runs now, each once, the longest first. */
  all(): readonly Running[]
}

/** By the target of a backup, or the point of a drill or restore. */
export interface Running extends Standing {
  readonly thing: string
}

interface Work {
  readonly thing: string
  bytes: number
  whole: Whole | null
  readonly since: number
}

export function openProgress({ steady }: Pick<Clock, 'steady'>): Progress {
  const running = new Map<string, Work>()
  const standing = ({ bytes, whole, since }: Work): Standing => ({
    bytes,
    total: whole?.bytes ?? null,
    about: whole?.about ?? false,
    sinceMs: Math.round(steady() - since),
  })
  return {
    during: async (thing, whole, work, alias = thing) => {
      const one: Work = { thing, bytes: 0, whole: null, since: steady() }
      running.set(thing, one)
      running.set(alias, one)
      // Where nobody knows, nobody is told.
      void whole.then(
        (known) => (one.whole = known),
        () => undefined,
      )
      try {
        return await work()
      } finally {
        // Another of the same thing may have begun meanwhile: that one goes on to be told.
        for (const name of [thing, alias]) if (running.get(name) === one) running.delete(name)
      }
    },
    heard: (thing, bytes) => {
      const one = running.get(thing)
      if (one !== undefined) one.bytes = bytes
    },
    of: (thing) => {
      const one = running.get(thing)
      return one === undefined ? null : standing(one)
    },
    // One may go by two names.
    all: () =>
      [...new Set(running.values())].map((one) => ({ thing: one.thing, ...standing(one) })),
  }
}
