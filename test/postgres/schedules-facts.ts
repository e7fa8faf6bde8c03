/** What was told of a step, and whether the database can be explained by it: all of what is certain, and of the rest each whole or not at all. */
import { textOf } from './schedules-shop.ts'
import type { Shop } from './schedules-shop.ts'

/** Something that has changed the database, or may have: a transaction that was kept, an approved act, an undo. */
export interface Fact {
  readonly what: string
  readonly isCertain: boolean
  /** Whose budget its rows count against; null where a person has let it run. */
  readonly spends: string | null
  readonly apply: (shop: Shop) => { readonly shop: Shop; readonly rows: number }
}

export interface Happened {
  readonly fact: Fact
  readonly before: Shop
  readonly after: Shop
  readonly rows: number
}

/** The order in which they must have happened; null where none explains what is there. */
export function explained(
  before: Shop,
  now: Shop,
  facts: readonly Fact[],
): readonly Happened[] | null {
  const wanted = textOf(now)
  const walk = (
    shop: Shop,
    left: readonly Fact[],
    done: readonly Happened[],
  ): readonly Happened[] | null => {
    if (left.every(({ isCertain }) => !isCertain) && textOf(shop) === wanted) return done
    for (const fact of left) {
      const { shop: after, rows } = fact.apply(shop)
      const rest = left.filter((other) => other !== fact)
      const found = walk(after, rest, [...done, { fact, before: shop, after, rows }])
      if (found !== null) return found
    }
    return null
  }
  return walk(before, facts, [])
}
