/** What earlier statements of a session have left in it, as far as the reading of later ones leans on it. */
import type { Left, SqlSession } from '../../classify/sql/statement.ts'
import type { Names } from './names.ts'

export interface State extends SqlSession {
  /** True where the transaction that is open has built what the catalog does not tell yet. */
  readonly isAltered: boolean
  /** A statement has run that leaves this. */
  left(left: readonly Left[]): void
  /** The transaction has ended: kept, so that the catalog tells its functions, or taken back with all that it made. */
  ended(kept: boolean): void
}

/** In doubt a thing is not there: what a session has made for itself is let through where all else would be held. */
export function openState(names: Names): State {
  const temporary = new Set<string>()
  const functions = new Set<string>()
  const renamed = new Map<string, string>()
  let isAltered = false
  const made: { readonly from: Set<string>; readonly name: string }[] = []
  const add = (to: Set<string>, name: string): void => {
    if (!to.has(name)) made.push({ from: to, name })
    to.add(name)
  }
  const take = (left: Left): void => {
    switch (left.kind) {
      case 'temporary':
        return add(temporary, left.name)
      case 'function':
        return add(functions, left.name)
      case 'renamed':
        renamed.set(left.name, left.text)
        return undefined
      case 'dropped':
        if (left.name === '') temporary.clear()
        else temporary.delete(left.name)
        return undefined
      case 'altered':
        isAltered = true
        return undefined
      case 'prepared':
      case 'forgotten':
        return names.left(left)
    }
  }
  return {
    prepared: (name) => names.prepared(name),
    temporary,
    functions,
    renamed,
    get isAltered() {
      return isAltered
    },
    left: (all) => all.forEach(take),
    ended: (kept) => {
      for (const { from, name } of made.splice(0)) if (!kept) from.delete(name)
      // Clearing makes them anew, and this comes with every statement.
      if (functions.size > 0) functions.clear()
      isAltered = false
      // The catalog has the new names by now, or they were taken back.
      if (renamed.size > 0) renamed.clear()
    },
  }
}
