/** A cache of two generations: the young one becomes the old one when it is full, and what is asked for again is young again. */

/** What one generation holds, by weight: the characters of the keys, and what the answers weigh. */
const maxWeight = 4_000_000
const maxEntries = 2_000

/**
 * The same function, which remembers its latest answers; memory is bounded by twice a generation. `weigh` says what an
 * answer weighs, in characters: a short text can stand for a large one.
 */
export function planCache<T>(
  make: (text: string) => T,
  weigh: (value: T) => number = () => 0,
): (text: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  let weight = 0
  const keep = (text: string, value: T): void => {
    const added = text.length + weigh(value)
    if (young.size >= maxEntries || weight + added > maxWeight) {
      old = young
      young = new Map()
      weight = 0
    }
    young.set(text, value)
    weight += added
  }
  return (text) => {
    const found = young.get(text)
    if (found !== undefined) return found
    const value = old.get(text) ?? make(text)
    keep(text, value)
    return value
  }
}
