/** Chance that comes again from its seed. */

export interface Chance {
  /** A whole number below `most`. */
  below(most: number): number
  /** True once in `times`. */
  once(times: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  oneOf<T>(list: readonly T[]): T | null
}

export function chanceOf(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (most: number): number => Math.floor(next() * most)
  return {
    below,
    once: (times) => below(times) === 0,
    pick: (list) => list[below(list.length)] ?? list[0],
    oneOf: (list) => list[below(list.length)] ?? null,
  }
}
