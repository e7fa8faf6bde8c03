/** Each once, in the order they came. */

/** The same list where nothing can be there twice: every request asks this several times, mostly of one text. */
export function distinct<T>(list: readonly T[]): readonly T[] {
  return list.length < 2 ? list : [...new Set(list)]
}

/** Those of both lists; the first where both say the same one thing. */
export function united<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  const alike = first.length === 1 && second.length === 1 && first[0] === second[0]
  return alike ? first : distinct([...first, ...second])
}
