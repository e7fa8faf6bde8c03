/** What a platform said of one credential: what it may do, to what, and which copies of that are known. */

/** `mints`: makes another key. What destroys is not said to change as well. */
export type Does = 'destroys' | 'changes' | 'reads' | 'mints'

/** One operation, in the platform's own words. */
export interface Power {
  readonly operation: string
  readonly does: Does
  /** Ids of things and copies; `all`: whatever is in the account. */
  readonly on: readonly string[] | 'all'
}

export interface Thing {
  readonly id: string
  /** The platform's own word: `volume`, `database`, `bucket`, `repository`. */
  readonly type: string
  readonly name: string
  /** Names of the environments that use it; several: they share it. Empty where the platform has none. */
  readonly environments: readonly string[]
  /** What it is called by where several things have one id, each in an environment of its own; null where it has its own. */
  readonly shared: { readonly id: string; readonly type: string } | null
  /** `rest` comes back from code and settings; `data` does not. */
  readonly holds: 'data' | 'rest'
  /** Its id is the platform's own, in whatever account: credentials of two accounts that tell of it tell of one thing. */
  readonly isGlobal?: boolean
}

/** A way back for a thing. */
export interface Copy {
  readonly id: string
  readonly type: string
  readonly name: string
  /** The id of the thing. */
  readonly of: string
  /** The environment whose state it has; null where that is not said. */
  readonly environment: string | null
  /** `inside` goes with the thing; `account` lies beside it; `apart` needs another credential. */
  readonly lies: 'inside' | 'account' | 'apart'
  /** Nobody can delete it before its time. */
  readonly isImmutable: boolean
  /** It was restored, and compared. */
  readonly isTested: boolean
}

export interface Told {
  readonly kind: 'told'
  /** Ids of things count within it, where they are not global: two credentials of one account reach the same things. Null where nobody said which it is: it then shares with none. */
  readonly account: string | null
  /** Whose it is, in a few words. */
  readonly who: string
  /** It may do everything that its account may. */
  readonly isBlanket: boolean
  readonly powers: readonly Power[]
  readonly things: readonly Thing[]
  readonly copies: readonly Copy[]
  /** What the platform did not say. Where there is any, the credential counts as if it could do everything. */
  readonly unknown: readonly string[]
}

export type Reach =
  | Told
  /** The platform refuses it: it is revoked, expired or was never one. */
  | { readonly kind: 'dead'; readonly why: string }
  /** Nobody could say, or nobody was asked: counts as everything. */
  | { readonly kind: 'silent'; readonly why: string }

export const silent = (why: string): Reach => ({ kind: 'silent', why })
