/** How often what needs no session may be asked: each costs a look at the state, and some a row or memory. */
import type { Clock } from '../../base/clock.ts'
import { FirebreakError } from '../../base/error.ts'

/** So many at once, and so many more a second: a person notices neither; who floods it can keep people at the door while that goes on, and gets no further. */
const [most, perSecond] = [40, 20]

/** Throws `too_large` for what comes too fast. */
export function openPace(clock: Clock): (what: string) => void {
  const buckets = new Map<string, { left: number; at: number }>()
  return (what) => {
    const now = clock.steady()
    const had = buckets.get(what) ?? { left: most, at: now }
    const left = Math.min(most, had.left + ((now - had.at) / 1000) * perSecond)
    buckets.set(what, { left: Math.max(0, left - 1), at: now })
    if (left < 1)
      throw new FirebreakError('too_large', 'too many ask at once', 'try again in a second')
  }
}
