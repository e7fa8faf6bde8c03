/** A bounded memory in two generations: what was used lately stays, and nothing is moved at each look. */

export interface Cache<V> {
  /** What was put under that key, or null. */
  get(key: string): V | null
  put(key: string, value: V): void
  /** Forgets everything. */
  clear(): void
}

export interface CacheBounds<V> {
  /** Values of one generation. */
  readonly most: number
  /** Characters of the keys and weight of the values of one generation: what others say may not fill the memory. */
  readonly characters: number
  /** What a value weighs, in characters: a short key can stand for a large value. Nothing without it. */
  readonly weigh?: (value: V) => number
}

/** Keeps at least the values used last, as far as the bounds of one generation go, and never more than two generations. */
export function openCache<V>({ most, characters, weigh }: CacheBounds<V>): Cache<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  let written = 0
  const put = (key: string, value: V): void => {
    const added = key.length + (weigh?.(value) ?? 0)
    if (young.size >= most || written + added > characters) {
      old = young
      young = new Map()
      written = 0
    }
    young.set(key, value)
    written += added
  }
  const get = (key: string): V | null => {
    const found = young.get(key)
    if (found !== undefined) return found
    const older = old.get(key)
    if (older === undefined) return null
    put(key, older)
    return older
  }
  const clear = (): void => {
    young = new Map()
    old = new Map()
    written = 0
  }
  return { get, put, clear }
}

/** The same function, which remembers its latest answers. It must be pure, and null is none of its answers. */
export function remembered<V>(
  bounds: CacheBounds<V>,
  make: (key: string) => V,
): (key: string) => V {
  const cache = openCache<V>(bounds)
  return (key) => {
    const known = cache.get(key)
    if (known !== null) return known
    const made = make(key)
    cache.put(key, made)
    return made
  }
}
