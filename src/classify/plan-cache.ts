/** A cache of two generations: the young one becomes the old one when it is full, and what is asked for again is young again. */

/** Characters of keys that one generation holds. */
const maxCharacters = 4_000_000
const maxEntries = 2_000

/** The same function, which remembers its latest answers; memory is bounded by twice a generation. */
export function planCache<T>(make: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  let characters = 0
  const keep = (text: string, value: T): void => {
    if (young.size >= maxEntries || characters + text.length > maxCharacters) {
      old = young
      young = new Map()
      characters = 0
    }
    young.set(text, value)
    characters += text.length
  }
  return (text) => {
    const found = young.get(text)
    if (found !== undefined) return found
    const value = old.get(text) ?? make(text)
    keep(text, value)
    return value
  }
}
