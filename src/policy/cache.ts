/** A bounded memory in two generations: what was used lately stays, and nothing is moved at each look. */

export interface Cache<V> {
  get(key: string): V | null
  put(key: string, value: V): void
}

/** Keeps at least the `size` values used last, and never more than twice as many. */
export function openCache<V>(size: number): Cache<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  const put = (key: string, value: V): void => {
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  const get = (key: string): V | null => {
    const found = young.get(key)
    if (found !== undefined) return found
    const older = old.get(key)
    if (older === undefined) return null
    put(key, older)
    return older
  }
  return { get, put }
}
