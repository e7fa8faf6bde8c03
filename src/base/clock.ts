/** Time and chance as arguments: whoever needs them is handed them, so that a test can hold them still. */

/** Milliseconds since the Unix epoch (`now`), and milliseconds that never go back while the process lives (`steady`). */
export interface Clock {
  now(): number
  steady(): number
}

/** A small step back is a time service at work: time stands still until it is made up for. */
const standMs = 1000

/**
 * The same clock, whose `now` never goes back: set back by more than a second it goes on with the steady one, from what it
 * said last, or from `since`. So nothing that has expired lives again, and what waits does not wait longer. Set forward it follows.
 */
export function onward(clock: Clock, since = 0): Clock {
  let last = since
  let at = clock.steady()
  return {
    steady: () => clock.steady(),
    now: () => {
      const [now, steady] = [clock.now(), clock.steady()]
      const carried = last + Math.max(0, steady - at)
      last = now < carried - standMs ? carried : Math.max(last, now)
      at = steady
      return Math.floor(last)
    },
  }
}

/** Unpredictable bytes; the caller owns the array. */
export type Chance = (bytes: number) => Uint8Array

/** Runs `task` after `ms`; what comes back takes it back. */
export type Timer = (ms: number, task: () => void) => () => void

/** An id that sorts by time: a prefix, 9 characters of milliseconds and 16 of chance (80 bits), in base 32. */
export function newId(prefix: string, now: number, chance: Chance): string {
  const time = now.toString(32).padStart(9, '0')
  const random = Array.from(chance(16), (byte) => (byte & 31).toString(32)).join('')
  return `${prefix}_${time}${random}`
}
