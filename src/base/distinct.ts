/** Each once, in the order they came. */

/** The same list where nothing can be there twice: every request asks this several times, mostly of one text. */
export function distinct<T>(list: readonly T[]): readonly T[] {
  return list.length < 2 ? list : [...new Set(list)]
}
