/** A bounded memory in two generations: what was used lately stays, and nothing is moved at each look. */

/** Gives the kept value of a key, or makes and keeps it. At most twice `size` values are kept. */
export function openCache<V>(size: number): (key: string, make: () => V) => V {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  return (key, make) => {
    const found = young.get(key)
    if (found !== undefined) return found
    const value = old.get(key) ?? make()
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(key, value)
    return value
  }
}
